"""A fetch that brings only what a diff, or a version, reads of the texts."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dslineage.diff.options import DiffOptions
from dslineage.errors import IntegrityError, RemoteError, UsageError
from dslineage.ids import Digest
from dslineage.remotes.copies import Copy
from dslineage.remotes.dvcremote import DvcRemote
from dslineage.remotes.fetching import Fetched
from dslineage.remotes.fetching import fetch as fetched
from dslineage.remotes.settings import Setting
from dslineage.repository import Repository
from dslineage.store.store import Store
from dslineage.verbs.remotes import versions
from dslineage.versions.opening import open_version
from tests.forgetting.hunt import where
from tests.forgetting.support import digest
from tests.remotes.faulty import DROPS, Fault, FaultyRemote, after, no_fault
from tests.remotes.relay import relayed
from tests.remotes.support import DATA, Bucket, Folder, Place, clone, join, origin
from tests.versions.support import Bench, ada

EXAMPLES = 2500
WITHOUT_METRICS = DiffOptions(metrics=False)
Example = dict[str, str]


def examples() -> tuple[list[Example], list[Example]]:
    """Two versions: of 1 % of the examples the answer is longer, and some are new."""
    chance = random.Random(6)
    words = ["".join(chance.choices("abcdefghijklmnop", k=7)) for _ in range(5000)]

    def text(size: int) -> str:
        return " ".join(chance.choices(words, k=size))

    first = [{"prompt": f"{i}: {text(30)}", "completion": text(130)} for i in range(EXAMPLES)]
    second = [dict(example) for example in first]
    for i in chance.sample(range(EXAMPLES), EXAMPLES // 100):
        second[i]["completion"] += f" {text(5)}"
    return first, [*second, *({"prompt": text(30), "completion": text(130)} for _ in range(8))]


def lines(some: Sequence[Example]) -> bytes:
    return b"".join(json.dumps(example).encode() + b"\n" for example in some)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A repository with two such versions; not to be changed."""
    with ada():
        return origin(tmp_path_factory.mktemp("changed") / "work", *map(lines, examples()))


@pytest.fixture
def pushed(changed: Bench, folder: Folder, tmp_path: Path) -> Bench:
    """A copy of it, pushed to a folder on this machine."""
    made = changed.copy(tmp_path / "work")
    join(made, folder)
    made.repo.remotes.push()
    return made


@pytest.fixture
def other(pushed: Bench, folder: Folder, tmp_path: Path) -> Bench:
    """A clone that has what a diff without metrics needs, and no more."""
    made = clone(pushed, tmp_path / "clone", folder)
    fetched = made.repo.remotes.fetch("v1", "v2", texts="changed", options=WITHOUT_METRICS).fetched
    assert (fetched.lacking, len(sparse_texts(made))) == ((), 1)
    return made


def sparse_texts(bench: Bench) -> list[Path]:
    return sorted((bench.objects / "cache" / "texts").glob("*"))


def texts(bench: Bench) -> list[Path]:
    return sorted((bench.objects / "packs").glob("*.zst"))


def exported(repo: Repository, *refs: str, output: Path, **options: str) -> bytes:
    repo.export(*refs, output=output, **options)  # type: ignore[arg-type]
    return output.read_bytes()


def test_a_diff_and_exports_of_what_changed_need_a_small_part_of_the_texts(
    changed: Bench, place: Place, tmp_path: Path
) -> None:
    full = changed.copy(tmp_path / "work")
    join(full, place)
    full.repo.remotes.push()
    repo = clone(full, tmp_path / "clone", place).repo
    repo.remotes.fetch("v1", "v2", texts="none")
    got = repo.remotes.fetch("v1", "v2", texts="changed", options=WITHOUT_METRICS).fetched
    assert (got.lacking, got.stretches > 5) == ((), True)
    assert 3 * got.bytes < sum(path.stat().st_size for path in texts(full))
    mine, theirs = (
        one.diff("v1", "v2", options=WITHOUT_METRICS).to_dict() for one in (repo, full.repo)
    )
    assert mine == theirs
    assert theirs["examples"]["edited"] == EXAMPLES // 100
    for only in ("added", "edited", "removed"):
        written = {
            exported(one, "v1", "v2", output=tmp_path / f"{only}-{i}.jsonl", only=only)
            for i, one in enumerate((repo, full.repo))
        }
        assert len(written) == 1


def test_a_diff_with_metrics_is_that_of_a_full_clone(pushed: Bench, tmp_path: Path) -> None:
    repo = clone(pushed, tmp_path / "clone").repo
    assert repo.remotes.fetch("v1", "v2", texts="changed").fetched.lacking == ()
    mine, theirs = (one.diff("v1", "v2").to_dict() for one in (repo, pushed.repo))
    assert mine == theirs
    assert theirs["metrics"]


