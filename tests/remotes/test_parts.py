"""A large object that was cut off goes on where the line broke, and is hashed whole."""

from __future__ import annotations

import errno
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dslineage.errors import RemoteError
from dslineage.remotes import receiving
from dslineage.remotes.fetching import Fetched
from dslineage.remotes.fetching import fetch as fetched
from dslineage.remotes.parts import LEAST
from dslineage.verbs.remotes import versions
from tests.remotes.faulty import Fault, FaultyRemote, no_fault
from tests.remotes.support import Folder, clone, join, origin
from tests.versions.support import Bench, ada

PIECE = 100_000


class Line:
    """A file that is read over a line which breaks after so many bytes; counts what came."""

    def __init__(self, handle: Any, breaks_after: float) -> None:
        self.handle = handle
        self.left = breaks_after
        self.came = 0

    def read(self, size: int) -> bytes:
        if self.left <= 0:
            raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
        data: bytes = self.handle.read(min(size, PIECE))
        self.came += len(data)
        self.left -= len(data)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self.handle, name)


class NoSeek(Line):
    """One that can only be read from the beginning."""

    def seek(self, _: int) -> int:
        raise ValueError("Cannot seek streaming HTTP file")


class Lines:
    """A fault: large texts come over such lines, which are kept."""

    def __init__(self, breaks_after: float, kind: type[Line] = Line) -> None:
        self.breaks_after = breaks_after
        self.kind = kind
        self.opened: list[Line] = []

    def __call__(self, what: str, path: str, do: Callable[[], Any]) -> Any:
        if what != "get" or ".zst-" not in path:
            return do()
        self.opened.append(self.kind(do(), self.breaks_after))
        return self.opened[-1]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A repository with a text that cannot be compressed; not to be changed."""
    chance = random.Random(1)
    lines = [b'{"text":"%s"}\n' % chance.randbytes(500).hex().encode() for _ in range(4000)]
    with ada():
        return origin(tmp_path_factory.mktemp("large") / "work", b"".join(lines))


@pytest.fixture
def other(large: Bench, folder: Folder, tmp_path: Path) -> Bench:
    """A clone of it that has nothing yet."""
    bench = large.copy(tmp_path / "work")
    join(bench, folder)
    bench.repo.remotes.push()
    return clone(bench, tmp_path / "clone")


def fetch(bench: Bench, folder: Folder, fault: Fault) -> Fetched:
    wanted = versions(bench.repo, (), everything=False)
    remote = FaultyRemote(folder.folder, fault)
    return fetched(bench.repo.store, remote, wanted, None, again="again", stall_seconds=20)


def break_off(bench: Bench, folder: Folder, after: int = 1_500_000) -> Path:
    """Fetch over a line that breaks; what came of the text."""
    with pytest.raises(RemoteError, match="Connection reset by peer"):
        fetch(bench, folder, Lines(after))
    (part,) = (bench.objects / "tmp/parts").iterdir()
    assert part.stat().st_size == after
    return part


def is_whole(bench: Bench) -> bool:
    bench.repo.checkout()
    return bench.problems() == [] and not (bench.objects / "tmp/parts").exists()


@pytest.mark.parametrize("kind", [Line, NoSeek])
def test_what_came_does_not_come_again(other: Bench, folder: Folder, kind: type[Line]) -> None:
    part = break_off(other, folder)
    size = int(part.name.split("-")[1])
    assert size > LEAST
    lines = Lines(float("inf"), kind)
    assert fetch(other, folder, lines).lacking == ()
    (line,) = lines.opened
    assert line.came == size - (1_500_000 if kind is Line else 0)
    assert is_whole(other)


def test_what_came_needs_no_room_again(
    other: Bench, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = break_off(other, folder).stat().st_size
    whole = sum(path.stat().st_size for path in folder.folder.rglob("*.*") if path.is_file())
    monkeypatch.setattr(receiving, "free_bytes", lambda _: whole - size // 2)
    fetch(other, folder, no_fault)
    assert is_whole(other)


def test_a_part_that_another_process_moved_away_just_now_is_none(
    other: Bench, folder: Folder
) -> None:
    part = break_off(other, folder)
    part.with_name("gone").symlink_to("away")  # listed, and not there when it is looked at
    fetch(other, folder, no_fault)
    other.repo.checkout()
    assert other.problems() == []


def test_a_part_that_is_not_what_came_costs_only_time(other: Bench, folder: Folder) -> None:
    part = break_off(other, folder)
    part.write_bytes(bytes(part.stat().st_size))
    lines = Lines(float("inf"))
    assert fetch(other, folder, lines).lacking == ()
    assert len(lines.opened) == 2
    assert is_whole(other)


def test_a_part_that_is_longer_than_the_copy_costs_only_time(other: Bench, folder: Folder) -> None:
    part = break_off(other, folder)
    part.write_bytes(bytes(9_000_000))
    assert fetch(other, folder, no_fault).lacking == ()
    assert is_whole(other)


def test_a_part_of_what_the_remote_now_gives_otherwise_is_not_taken(
    other: Bench, folder: Folder
) -> None:
    part = break_off(other, folder)
    (name,) = [name for name in folder.names() if ".zst-" in name]
    data = folder.read(name)
    folder.write(name, data[:-9] + bytes(9))
    (lacking,) = fetch(other, folder, no_fault).lacking
    assert "gives other bytes" in lacking.why
    assert not part.parent.exists()


def test_all_that_came_is_taken_where_the_line_broke_at_the_very_end(
    other: Bench, folder: Folder
) -> None:
    part = break_off(other, folder)
    (name,) = [name for name in folder.names() if ".zst-" in name]
    part.write_bytes(folder.read(name))
    lines = Lines(0)
    assert fetch(other, folder, lines).lacking == ()
    assert lines.opened == []
    assert is_whole(other)


def test_while_another_process_gets_the_same_object_it_comes_twice(
    other: Bench, folder: Folder
) -> None:
    import fcntl

    part = break_off(other, folder)
    with part.open("rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        before = part.read_bytes()
        assert fetch(other, folder, no_fault).lacking == ()
        assert part.read_bytes() == before
    assert other.problems() == []


def test_a_part_is_no_object_and_goes_when_the_object_is_here_or_nobody_asked_for_long(
    other: Bench, folder: Folder
) -> None:
    part = break_off(other, folder)
    assert not list((other.objects / "packs").glob("*.zst"))
    old = part.with_name(part.name.replace(part.name[6:70], "ab" * 32))
    old.write_bytes(b"old")
    os.utime(old, (time.time() - 15 * 86_400,) * 2)
    data = part.read_bytes()
    fetch(other, folder, no_fault)
    part.parent.mkdir(exist_ok=True)
    part.write_bytes(data)
    fetch(other, folder, no_fault)
    assert not part.parent.exists()
