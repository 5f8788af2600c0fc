"""What a newer release wrote is refused by name, and nothing of it is read by guess or changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dslineage.errors import DslineageError, IntegrityError, UsageError
from tests.versions.support import Bench

ONE = b'{"prompt":"a","completion":"b"}\n'

USES: dict[str, Callable[[Bench], object]] = {
    "add": lambda bench: bench.add("train.jsonl", ONE * 2),
    "load": lambda bench: bench.repo.load("train@v1"),
    "checkout": lambda bench: bench.repo.checkout("v1", force=True),
    "gc": lambda bench: bench.repo.gc(delete=True, grace_days=0),
    "du": lambda bench: bench.repo.du(),
}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench.make(tmp_path / "work")
    bench.commit("train.jsonl", ONE)
    return bench


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("newer", [{"format": 2, "features": []}, {"features": ["erasure"]}])
def test_objects_of_a_newer_format_are_refused(
    bench: Bench, use: str, newer: dict[str, object]
) -> None:
    marker = json.dumps({"format": 1, **newer, "release": "0.9.0"}).encode()
    (bench.objects / "format").write_bytes(marker)
    before = {name: part for name, part in bench.listing().items() if name != "train.jsonl"}
    with pytest.raises(IntegrityError, match=r"reads format 1; dslineage 0\.9\.0 reads them"):
        USES[use](bench)
    after = {name: part for name, part in bench.listing().items() if name != "train.jsonl"}
    assert after == before


@pytest.mark.parametrize("use", ["add", "gc"])
@pytest.mark.parametrize("what", ["record", "pointer"])
def test_a_record_or_pointer_of_a_newer_schema_is_refused(
    bench: Bench, use: str, what: str
) -> None:
    pattern = ".dslineage/records/dataset/*/*.json" if what == "record" else "*.dsl.json"
    [path] = bench.root.glob(pattern)
    document = json.loads(path.read_bytes())
    document["schema"] = document["schema"].replace("/1", "/2")
    document["tool"] = "dslineage 0.9.0"
    path.write_bytes(json.dumps(document).encode())
    with pytest.raises(IntegrityError, match=r"/2'; this release .*; dslineage 0\.9\.0 wrote it"):
        USES[use](bench)
    assert json.loads(path.read_bytes()) == document


def test_settings_that_this_release_does_not_know_are_refused_by_name(bench: Bench) -> None:
    bench.put("dslineage.toml", b"[tomorrow]\nerasure = true\n")
    with pytest.raises(UsageError, match="tomorrow"):
        bench.repo.check()


def test_a_format_that_cannot_be_read_is_no_old_one(bench: Bench) -> None:
    (bench.objects / "format").write_bytes(b"")
    with pytest.raises(DslineageError, match="cannot be read"):
        bench.repo.load("train@v1")
