"""The stand-alone verifier, alone in a folder and in isolated mode, against the package."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dslineage import merkle
from dslineage.canonical.fast import parse_rows
from dslineage.canonical.jcs import canonical_bytes
from dslineage.canonical.rows import Row, RowFault
from dslineage.errors import BadDataError
from dslineage.formats.base import Limits
from dslineage.formats.source import open_text
from dslineage.ids import Digest
from tests.identity.hostile import RECORDS

SOURCE = Path(__file__).resolve().parents[2] / "docs/verify_content_hash.py"
CELLS = st.text(st.sampled_from('ab0 \t,;"\r\né\u2028😀'), max_size=5)


@pytest.fixture
def verifier(tmp_path: Path) -> Path:
    """A copy of the verifier in a folder of its own."""
    folder = tmp_path / "alone"
    folder.mkdir()
    return Path(shutil.copy(SOURCE, folder))


def run(verifier: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(verifier), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=verifier.parent)


def report(canonical_forms: Iterable[bytes]) -> str:
    """What the verifier must print about some examples."""
    raw = b"".join(Digest.of(form).raw for form in canonical_forms)
    digests = np.frombuffer(raw, np.uint8).reshape(-1, 32)
    content, order = merkle.content_hash(digests), merkle.order_hash([digests])
    return f"content_hash {content}\norder_hash   {order}\nexamples     {len(digests)}\n"


def test_it_needs_nothing_but_the_standard_library() -> None:
    lines = SOURCE.read_text("utf-8").splitlines()
    imported = {
        line.split()[1].split(".")[0] for line in lines if line.startswith(("import", "from"))
    }
    assert imported <= sys.stdlib_module_names
    assert len(lines) <= 150


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(records=st.lists(RECORDS, max_size=60))
def test_it_agrees_on_random_json(verifier: Path, records: list[bytes]) -> None:
    rows = [
        (raw.replace(b"\r", b" ").replace(b"\n", b" "), row)
        for raw, row in zip(records, parse_rows(records), strict=True)
        if isinstance(row, Row)
    ]
    file = verifier.with_name("data.jsonl")
    file.write_bytes(b"\n\n".join(raw for raw, _ in rows))
    assert run(verifier, file).stdout == report(row.canonical for _, row in rows)


def package_forms(path: Path, spill: Path) -> list[bytes]:
    """The canonical forms of a file's examples, as the package reads them.

    Raises:
        BadDataError: the file or one of its records is at fault.
    """
    limits = Limits()
    source = open_text(path, limits=limits, spill=spill)
    data = source.plain.read_bytes()
    forms = []
    for spans in source.format.scan(source.plain, 0, source.size, limits):
        places = zip(spans.start.tolist(), spans.stop.tolist(), strict=True)
        rows = source.format.parse([data[start:stop] for start, stop in places], limits)
        faults = [row.code for row in rows if isinstance(row, RowFault)]
        if faults or spans.bad:
            raise BadDataError(f"{path.name}: {faults} {spans.bad}")
        forms += [row.canonical for row in rows if isinstance(row, Row)]
    return forms


def test_it_agrees_on_every_text_file_that_is_shared(
    verifier: Path, shared_data: Path, tmp_path: Path
) -> None:
    files = [path for path in shared_data.rglob("*") if path.suffix in {".json", ".jsonl", ".csv"}]
    files = [path for path in files if path.name != "dataset_info.json"]
    assert len(files) > 20
    for path in files:
        found = run(verifier, path)
        if path.name == "prompts-r02-f8fef2d0.csv":
            assert (found.returncode, found.stdout) == (3, ""), "three of its rows are ragged"
            continue
        assert found.stdout == report(package_forms(path, tmp_path)), path.name


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cells=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=20),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    always=st.booleans(),
)
def test_it_agrees_on_random_tables(
    verifier: Path, cells: list[tuple[str, str]], end: str, always: bool
) -> None:
    def quoted(cell: str) -> str:
        needed = always or any(mark in cell for mark in ',"\r\n')
        return '"' + cell.replace('"', '""') + '"' if needed else cell

    file = verifier.with_name("data.csv")
    lines = [",".join(map(quoted, pair)) + end for pair in [("a", "b"), *cells]]
    file.write_bytes("".join(lines).encode())
    expected = report(canonical_bytes({"a": a, "b": b}) for a, b in cells)
    assert report(package_forms(file, verifier.parent)) == expected
    assert run(verifier, file).stdout == expected


def test_it_agrees_with_the_vectors_for_tables(
    verifier: Path, vectors: dict[str, list[dict[str, str]]]
) -> None:
    for vector in vectors["tables"]:
        file = verifier.with_name("data.csv" if vector["delimiter"] == "," else "data.tsv")
        file.write_bytes(vector["file"].encode())
        assert vector["content_hash"] in run(verifier, file).stdout, vector["name"]


def test_it_refuses_every_bad_record(
    verifier: Path, vectors: dict[str, list[dict[str, str]]]
) -> None:
    for vector in vectors["faults"]:
        raw = bytes.fromhex(vector["hex"]) if "hex" in vector else vector["json"].encode()
        if vector["code"] in {"empty-record", "byte-order-mark"}:
            continue  # a blank line is no record, and a file may begin with the mark
        file = verifier.with_name("data.jsonl")
        file.write_bytes(raw.replace(b"\n", b" "))
        found = run(verifier, file)
        assert (found.returncode, found.stdout) == (3, ""), vector["name"]
        assert found.stderr, vector["name"]


def test_lines_arrays_and_compressed_files_of_one_content_have_one_hash(verifier: Path) -> None:
    rows = ['{"a": 1.0, "b": null}', '{"a": "\u2028"}', '{"a": [null]}']
    contents = {
        "lf.jsonl": "\n".join(rows).encode(),
        "crlf.jsonl": b"\xef\xbb\xbf" + "\r\n".join(rows).encode() + b"\r\n",
        "cr.ndjson": "\r".join(rows).encode(),
        "array.json": f"[\n {', '.join(rows)}\n]\n".encode(),
        "lines.jsonl.gz": gzip.compress("\n \n".join(rows).encode()),
    }
    seen = set()
    for name, data in contents.items():
        verifier.with_name(name).write_bytes(data)
        seen.add(run(verifier, verifier.with_name(name)).stdout)
    assert seen == {
        report(
            row.canonical
            for row in parse_rows([row.encode() for row in rows])
            if isinstance(row, Row)
        )
    }


def test_several_files_are_read_in_byte_order_of_their_paths(verifier: Path) -> None:
    for name, row in (("b.jsonl", '{"a":2}'), ("a.jsonl", '{"a":1}')):
        verifier.with_name(name).write_text(row, "utf-8")
    assert run(verifier, "b.jsonl", "a.jsonl").stdout == report([b'{"a":1}', b'{"a":2}'])


def test_an_expected_hash_decides_the_exit_code(verifier: Path) -> None:
    file = verifier.with_name("data.jsonl")
    file.write_text('{"a":1}\n', "utf-8")
    content_hash = run(verifier, file).stdout.split()[1]
    assert run(verifier, file, content_hash).returncode == 0
    assert run(verifier, file, "sha256:" + "0" * 64).returncode == 1
    assert run(verifier).returncode == 2
