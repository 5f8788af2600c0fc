"""A repository that was written in format 1 is readable for ever; see `make_fixture`."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.format import make_fixture, second_reader
from tests.versions.support import Bench

VERSIONS = {
    ("array", "v1"): (2, 1, "fields", None),
    ("cells", "v1"): (2, 1, "question-answer", None),
    ("parts", "v1"): (3, 0, "messages", "id"),
    ("pressed", "v1"): (3, 0, "messages", "id"),
    ("rows", "v1"): (3, 0, "axolotl", None),
    ("table", "v1"): (3, 0, "prompt-completion", "at"),
    ("talks", "v1"): (8, 0, "messages", "id"),
    ("talks", "v2"): (9, 0, "messages", "id"),
    ("talks", "v3"): (9, 0, "fields", "weight"),
}
"""Examples, quarantined spans, family and key."""

TEXT = {"array.json", "cells.csv", "parts/1.jsonl", "parts/2.jsonl", "talks.jsonl"}
KEPT = TEXT | {"pressed.jsonl.gz", "table.parquet"}


@pytest.fixture
def frozen(tmp_path: Path) -> Bench:
    return make_fixture.unpack(tmp_path / "frozen")


def test_the_fixture_is_the_one_that_was_frozen() -> None:
    found = hashlib.sha256(make_fixture.FIXTURE.read_bytes()).hexdigest()
    assert found == "7d71e5bc8af4ad5636be010d5b829006a41567f7dc13803f269cb16f57fabcd1"


def test_the_second_reader_reads_it(frozen: Bench) -> None:
    reader = second_reader.Repository(frozen.root)
    found = {}
    for record in reader.records():
        version = reader.version(record)
        family = record["adapter"].partition("@")[0]
        facts = (len(version.examples), record["quarantined"], family, record.get("key"))
        found[record["dataset"], record["version"]] = facts
    assert found == VERSIONS
    assert len(dict(reader.pointers())) == 7


def test_the_program_reads_it(frozen: Bench) -> None:
    assert frozen.problems() == []
    for (dataset, label), (examples, quarantined, family, key) in VERSIONS.items():
        shown = frozen.repo.show(f"{dataset}@{label}").to_dict()
        assert (shown["examples"], shown["quarantined"], shown["key"]) == (
            examples,
            quarantined,
            key,
        )
        assert shown["adapter"].startswith(f"{family}@")
        assert len(list(frozen.repo.load(f"{dataset}@{label}"))) == examples


def test_the_program_restores_its_files(frozen: Bench) -> None:
    data = {name: (frozen.root / name).read_bytes() for name in KEPT}
    for name in KEPT:
        (frozen.root / name).unlink()
    frozen.repo.checkout()
    assert {name: (frozen.root / name).read_bytes() for name in KEPT} == data
    first = second_reader.Repository(frozen.root)
    record = next(one for one in first.records() if one["dataset"] == "talks")
    restored = frozen.restored(frozen.repo.show("talks@v1"))
    assert restored == first.version(record).files["talks.jsonl"].data
    assert restored.startswith(b"\xef\xbb\xbf{")


def test_the_program_compares_its_versions(frozen: Bench) -> None:
    change = frozen.repo.diff("talks@v1", "talks@v2")
    assert (change.unchanged, change.edited, change.removed, change.added) == (7, 1, 0, 1)
    assert frozen.repo.diff("talks@v2", "talks@v3").identical


def test_views_of_another_version_are_never_compared_with_those_of_this_one(frozen: Bench) -> None:
    """The fixture's facets are the beginnings of SHA-256 digests; they are computed again."""
    views = frozen.objects / "views"
    then = {path.name: path.read_bytes() for path in views.iterdir()}
    frozen.put("talks.jsonl", make_fixture.TALKS.replace(b"legs", b"paws"))
    change = frozen.repo.diff("talks@v1", "talks.jsonl")
    assert (change.edited, change.removed, change.added) == (4, 4, 0)
    assert change.edits == {"prompt": 4}
    assert {path.name: path.read_bytes() for path in views.iterdir()} == then
    again = {path.name for path in (frozen.objects / "cache" / "views").iterdir()}
    assert again
    assert not again & then.keys()


def test_the_program_goes_on_from_it(frozen: Bench) -> None:
    """Nothing that is stored is stored again, under whatever release."""
    before = {path.name for path in (frozen.objects / "packs").iterdir()}
    frozen.git("add", "--all")
    frozen.git("commit", "-q", "-m", "as it was")
    frozen.put("talks.jsonl", make_fixture.TALKS)
    info = frozen.add("talks.jsonl", schema="messages", key="id")
    assert info.record.label == "v4"
    assert {path.name for path in (frozen.objects / "packs").iterdir()} == before
    assert frozen.problems() == []


def test_the_program_still_gives_the_same_hashes(frozen: Bench, tmp_path: Path) -> None:
    made = make_fixture.make(tmp_path / "made")
    for dataset, label in VERSIONS:
        then, now = (bench.repo.show(f"{dataset}@{label}").to_dict() for bench in (frozen, made))
        for name in ("content_hash", "order_hash", "quarantine_hash", "fields"):
            assert now[name] == then[name]
        if now["adapter"] == then["adapter"]:
            assert now["training_hash"] == then["training_hash"]
