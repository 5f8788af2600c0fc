"""What versions take on the disk: every number is that of files that can be named."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslineage.versions.usage import Usage
from tests.versions.support import Bench

LINES = [b'{"prompt":"q%d","completion":"a"}\n' % number for number in range(100)]


@pytest.fixture
def used(bench: Bench) -> Bench:
    """Two versions that share a pack, a draft in a branch of its own, and an unneeded one."""
    bench.commit("train.jsonl", b"".join(LINES[:50]))
    bench.commit("train.jsonl", b"".join(LINES[:51]))
    bench.commit("eval.jsonl", LINES[99])
    bench.add("eval.jsonl", LINES[98])
    bench.git("reset", "-q", "--hard")
    bench.git("worktree", "add", "-q", "-b", "side", str(bench.root.parent / "side"))
    Bench(bench.root.parent / "side").add("train.jsonl", LINES[70])
    return bench


def usage(bench: Bench) -> Usage:
    found = bench.repo.du()
    assert isinstance(found, Usage)
    return found


def test_versions_of_every_work_tree_are_weighed(used: Bench) -> None:
    found = usage(used)
    titles = [f"{one.record.dataset} {one.record.label}" for one in found.versions]
    assert titles == ["eval v1", "train v1", "train v2", "train v3"]
    assert found.to_dict() == Bench(used.root.parent / "side").repo.du().to_dict()


def test_the_bytes_of_a_version_are_those_of_files(used: Bench) -> None:
    found = usage(used)
    for one in found.versions:
        assert one.cost.own == sum(one.objects.values())
        for name, size in one.objects.items():
            assert (used.objects / name).stat().st_size == size
    one, two = found.versions[1:3]
    assert set(map(kind, one.objects)) == {"layouts"}
    assert set(map(kind, two.objects)) == {"layouts", "packs", "views", "measures"}
    assert one.cost.shared == two.cost.shared == sum(found.shared.values())


def test_every_object_is_in_one_sum(used: Bench) -> None:
    found = usage(used)
    there = {
        f"{path.parent.name}/{path.name}": path.stat().st_size
        for path in used.objects.glob("*/*")
        if path.parent.name not in {"cache", "tmp"} and path.is_file()
    }
    own = [one.objects for one in found.versions]
    sums = [*own, found.shared, found.dead, found.young]
    assert sum(map(len, sums)) == len(there)
    assert {name: size for some in sums for name, size in some.items()} == there
    assert sum(size for _, size in found.kinds.values()) == sum(there.values())
    assert sum(one.total for one in found.datasets.values()) == sum(there.values()) - sum(
        [*found.dead.values(), *found.young.values()]
    )


def test_garbage_is_what_would_be_deleted(used: Bench) -> None:
    assert not usage(used).dead
    assert usage(used).young == used.repo.gc(grace_days=0).dead


def test_what_is_not_here_is_counted(used: Bench) -> None:
    [pack] = [name for name in usage(used).versions[0].objects if name.endswith(".zst")]
    (used.objects / pack).unlink()
    assert [one.missing for one in usage(used).versions] == [1, 0, 0, 0]


def test_an_empty_repository_takes_nothing(bench: Bench, tmp_path: Path) -> None:
    found = usage(bench)
    assert (found.versions, dict(found.shared)) == ((), {})


def kind(name: str) -> str:
    return name.partition("/")[0]
