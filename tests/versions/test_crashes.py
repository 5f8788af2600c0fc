"""`add` and `checkout` killed at their system calls: nothing that was recorded is lost.

A kill lands before each of the steps that a first, whole run took. Then every recorded version can
be restored, the user's file is as it was, `verify` finds nothing, and running the command again
gives what it would have given without the kill, to the byte of every record, pointer and entry of
git's index.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from dslineage.errors import IntegrityError
from tests.versions.faults import killed_at, steps
from tests.versions.support import Bench

ONE = b'{"prompt":"a","completion":"b"}\n'
TWO = ONE + b'{"prompt":"c","completion":"d"}\n'
THREE = TWO + b'{"prompt":"e","completion":"f"}\n'
PACKED = gzip.compress(TWO, mtime=0)


class Story(NamedTuple):
    """What there was, what is done, and which file belongs to the user."""

    prepare: Callable[[Bench], object]
    action: Callable[[Bench], object]
    file: str
    before: bytes
    after: bytes


def _draft(bench: Bench) -> None:
    bench.commit("train.jsonl", ONE)
    bench.add("train.jsonl", TWO)
    bench.put("train.jsonl", THREE)


def _packed(bench: Bench) -> None:
    bench.commit("train.jsonl", ONE)
    bench.put("new.jsonl.gz", PACKED)


def _undone(bench: Bench) -> None:
    _draft(bench)
    bench.put("train.jsonl", ONE)


def _two_versions(bench: Bench) -> None:
    bench.commit("train.jsonl", ONE)
    bench.commit("train.jsonl", TWO)


STORIES = {
    "a draft is replaced": Story(
        _draft, lambda bench: bench.add("train.jsonl"), "train.jsonl", THREE, THREE
    ),
    "a new data set of a file kept whole": Story(
        _packed, lambda bench: bench.add("new.jsonl.gz"), "new.jsonl.gz", PACKED, PACKED
    ),
    "a draft is taken back": Story(
        _undone, lambda bench: bench.add("train.jsonl"), "train.jsonl", ONE, ONE
    ),
    "an older version is checked out": Story(
        _two_versions, lambda bench: bench.repo.checkout("v1"), "train.jsonl", TWO, ONE
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_a_kill_at_any_step_loses_nothing(name: str, tmp_path: Path) -> None:
    story = STORIES[name]
    start = Bench.make(tmp_path / "start")
    story.prepare(start)
    whole = start.copy(tmp_path / "whole")
    trace = steps(partial(story.action, whole))
    expected = outcome(whole)
    first, last = span(trace, story.file)

    between = 0
    for step in sampled(trace, first, last):
        bench = start.copy(tmp_path / "crash")
        assert killed_at(partial(story.action, bench), step), step
        between += first < step <= last
        check(bench, story, trace[step - 1])
        story.action(bench)
        assert outcome(bench) == expected, trace[step - 1]
        check(bench, story, trace[step - 1])
        assert leftovers(bench) == [], trace[step - 1]
        shutil.rmtree(bench.root)
    assert between >= 10, trace


def test_ten_kinds_of_system_calls_stand_between_the_first_write_and_the_pointer(
    tmp_path: Path,
) -> None:
    kinds = set()
    for name in list(STORIES)[:2]:
        bench = Bench.make(tmp_path / name.replace(" ", "-"))
        STORIES[name].prepare(bench)
        trace = steps(partial(STORIES[name].action, bench))
        first, last = span(trace, STORIES[name].file)
        kinds |= {line.split()[0] for line in trace[first - 1 : last]}
    assert kinds >= {
        "openat",
        "fsync",
        "rename",
        "mkdir",
        "flock",
        "fcntl",
        "execve",
        "ioctl",
        "getdents",
        "fchmod",
    }


def test_an_add_that_dies_on_a_damaged_note_says_what_to_do(bench: Bench) -> None:
    bench.commit("train.jsonl", ONE)
    bench.put(".git/dslineage/unfinished.json", b"{}")
    bench.put("train.jsonl", TWO)
    with pytest.raises(IntegrityError, match="an interrupted command cannot be finished") as caught:
        bench.add("train.jsonl")
    assert "unfinished.json" in caught.value.hint


def span(trace: list[str], file: str) -> tuple[int, int]:
    """The steps (from 1) of the first write, and of the rename that moves the pointer."""
    first = next(n for n, line in enumerate(trace, 1) if "dslineage/tmp/" in line or ".tmp" in line)
    last = max(
        n for n, line in enumerate(trace, 1) if line.startswith("rename") and ".dsl.json" in line
    )
    assert first < last
    return first, last


def sampled(trace: list[str], first: int, last: int) -> list[int]:
    """Every step from just before the pointer on, and of the many before them a sixth."""
    return [step for step in range(first, len(trace) + 1) if step > last - 9 or step % 6 == 0]


def outcome(bench: Bench) -> dict[str, object]:
    """All that the next person sees: records, pointers, ignored files, and git's index."""
    shown = {
        str(path.relative_to(bench.root)): path.read_bytes()
        for path in sorted(bench.root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(bench.root).parts[:1]
    }
    return {"files": shown, "index": bench.git("ls-files", "-s")}


def check(bench: Bench, story: Story, where: str) -> None:
    assert (bench.root / story.file).read_bytes() in {story.before, story.after}, where
    assert bench.problems() == [], where
    known = {len(data): data for data in (ONE, TWO, THREE, PACKED)}
    for info in bench.repo.log().versions:
        assert bench.restored(info) == known[info.record.files[0].size], where


def leftovers(bench: Bench) -> list[str]:
    names = [*(bench.objects / "tmp").iterdir(), *bench.root.rglob("*.tmp")]
    return [str(path) for path in names]
