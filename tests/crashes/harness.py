"""What tests of crashes share: how much they try, and what holds after a crash."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.crashes.commands import COMMANDS, Command
from tests.crashes.faults import calls
from tests.crashes.ptrace import Call
from tests.crashes.world import World

ALL = os.environ.get("CRASHES") == "all"
"""Whether everything is tried, and not a sample: `make crashes`."""


class Trial(NamedTuple):
    """A command that is to be disturbed: what there is before it, and what it makes of it.

    `trace` has the calls of one run that nobody disturbed.
    """

    command: Command
    start: World
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
        return cls(command, start, whole, expected, trace)


def wrong(world: World, start: World, command: Command) -> list[str]:
    """What does not hold after a crash, and held before."""
    before, now = start.data(), world.data()
    touched = [
        name
        for name in before.keys() | now.keys()
        if now.get(name) not in {before.get(name), command.changes.get(name)}
    ]
    return sorted({*world.problems()} - {*start.problems()}) + world.unrestored() + touched