@pytest.mark.parametrize("far", ["shell_folder", "bucket"])
def test_some_bytes_of_a_file_are_all_that_goes_over_the_line(
    far: str, request: pytest.FixtureRequest
) -> None:
    found: Folder | Bucket = request.getfixturevalue(far)
    data = random.Random(1).randbytes(9 << 20)
    if isinstance(found, Folder):
        (found.folder / "dslineage").mkdir(parents=True)
    found.write("packs", data)
    address = found.endpoint if isinstance(found, Bucket) else found.url
    port = urlsplit(address).port
    assert port is not None
    with relayed(port) as relay:
        known = Path.home() / ".ssh" / "known_hosts"
        if isinstance(found, Folder):
            known.write_text(known.read_text().replace(str(port), str(relay.port)))
        options = {"url": found.url, **found.options}
        moved = {key: text.replace(str(port), str(relay.port)) for key, text in options.items()}
        remote = DvcRemote(Setting("storage", moved, ""))
        assert b"".join(remote.get("packs", 0, 1)) == data[:1]
        before = relay.came
        assert b"".join(remote.get("packs", 5_000_000, 5_016_384)) == data[5_000_000:5_016_384]
        assert relay.came - before < 16_384 + 2_000


def test_what_is_not_here_is_named_with_the_command_that_brings_it(
    other: Bench, pushed: Bench, tmp_path: Path
) -> None:
    for ask in (
        lambda: other.repo.export("train@v1", output=tmp_path / "out.jsonl"),
        lambda: other.repo.checkout("v1"),
        lambda: other.repo.diff("v1", "v2"),
    ):
        with pytest.raises(IntegrityError, match="only other stretches of it are here") as caught:
            ask()
        assert (caught.value.kind, caught.value.hint) == ("missing-object", "dslineage fetch")
    without = clone(pushed, tmp_path / "without")
    without.repo.remotes.fetch("v1", "v2", texts="none")
    some, none = set(other.problems()), set(without.problems())
    assert some < none
    assert {f"packs/{path.name}" for path in sparse_texts(other)} >= {
        f"packs/{name}" for name in some if name.endswith(".zst")
    }


def test_what_is_here_does_not_come_again_and_a_pull_makes_it_whole(other: Bench) -> None:
    again = other.repo.remotes.fetch("v1", "v2", texts="changed", options=WITHOUT_METRICS).fetched
    assert (again.objects, again.stretches, again.bytes) == (0, 0, 0)
    assert other.repo.remotes.pull().fetched.lacking == ()
    assert (other.problems(), sparse_texts(other)) == ([], [])
    assert (other.root / DATA).read_bytes() == lines(examples()[1])


def test_of_large_packs_a_version_needs_only_what_it_has_of_them(
    pushed: Bench, folder: Folder, tmp_path: Path
) -> None:
    part = lines(examples()[0][1000:1100])
    pushed.commit("data/part.jsonl", part, workers=1)
    pushed.repo.remotes.push()
    other = clone(pushed, tmp_path / "clone", folder)
    got = other.repo.remotes.fetch("part@v1", texts="used").fetched
    assert (got.lacking, got.stretches, texts(other)) == ((), 1, [])
    other.repo.checkout("part@v1")
    assert (other.root / "data/part.jsonl").read_bytes() == part
    written = exported(other.repo, "part@v1", output=tmp_path / "part.jsonl")
    assert [*map(json.loads, written.splitlines())] == examples()[0][1000:1100]


def test_a_text_of_which_most_is_wanted_comes_whole(pushed: Bench, tmp_path: Path) -> None:
    other = clone(pushed, tmp_path / "clone")
    got = other.repo.remotes.fetch("v1", texts="used").fetched
    assert (got.lacking, got.stretches, len(texts(other))) == ((), 0, 1)


def test_what_is_kept_as_a_whole_file_comes_whole(pushed: Bench, tmp_path: Path) -> None:
    data = [gzip.compress(lines(some[:50]), mtime=0) for some in examples()]
    pushed.commit("data/zipped.jsonl.gz", data[0], workers=1)
    pushed.commit("data/zipped.jsonl.gz", data[1] + gzip.compress(b'{"prompt":"n"}\n', mtime=0))
    pushed.repo.remotes.push()
    for texts_ in ("used", "changed"):
        other = clone(pushed, tmp_path / texts_)
        refs = ("zipped@v1", "zipped@v2")
        assert other.repo.remotes.fetch(*refs, texts=texts_).fetched.lacking == ()
        assert other.repo.diff(*refs).to_dict() == pushed.repo.diff(*refs).to_dict()


