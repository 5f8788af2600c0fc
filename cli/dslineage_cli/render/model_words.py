"""The words for what differs between two models, which text and Markdown share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dslineage_cli.render.figures import figure_text, number_text, share_text
from dslineage_cli.render.mixture_diffs import counts_words
from dslineage_cli.render.movements import delta_text
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.contrast.circumstances import Fact
    from dslineage.contrast.dosechange import DoseChange
    from dslineage.contrast.dosemoves import DoseMove
    from dslineage.contrast.models import ModelDiff
    from dslineage.contrast.scores import Scored
    from dslineage.contrast.trained import Dose

NOT_DATA = "What is not data"
DATA = "Training data"
QUALITY = "Quality of the training data, each example as often as it was shown"
SCORES = "Evaluations"
CANDIDATES = "What could have made the difference"
MOVES = 10
"""How many metrics are told; the others are in the JSON document."""

_LONGEST = 80


def change_words(change: DoseChange) -> str:
    """What became of one data set."""
    doses = [_dose(one) for one in (change.before, change.after) if one is not None]
    versions = doses[0] if len(set(doses)) == 1 else " → ".join(doses)
    match change.change:
        case "same":
            return f"{versions}  the same"
        case "unknown":
            return f"{versions}  whether the other one had it is not known"
        case "added" | "removed":
            only = "newer" if change.change == "added" else "older"
            return f"{versions}  only in the {only} one"
        case "amount":
            return f"{versions}  the same examples, another amount"
        case "version":
            counts = change.counts
            return f"{versions}  {counts_words(counts) if counts else 'what changed is not known'}"


def size_words(change: DoseChange) -> str:
    """How large a candidate is."""
    if change.share is None:
        return f"of a size that is not known; {change_words(change)}"
    return f"{share_text(min(1.0, change.share))} of what was shown; {change_words(change)}"


def told(result: ModelDiff) -> list[DoseMove]:
    """The metrics that moved furthest."""
    return [one for one in result.moves if one.delta][:MOVES]


def others(result: ModelDiff) -> Iterator[str]:
    """How many more metrics there are, and which have no figure."""
    moved = sum(bool(one.delta) for one in result.moves) - len(told(result))
    still = sum(one.delta == 0 for one in result.moves)
    if moved:
        yield f"{counted(moved, 'other')} moved less"
    if still:
        yield f"{still} not at all"
    for reason, number in Counter(one.reason for one in result.moves if one.reason).items():
        yield f"{counted(number, 'metric')} {reason}"


def unknown_words(result: ModelDiff) -> Iterator[str]:
    """What of the training data is not known."""
    for side in (result.from_, result.to):
        for why in side.unknown:
            yield f"{side.node.ref}: {why}"


def conclusion(result: ModelDiff) -> Iterator[str]:
    """What can be said, and what cannot."""
    if result.different:
        points = counted(len(result.different), "point")
        yield f"What is not data differs in {points}: any of them could be the reason as well."
    if not result.is_data_known:
        yield "Some of the training data is not known: what is in it could be the reason as well."
    if result.candidates:
        yield (
            "Which change did it, this does not say: train again with one of them undone, and "
            "compare."
        )
    elif result.is_data_known:
        yield "No difference of the training data is known."


def shown(result: ModelDiff) -> str:
    """How many examples were shown in all."""
    sides = (
        f"{round(side.shown):,}" if side.doses else "not known"
        for side in (result.from_, result.to)
    )
    return f"{' → '.join(sides)} examples shown"


def _dose(dose: Dose) -> str:
    """A version, and how often it was shown."""
    through = f" in {dose.through}" if dose.through else ""
    called = f"{dose.name} " if dose.version else ""
    return f"{called}× {number_text(dose.times)}{through}"


def sides_of(fact: Fact) -> str:
    """What a circumstance is on each side."""
    return " → ".join(_cut(side or "not known") for side in (fact.before, fact.after))


def other_facts(result: ModelDiff) -> Iterator[str]:
    """What is the same, and what is not known, a line each."""
    same = [one.name for one in result.facts if one.state == "same"]
    unknown = [one for one in result.facts if one.state == "unknown"]
    if not result.different:
        yield "nothing is known to differ"
    if same:
        yield f"same: {', '.join(_grouped(same))}"
    lacking = {"": [one for one in unknown if one.before is None and one.after is None]}
    lacking |= {
        f" of {result.from_.node.ref}": [
            one for one in unknown if one.before is None and one.after
        ],
        f" of {result.to.node.ref}": [one for one in unknown if one.after is None and one.before],
    }
    for whose, facts in lacking.items():
        if facts:
            yield f"not known{whose}: {', '.join(one.name for one in facts)}"


def _grouped(names: Sequence[str]) -> list[str]:
    """Names, those of one group only counted."""
    groups = Counter(name.partition(".")[0] for name in names)
    return [
        f"{group} ({number})" if f"{group}." in "".join(names) else group
        for group, number in groups.items()
    ]


def figures(move: DoseMove) -> str:
    """The figures of a metric, and the difference."""
    sides = " → ".join(figure_text(side, move.unit) for side in (move.before, move.after))
    return f"{sides}  {delta_text(move.delta or 0.0, move.unit)}"


def evaluation(scored: Scored) -> str:
    """What an evaluation is called."""
    return f"{scored.evaluation} {scored.metric}".rstrip()


def score(scored: Scored) -> str:
    """The scores of both sides."""
    sides = (
        "no score" if side is None else number_text(side) for side in (scored.before, scored.after)
    )
    text = " → ".join(sides)
    return f"{text}  ({scored.reason}: not comparable)" if scored.reason else text


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
