"""Garbage collection, killed at its system calls or on a full disk: no version is ever hurt.

A kill lands before each step of a first, whole run that deletes, packs anew and rewrites layouts.
Then every version can be restored and `verify` finds nothing, and the next collection leaves
nothing to collect.
"""

from __future__ import annotations

import errno
import shutil
from functools import partial
from pathlib import Path

import pytest

from dslineage.store import repacking
from tests.versions.faults import OUTCOMES, failing_at, killed_at, run, steps
from tests.versions.support import Bench

LINES = [b'{"prompt":"q%d","completion":"%s"}\n' % (n, b"abc" * 30) for n in range(40)]
NEEDS_SPACE = frozenset({"openat", "fsync", "mkdir", "rename"})


def collect(bench: Bench) -> None:
    bench.repo.gc(delete=True, grace_days=0)


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Garbage, a pack that is mostly dead, and packs that are too many and small."""
    monkeypatch.setattr(repacking, "MANY", 2)
    bench = Bench.make(tmp_path / "start")
    bench.commit("other.jsonl", LINES[30])
    bench.add("train.jsonl", b"".join(LINES[:20]))
    bench.add("train.jsonl", b"".join(LINES[:5]))
    bench.git("commit", "-q", "-m", "data")
    bench.commit("train.jsonl", b"".join(LINES[3:8]))
    bench.commit("train.jsonl", b"".join([*LINES[20:25], LINES[4]]))
    bench.add("train.jsonl", b"".join(LINES[34:]))
    bench.git("reset", "-q", "--hard")
    bench.git("reflog", "expire", "--expire=now", "--all")
    return bench


def test_a_kill_at_any_step_hurts_no_version(start: Bench, tmp_path: Path) -> None:
    wanted = contents(start)
    assert len(wanted) == 4
    whole = start.copy(tmp_path / "whole")
    trace = steps(partial(collect, whole))
    assert contents(whole) == wanted
    assert left(whole) == (0, None)
    calls = {line.split()[0] for line in trace}
    assert calls >= {"openat", "fsync", "rename", "unlink", "mkdir", "flock", "fcntl"}
    published = next(n for n, line in enumerate(trace, 1) if line.startswith("fcntl"))
    sampled = [*range(1, published, 16), *range(published, len(trace) + 1, 4)]

    for step in sampled:
        bench = start.copy(tmp_path / "crash")
        assert killed_at(partial(collect, bench), step), step
        assert bench.problems() == [], trace[step - 1]
        assert contents(bench) == wanted, trace[step - 1]
        collect(bench)
        assert left(bench) == (0, None), trace[step - 1]
        assert contents(bench) == wanted, trace[step - 1]
        assert list((bench.objects / "tmp").iterdir()) == [], trace[step - 1]
        shutil.rmtree(bench.root)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO], ids=errno.errorcode.get)
def test_a_disk_that_refuses_while_packs_are_written_hurts_no_version(
    start: Bench, tmp_path: Path, code: int
) -> None:
    wanted = contents(start)
    trace = steps(partial(collect, start.copy(tmp_path / "whole")))
    outcomes = []
    for step in range(1, len(trace) + 1, 12):
        bench = start.copy(tmp_path / "full")
        status = run(partial(collect, bench), failing_at(step, code, calls=NEEDS_SPACE))
        outcomes.append(OUTCOMES[status])
        assert bench.problems() == [], trace[step - 1]
        assert contents(bench) == wanted, trace[step - 1]
        collect(bench)
        assert left(bench) == (0, None), trace[step - 1]
        shutil.rmtree(bench.root)
    assert set(outcomes) <= {"fine", "ResourceError"}
    assert outcomes.count("ResourceError") >= 3


def contents(bench: Bench) -> dict[str, bytes]:
    """What is restored of each version, by its name."""
    return {info.title: bench.restored(info) for info in bench.repo.log().versions}


def left(bench: Bench) -> tuple[int, object]:
    """How much there still is to delete, and to pack anew."""
    result = bench.repo.gc(grace_days=0)
    return len(result.dead), result.repacked
