"""What differs between two models, or runs: first what is not data, then the data.

It lists what could have made the difference, and how to find out. It never says which one did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dslineage.contrast.circumstances import Fact, circumstances
from dslineage.contrast.counts import Compare, Counts
from dslineage.contrast.dosechange import DoseChange, matched, share_of
from dslineage.contrast.dosemoves import DoseMove, dose_moves
from dslineage.contrast.scores import Scored, scores
from dslineage.contrast.trained import Dose, Training, training_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dslineage.lineage.graph import Graph
    from dslineage.records import DatasetRecord, MeasurementRecord, ModelRecord, RunRecord

Measurements = Callable[["DatasetRecord"], "Sequence[MeasurementRecord]"]


@dataclass(frozen=True, slots=True)
class ModelDiff:
    """What differs between two trainings.

    `changes` has every data set of either side, the largest change first. `notices` are sentences
    for people about what was assumed.
    """

    from_: Training
    to: Training
    facts: tuple[Fact, ...]
    changes: tuple[DoseChange, ...]
    moves: tuple[DoseMove, ...]
    scores: tuple[Scored, ...]
    notices: tuple[str, ...] = ()

    @property
    def different(self) -> tuple[Fact, ...]:
        """What is not data and differs."""
        return tuple(one for one in self.facts if one.state == "different")

    @property
    def candidates(self) -> tuple[DoseChange, ...]:
        """The data that changed, the largest change first."""
        return tuple(one for one in self.changes if one.change not in {"same", "unknown"})

    @property
    def is_data_known(self) -> bool:
        """Whether all training data of both sides is known."""
        return not (self.from_.unknown or self.to.unknown)

    @property
    def differs(self) -> bool:
        """Whether anything is known to differ."""
        return bool(self.different or self.candidates)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.model-diff/1`."""
        by_state = {
            state: [one.to_dict() for one in self.facts if one.state == state]
            for state in ("different", "unknown")
        }
        return {
            "schema": "dslineage.model-diff/1",
            "from": _side(self.from_),
            "to": _side(self.to),
            "not_data": {
                **by_state,
                "same": [one.name for one in self.facts if one.state == "same"],
            },
            "data": {
                "known": self.is_data_known,
                "changes": [one.to_dict() for one in self.changes],
            },
            "metrics": [one.to_dict() for one in self.moves],
            "evaluations": [one.to_dict() for one in self.scores],
            "candidates": [
                {
                    "dataset": one.dataset,
                    "change": one.change,
                    "share": one.share,
                    "commands": list(one.commands),
                }
                for one in self.candidates
            ],
            "notices": list(self.notices),
        }


def diff_models(
    graph: Graph,
    before: ModelRecord | RunRecord,
    after: ModelRecord | RunRecord,
    compare: Compare,
    measurements: Measurements,
) -> ModelDiff:
    """Compare the trainings of two models or runs.

    Args:
        graph: the records.
        before: the older one.
        after: the newer one.
        compare: compares two versions, metrics included.
        measurements: what was measured of a version, the newest first.
    """
    sides = training_of(graph, before), training_of(graph, after)
    whole = max(side.shown for side in sides)
    pairs = matched(sides[0].doses, sides[1].doses)
    blind = not (sides[0].doses and sides[1].doses)
    changes = [_change(one, other, compare, whole, blind=blind) for one, other in pairs]
    changes.sort(key=lambda one: (one.share is not None, -(one.share or 0.0), one.dataset))
    versions = [dose.version for side in sides for dose in side.doses if dose.version]
    measured = {one.id: measurements(one) for one in versions}
    older, newer = (tuple(dose for dose in side.doses if dose.version) for side in sides)
    moves = dose_moves(older, newer, changes, measured) if older and newer else ()
    return ModelDiff(
        *sides,
        circumstances(*sides),
        tuple(changes),
        moves,
        scores(graph, before.id, after.id),
        _notices(sides, partly=bool(moves)),
    )


def _change(
    before: Dose | None, after: Dose | None, compare: Compare, whole: float, *, blind: bool
) -> DoseChange:
    diff = None
    versions = before and before.version, after and after.version
    if versions[0] and versions[1] and versions[0].content_hash != versions[1].content_hash:
        diff = compare(versions[0], versions[1])
    counts = Counts.of(diff) if diff is not None else None
    return DoseChange(before, after, diff, share_of(before, after, counts, whole), blind)


def _notices(sides: tuple[Training, Training], *, partly: bool) -> tuple[str, ...]:
    doses = [dose for side in sides for dose in side.doses]
    notices = []
    if unsaid := [dose.name for dose in doses if dose.epochs is None]:
        notices.append(
            f"for how many epochs {', '.join(dict.fromkeys(unsaid))} was used is not recorded: "
            "one is assumed"
        )
    if unsized := [dose.name for dose in doses if dose.examples is None]:
        notices.append(f"how many examples {', '.join(dict.fromkeys(unsized))} has is not known")
    if partly and any(side.unknown for side in sides):
        notices.append("the quality is that of the training data that is known")
    return tuple(notices)


def _side(training: Training) -> dict[str, Any]:
    return {
        "ref": training.node.ref,
        "id": training.node.id,
        "runs": [run.id for run in training.runs],
        "shown": training.shown,
        "unknown": list(training.unknown),
    }
