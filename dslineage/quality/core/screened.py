"""The values of a metric that few examples have anything to say to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from dslineage.quality.metric import Found, Kind, Metric, Value
from dslineage.quality.values import Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.chunk import Chunk
    from dslineage.quality.example import Example

_NOTHING: dict[Kind, Value] = {Kind.FLAG: False, Kind.REASONS: frozenset()}


def screened(
    metric: Metric,
    find: Callable[[Example], Found],
    chunk: Chunk,
    passed: NDArray[np.int64],
    applies: NDArray[np.bool_],
) -> Values:
    """A FLAG or REASONS: what `find` says where a screen let parts pass, elsewhere nothing.

    `passed` are the parts, by their number in the chunk, that may match; `applies` says to which
    examples the metric applies.
    """
    kind, labels = metric.kind, metric.labels
    nothing, missing = Values.of(kind, [_NOTHING[kind], None], labels).data
    data = np.where(applies, nothing, missing)
    rows = np.unique(chunk.example_of[passed])
    found = [find(chunk.examples[row]).value for row in rows.tolist()]
    data[rows] = Values.of(kind, found, labels).data
    return Values(kind, data)


def everywhere(chunk: Chunk) -> NDArray[np.bool_]:
    """The examples of a metric that applies to all of them."""
    return np.ones(len(chunk), bool)
