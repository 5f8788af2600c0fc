"""How far long work has come."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Progress(NamedTuple):
    """How far a command has come: what it does, and how much of the total, in bytes or files."""

    phase: str
    done: int
    total: int


Report = Callable[[Progress], None]
