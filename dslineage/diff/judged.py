"""How the figure of a judge moved: an estimate from samples, with its uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dslineage.diff.compared import Unknown
from dslineage.quality.judging import Stratum, Units, difference, mean, scores_in
from dslineage.quality.movement import Movement, Sampled

if TYPE_CHECKING:
    from dslineage.quality.recorded import RecordedJudge
    from dslineage.quality.side import Side


def move(judge: RecordedJudge, sides: tuple[Side, Side]) -> Movement | Unknown:
    """How the mean score moved, or why that cannot be said.

    Examples that both sides have are one stratum, those that only one has are others, so that what
    did not change adds next to nothing to the uncertainty.

    Args:
        judge: the judge, as records tell it.
        sides: the older and the newer version.
    """
    for side in sides:
        if not any(judge.id in one.metrics for one in side.records):
            how = " in the same way" if side.measured_otherwise(judge.name) else ""
            label = side.snapshot.label
            return Unknown(f"{label} was not judged{how}", _hint(side))
    older, newer = (Units.of(side.snapshot, judge.seed) for side in sides)
    scores = scores_in([one for side in sides for one in side.records], judge.id)
    stratum_of = {
        "same": newer.within(older),
        "gone": older.within(newer, there=False),
        "new": newer.within(older, there=False),
    }
    strata = {
        name: Stratum(len(units.keys), units.scored(scores))
        for name, units in stratum_of.items()
        if len(units.keys)
    }
    if any(not stratum.scores for stratum in strata.values()):
        return Unknown("none of what changed was judged", _hint(sides[1]))
    before = [strata[name] for name in ("same", "gone") if name in strata]
    after = [strata[name] for name in ("same", "new") if name in strata]
    figures = mean(before), mean(after)
    moved = difference(after, before)
    return Movement(
        metric=judge.name,
        id=judge.id,
        unit=judge.unit,
        better=judge.better,
        kind="judge",
        before=figures[0].value if figures[0] else None,
        after=figures[1].value if figures[1] else None,
        sampled=Sampled(
            sum(len(one.scores) for one in before),
            sum(len(one.scores) for one in after),
            moved.interval if moved else None,
        ),
    )


def _hint(side: Side) -> str:
    label, dataset = side.snapshot.label, side.snapshot.dataset
    return f"dslineage metrics run {label if '@' in label else f'{dataset}@{label}'} --judges"
