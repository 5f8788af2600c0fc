"""A metric: one pure function on one example, with an identity of its own."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dslineage.canonical.jcs import canonical_bytes
from dslineage.ids import Digest
from dslineage.quality.example import TEXTS

if TYPE_CHECKING:
    from dslineage.quality.example import Example
    from dslineage.quality.lexicon import Lexicon
    from dslineage.quality.values import Values

Better = Literal["higher", "lower", "neutral"]
"""Which way is better; a neutral metric is a description, and no gate may fail on it."""


class Kind(StrEnum):
    """What a metric's function returns, and so how its values are stored and added up."""

    FLAG = "flag"
    """A truth value; the figure is the share of examples for which it holds."""
    COUNT = "count"
    """A natural number; the figure is the mean, beside a histogram."""
    NUMBER = "number"
    """Any number, kept in millionths; the figure is the mean, beside a histogram."""
    RATE = "rate"
    """Part of a whole (`Rate`); the figure is the sum of parts over the sum of wholes."""
    CATEGORY = "category"
    """A name; the figure is the count of each."""
    REASONS = "reasons"
    """The set of `labels` that apply; the figure is the share of examples with any."""
    KEY = "key"
    """A 64-bit number that is equal for equal things; only metrics of whole sets read it."""


MICRO = 1_000_000
"""NUMBER values are kept as rounded millionths, so that sums are exact in any order."""


class Rate(NamedTuple):
    """So much of so much, such as 3 bad characters of 1,200."""

    part: int
    whole: int


class Span(NamedTuple):
    """Characters `start` to `stop` of `example.parts[part].text`."""

    part: int
    start: int
    stop: int


Value = bool | int | float | str | Rate | frozenset[str] | None
"""What a metric says of an example. None: it does not apply, which is never counted as 0."""


class Found(NamedTuple):
    """A value with the spans that caused it, so that a report can highlight the reason."""

    value: Value
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Metric:
    """The definition of a metric.

    `function` defines the value of one example. `batch`, where there is one, computes the same
    values for a `Chunk` sooner, under the same parameters; it is no part of the definition.
    `uses` are the functions on which the definition rests, `lexicons` the word lists; `labels` are
    the reasons of a REASONS metric.
    `formula`, `unit`, `source` and `worked` (an example of an input and its value) are for people.
    """

    name: str
    kind: Kind
    unit: str
    better: Better
    function: Callable[..., Value | Found]
    version: int = 1
    params: Mapping[str, Any] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    uses: tuple[Callable[..., Any], ...] = ()
    lexicons: tuple[Lexicon, ...] = ()
    batch: Callable[..., Values] | None = None
    formula: str = ""
    source: str = ""
    worked: str = ""

    def of(self, example: Example) -> Found:
        """The value of one example, with its spans where the function gives any."""
        found = self.function(example, **self.params)
        return found if isinstance(found, Found) else Found(found)

    @cached_property
    def id(self) -> str:
        """`name@version:<16 hex digits>` over all that could change a value.

        Values under different ids are not comparable.
        """
        identity = {
            "name": self.name,
            "version": self.version,
            "texts": TEXTS,
            "kind": self.kind.value,
            "params": dict(self.params),
            "labels": list(self.labels),
            "code": [code_of(function) for function in (self.function, *self.uses)],
            "lexicons": {one.name: str(one.digest) for one in self.lexicons},
        }
        return f"{self.name}@{self.version}:{Digest.of(canonical_bytes(identity)).hex[:16]}"


def name_of(metric: str) -> str:
    """The name in a metric's id; it may hold an `@` of its own."""
    return metric.rpartition("@")[0]


def code_of(function: Callable[..., Any]) -> str:
    """The source text of a function, as it is hashed."""
    stated = getattr(function, "__dslineage_code__", None)
    return stated if isinstance(stated, str) else textwrap.dedent(inspect.getsource(function))


def by_name(metrics: Sequence[Metric]) -> dict[str, Metric]:
    """Metrics by name; a ValueError where two have one name."""
    found = {metric.name: metric for metric in metrics}
    if len(found) != len(metrics):
        raise ValueError("two metrics have one name")
    return found
