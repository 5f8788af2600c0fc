"""What nobody needs on a remote is marked, and deleted later; what anybody needs stays."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest

from dslineage.errors import IntegrityError, NotFoundError, RemoteError, UsageError
from dslineage.ids import Digest
from dslineage.remotes.copies import Holding
from dslineage.remotes.marks import Marks
from dslineage.remotes.swept import RemoteGarbage
from dslineage.store import repacking
from dslineage.store.inventory import Inventory
from dslineage.verbs import collecting
from tests.crashes.faults import killed_at, steps
from tests.remotes.support import DATA, TWO, Folder, Place, clone
from tests.versions.support import Bench

DAY = 86_400.0
THREE = TWO + b'{"prompt":"on a branch","completion":"alone"}\n'


def gc(
    bench: Bench, *, delete: bool = True, days: float = 0, unclaimed: bool = False
) -> RemoteGarbage:
    return bench.repo.remotes.gc(delete=delete, grace_days=days, unclaimed=unclaimed)


def side_branch(bench: Bench, data: bytes = THREE) -> None:
    """Commit and push a version on a branch."""
    bench.git("checkout", "-q", "-b", "side")
    bench.commit(DATA, data, workers=1)
    bench.repo.remotes.push()


def drop_branch(bench: Bench) -> None:
    """Let git forget the branch."""
    bench.git("checkout", "-q", "--force", "main")
    bench.git("branch", "-q", "-D", "side")
    bench.git("reflog", "expire", "--expire=now", "--all")


def server(bench: Bench, path: Path) -> Path:
    """A bare repository that a bench pushes to and fetches from."""
    subprocess.run(["git", "clone", "-q", "--bare", str(bench.root), str(path)], check=True)
    bench.git("remote", "add", "origin", str(path))
    bench.git("fetch", "-q", "origin")
    return path


def colleague(git: Path, root: Path) -> Bench:
    """A clone of what a server has, with its objects."""
    subprocess.run(["git", "clone", "-q", str(git), str(root)], check=True)
    other = Bench(root)
    other.repo.remotes.pull()
    return other


def files(place: Place) -> list[str]:
    """The copies of objects on a remote."""
    aside = ("claims/", "marks/")
    return [name for name in place.names() if "/" in name and not name.startswith(aside)]


def test_what_no_version_needs_is_marked_and_then_deleted(
    bench: Bench, place: Place, tmp_path: Path
) -> None:
    bench.repo.remotes.push()
    kept = files(place)
    side_branch(bench)
    assert gc(bench, delete=False).dead == {}, "a branch needs it"
    drop_branch(bench)
    garbage = set(files(place)) - set(kept)

    assert gc(bench, delete=False, days=14).marked.keys() == garbage
    assert place.copies("marks") == [], "only looking changes nothing"
    marked = gc(bench, days=14)
    assert (set(marked.marked), set(marked.dead)) == (garbage, set())
    again = gc(bench, days=14)
    assert (set(again.waiting), set(again.marked), set(again.dead)) == (garbage, set(), set())

    assert gc(bench).dead.keys() == garbage
    assert files(place) == kept
    assert gc(bench).dead == {}
    other = clone(bench, tmp_path / "clone", place)
    other.repo.remotes.pull()
    assert (other.root / DATA).read_bytes() == TWO
    assert other.problems() == []


def test_a_clock_only_adds_to_the_time_that_passes_between_mark_and_deletion(
    here: Bench, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    side_branch(here)
    drop_branch(here)
    gc(here, days=14)
    (marks,) = folder.copies("marks")

    late = SimpleNamespace(time=lambda: time.time() + 20 * DAY)
    with monkeypatch.context() as patch:
        patch.setattr(collecting, "time", late)
        assert gc(here, days=14).dead == {}, "by the remote's clock they are new"
    os.utime(folder.folder / "dslineage" / marks, (time.time() - 20 * DAY,) * 2)
    assert gc(here, days=14).dead == {}, "by the clock of here they are"
    monkeypatch.setattr(collecting, "time", late)
    assert len(gc(here, days=14).dead) == 5
    assert Marks(frozenset(), {}, at=100.0, written=7.0).age(160.0, 27.0) == 20.0
    assert Marks(frozenset(), {}, at=100.0, written=None).age(160.0, 27.0) == 60.0


def test_marks_go_once_nobody_can_be_about_to_delete_what_they_name(
    here: Bench, folder: Folder
) -> None:
    side_branch(here)
    drop_branch(here)
    gc(here)
    assert len(folder.copies("marks")) == 1
    gc(here)
    assert len(folder.copies("marks")) == 1, "somebody has collected just now"
    os.utime(folder.folder / "dslineage" / "clock", (time.time() - 4000,) * 2)
    gc(here)
    assert folder.copies("marks") == []


def test_what_comes_back_before_it_is_deleted_stays(here: Bench, folder: Folder) -> None:
    side_branch(here)
    commit = here.git("rev-parse", "side").strip()
    drop_branch(here)
    marked = gc(here, days=14).marked
    shutil.rmtree(here.objects / "packs")
    shutil.rmtree(here.objects / "layouts")
    here.git("branch", "again", commit)
    assert gc(here).dead == {}
    assert marked.keys() <= set(files(folder))
    assert here.repo.remotes.fetch(everything=True).fetched.lacking == ()


def test_what_another_clone_pushed_and_nobody_here_knows_stays_until_it_is_released(
    here: Bench, folder: Folder, tmp_path: Path
) -> None:
    here.repo.remotes.push()
    other = clone(here, tmp_path / "other")
    other.repo.remotes.pull()
    side_branch(other)
    theirs = set(files(folder))
    result = gc(here)
    assert set(files(folder)) == theirs
    (holder,) = result.others
    assert (holder.by, holder.versions) == ("Ada Curator <ada@example.org>", 3)
    assert holder.unknown == ("train@v3",)
    assert holder.bytes > 1000

    with pytest.raises(NotFoundError, match="0 clones"):
        here.repo.remotes.gc(release=["none"])
    released = here.repo.remotes.gc(delete=True, release=[holder.clone[:6]])
    assert (sum(released.marked.values()), released.others) == (holder.bytes, ())
    assert set(files(folder)) == theirs, "what is marked is there still"

    sent = other.repo.remotes.push().sent
    assert (sent.objects, sent.bytes) == (len(released.marked), holder.bytes), "under other names"
    assert gc(here).dead.keys() == released.marked.keys()
    last = clone(other, tmp_path / "last")
    assert last.repo.remotes.pull().fetched.lacking == ()
    assert last.problems() == []


def test_a_remote_that_several_repositories_use_keeps_what_each_of_them_needs(
    here: Bench, folder: Folder, tmp_path: Path
) -> None:
    here.repo.remotes.push()
    stranger = Bench.make(tmp_path / "stranger")
    stranger.commit("other.jsonl", b'{"prompt":"p","completion":"c"}\n', workers=1)
    stranger.repo.remotes.add("storage", folder.url, {})
    stranger.repo.remotes.push()
    both = files(folder)
    for bench in (here, stranger, here):
        assert gc(bench).dead == {}
    assert files(folder) == both
    assert stranger.repo.remotes.push().sent.objects == 0


def test_the_needs_of_clones_that_are_gone_are_taken_over_once_git_carries_their_versions(
    here: Bench, folder: Folder, tmp_path: Path
) -> None:
    here.repo.remotes.push()
    git = server(here, tmp_path / "git")
    other = colleague(git, tmp_path / "other")
    side_branch(other)
    with pytest.raises(AssertionError):
        assert gc(here).others == (), "its version is not in git yet"
    other.git("push", "-q", "origin", "side")
    shutil.rmtree(other.root)

    with pytest.raises(IntegrityError, match="has refs/heads/side at") as caught:
        gc(here)
    assert caught.value.hint.startswith("git fetch origin ")
    here.git("fetch", "-q", "origin")
    assert gc(here).others == ()
    assert len(folder.copies("claims")) == 1
    assert colleague(git, tmp_path / "new").problems() == []

    here.git("push", "-q", "origin", ":side")
    here.git("fetch", "-q", "--prune", "origin")
    assert len(gc(here).dead) == 5
    last = colleague(git, tmp_path / "last")
    assert (last.root / DATA).read_bytes() == TWO


def test_what_nobody_ever_claimed_stays_unless_it_is_asked_for(here: Bench, folder: Folder) -> None:
    side_branch(here)
    drop_branch(here)
    for name in folder.copies("claims"):
        folder.remove(name)
    folder.write("format", b'{"format":1,"features":[]}\n')
    before = files(folder)
    result = gc(here)
    assert (len(result.unclaimed), result.dead, result.marked) == (5, {}, {})
    assert files(folder) == before
    assert orjson.loads(folder.read("format"))["features"] == ["claims"]
    assert len(gc(here, unclaimed=True).dead) == 5
    assert here.repo.remotes.push().sent.objects == 0


def test_unclaimed_objects_stay_where_they_may_be_of_a_version_that_is_not_here(
    here: Bench, folder: Folder, tmp_path: Path
) -> None:
    here.repo.remotes.push()
    for name in folder.copies("claims"):
        folder.remove(name)
    with pytest.raises(IntegrityError, match="which is not whole here") as caught:
        gc(clone(here, tmp_path / "clone"), unclaimed=True)
    assert caught.value.kind == "unread-version"


def test_it_refuses_to_delete_everything(here: Bench, folder: Folder) -> None:
    here.repo.remotes.push()
    here.git("checkout", "-q", "--orphan", "empty")
    here.git("rm", "-r", "-q", "--cached", ".")
    shutil.rmtree(here.root / ".dslineage" / "records")
    (here.root / f"{DATA}.dsl.json").unlink()
    here.git("branch", "-q", "-D", "main")
    here.git("reflog", "expire", "--expire=now", "--all")
    before = folder.names()
    with pytest.raises(UsageError, match="every object on the remote would go"):
        gc(here)
    assert folder.names() == before


def test_it_refuses_where_nobody_knows_which_versions_there_are(
    here: Bench, folder: Folder, tmp_path: Path
) -> None:
    here.repo.remotes.push()
    git = server(here, tmp_path / "git")
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", f"file://{git}", tmp_path / "shallow"], check=True
    )
    with pytest.raises(IntegrityError, match="history") as caught:
        gc(Bench(tmp_path / "shallow"))
    assert caught.value.hint == "git fetch --unshallow"
    shutil.rmtree(git)
    with pytest.raises(RemoteError, match="nobody can say which versions origin has") as gone:
        gc(here)
    assert gone.value.hint == "git ls-remote origin; or, if it is gone: git remote remove origin"


def test_what_killed_uploads_left_is_cleaned_away_after_a_day(
    here: Bench, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.repo.remotes.push()
    whole = files(folder)
    cut = f"{folder.object_of(folder.copies('packs')[0])}-12345-{'0' * 64}"
    litter = sorted([cut, "packs/.ffff.0123456789ab.tmp", "claims/.ffff.0123456789ab.tmp"])
    for name in litter:
        folder.write(name, b"half")
    gc(here)
    assert set(litter) <= set(folder.names()), "somebody may be writing them"
    (marks,) = folder.copies("marks")
    os.utime(folder.folder / "dslineage" / marks, (time.time() - 2 * DAY,) * 2)
    monkeypatch.setattr(collecting, "time", SimpleNamespace(time=lambda: time.time() + 2 * DAY))
    assert sorted(gc(here).dead) == litter
    assert files(folder) == whole


def test_packs_written_anew_take_the_place_of_the_old_ones_once_a_version_needs_them(
    here: Bench, folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.repo.remotes.push()
    before = set(folder.copies("packs"))
    monkeypatch.setattr(repacking, "MANY", 1)
    assert here.repo.gc(delete=True, grace_days=0).repacked
    assert here.repo.remotes.push().sent.objects == 0, "the old packs there are as good"
    assert gc(here).dead == {}

    here.commit(DATA, THREE, workers=1)
    here.repo.remotes.push()
    assert before < set(folder.copies("packs"))
    packs = {name for name in gc(here).dead if name.startswith("packs/")}
    assert packs == before
    assert len(folder.copies("layouts")) == 3, "one of each version"
    other = clone(here, tmp_path / "clone")
    assert other.repo.remotes.pull().fetched.lacking == ()
    assert other.problems() == []


def test_what_is_damaged_here_takes_the_place_of_nothing_that_is_whole_there(
    here: Bench, folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.repo.remotes.push()
    before = files(folder)
    monkeypatch.setattr(repacking, "MANY", 1)
    here.repo.gc(delete=True, grace_days=0)
    (pack,) = (here.objects / "packs").glob("*.zst")
    pack.write_bytes(pack.read_bytes()[:-60] + bytes(60))
    here.repo.remotes.push()
    with pytest.raises(IntegrityError, match="damaged object"):
        here.repo.remotes.push(reread=True)
    assert gc(here).dead == {}
    assert set(before) <= set(files(folder))
    assert clone(here, tmp_path / "clone").repo.remotes.pull().fetched.lacking == ()


def test_a_mark_names_nothing_but_files_of_the_remote(here: Bench, folder: Folder) -> None:
    side_branch(here)
    drop_branch(here)
    gc(here, days=14)
    (name,) = folder.copies("marks")
    said = orjson.loads(folder.read(name))
    outside = folder.folder / "precious"
    outside.write_bytes(b"mine")
    said["paths"] += ["../precious", "format", str(outside)]
    data = orjson.dumps(said)
    folder.remove(name)
    head = "-".join(name.split("-")[:2])
    folder.write(f"{head}-{len(data)}-{Digest.of(data).hex}", data)
    assert len(gc(here).dead) == 5
    assert outside.read_bytes() == b"mine"
    assert "format" in folder.names()


@pytest.mark.parametrize("kind", ["claims", "marks"])
def test_where_it_cannot_be_read_what_others_said_nothing_is_sent_or_deleted(
    here: Bench, folder: Folder, kind: str
) -> None:
    side_branch(here)
    drop_branch(here)
    gc(here, days=14)
    (name,) = folder.copies(kind)
    data = folder.read(name)
    folder.write(name, data[:-2] + b"!\n")
    before = folder.names()
    for act in (lambda: gc(here), here.repo.remotes.push):
        with pytest.raises(RemoteError, match="is damaged: nobody knows") as caught:
            act()
        assert caught.value.kind == "damaged-on-remote"
    assert folder.names() == before


def test_a_copy_of_a_clone_is_another_clone(here: Bench, folder: Folder, tmp_path: Path) -> None:
    here.repo.remotes.push()
    other = here.copy(tmp_path / "copy")
    side_branch(other)
    assert len(gc(here).others) == 1
    assert here.repo.remotes.push().sent.objects == 0
    assert len(Holding.of(here.repo.remotes.open()).copies) == len(
        Inventory.of(other.repo.store).objects
    )


def test_killed_at_moments_it_is_finished_by_the_next(
    two_versions: Bench, folder: Folder, tmp_path: Path
) -> None:
    here = two_versions.copy(tmp_path / "work")
    here.repo.remotes.add("storage", folder.url, {})
    here.git("commit", "-q", "-m", "remote")
    here.repo.remotes.push()
    kept = files(folder)
    side_branch(here)
    drop_branch(here)
    before = tmp_path / "before"
    shutil.copytree(folder.folder, before)

    def start() -> None:
        shutil.rmtree(folder.folder)
        shutil.copytree(before, folder.folder)

    moments = len(steps(partial(gc, here)))
    for moment in sorted(random.Random(9).sample(range(1, moments + 1), k=12)):
        start()
        killed_at(partial(gc, here), moment)
        assert set(kept) <= set(files(folder)), moment
        gc(here)
        assert [name for name in files(folder) if "/." not in name] == kept, moment
        assert here.repo.remotes.push().sent.objects == 0, moment
