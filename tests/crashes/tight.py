"""`python -m tests.crashes.tight FOLDER`: each command that writes much, where there is no room.

FOLDER is on a small file system of its own. For each command, one line tells what it said, whether
anything was written, and whether the same works when there is room, as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from dslineage.errors import DslineageError
from tests.crashes.commands import LINES
from tests.crashes.filling import fill
from tests.crashes.world import STORAGE, World
from tests.versions.support import ada

DATA = "train.jsonl"
LEFT = 200 * 1024
"""So many bytes are free."""


def lines(count: int) -> bytes:
    """Examples that no compression makes much smaller."""
    return b"".join(
        b'{"prompt":"%s","completion":"%s"}\n' % (b"q%d" % n, os.urandom(200).hex().encode())
        for n in range(count)
    )


MUCH = lines(2000)
ONE = LINES[0]


class Tight(NamedTuple):
    """What there is, and what is asked for."""

    prepare: Callable[[World], object]
    run: Callable[[World], object]


def _went_back(world: World) -> None:
    world.work.commit(DATA, MUCH)
    world.work.commit(DATA, ONE)


def _grown(world: World) -> None:
    world.work.commit(DATA, ONE)
    world.work.put(DATA, MUCH)


def _far(world: World) -> None:
    world.work.commit(DATA, MUCH)
    world.work.repo.remotes.add("storage", f"../{STORAGE}")


def _missing(world: World) -> None:
    _far(world)
    world.work.repo.remotes.push()
    for path in world.work.objects.glob("*/*.*"):
        path.unlink()


def _split(world: World) -> None:
    """Two packs of which most is dead."""
    packs = lines(1500), lines(1500)
    for data in packs:
        world.work.add(DATA, data)
    world.work.commit(DATA, b"".join(b"".join(one.splitlines(True)[:600]) for one in packs))


def _forked(world: World) -> None:
    work = world.work
    work.commit(DATA, MUCH)
    work.git("switch", "-q", "-c", "side")
    work.commit(DATA, MUCH + LINES[0])
    work.git("switch", "-q", "main")
    work.repo.checkout()
    work.commit(DATA, LINES[1] + MUCH)
    work.merge_conflict("side")


def _old(world: World) -> None:
    for data in (MUCH, ONE):
        world.work.put(DATA, data)
        world.work.git("add", DATA)
        world.work.git("commit", "-q", "-m", "data")


COMMANDS = {
    "add": Tight(_grown, lambda world: world.work.add(DATA)),
    "checkout": Tight(_went_back, lambda world: world.work.repo.checkout("v1")),
    "export": Tight(
        _went_back,
        lambda world: world.work.repo.export("v1", output="out.jsonl"),
    ),
    "push": Tight(_far, lambda world: world.work.repo.remotes.push()),
    "fetch": Tight(_missing, lambda world: world.work.repo.remotes.fetch()),
    "merge": Tight(_forked, lambda world: world.work.repo.merge()),
    "gc": Tight(_split, lambda world: world.work.repo.gc(delete=True, grace_days=0)),
    "adopt": Tight(_old, lambda world: world.work.repo.adopt(DATA)),
}


def files(world: World) -> dict[str, int]:
    """The files of the work tree, of its objects and of the remote, with their sizes."""
    places = (world.root, world.work.objects)
    return {
        str(path): path.stat().st_size
        for place in places
        for path in place.rglob("*")
        if path.is_file() and not {".git", "cache"} & {*path.relative_to(place).parts}
    }


def attempt(folder: Path, name: str) -> dict[str, object]:
    """Run a command with little room, then with enough."""
    prepare, run = COMMANDS[name]
    world = World.make(folder / "world")
    prepare(world)
    before = files(world)
    fill(folder / "filler", LEFT)
    try:
        run(world)
        said, kind = "", ""
    except DslineageError as error:
        said, kind = error.message, error.kind
    (folder / "filler").unlink()
    after = files(world)
    found = {"command": name, "kind": kind, "said": said, "same": after == before}
    run(world)
    found["problems"] = world.work.problems()
    shutil.rmtree(world.root)
    return found


if __name__ == "__main__":
    with ada():
        for command in sys.argv[2:] or COMMANDS:
            print(json.dumps(attempt(Path(sys.argv[1]), command)), flush=True)
