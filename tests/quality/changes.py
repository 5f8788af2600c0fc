"""Made-up metrics, and made-up changes of data sets of which only the values are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from dslineage.quality.metric import MICRO, Better, Kind, Metric, Rate, Value
from dslineage.quality.movement import Movement
from dslineage.quality.moving import Changed, move
from dslineage.quality.tally import Tally
from dslineage.quality.values import Values

LABELS = ("rude", "short", "wrong")

VALUES: dict[Kind, st.SearchStrategy[Value]] = {
    Kind.FLAG: st.booleans(),
    Kind.COUNT: st.integers(0, 5000),
    Kind.NUMBER: st.floats(-50, 50),
    Kind.RATE: st.tuples(st.integers(0, 40), st.integers(1, 900)).map(
        lambda pair: Rate(min(pair), pair[1])
    ),
    Kind.REASONS: st.frozensets(st.sampled_from(LABELS)),
    Kind.CATEGORY: st.sampled_from(["Latin", "Han", "Greek"]),
}
ADDITIVE = [kind for kind in VALUES if kind is not Kind.CATEGORY]


@dataclass(frozen=True)
class Change:
    """The values of examples that stayed, went, came, and were edited."""

    kind: Kind
    kept: tuple[Value, ...] = ()
    removed: tuple[Value, ...] = ()
    added: tuple[Value, ...] = ()
    edited: tuple[tuple[Value, Value], ...] = ()

    @property
    def before(self) -> list[Value]:
        return [*self.kept, *self.removed, *(was for was, _ in self.edited)]

    @property
    def after(self) -> list[Value]:
        return [*self.kept, *self.added, *(now for _, now in self.edited)]

    @property
    def mirrored(self) -> Change:
        turned = tuple((now, was) for was, now in self.edited)
        return Change(self.kind, self.kept, self.added, self.removed, turned)

    def movement(self, better: Better = "neutral") -> Movement:
        metric = example_metric(self.kind, better)
        parts = (self.removed, self.added, [a for a, _ in self.edited], [b for _, b in self.edited])
        changed = Changed(*(Values.of(self.kind, part, LABELS) for part in parts))
        return move(metric, tally(self.kind, self.before), tally(self.kind, self.after), changed)


def changes(kinds: Sequence[Kind] = tuple(VALUES)) -> st.SearchStrategy[Change]:
    return st.sampled_from(list(kinds)).flatmap(_changes)


def _changes(kind: Kind) -> st.SearchStrategy[Change]:
    value = st.one_of(st.none(), VALUES[kind])
    some = st.lists(value, max_size=8).map(tuple)
    pairs = st.lists(st.tuples(value, value), max_size=8).map(tuple)
    return st.builds(Change, st.just(kind), some, some, some, pairs)


def example_metric(kind: Kind, better: Better = "neutral") -> Metric:
    return Metric("made_up", kind, "unit", better, lambda _: None, labels=LABELS)


def tally(kind: Kind, values: Sequence[Value]) -> Tally:
    return Tally.of(Values.of(kind, values, LABELS), LABELS)


def fraction_of(value: Value) -> tuple[Fraction, int]:
    """Numerator and denominator of one example, from the definition of its kind."""
    match value:
        case None:
            return Fraction(0), 0
        case Rate(part, whole):
            return Fraction(part), whole
        case frozenset():
            return Fraction(bool(value)), 1
        case float():
            return Fraction(round(value * MICRO), MICRO), 1
        case str():
            raise TypeError(value)
        case _:
            return Fraction(int(value)), 1
