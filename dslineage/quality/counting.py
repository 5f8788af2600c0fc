"""Taking the tally of values, with numpy."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from dslineage.quality.metric import MICRO, Kind
from dslineage.quality.tally import GAMMA, SHIFT, Tally
from dslineage.store.framed import damaged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.values import Values


def tally(
    values: Values, labels: tuple[str, ...] = (), times: NDArray[np.int64] | None = None
) -> Tally:
    """The tally of some values; see `Tally.of`."""
    part, whole = values.parts()
    applies = values.applies
    weight = np.ones(len(part), np.int64) if times is None else times
    if values.kind in (Kind.CATEGORY, Kind.KEY):
        part = np.zeros_like(part)
    return Tally(
        values.kind,
        int(weight.sum()),
        int(weight[applies].sum()),
        _sum(part, weight),
        _sum(whole, weight),
        _sum(part, part, weight),
        _sum(part, whole, weight),
        _sum(whole, whole, weight),
        int(weight[part != 0].sum()),
        buckets=_buckets(values, part, weight),
        counts=_counts(values, labels, weight),
    )


def bucket_of(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The bucket of each value: 0 for 0, ±(k + SHIFT) for values up to ±GAMMA^k."""
    with np.errstate(divide="ignore"):
        place = np.ceil(np.log(np.abs(values)) / math.log(GAMMA))
    place = np.where(values == 0, 0, place + SHIFT)
    return (np.sign(values) * place).astype(np.int64)


def _sum(*factors: NDArray[np.int64]) -> int:
    """The exact sum of products, however large."""
    top = math.prod(int(np.abs(factor).max(initial=0)) for factor in factors)
    if top * len(factors[0]) < 2**62:
        return int(math.prod(factors[1:], start=factors[0]).sum())
    return sum(math.prod(row) for row in zip(*(f.tolist() for f in factors), strict=True))


def _buckets(values: Values, part: NDArray[np.int64], weight: NDArray[np.int64]) -> dict[int, int]:
    if values.kind not in (Kind.COUNT, Kind.NUMBER):
        return {}
    scale = MICRO if values.kind is Kind.NUMBER else 1
    applies = values.applies
    distinct, where = np.unique(part[applies], return_inverse=True)
    times = np.zeros(len(distinct), np.int64)
    np.add.at(times, where, weight[applies])
    found: Counter[int] = Counter()
    for bucket, count in zip(bucket_of(distinct / scale).tolist(), times.tolist(), strict=True):
        found[bucket] += count
    return {bucket: count for bucket, count in sorted(found.items()) if count}


def _counts(values: Values, labels: tuple[str, ...], weight: NDArray[np.int64]) -> dict[str, int]:
    applies = values.applies
    data = values.data[applies]
    if values.kind is Kind.CATEGORY:
        codes, where = np.unique(data, return_inverse=True)
        times = np.zeros(len(codes), np.int64)
        np.add.at(times, where, weight[applies])
        pairs = zip(codes.tolist(), times.tolist(), strict=True)
        try:
            named = sorted((values.names[code], count) for code, count in pairs)
        except KeyError as error:
            raise damaged("measures", f"no category has the code {error}") from error
        return {name: count for name, count in named if count}
    if values.kind is Kind.REASONS:
        shares = (
            (label, int(weight[applies][(data >> np.uint32(place) & 1).astype(bool)].sum()))
            for place, label in enumerate(labels)
        )
        return {label: count for label, count in shares if count}
    return {}
