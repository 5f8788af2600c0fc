"""Whoever reads a version says what was forgotten of it, and never makes anything up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dslineage.diff.options import DiffOptions
from dslineage.errors import IntegrityError
from dslineage.reviewing.population import SampleOptions
from tests.forgetting.support import OTHERS, SECRET, digest, lines
from tests.versions.support import Bench, ada

DATA = "train.jsonl"
FIRST = lines(*OTHERS[:100], SECRET, *OTHERS[100:], SECRET)
EDITED = [*OTHERS[:5], {**OTHERS[5], "completion": "No."}, *OTHERS[6:]]


@pytest.fixture(scope="module")
def forgotten(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A repository of two versions; what only the first had was forgotten. Not to be changed."""
    with ada():
        bench = Bench.make(tmp_path_factory.mktemp("forgotten") / "work")
        bench.commit(DATA, FIRST, workers=1)
        bench.commit(DATA, lines(*EDITED), workers=1)
        bench.repo.forget(digest(SECRET), delete=True)
        bench.git("commit", "-q", "-m", "forgotten")
    return bench


def test_a_diff_counts_it_and_says_that_it_is_forgotten(forgotten: Bench) -> None:
    found = forgotten.repo.diff("v1", "v2", options=DiffOptions(rows=True))
    assert (found.edited, found.removed, found.added) == (1, 2, 0)
    removed = [row.to_dict()["before"] for row in found.rows or () if row.change == "removed"]
    assert {one["digest"] for one in removed} == {digest(SECRET)}
    assert all(one["forgotten"] and "example" not in one for one in removed)
    assert any("forgotten" in notice for notice in found.notices)


def test_what_it_moved_is_not_laid_to_a_schema_change(forgotten: Bench, tmp_path: Path) -> None:
    bench = forgotten.copy(tmp_path / "copy")
    found = bench.repo.diff("v1", "v2", options=DiffOptions(names=("target_words",)))
    assert "what forgotten examples moved counts as edited: target_words" in found.notices


def test_a_diff_under_another_schema_reads_the_others(forgotten: Bench, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_bytes(lines(*({"id": i, **one} for i, one in enumerate(OTHERS))))
    found = forgotten.repo.diff("v1", str(other))
    assert (found.unchanged, found.removed) == (len(OTHERS), 2)


def test_metrics_are_measured_of_the_others(forgotten: Bench, tmp_path: Path) -> None:
    bench = forgotten.copy(tmp_path / "copy")
    for path in (bench.objects / "measures").iterdir():
        path.unlink()
    bench.git("rm", "-rq", ".dslineage/records/measurement")
    measured = bench.repo.measure("v1").versions[0].metrics["target_words"]
    assert (measured["examples"], measured["not_applicable"]) == (len(OTHERS), 2)


def test_a_version_after_it_is_measured_as_if_it_had_never_been(tmp_path: Path) -> None:
    def measured(bench: Bench) -> object:
        return bench.repo.measure("v2").versions[0].metrics

    bench, other = Bench.make(tmp_path / "work"), Bench.make(tmp_path / "other")
    for one in (bench, other):
        one.commit(DATA, FIRST, workers=1)
    bench.repo.forget(digest(SECRET), delete=True)
    for one in (bench, other):
        one.commit(DATA, lines(*EDITED), workers=1)
    assert measured(bench) == measured(other)


def test_a_sample_draws_none_of_it(forgotten: Bench, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    forgotten.repo.sample("v1", output=sheet, options=SampleOptions(count=500))
    assert sheet.read_text().count("What is") == len(OTHERS)


def test_a_trace_says_that_it_is_forgotten(forgotten: Bench) -> None:
    [found] = forgotten.repo.provenance.trace(digest=digest(SECRET)).examples
    assert (found.forgotten, found.example) == (True, None)
    assert "v1" in json.dumps(found.to_dict())


def test_an_export_leaves_it_out_if_that_is_wanted(forgotten: Bench, tmp_path: Path) -> None:
    with pytest.raises(IntegrityError) as caught:
        forgotten.repo.export("v1", output=tmp_path / "all.jsonl")
    assert caught.value.kind == "forgotten"
    assert not (tmp_path / "all.jsonl").exists()
    done = forgotten.repo.export("v1", output=tmp_path / "rest.jsonl", without_forgotten=True)
    assert done.examples == len(OTHERS)
    assert done.notices == ("2 examples were forgotten, and not written",)


def test_loading_the_version_is_refused(forgotten: Bench) -> None:
    with pytest.raises(IntegrityError) as caught:
        list(forgotten.repo.load("v1"))
    assert caught.value.kind == "forgotten"


def test_verify_takes_it_as_fine_and_counts(forgotten: Bench) -> None:
    result = forgotten.repo.verify()
    assert result.problems == ()
    assert result.notices == ("1 stored row was forgotten: digests are kept, bytes are not",)


def test_garbage_collection_packs_anew_what_is_marked(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "work")
    bench.git("commit", "-q", "-m", "start")
    bench.git("checkout", "-q", "-b", "large")
    bench.commit(DATA, FIRST, workers=1)
    bench.git("checkout", "-q", "main")
    bench.commit("small.jsonl", lines(SECRET, *OTHERS[:10]), workers=1)
    bench.repo.forget(digest(SECRET), delete=True)
    bench.git("commit", "-q", "-m", "forgotten")
    bench.git("branch", "-q", "-D", "large")
    bench.git("reflog", "expire", "--all", "--expire=now")
    packed = bench.repo.gc(delete=True, grace_days=0).repacked
    assert packed is not None
    assert (packed.rows, packed.dropped) == (11, len(OTHERS) - 10)
    assert bench.problems() == []
    assert bench.repo.forget(delete=True).rewritten == ()
    done = bench.repo.export("v1", output=tmp_path / "rest.jsonl", without_forgotten=True)
    assert done.examples == 10


def test_status_says_that_something_is_still_kept(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "work")
    bench.commit(DATA, FIRST, workers=1)
    other = bench.copy(tmp_path / "other")
    bench.repo.forget(digest(SECRET), delete=True)
    for name in (".dslineage/forgotten.json", f".git/dslineage/keys/{_key(bench)}"):
        other.put(name, (bench.root / name).read_bytes())
    assert bench.repo.status().notices == ()
    [notice] = other.repo.status().notices
    assert "still kept here, in 1 pack: dslineage forget --delete" in notice
    assert other.repo.status().notices == (notice,)  # out of the cache
    assert notice in other.repo.verify().notices


def _key(bench: Bench) -> str:
    [key] = (bench.objects / "keys").iterdir()
    return key.name
