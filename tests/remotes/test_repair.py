"""Whole objects of a remote or another clone take the place of damaged and missing ones."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from dslineage.errors import NotFoundError, UsageError
from dslineage.ids import Digest
from dslineage.versions.verified import Repaired, VerifyResult
from tests.crashes.faults import killed_at, steps
from tests.forgetting.hunt import where
from tests.forgetting.support import digest
from tests.remotes.support import DATA, ONE, TWO, Folder, clone
from tests.versions.support import Bench

KINDS = ("packs", "views", "measures", "layouts", "blobs")


@pytest.fixture(scope="session")
def three_kinds(tmp_path_factory: pytest.TempPathFactory, two_versions: Bench) -> Bench:
    """The two versions, and one of a file that is kept whole; not to be changed."""
    bench = two_versions.copy(tmp_path_factory.mktemp("three") / "work")
    table = pytest.importorskip("pyarrow.parquet")
    arrow = pytest.importorskip("pyarrow")
    table.write_table(arrow.table({"text": ["a", "b"]}), bench.root / "table.parquet")
    bench.commit("table.parquet", workers=1)
    return bench


@pytest.fixture
def whole(tmp_path: Path, three_kinds: Bench, folder: Folder) -> Bench:
    """A repository whose objects are on a remote, too."""
    bench = three_kinds.copy(tmp_path / "work")
    bench.repo.remotes.add("storage", folder.url)
    bench.git("commit", "-q", "-m", "remote")
    bench.repo.remotes.push()
    return bench


def objects(bench: Bench) -> dict[str, bytes]:
    """Every object, by name."""
    paths = [path for kind in KINDS for path in (bench.objects / kind).iterdir()]
    return {str(path.relative_to(bench.objects)): path.read_bytes() for path in sorted(paths)}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


DAMAGE: dict[str, Callable[[Path], None]] = {
    "cut": cut,
    "flipped": flip,
    "empty": empty,
    "zeros": zero,
    "missing": Path.unlink,
}


def repaired(bench: Bench, *sources: str) -> VerifyResult:
    """Repair, and look that nothing is wrong then."""
    result = bench.repo.repair(*sources)
    assert result.problems == ()
    assert bench.problems() == []
    return result


@pytest.mark.parametrize("damage", DAMAGE)
def test_every_object_that_a_version_needs_comes_back_from_a_remote(
    whole: Bench, damage: str
) -> None:
    before = objects(whole)
    for name in before:
        DAMAGE[damage](whole.objects / name)
    broken = objects(whole)
    result = repaired(whole)
    assert objects(whole) == before
    assert result.repaired == tuple(Repaired(name, "storage") for name in before)
    aside = {path.name: path.read_bytes() for path in (whole.objects / "damaged").glob("*")}
    assert aside == {Path(name).name: data for name, data in broken.items()}
    whole.repo.checkout("train@v1", force=True)
    assert (whole.root / DATA).read_bytes() == ONE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("damage", ["flipped", "missing"])
def test_one_object_comes_back_from_another_clone(
    whole: Bench, tmp_path: Path, kind: str, damage: str
) -> None:
    other = clone(whole, tmp_path / "clone")
    other.repo.remotes.pull()
    before = objects(whole)
    name = next(name for name in before if name.startswith(kind))
    DAMAGE[damage](whole.objects / name)
    result = repaired(whole, "../clone")
    if damage == "flipped":
        assert result.repaired == (Repaired(name, "../clone"),)
    if not (damage == "missing" and kind in {"views", "measures"}):
        assert objects(whole) == before


def test_an_object_that_is_damaged_everywhere_stays_where_it_is_and_is_told(
    whole: Bench, folder: Folder, tmp_path: Path
) -> None:
    other = clone(whole, tmp_path / "clone")
    other.repo.remotes.pull()
    name = next(name for name in objects(whole) if name.endswith(".zst"))
    for bench in (whole, other):
        flip(bench.objects / name)
    folder.truncate(next(one for one in folder.names() if one.startswith(name)))
    result = whole.repo.repair("storage", "../clone")
    assert [one.stored_as for one in result.problems] == [name]
    assert result.problems[0].needed_by
    assert result.repaired == ()
    assert (whole.objects / name).exists()
    assert not (whole.objects / "damaged").exists()


def test_the_next_source_is_asked_for_what_the_first_has_not(
    whole: Bench, folder: Folder, tmp_path: Path
) -> None:
    other = clone(whole, tmp_path / "clone")
    other.repo.remotes.pull()
    one, two = [name for name in objects(whole) if name.endswith(".zst")][:2]
    for name in (one, two):
        flip(whole.objects / name)
    flip(other.objects / one)
    folder.remove(next(copy for copy in folder.names() if copy.startswith(two)))
    result = repaired(whole, "../clone", "storage")
    assert set(result.repaired) == {Repaired(one, "storage"), Repaired(two, "../clone")}


def test_a_version_comes_back_in_other_packs_where_a_source_has_it_so(whole: Bench) -> None:
    """A clone that packs anew has packs that nobody else has."""
    lines = [b'{"text":"row %d"}\n' % number for number in range(90)]
    whole.add("few.jsonl", b"".join(lines))
    whole.commit("few.jsonl", few := b"".join(lines[:9]))
    whole.repo.remotes.push()
    before = objects(whole)
    whole.repo.gc(delete=True, grace_days=0)
    (anew,) = [name for name in objects(whole) if name not in before and name.endswith(".zst")]
    flip(whole.objects / anew)
    result = repaired(whole)
    assert [one.name for one in result.repaired if not one.source] == [anew]
    assert objects(whole).items() >= {
        (one.name, before[one.name]) for one in result.repaired if one.source
    }
    (whole.root / "few.jsonl").unlink()
    whole.repo.checkout()
    assert (whole.root / "few.jsonl").read_bytes() == few


def test_what_no_version_needs_and_what_is_computed_again_is_set_aside(
    whole: Bench, folder: Folder
) -> None:
    stray = whole.objects / "blobs" / ("ab" * 32)
    stray.write_bytes(b"nothing of ours")
    view = next((whole.objects / "views").iterdir())
    flip(view)
    for name in folder.copies("views"):
        folder.remove(name)
    result = repaired(whole)
    names = (f"blobs/{stray.name}", f"views/{view.name}")
    assert result.repaired == tuple(Repaired(name, "") for name in names)
    assert {path.name for path in (whole.objects / "damaged").iterdir()} == {stray.name, view.name}
    assert whole.repo.diff("train@v1", "train@v2").to_dict()["examples"]["added"] == 1


def test_nothing_that_was_set_aside_is_lost_to_what_is_set_aside_next(whole: Bench) -> None:
    path = next((whole.objects / "packs").glob("*.zst"))
    for _ in range(3):
        flip(path)
        repaired(whole)
    names = {one.name for one in (whole.objects / "damaged").iterdir()}
    assert names == {path.name, f"{path.name}.2", f"{path.name}.3"}


def test_a_clone_that_has_only_the_records_gets_everything(whole: Bench, tmp_path: Path) -> None:
    other = clone(whole, tmp_path / "clone")
    assert other.problems()
    repaired(other, "../work")
    other.repo.checkout()
    assert (other.root / DATA).read_bytes() == TWO


def test_while_a_layout_is_damaged_nobody_knows_what_is_not_needed(
    whole: Bench, folder: Folder
) -> None:
    layout = next((whole.objects / "layouts").iterdir())
    for name in folder.copies("layouts"):
        folder.remove(name)
    flip(layout)
    for pack in (whole.objects / "packs").iterdir():
        flip(pack)
    result = whole.repo.repair()
    assert [one.stored_as for one in result.problems] == [f"layouts/{layout.name}"]
    assert "" not in {one.source for one in result.repaired}


@pytest.mark.parametrize("what", ["record", "pointer"])
def test_what_git_keeps_is_not_for_a_source_to_give(whole: Bench, what: str) -> None:
    path = whole.root / (
        whole.repo.show("train@v1").path if what == "record" else f"{DATA}.dsl.json"
    )
    path.write_bytes(b"{}")
    flip(next((whole.objects / "blobs").iterdir()))
    result = whole.repo.repair()
    assert {one.kind for one in result.problems} == {what}
    assert [one.source for one in result.repaired] == ["storage"]


def test_where_nothing_is_wrong_nothing_is_done(whole: Bench) -> None:
    before = whole.listing()
    assert whole.repo.repair().repaired == ()
    assert whole.listing() == before


def test_killed_at_moments_it_is_finished_by_the_next(whole: Bench, tmp_path: Path) -> None:
    before = objects(whole)
    for name in list(before)[::2]:
        flip(whole.objects / name)
    moments = len(steps(partial(repair, whole.copy(tmp_path / "first"))))
    for moment in range(1, moments + 1, max(1, moments // 12)):
        bench = whole.copy(tmp_path / str(moment))
        killed_at(partial(repair, bench), moment)
        repaired(bench)
        assert objects(bench) == before, moment
        shutil.rmtree(bench.root)


def repair(bench: Bench) -> VerifyResult:
    return bench.repo.repair()


@pytest.mark.parametrize(
    ("source", "error", "said"),
    [
        ("nowhere", NotFoundError, "neither a remote nor a folder"),
        (".", UsageError, "the same objects"),
        ("..", NotFoundError, "git"),
    ],
)
def test_a_source_that_is_none_is_refused_before_anything_is_hashed(
    whole: Bench, source: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        whole.repo.repair(source)


def test_a_clone_with_other_bytes_under_the_same_names_gives_nothing(
    whole: Bench, tmp_path: Path
) -> None:
    """What a hostile clone has is refused, and what is damaged here is not made worse."""
    other = clone(whole, tmp_path / "clone")
    other.repo.remotes.pull()
    names = list(objects(whole))
    shifted = [*names[1:], names[0]]
    taken = {name: (whole.objects / name).read_bytes() for name in names}
    for name, from_ in zip(names, shifted, strict=True):
        (other.objects / name).write_bytes(taken[from_])
        flip(whole.objects / name)
    result = whole.repo.repair("../clone")
    assert not {one.name for one in result.repaired if one.source}
    needed = {name for name in names if not name.startswith(("views/", "measures/"))}
    assert {one.stored_as for one in result.problems} >= needed


@pytest.mark.parametrize("suffix", [".zst", ".rows"])
def test_what_was_forgotten_does_not_come_back(whole: Bench, tmp_path: Path, suffix: str) -> None:
    other = clone(whole, tmp_path / "clone")
    other.repo.remotes.pull()
    secret = ONE.splitlines()[3]
    whole.repo.forget(digest(json.loads(secret)), delete=True)
    before, now = objects(other), objects(whole)
    (name,) = [name for name in now if name.endswith(".zst") and now[name] != before[name]]
    flip((whole.objects / name).with_suffix(suffix))
    repaired(whole, "../clone")
    pack = whole.repo.store.pack(Digest(bytes.fromhex(Path(name).stem)))
    text = b"".join(map(pack.opened_text().frame, range(len(pack.opened_text().starts) - 2)))
    assert len(text) > 1000
    assert secret not in text
    assert pack.forgotten.tolist() == [3]


def test_what_shows_a_model_the_same_as_what_was_forgotten_does_not_come_back(
    whole: Bench, tmp_path: Path
) -> None:
    """It has another digest, and is denied by that of its conversation alone."""
    secret = json.loads(ONE.splitlines()[3])
    twin = json.dumps(secret | {"source": "elsewhere"}).encode()
    whole.commit("twin.jsonl", twin + b"\n" + ONE.replace(b'"q', b'"p'), workers=1)
    other = whole.copy(tmp_path / "clone")
    before = objects(whole)
    whole.repo.forget(digest(secret), delete=True)
    changed = [name for name, data in objects(whole).items() if data != before[name]]
    packs = [name for name in changed if name.endswith(".rows")]
    assert len(packs) == 2
    for name in packs:
        flip(whole.objects / name)
    repaired(whole, "../clone")
    assert where(b"elsewhere", other.objects) != []
    assert where(b"elsewhere", whole.objects) == []
    assert "still kept" not in str(whole.repo.verify().notices)
