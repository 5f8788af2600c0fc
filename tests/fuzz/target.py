"""What a target of the fuzzer is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Read = Callable[[bytes, Path], object]


@dataclass(frozen=True)
class Target:
    """A reader: bytes that it accepts, how edited bytes get right checksums, and the reading.

    `read` is given the bytes and a folder of its own. It raises an error of ours, or ends well;
    what it then asserts is what makes a result sound. `cost` is how dear a reading is.
    """

    seeds: Callable[[], Sequence[bytes]]
    read: Read
    seal: Callable[[bytes], bytes] = field(default=lambda data: data)
    cost: int = 1


def always(*seeds: bytes) -> Callable[[], Sequence[bytes]]:
    """The same seeds every time."""
    return lambda: seeds


def named(name: str, read: Callable[[Path], object]) -> Read:
    """A reader that is given a path, below a folder of its own."""

    def with_path(data: bytes, place: Path) -> None:
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        read(path)

    return with_path
