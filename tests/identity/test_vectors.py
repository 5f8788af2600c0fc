"""The published test vectors, one kind after the other."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dslineage import merkle
from dslineage.canonical.fast import parse_rows
from dslineage.canonical.jcs import canonical_bytes, number_text
from dslineage.canonical.rows import Row, RowFault
from dslineage.canonical.strict import parse_record
from dslineage.ids import Digest

Vectors = dict[str, list[dict[str, Any]]]

ROOT = Path(__file__).resolve().parents[2]


def digests(texts: list[str]) -> merkle.Digests:
    raw = b"".join(Digest.of(text.encode()).raw for text in texts)
    return np.frombuffer(raw, np.uint8).reshape(-1, 32)


def test_every_record_has_the_stated_canonical_form_and_digest_on_both_paths(
    vectors: Vectors,
) -> None:
    assert len(vectors["canonical"]) >= 30
    fast = parse_rows([vector["json"].encode() for vector in vectors["canonical"]])
    for vector, row in zip(vectors["canonical"], fast, strict=True):
        canonical = vector["canonical"].encode()
        strict = parse_record(vector["json"].encode())
        assert isinstance(row, Row), vector["name"]
        assert (row.value, row.canonical) == (strict, canonical), vector["name"]
        assert canonical_bytes(strict) == canonical, vector["name"]
        assert str(Digest.of(canonical)) == vector["sha256"], vector["name"]


def test_every_bad_record_has_the_stated_fault_at_the_stated_byte_on_both_paths(
    vectors: Vectors,
) -> None:
    records = [
        bytes.fromhex(vector["hex"]) if "hex" in vector else vector["json"].encode()
        for vector in vectors["faults"]
    ]
    for vector, raw, row in zip(vectors["faults"], records, parse_rows(records), strict=True):
        assert isinstance(row, RowFault), vector["name"]
        assert (row.code, row.offset) == (vector["code"], vector["offset"]), vector["name"]
        assert parse_record(raw) == row, vector["name"]


def test_doubles_of_rfc_8785_appendix_b_are_written_as_it_says(vectors: Vectors) -> None:
    for vector in vectors["doubles"]:
        (number,) = struct.unpack(">d", bytes.fromhex(vector["bits"]))
        assert number_text(number) == vector["text"]


def test_every_set_has_the_stated_hashes(vectors: Vectors) -> None:
    for vector in vectors["sets"]:
        texts = vector.get("canonical") or [
            f'{{"a":{number}}}' for number in range(vector.get("range", 0))
        ]
        rows = digests(texts)
        assert len(rows) == vector["examples"], vector["name"]
        assert str(merkle.content_hash(rows)) == vector["content_hash"], vector["name"]
        assert str(merkle.order_hash([rows])) == vector["order_hash"], vector["name"]


def test_row_ids_and_quarantine_hashes_are_the_stated_ones(vectors: Vectors) -> None:
    for vector in vectors["rows"]:
        row_id = merkle.row_id(vector["context"].encode(), vector["record"].encode())
        assert str(row_id) == vector["row_id"], vector["name"]
    for vector in vectors["quarantine"]:
        spans = b"".join(Digest.of(span.encode()).raw for span in vector["spans"])
        assert str(merkle.quarantine_hash(spans)) == vector["hash"], vector["name"]


def test_an_implementation_in_another_language_agrees_with_every_vector() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    here = Path(__file__)
    command = [node, *(str(here.with_name(f"vectors.{kind}")) for kind in ("mjs", "json"))]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")


def quoted(kind: str) -> list[dict[str, Any]]:
    """The vectors of one kind that the normative page lists, one a line."""
    page = (ROOT / "docs/format.md").read_text("utf-8")
    block = page.split(f"```json {kind}\n", 1)[1].split("\n```", 1)[0]
    return [json.loads(line) for line in block.split("\n")]


def test_the_normative_page_lists_the_same_vectors(vectors: Vectors) -> None:
    for kind, listed in vectors.items():
        shown = [vector for vector in listed if len(json.dumps(vector)) < 1000]
        assert quoted(kind) == shown, kind
