"""Whether a data loader goes through every row once in an epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_COMPLETE = {
    "DistributedSampler", "LengthGroupedSampler", "RandomSampler", "SeedableRandomSampler",
    "SequentialSampler",
}  # fmt: skip
_DEEPEST = 3


def doubts_about(loader: Any) -> Iterator[str]:
    """Why an epoch of a loader may leave rows out, or why that is not known.

    Loaders, batch samplers and samplers stand inside each other; accelerate adds one more.
    """
    sampler = loader
    for _ in range(_DEEPEST):
        if getattr(sampler, "drop_last", False):
            yield "the last batch of an epoch is dropped where it is not full"
            break
        sampler = getattr(sampler, "batch_sampler", None) or sampler
    while (inner := getattr(sampler, "sampler", None)) is not None:
        sampler = inner
    kind = type(sampler).__name__
    if kind not in _COMPLETE or getattr(sampler, "replacement", False):
        yield f"rows are drawn by {kind}"