def test_a_clone_with_stretches_neither_sends_them_nor_takes_them_for_the_text(
    other: Bench, folder: Folder
) -> None:
    before = folder.names()
    assert other.repo.remotes.push().partly == ("train@v1", "train@v2")
    new = [name for name in folder.names() if name not in before]
    assert [name.partition("/")[0] for name in new] == ["claims"]
    copied = other.commit("data/copy.jsonl", lines(examples()[0]), workers=1)
    assert other.restored(copied) == lines(examples()[0])
    assert other.repo.du().aside["cache"] >= sum(
        path.stat().st_size for path in sparse_texts(other)
    )


def test_garbage_collection_takes_stretches_of_packs_that_are_gone(other: Bench) -> None:
    (kept,) = sparse_texts(other)
    kept.with_name(f"{'ab' * 32}.zst").write_bytes(kept.read_bytes())
    kept.with_name(f".{kept.name}.0123456789ab.tmp").write_bytes(b"of one who was killed")
    other.repo.gc(delete=True, grace_days=0)
    assert sparse_texts(other) == [kept]


def test_columns_that_come_anew_take_the_place_of_stretches_too(other: Bench) -> None:
    (sparse,) = sparse_texts(other)
    (other.objects / "packs" / sparse.name).with_suffix(".rows").unlink()
    other.repo.remotes.fetch("v1", "v2", texts="none")
    assert sparse_texts(other) == []


def test_what_is_forgotten_is_in_no_stretch(other: Bench) -> None:
    first, second = examples()
    edited = next(i for i, example in enumerate(first) if example != second[i])
    beside = first[edited + 1]
    secret = beside["completion"].encode()
    assert where(secret, other.objects) == [str(path) for path in sparse_texts(other)]
    other.repo.forget(digest(beside), delete=True)
    assert where(secret, other.objects) == []


@pytest.mark.parametrize(
    "refs", [("v1",), ("train", "v2"), ("train", "v1", "v2"), ()], ids=" ".join
)
@pytest.mark.parametrize("everything", [False, True])
def test_what_changed_is_asked_of_two_versions_before_anything_comes(
    here: Bench, tmp_path: Path, refs: tuple[str, ...], everything: bool
) -> None:
    here.repo.remotes.push()
    other = clone(here, tmp_path / "clone")
    with pytest.raises(UsageError, match="of two versions, not of "):
        other.repo.remotes.fetch(*refs, everything=everything, texts="changed")
    assert not list(other.objects.glob("packs/*"))


def changes(bench: Bench, root: Path) -> tuple[Fetched, Bench]:
    """What a clone gets that asks for what changed; and the clone."""
    made = clone(bench, root)
    return (
        made.repo.remotes.fetch("v1", "v2", texts="changed", options=WITHOUT_METRICS).fetched,
        made,
    )


def damage(folder: Folder) -> tuple[str, bytes]:
    """Let half of the frames of the largest text be other bytes; its copy, as it was."""
    texts_there = (name for name in folder.copies("packs") if ".zst-" in name)
    name = max(texts_there, key=lambda name: len(folder.read(name)))
    data = folder.read(name)
    half = len(data) // 2
    folder.write(name, bytes(half) + data[half:])
    return name, data


def test_a_damaged_copy_is_named_and_makes_way_for_another(
    pushed: Bench, folder: Folder, tmp_path: Path
) -> None:
    name, data = damage(folder)
    got, other = changes(pushed, tmp_path / "first")
    assert [(one.name, one.needed_by) for one in got.lacking] == [
        (folder.object_of(name), ("train@v1", "train@v2"))
    ]
    assert "gives other bytes" in got.lacking[0].why
    copy = Copy(folder.object_of(name), len(data), Digest.of(data), again="f" * 16)
    folder.write(copy.path, data)
    got, other = changes(pushed, tmp_path / "second")
    assert (got.lacking, len(texts(other))) == ((), 1), "the small one is whole"
    assert other.repo.diff("v1", "v2", options=WITHOUT_METRICS).edited == EXAMPLES // 100


def test_a_remote_that_fails_half_way_loses_nothing_that_came(
    pushed: Bench, folder: Folder, tmp_path: Path
) -> None:
    other = clone(pushed, tmp_path / "clone")
    other.repo.remotes.fetch("v1", "v2", texts="none")
    store = other.repo.store
    wanted = versions(other.repo, ("v1",), everything=False)

    def fetch_some(fault: Fault) -> Fetched:
        def read(supplied: Store) -> None:
            for first in range(0, 2000, 400):
                supplied.expect(open_version(supplied, wanted[0].record).rows()[first::2000])

        remote = FaultyRemote(folder.folder, fault)
        return fetched(store, remote, wanted, None, again="again", texts="used", reading=read)

    with pytest.raises(RemoteError, match="0 objects and 2 stretches of texts were fetched and"):
        fetch_some(after(3, "get", DROPS))
    (some,) = sparse_texts(other)
    kept = some.stat().st_size
    assert fetch_some(no_fault).stretches == 7 - 2
    assert some.stat().st_size > kept
