"""What tests of crashes share: how much they try, and what holds after a crash."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from dslineage.errors import DslineageError
from tests.crashes.commands import Command
from tests.crashes.faults import calls
from tests.crashes.ptrace import Call
from tests.crashes.table import COMMANDS
from tests.crashes.world import World

ALL = os.environ.get("CRASHES") == "all"
"""Whether everything is tried, and not a sample: `make crashes`."""


class Trial(NamedTuple):
    """A command that is to be disturbed: what there is before it, and what it makes of it.

    `data` and `problems` are those of the start; `expected` is what it leaves, and `trace` has the
    calls of one run that nobody disturbed.
    """

    command: Command
    start: World
    data: Mapping[str, bytes]
    problems: Collection[str]
    whole: World
    expected: Mapping[str, object]
    trace: list[Call]

    @classmethod
    def of(cls, name: str, folder: Path) -> Trial:
        """Run a command twice: to its end, and to see its calls."""
        command = COMMANDS[name]
        start = World.make(folder / "start")
        command.prepare(start)
        whole = start.copy(folder / "whole")
        command.run(whole)
        expected = whole.state()
        trace = calls(partial(command.run, start.copy(folder / "traced")))
        assert trace, f"nothing is seen of what {name} does; is {folder} below /dev?"
        return cls(command, start, start.data(), start.problems(), whole, expected, trace)

    def wrong(self, world: World) -> list[str]:
        """What does not hold after a crash, and held before."""
        before, now, changes = self.data, world.data(), self.command.changes
        touched = [
            name
            for name in before.keys() | now.keys()
            if now.get(name) not in {before.get(name), changes.get(name)}
        ]
        problems = {*world.problems()}.difference(self.problems)
        return sorted(problems) + world.unrestored() + touched

    def unfinished(self, world: World) -> list[str]:
        """What is other, after the command was run again, than where nobody disturbed it."""
        try:
            self.command.run(world)
        except DslineageError as error:
            return [f"{error.kind}: {error.message}"]
        now, then, more = world.state(), self.expected, self.command.more
        anew = {name for name in now.keys() - then.keys() if more and more in name}
        names = (now.keys() | then.keys()) - anew
        left = [path for path in world.left() if not self.command.leaves.search(path)]
        return sorted(name for name in names if now.get(name) != then.get(name)) + left
