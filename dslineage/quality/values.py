"""The values of one metric for many examples, as they are stored and added up."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.quality.metric import MICRO, Kind, Rate, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

_U4 = 0xFFFFFFFF
_FORMS: Mapping[Kind, tuple[str, int]] = {
    Kind.FLAG: ("u1", 0xFF),
    Kind.COUNT: ("<u4", _U4),
    Kind.NUMBER: ("<i8", -(2**63)),
    Kind.RATE: ("<u4", 0),
    Kind.CATEGORY: ("<u8", 0),
    Kind.REASONS: ("<u4", _U4),
    Kind.KEY: ("<u8", 0),
}
"""Type of the column, and what stands where the metric does not apply (for RATE, a whole of 0)."""


@dataclass(frozen=True, slots=True)
class Values:
    """One value for each of some examples.

    `data` has the stored form of the kind; `whole` is the second column of a RATE; `names` gives
    the categories behind the codes of a CATEGORY.
    """

    kind: Kind
    data: NDArray[Any]
    whole: NDArray[np.uint32] | None = None
    names: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, kind: Kind, values: Sequence[Value], labels: Sequence[str] = ()) -> Values:
        """The stored form of what a metric's function returned."""
        dtype, missing = _FORMS[kind]
        if kind is Kind.RATE:
            rates = [value if isinstance(value, Rate) else Rate(0, 0) for value in values]
            return cls(
                kind,
                np.array([rate.part for rate in rates], dtype),
                np.array([rate.whole for rate in rates], dtype),
            )
        names: dict[int, str] = {}
        if kind is Kind.CATEGORY:
            names = {category_code(value): value for value in values if isinstance(value, str)}
        code = _coder(kind, labels)
        coded = [missing if value is None else code(value) for value in values]
        return cls(kind, np.array(coded, dtype), None, names)

    @classmethod
    def where(cls, kind: Kind, data: NDArray[Any], applies: NDArray[np.bool_]) -> Values:
        """The stored form of a FLAG, COUNT, NUMBER (in millionths) or KEY, where it applies."""
        dtype, missing = _FORMS[kind]
        if kind is Kind.COUNT:
            data = np.minimum(data, _U4 - 1)
        return cls(kind, np.where(applies, data, missing).astype(dtype))

    @property
    def applies(self) -> NDArray[np.bool_]:
        """Where the metric applies."""
        data = self.data if self.whole is None else self.whole
        return np.asarray(data != _FORMS[self.kind][1])

    def parts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Numerator and denominator of each example: the figure is the ratio of their sums.

        Both are 0 where the metric does not apply. Numerators of NUMBER are millionths.
        """
        applies = self.applies
        if self.whole is not None:
            return self.data.astype(np.int64), self.whole.astype(np.int64)
        data = self.data != 0 if self.kind is Kind.REASONS else self.data
        return np.where(applies, data, 0).astype(np.int64), applies.astype(np.int64)

    def take(self, rows: NDArray[Any]) -> Values:
        """The values of some examples."""
        whole = None if self.whole is None else self.whole[rows]
        return Values(self.kind, self.data[rows], whole, self.names)

    def columns(self, metric: str) -> dict[str, NDArray[Any]]:
        """The columns of a file of measures, by the metric's id."""
        columns = {metric: self.data}
        return columns if self.whole is None else columns | {whole_of(metric): self.whole}

    @classmethod
    def joined(cls, parts: Sequence[Values]) -> Values:
        """Values of one metric behind one another; at least one part."""
        names = {code: name for part in parts for code, name in part.names.items()}
        wholes = [part.whole for part in parts if part.whole is not None]
        whole = np.concatenate(wholes) if wholes else None
        return cls(parts[0].kind, np.concatenate([part.data for part in parts]), whole, names)

    @classmethod
    def missing(cls, kind: Kind, count: int) -> Values:
        """Values of a metric that applies to none of so many examples."""
        dtype, missing = _FORMS[kind]
        whole = np.zeros(count, "<u4") if kind is Kind.RATE else None
        return cls(kind, np.full(count, missing, dtype), whole)


def whole_of(metric: str) -> str:
    """The name of the second column of a RATE."""
    return f"{metric}/whole"


def category_code(name: str) -> int:
    """The number that stands for a category: 64 bits, never 0."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1


def _coder(kind: Kind, labels: Sequence[str]) -> Any:
    if kind is Kind.FLAG:
        return bool
    if kind is Kind.COUNT:
        return lambda value: min(int(value), _U4 - 1)
    if kind is Kind.NUMBER:
        return lambda value: round(float(value) * MICRO)
    if kind is Kind.CATEGORY:
        return category_code
    if kind is Kind.REASONS:
        bits = {label: 1 << place for place, label in enumerate(labels)}
        return lambda value: sum(bits[label] for label in value)
    return int
