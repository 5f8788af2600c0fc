"""Commands that read make no call that changes a file, the cache aside; git's for them neither."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from dslineage_hooks.installing import status
from tests.crashes.commands import garbage
from tests.crashes.faults import calls
from tests.crashes.world import World
from tests.versions.support import Bench

READERS: dict[str, Callable[[Bench], object]] = {
    "status": lambda bench: bench.repo.status(),
    "log": lambda bench: bench.repo.log(),
    "show": lambda bench: bench.repo.show("train@v1"),
    "diff": lambda bench: bench.repo.diff("train@v1", "train@v2"),
    "diff with the working file": lambda bench: bench.repo.diff("train@latest"),
    "load": lambda bench: list(bench.repo.load("train@v1")),
    "gc without --delete": lambda bench: bench.repo.gc(grace_days=0),
    "hooks status": lambda bench: status(bench.repo.git),
}


def test_a_reading_command_changes_no_file(tmp_path: Path) -> None:
    world = World.make(tmp_path / "world")
    garbage(world)
    for name, reader in READERS.items():
        made = [call.about for call in calls(partial(reader, world.work))]
        found = [about for about in made if about.startswith(str(world.root))]
        assert [about for about in found if "/.git/dslineage/cache" not in about] == [], name
