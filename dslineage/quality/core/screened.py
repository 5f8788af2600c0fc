"""The values of a metric that few examples have anything to say to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
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
    rows: NDArray[np.int64],
    applies: NDArray[np.bool_],
) -> Values:
    """A FLAG or REASONS: what `find` says of examples that a screen let pass, elsewhere nothing.

    `rows` are the examples that may match; `applies` says to which examples the metric applies.
    """
    kind, labels = metric.kind, metric.labels
    nothing, missing = Values.of(kind, [_NOTHING[kind], None], labels).data
    data = np.where(applies, nothing, missing)
    rows = np.unique(rows)
    found = [find(chunk.examples[row]).value for row in rows.tolist()]
    data[rows] = Values.of(kind, found, labels).data
    return Values(kind, data)


def united(metric: Metric, chunk: Chunk, found: Iterable[tuple[int, str]]) -> Values:
    """A REASONS that applies everywhere and says what any text has: parts with a reason each."""
    reasons: defaultdict[int, set[str]] = defaultdict(set)
    for part, reason in found:
        reasons[int(chunk.example_of[part])].add(reason)
    values = [frozenset(one) for one in reasons.values()]
    data = np.zeros(len(chunk), "<u4")
    data[list(reasons)] = Values.of(metric.kind, values, metric.labels).data
    return Values(metric.kind, data)


def everywhere(chunk: Chunk) -> NDArray[np.bool_]:
    """The examples of a metric that applies to all of them."""
    return np.ones(len(chunk), bool)
