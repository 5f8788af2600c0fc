"""The conversations that `docs/schemas.md` writes by hand are those that the program makes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.format.second_reader import Repository, canonical, named, sha256
from tests.versions.support import Bench

PAGE = Path(__file__).resolve().parents[2] / "docs" / "schemas.md"
_BLOCK = re.search(r"```json conversations\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
VECTORS = [json.loads(line) for line in _BLOCK[1].splitlines()] if _BLOCK else []


def test_the_page_has_vectors() -> None:
    assert len(VECTORS) >= 3


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_hash_of_a_conversation_is_that_of_its_canonical_form(vector: dict[str, Any]) -> None:
    text = vector["canonical"].encode()
    assert canonical(json.loads(text)) == text
    assert named(sha256(text)) == vector["sha256"]
    mapping = sha256(canonical(vector.get("mapping", {}))).hex()[:12]
    assert vector["adapter"].rpartition(":")[2] == mapping


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_program_makes_this_conversation(vector: dict[str, Any], tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    family = vector["adapter"].partition("@")[0]
    line = json.dumps(vector["example"]).encode() + b"\n"
    bench.add("data.jsonl", line, schema=family, columns=vector.get("mapping", {}))
    reader = Repository(bench.root)
    (record,) = reader.records()
    assert record["adapter"] == vector["adapter"]
    assert list(map(named, reader.version(record).conversations)) == [vector["sha256"]]
