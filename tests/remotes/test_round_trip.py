"""Push, clone elsewhere, pull: the data files are back and every object is whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dslineage.diff.options import DiffOptions
from dslineage.errors import IntegrityError
from dslineage.store import repacking
from tests.remotes.support import DATA, ONE, TWO, Folder, Place, clone
from tests.versions.support import Bench


def test_a_clone_that_pulls_has_the_data_files_and_every_object(
    bench: Bench, place: Place, tmp_path: Path
) -> None:
    pushed = bench.repo.remotes.push()
    assert (pushed.versions, pushed.sent.there, pushed.partly) == (2, 0, ())
    other = clone(bench, tmp_path / "clone", place)
    pulled = other.repo.remotes.pull()
    assert pulled.written == (other.root / DATA,)
    assert (other.root / DATA).read_bytes() == TWO
    assert other.problems() == []
    assert other.git("status", "--porcelain") == ""
    assert pulled.fetched.objects == pushed.sent.objects
    other.repo.checkout("v1")
    assert (other.root / DATA).read_bytes() == ONE


def test_what_is_there_is_neither_sent_nor_fetched_again(here: Bench, tmp_path: Path) -> None:
    first = here.repo.remotes.push().sent
    again = here.repo.remotes.push().sent
    assert (again.objects, again.bytes, again.there) == (0, 0, first.objects)
    other = clone(here, tmp_path / "clone")
    other.repo.remotes.pull()
    assert other.repo.remotes.pull().fetched.objects == 0


def test_what_is_there_in_another_encoding_is_whole_here_and_needed_there(
    here: Bench, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.repo.remotes.push()
    monkeypatch.setattr(repacking, "MANY", 1)
    assert here.repo.gc(delete=True, grace_days=0).repacked
    again = here.repo.remotes.push()
    assert (again.versions, again.sent.objects, again.partly) == (2, 0, ())
    assert all(one.here and one.there for one in here.repo.remotes.status().versions)
    [claim] = folder.copies("claims")
    assert len(json.loads(folder.read(claim))["versions"]) == 2


def test_a_clone_does_not_measure_again(here: Bench, tmp_path: Path) -> None:
    here.repo.remotes.push()
    other = clone(here, tmp_path / "clone")
    other.repo.remotes.pull()
    assert other.repo.diff("v1", "v2").to_dict() == here.repo.diff("v1", "v2").to_dict()
    assert not list((other.objects / "cache" / "measures").glob("*"))
    assert not list((other.objects / "cache" / "views").glob("*"))


def test_only_what_is_asked_for_is_fetched(here: Bench, tmp_path: Path) -> None:
    here.repo.remotes.push()
    other = clone(here, tmp_path / "clone")
    fetched = other.repo.remotes.fetch("v1").fetched
    assert fetched.lacking == ()
    other.repo.export("train@v1", output=other.root / "out.jsonl")
    assert (other.root / "out.jsonl").read_bytes() == ONE
    with pytest.raises(IntegrityError, match="missing object"):
        other.repo.export("train@v2", output=other.root / "two.jsonl")


def test_without_texts_counts_and_named_metrics_are_known(here: Bench, tmp_path: Path) -> None:
    here.commit(DATA, TWO[: TWO.rindex(b"{")], workers=1)
    here.repo.remotes.push()
    other = clone(here, tmp_path / "clone")
    assert other.repo.remotes.fetch("v2", "v3", texts="none").fetched.lacking == ()
    assert list((other.objects / "packs").glob("*.zst")) == []
    found = other.repo.diff("v2", "v3", options=DiffOptions(samples=0, names=("target_words",)))
    assert (found.to_dict()["examples"]["removed"], len(found.to_dict()["metrics"])) == (1, 1)
    with pytest.raises(IntegrityError, match="missing object"):
        other.repo.diff("v2", "v3")


def test_a_truncated_object_is_found_named_and_sent_again(
    bench: Bench, place: Place, tmp_path: Path
) -> None:
    bench.repo.remotes.push()
    name = place.truncate(place.copies("packs")[0])
    other = clone(bench, tmp_path / "clone", place)
    (lacking,) = other.repo.remotes.pull().fetched.lacking
    assert lacking.name == name
    assert "train@v2" in lacking.needed_by
    assert bench.repo.remotes.push().sent.mended == (name,)
    assert other.repo.remotes.pull().fetched.lacking == ()
    assert other.problems() == []
