"""Whether a data loader goes through every row once in an epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_COMPLETE = {
    "DistributedSampler", "LengthGroupedSampler", "RandomSampler", "SeedableRandomSampler",
    "SequentialSampler",
}  # fmt: skip
_DEEPEST = 8


def doubts_about(loader: Any) -> Iterator[str]:
    """Why an epoch of a loader may leave rows out, or why that is not known.

    Loaders, batch samplers and samplers stand inside each other; accelerate adds one more.
    """
    inside = list(_inside(loader))
    if any(getattr(one, "drop_last", False) for one in inside):
        yield "the last batch of an epoch is dropped where it is not full"
    sampler = inside[-1]
    kind = type(sampler).__name__
    if kind not in _COMPLETE or getattr(sampler, "replacement", False):
        yield f"rows are drawn by {kind}"


def _inside(loader: Any) -> Iterator[Any]:
    """A loader, its batch sampler, and whatever stands in that, down to the sampler of rows."""
    one, steps = loader, 0
    while one is not None and steps < _DEEPEST:
        yield one
        inner = getattr(one, "batch_sampler", None)
        one = inner if inner is not None else getattr(one, "sampler", None)
        steps += 1
