"""The commands that write, each with what there is before it and what it is asked to do."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from dslineage.errors import LockedError, UsageError
from dslineage_hooks.installing import install, uninstall
from tests.crashes.world import STORAGE, World

DATA = "data/train.jsonl"
WORK = f"work/{DATA}"
LINES = [b'{"prompt":"q%d","completion":"%s"}\n' % (n, b"abc" * 30) for n in range(40)]
ONE, TWO, THREE = (b"".join(LINES[:count]) for count in (3, 4, 5))
PACKED = gzip.compress(TWO, mtime=0)
HOOK = b"#!/bin/sh\necho mine\n"


NOTHING = re.compile(r"(?!)")


class Command(NamedTuple):
    """What is prepared, what is done, and the files that this may change, with what they become.

    `more` is a part of the names of files that each run makes anew, also one that finds all done;
    `leaves` fits temporary files of a killed run that the next one cannot know for its own.
    """

    prepare: Callable[[World], object]
    run: Callable[[World], object]
    changes: Mapping[str, bytes] = MappingProxyType({})
    more: str = ""
    leaves: re.Pattern[str] = NOTHING


def _two_versions(world: World) -> None:
    world.work.commit(DATA, ONE)
    world.work.commit(DATA, TWO)


def _draft(world: World) -> None:
    world.work.commit(DATA, ONE)
    world.work.add(DATA, TWO)
    world.work.put(DATA, THREE)


def _packed(world: World) -> None:
    world.work.commit(DATA, ONE)
    world.work.put("new.jsonl.gz", PACKED)


def _taken_back(world: World) -> None:
    _draft(world)
    world.work.put(DATA, ONE)


def _changed(world: World) -> None:
    world.work.commit(DATA, ONE)
    world.work.commit("other.jsonl", ONE)
    for name in (DATA, "other.jsonl"):
        world.work.put(name, TWO)


def _regretted(world: World) -> None:
    """Two examples that two versions have and the third has not; one was forgotten before."""
    for data in (TWO, ONE, b"".join(LINES[2:5])):
        world.work.commit(DATA, data)
    world.work.repo.forget(_digest(LINES[1]), delete=True)
    world.work.git("commit", "-q", "-m", "forgotten")


def _digest(line: bytes) -> str:
    """An example's digest, by the standard library."""
    canonical = json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _unless_done(kind: str, run: Callable[[], object]) -> None:
    """Run a command that says so where it was done before it was killed."""
    try:
        run()
    except UsageError as error:
        if error.kind != kind:
            raise


def _commit(world: World) -> None:
    """Commit; locks of git's own, which died while it committed, are removed as the hints say."""
    while True:
        try:
            _unless_done("nothing-to-commit", lambda: world.work.repo.commit("more"))
        except LockedError as error:
            lock = Path(error.hint.partition("; if there is none: rm ")[2])
            assert lock.is_relative_to(world.work.root / ".git")
            lock.unlink()
        else:
            return


def with_remote(world: World) -> None:
    _two_versions(world)
    world.work.repo.remotes.add("storage", f"../{STORAGE}")
    world.work.git("commit", "-q", "-m", "remote")


def cloned(world: World) -> None:
    with_remote(world)
    world.work.repo.remotes.push()
    subprocess.run(["git", "clone", "-q", "work", "clone"], cwd=world.root, check=True)


def garbage(world: World) -> None:
    """Garbage, a pack that is mostly dead, and packs that are too many and small."""
    work = world.work
    work.commit("other.jsonl", LINES[30])
    work.add(DATA, b"".join(LINES[:20]))
    work.add(DATA, b"".join(LINES[:5]))
    work.git("commit", "-q", "-m", "data")
    work.commit(DATA, b"".join(LINES[3:8]))
    work.commit(DATA, b"".join([*LINES[20:25], LINES[4]]))
    work.add(DATA, b"".join(LINES[34:]))
    work.git("reset", "-q", "--hard")
    work.git("reflog", "expire", "--expire=now", "--all")


def _history(world: World) -> None:
    for data in (ONE, TWO):
        world.work.put(DATA, data)
        world.work.git("add", DATA)
        world.work.git("commit", "-q", "-m", "data")


def _hooked(world: World) -> None:
    _two_versions(world)
    world.work.put(".git/hooks/pre-commit", HOOK).chmod(0o755)


def _installed(world: World) -> None:
    _hooked(world)
    install(world.work.repo.git)


def _conflict(world: World) -> None:
    work = world.work
    work.commit(DATA, ONE)
    work.git("switch", "-q", "-c", "side")
    work.commit(DATA, ONE + LINES[10])
    work.git("switch", "-q", "main")
    work.repo.checkout()
    work.commit(DATA, LINES[20] + ONE)
    work.merge_conflict("side")


def _merge(world: World) -> None:
    _unless_done("nothing-to-merge", world.work.repo.merge)


COMMANDS = {
    "add": Command(_draft, lambda world: world.work.add(DATA)),
    "add of a file kept whole": Command(_packed, lambda world: world.work.add("new.jsonl.gz")),
    "add of what was there before": Command(_taken_back, lambda world: world.work.add(DATA)),
    "checkout": Command(_two_versions, lambda world: world.work.repo.checkout("v1"), {WORK: ONE}),
    "commit": Command(_changed, _commit),
    "push": Command(with_remote, lambda world: world.work.repo.remotes.push()),
    "pull": Command(cloned, lambda world: world.clone.repo.remotes.pull(), {f"clone/{DATA}": TWO}),
    "gc": Command(garbage, lambda world: world.work.repo.gc(delete=True, grace_days=0)),
    "adopt": Command(_history, lambda world: world.work.repo.adopt(DATA)),
    "forget": Command(
        _regretted, lambda world: world.work.repo.forget(_digest(LINES[0]), delete=True)
    ),
    "hooks install": Command(_hooked, lambda world: install(world.work.repo.git)),
    "hooks uninstall": Command(_installed, lambda world: uninstall(world.work.repo.git)),
    "remote add": Command(
        _two_versions,
        lambda world: world.work.repo.remotes.add("storage", f"../{STORAGE}", force=True),
    ),
    "merge": Command(_conflict, _merge, {WORK: LINES[20] + ONE + LINES[10]}),
}
"""By what people call them. Each is run again after a kill, and may then find that it is done."""
