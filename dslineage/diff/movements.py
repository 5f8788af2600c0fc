"""How each metric moved between the two sides of a comparison.

Cost follows the change: the figures of a whole side come from its record, and only the values of
changed examples are looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dslineage.diff import judged, setmoves, slicing
from dslineage.diff.cause import Why
from dslineage.diff.compared import LIMIT, Compared, Unknown
from dslineage.diff.comparison import Comparison
from dslineage.diff.options import DiffOptions
from dslineage.diff.why import why
from dslineage.errors import UndecidableError, UsageError
from dslineage.quality.metric import Kind, Metric
from dslineage.quality.movement import Movement
from dslineage.quality.moving import move, ordered
from dslineage.quality.recorded import RecordedJudge
from dslineage.quality.setmetric import SetMetric
from dslineage.quality.side import Quality

_EXAMPLES = 10
"""Examples behind a metric that are listed where nobody says how many."""


class Moves(NamedTuple):
    """The movements of a comparison, what moved more than chance first, and what is to say.

    `why` names the examples behind the metric that was asked about, or else one example behind each
    of the first that moved.
    """

    movements: tuple[Movement, ...] = ()
    why: tuple[Why, ...] = ()
    notices: tuple[str, ...] = ()


def movements(comparison: Comparison, quality: Quality, options: DiffOptions) -> Moves:
    """How each metric moved.

    Metrics and fields that are named are looked at however long it takes. Without fields, mix is
    told from within by those of `slicing.FIELDS` that are there.

    Raises:
        UsageError: there is no such metric or field.
    """
    by = options.by
    names = (*options.names, options.why) if options.why else options.names
    chosen = [metric for metric in metrics_of(quality, names) if _is_shown(metric)]
    compared = Compared(comparison, quality, chosen, asked=bool(names))
    slicing.check(compared, by)
    found = ordered(_moves(compared, chosen))
    fields = by or slicing.fields_of(compared)
    notices = () if names else _left_out(compared, found, () if by else fields)
    if fields and (by or compared.is_small):
        slicings = slicing.slicings(compared, fields)
        slicings = [one for one in slicings if by or 1 < len(one.names) <= slicing.MANY]
        metrics = {metric.name: metric for metric in chosen}
        found = [
            slicing.sliced(compared, metrics[one.metric], one, slicings, whole=bool(by))
            for one in found
        ]
    answers = tuple(_why(compared, found, options))
    return Moves(tuple(found), answers, (*notices, *_of_unchanged(compared, found)))


def _of_unchanged(compared: Compared, found: Sequence[Movement]) -> Iterator[str]:
    """What is said where a metric was moved by examples that nobody edited."""
    names = [one.metric for one in found if one.unchanged]
    if names:
        moved = (
            "what forgotten examples moved counts as edited"
            if compared.forgets
            else "the schema change gave unchanged examples other values, which count as edited"
        )
        yield f"{moved}: {', '.join(names)}"


def _why(compared: Compared, found: Sequence[Movement], options: DiffOptions) -> Iterator[Why]:
    """The answer that was asked for; else one example behind each of what comes first."""
    known = {one.metric: one for one in found if one.comparable}
    if options.why is not None:
        if options.why in known:
            if known[options.why].sampled is not None:
                raise UsageError(
                    f"{options.why} is an estimate from a sample: no example moved it by itself",
                    kind="sampled-metric",
                )
            (metric,) = metrics_of(compared.quality, (options.why,))
            yield why(compared, metric, known[options.why], options.limit or _EXAMPLES)
        return
    moved = [one for one in found if one.comparable and one.moved and not options.names]
    for one in moved[: options.behind]:
        if one.kind not in ("set", "judge"):
            (metric,) = metrics_of(compared.quality, (one.metric,))
            yield why(compared, metric, one, 1, along=True)


def metrics_of(quality: Quality, names: Sequence[str]) -> list[Metric | SetMetric]:
    """The metrics of some names; all of the profile where none is named.

    Raises:
        UsageError: there is no such metric.
    """
    known = {metric.name: metric for metric in quality.metrics}
    if unknown := [name for name in names if name not in known]:
        raise UsageError(
            f"there is no metric {unknown[0]!r}", hint=f"the metrics are: {', '.join(known)}"
        )
    return [metric for name, metric in known.items() if not names or name in names]


def _is_shown(metric: Metric | SetMetric) -> bool:
    return isinstance(metric, SetMetric) or metric.kind is not Kind.KEY


def _moves(compared: Compared, metrics: Sequence[Metric | SetMetric]) -> Iterator[Movement]:
    splittable = compared.is_one_space and compared.is_small
    union = setmoves.Union(compared) if splittable else None
    for metric in metrics:
        if isinstance(metric, RecordedJudge):
            moved = judged.move(metric, compared.sides)
            if isinstance(moved, Unknown):
                moved = _incomparable(metric, "judge", moved)
            yield moved
        elif isinstance(metric, SetMetric):
            figures = compared.figures(metric)
            if isinstance(figures, Unknown):
                yield _incomparable(metric, "set", figures)
            else:
                yield setmoves.move(metric, figures, union)
        else:
            yield _move(compared, metric)


def _move(compared: Compared, metric: Metric) -> Movement:
    try:
        tallies = compared.tallies(metric)
        if not isinstance(tallies, Unknown):
            return move(metric, *tallies, compared.changed(metric))
    except UndecidableError as error:
        tallies = Unknown(error.message, error.hint)
    return _incomparable(metric, metric.kind.value, tallies)


def _incomparable(metric: Metric | SetMetric, kind: str, why_not: Unknown) -> Movement:
    return Movement(metric.name, metric.id, metric.unit, metric.better, kind, *why_not)


def _left_out(
    compared: Compared, found: Sequence[Movement], fields: Sequence[str]
) -> Iterator[str]:
    """What was not looked at because there is much of it, and how to ask for it."""
    if compared.is_small:
        return
    whole = (one for one in found if one.kind == "set" and one.unit != "count")
    sets = [one.metric for one in whole if one.delta and not one.split]
    if sets and compared.is_one_space:
        yield (
            f"of more than {LIMIT:,} examples, what moved a metric of the whole set is worked out "
            f"where it is named: {' '.join(f'--metric {name}' for name in sets)}"
        )
    if fields:
        yield (
            f"of more than {LIMIT:,} examples, mix is told from within where it is asked for: "
            f"{' '.join(f'--by {name}' for name in fields)}"
        )
