"""What a remote holds is read: damaged, cut, missing and strange files are named, and mended."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dslineage.errors import RemoteError
from dslineage.remotes.copies import Copy
from dslineage.remotes.inspecting import inspect
from dslineage.versions.checkpoint import Checkpoint
from dslineage.versions.sample import Sample, Sampled
from dslineage.versions.verified import ALL, Repaired, Scope, VerifyResult
from tests.remotes.faulty import DROPS, FaultyRemote, after
from tests.remotes.support import DATA, TWO, Folder, Place, clone
from tests.versions.support import Bench

KINDS = ("packs", "views", "measures", "layouts")


@pytest.fixture
def sent(here: Bench) -> Bench:
    """A repository whose objects are in a folder, too."""
    here.repo.remotes.push()
    return here


def verify(bench: Bench, scope: Scope = ALL, *, repair: bool = False) -> VerifyResult:
    return bench.repo.remotes.verify("storage", repair=repair, scope=scope)


def copies(place: Place) -> list[str]:
    return [name for name in place.names() if name.startswith(KINDS)]


def flip(place: Place, name: str) -> None:
    data = bytearray(place.read(name))
    data[len(data) // 2] ^= 1
    place.write(name, bytes(data))


def cut(place: Place, name: str) -> None:
    place.truncate(name)


def lengthen(place: Place, name: str) -> None:
    place.write(name, place.read(name) + b"more")


def remove(place: Place, name: str) -> None:
    place.remove(name)


DAMAGE: dict[str, Callable[[Place, str], None]] = {
    "damaged": flip,
    "truncated": cut,
    "truncated, as it says": lengthen,
    "missing": remove,
}


def test_what_was_pushed_is_whole(sent: Bench, folder: Folder) -> None:
    result = verify(sent)
    assert (result.problems, result.unsent, result.notices) == ((), (), ())
    assert result.objects == len(copies(folder))
    assert result.bytes == sum(len(folder.read(name)) for name in copies(folder))
    assert result.where == "storage"


@pytest.mark.parametrize("damage", DAMAGE)
def test_each_object_is_named_with_the_versions_that_need_it_and_mended(
    sent: Bench, folder: Folder, damage: str
) -> None:
    columns = next(name for name in copies(folder) if ".rows-" in name)
    for name in (columns, *(next(iter(folder.copies(kind))) for kind in KINDS)):
        DAMAGE[damage](folder, name)
        stored_as = folder.object_of(name)
        file = stored_as.partition("/")[2]
        (problem,) = verify(sent).problems
        assert problem.stored_as == stored_as
        assert problem.message.startswith(f"{damage.partition(',')[0]} object {file} on storage")
        assert problem.needed_by
        assert set(problem.needed_by) <= {"train@v1", "train@v2"}
        result = verify(sent, repair=True)
        assert result.problems == ()
        assert result.repaired == (Repaired(stored_as, "here"),)
    assert verify(sent).problems == ()


def test_all_at_once_is_mended_on_every_kind_of_remote(
    bench: Bench, place: Place, tmp_path: Path
) -> None:
    bench.repo.remotes.push()
    names = copies(place)
    for number, name in enumerate(names):
        (flip, cut, remove)[number % 3](place, name)
    assert {one.stored_as for one in verify(bench).problems} == set(map(place.object_of, names))
    assert verify(bench, repair=True).problems == ()
    assert verify(bench).problems == ()
    other = clone(bench, tmp_path / "clone", place)
    other.repo.remotes.pull()
    assert (other.root / DATA).read_bytes() == TWO
    assert other.problems() == []


def test_a_clone_without_objects_can_verify_a_remote_and_not_mend_it(
    sent: Bench, folder: Folder, tmp_path: Path
) -> None:
    other = clone(sent, tmp_path / "clone")
    assert verify(other).problems == ()
    before = copies(folder)
    flip(folder, before[0])
    (problem,) = verify(other, repair=True).problems
    assert problem.stored_as == folder.object_of(before[0])
    assert copies(folder) == before, "what nobody can replace is not deleted"


def test_a_bad_copy_stays_while_the_object_is_damaged_here_too(sent: Bench, folder: Folder) -> None:
    name = next(name for name in copies(folder) if ".zst-" in name)
    flip(folder, name)
    path = sent.objects / folder.object_of(name)
    path.write_bytes(path.read_bytes()[:-1])
    (problem,) = verify(sent, repair=True).problems
    assert problem.stored_as == folder.object_of(name)
    assert name in copies(folder)


def test_versions_that_were_never_pushed_are_told_and_no_fault(sent: Bench) -> None:
    sent.commit(DATA, TWO + b'{"prompt":"one","completion":"more"}\n', workers=1)
    result = verify(sent)
    assert (result.problems, result.unsent) == ((), ("train@v3",))


def test_what_another_clone_pushed_and_this_one_does_not_know_is_verified_too(
    sent: Bench, folder: Folder, tmp_path: Path
) -> None:
    other = clone(sent, tmp_path / "clone")
    other.repo.remotes.pull()
    known = set(copies(folder))
    other.commit(DATA, TWO + b'{"prompt":"one","completion":"more"}\n', workers=1)
    other.repo.remotes.push()
    new = sorted(set(copies(folder)) - known)
    flip(folder, new[0])
    remove(folder, new[1])
    found = verify(sent, repair=True).problems
    assert {one.stored_as for one in found} == set(map(folder.object_of, new[:2]))
    assert {one.needed_by for one in found} == {("train@v3",)}
    assert verify(other, repair=True).problems == ()


def test_files_that_are_no_copies_are_told_and_left_alone(sent: Bench, folder: Folder) -> None:
    folder.write("packs/notes.txt", b"who put this here")
    result = verify(sent, repair=True)
    assert (result.problems, result.notices) == ((), ("packs/notes.txt is no copy of an object",))
    assert "packs/notes.txt" in folder.names()


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_that_is_another_under_its_own_hash_is_found(
    sent: Bench, folder: Folder, kind: str
) -> None:
    """Whoever can write to the remote can give a copy any bytes and the right hash of them."""
    name = copies(folder)[[one.startswith(kind) for one in copies(folder)].index(True)]
    right = Copy.parse(*name.split("/"))
    assert right is not None
    data = folder.read(name)[:-7] + b"forgery"
    digest = hashlib.sha256(data).hexdigest()
    folder.remove(name)
    folder.write(f"{right.name}-{len(data)}-{digest}", data)
    problems = verify(sent).problems
    assert right.name in {one.stored_as for one in problems}
    assert verify(sent, repair=True).problems == ()


def test_after_a_line_that_broke_the_rest_is_read(sent: Bench, folder: Folder) -> None:
    total = len(copies(folder))
    store = sent.repo.store
    path = store.root / "cache/verified/x.jsonl"

    def read(scope: Scope, fault: FaultyRemote) -> VerifyResult:
        checkpoint = Checkpoint.load(path, scope)
        return inspect(store, fault, {}, checkpoint, None, again="again").result

    def struck(what: str, name: str, do: Callable[[], object]) -> object:
        return do() if "claims" in name else broken(what, name, do)

    broken = after(4, "get", DROPS)
    with pytest.raises(RemoteError, match="copies were read and are noted"):
        read(ALL, FaultyRemote(folder.folder, struck))
    whole = FaultyRemote(folder.folder, lambda _, __, do: do())
    result = read(Scope(resume=True), whole)
    assert result.passed > 0
    assert result.objects + result.passed >= total
    assert result.problems == ()


def test_of_a_sample_only_what_is_drawn_is_read(sent: Bench, folder: Folder) -> None:
    total = len(copies(folder))
    result = verify(sent, Scope(Sample(1, seed=2)))
    assert result.sampled == Sampled(1, total, 2)
    assert result.objects <= 2, "a text is read with its columns"
    remove(folder, copies(folder)[0])
    assert len(verify(sent, Scope(Sample(1, seed=2))).problems) == 1, "a listing shows it"


def test_a_version_that_is_there_in_other_packs_is_whole(here: Bench, folder: Folder) -> None:
    lines = [b'{"text":"row %d"}\n' % number for number in range(90)]
    here.add("few.jsonl", b"".join(lines))
    here.commit("few.jsonl", b"".join(lines[:9]))
    here.repo.remotes.push()
    before = set(copies(folder))
    here.repo.gc(delete=True, grace_days=0)
    for name in before:
        if not (here.objects / folder.object_of(name)).exists():
            flip(folder, name)
    assert {one.needed_by for one in verify(here).problems} == {("few@v1",)}
    assert verify(here, repair=True).problems == ()
    other = clone(here, folder.folder.parent / "clone")
    other.repo.remotes.pull()
    assert (other.root / "few.jsonl").read_bytes() == b"".join(lines[:9])


@pytest.mark.parametrize("lost", ["before", "after"])
def test_of_two_layouts_of_a_file_the_one_is_fetched_whose_packs_are_there(
    here: Bench, folder: Folder, tmp_path: Path, lost: str
) -> None:
    lines = [b'{"text":"row %d"}\n' % number for number in range(90)]
    here.add("few.jsonl", b"".join(lines))
    here.commit("few.jsonl", b"".join(lines[:9]))
    here.repo.remotes.push()
    before = set(folder.copies("packs"))
    here.repo.gc(delete=True, grace_days=0)
    here.repo.remotes.push(reread=True)
    after = set(folder.copies("packs")) - before
    gone = {name for name in before if not (here.objects / folder.object_of(name)).exists()}
    assert after
    assert gone
    for name in {"before": gone, "after": after}[lost]:
        folder.remove(name)
    other = clone(here, tmp_path / "clone")
    assert other.repo.remotes.fetch("few@v1").fetched.lacking == ()


def test_nothing_is_left_of_what_was_looked_at(sent: Bench) -> None:
    shutil.rmtree(sent.objects / "cache")
    before = sent.listing()
    verify(sent)
    assert sent.listing() == before
