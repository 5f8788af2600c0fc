"""What tests of crashes share: how much they try, and what holds after a crash."""

from __future__ import annotations

import os

from tests.crashes.commands import Command
from tests.crashes.world import World

ALL = os.environ.get("CRASHES") == "all"
"""Whether everything is tried, and not a sample: `make crashes`."""


def wrong(world: World, start: World, command: Command) -> list[str]:
    """What does not hold after a crash, and held before."""
    before, now = start.data(), world.data()
    touched = [
        name
        for name in before.keys() | now.keys()
        if now.get(name) not in {before.get(name), command.changes.get(name)}
    ]
    return sorted({*world.problems()} - {*start.problems()}) + world.unrestored() + touched
