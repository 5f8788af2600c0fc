"""The words that all forms of a review share."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from dslineage.config import FILE_NAME
from dslineage_cli.render import wording
from dslineage_cli.render.figures import figure_text
from dslineage_cli.render.numbers import counted
from dslineage_cli.sanitise import visible

if TYPE_CHECKING:
    from dslineage.diff.recorded import RecordedChange
    from dslineage.diff.result import DiffResult
    from dslineage.pullrequest.gateedits import GateEdit, JudgedGate
    from dslineage.pullrequest.result import DatasetChange
    from dslineage.quality.gates import Verdict
    from dslineage_hooks.finding import Finding
    from dslineage_hooks.review import Review

Level = Literal["error", "warning", "notice"]
LEVELS: tuple[Level, ...] = ("error", "warning", "notice")

_LEVEL_OF: dict[str, Level] = {
    "fail": "error",
    "not comparable": "error",
    "warn": "warning",
    "waived": "notice",
}
VERDICTS: dict[Verdict, str] = {
    "fail": "fails",
    "not comparable": "cannot be judged",
    "waived": "waived",
    "warn": "warns",
    "pass": "passes",
}
"""What a gate does, the worst first."""

_WHOSE = {
    "both": "",
    "head": "as this pull request has it",
    "base": "as it is without this pull request",
}
_LONGEST = 300


class Remark(NamedTuple):
    """Something to say of a file: `kind` is its stable name, `hint` the command that helps."""

    level: Level
    path: str
    kind: str
    message: str
    hint: str = ""


def clipped(text: str, longest: int = _LONGEST) -> str:
    """The text with what would be obeyed made visible, on one line, and no longer than that."""
    shown = visible(text[: longest + 1])
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def headline(review: Review) -> str:
    """What changed and whether it passes, in a few words."""
    datasets = review.change.datasets
    changed = f"{counted(len(datasets), 'data set')} changed" if datasets else "No data set changed"
    return f"{changed}: {verdict(review)}" if datasets or review.failed else changed


def verdict(review: Review) -> str:
    """Whether it passes, and if not, by how many gates and faults."""
    verdicts = [gate.result.verdict for one in review.change.datasets for gate in one.gates]
    failing, unjudged = verdicts.count("fail"), verdicts.count("not comparable")
    faults = sum(remark.level == "error" for remark in remarks(review)) - failing - unjudged
    told = [
        counted(failing, "gate fails", "gates fail") if failing else "",
        counted(faults, "fault") if faults else "",
        counted(unjudged, "gate cannot", "gates cannot") + " be judged" if unjudged else "",
    ]
    return ", ".join(filter(None, told)) or "no fault"


def remarks(review: Review) -> list[Remark]:
    """All that is wrong or should be known, the worst first, then by path."""
    change = review.change
    found = [_of_finding(finding) for finding in review.findings]
    if change.broken_settings:
        found.append(Remark("error", FILE_NAME, "bad-config", change.broken_settings))
    found += (
        Remark("warning", FILE_NAME, "gate-loosened", edit_words(edit))
        for edit in change.gate_edits
        if edit.looser
    )
    gone = "this record is taken away"
    found += (Remark("warning", path, "record-removed", gone) for path in change.removed)
    found += (remark for dataset in change.datasets for remark in _of_dataset(dataset))
    return sorted(found, key=lambda one: (LEVELS.index(one.level), one.path, one.kind))


def _of_finding(finding: Finding) -> Remark:
    level: Level = "error" if finding.blocks else "notice"
    return Remark(level, finding.path, finding.kind, finding.message, finding.hint)


def _of_dataset(dataset: DatasetChange) -> Iterator[Remark]:
    path = dataset.state.path
    if dataset.problem:
        yield Remark("error", path, "unreadable", f"{dataset.name}: {dataset.problem}")
    for gate in dataset.gates:
        level = _LEVEL_OF.get(gate.result.verdict)
        if level is not None:
            hint = "" if level == "notice" else _why_command(dataset, gate)
            yield Remark(level, path, "gate", f"{dataset.name}: {gate_words(gate)}", hint)


def _why_command(dataset: DatasetChange, gate: JudgedGate) -> str:
    if gate.result.value is None:
        return shlex.join(["dslineage", "metrics", "run", dataset.state.ref])
    if dataset.before is None:
        return diff_command(dataset)
    return diff_command(dataset, "--why", gate.result.metric.partition("/")[0])


def gate_words(gate: JudgedGate) -> str:
    """What a gate says, in one sentence."""
    result = gate.result
    whose = _WHOSE[gate.by]
    called = f"{result.metric} {result.bound}{f' ({whose})' if whose else ''}"
    told = [
        f"{called}: {VERDICTS[result.verdict]}",
        figures(gate),
        waiver_words(gate) or result.why,
        result.reason,
    ]
    return "; ".join(filter(None, told))


def whose_words(gate: JudgedGate) -> str:
    """Whose gate it is, where the pull request changes it."""
    return _WHOSE[gate.by]


def figures(gate: JudgedGate) -> str:
    """The figure, and for a ratchet that from which it counts."""
    result = gate.result
    if result.value is None:
        return ""
    now = figure_text(result.value, result.unit)
    return now if result.before is None else f"{figure_text(result.before, result.unit)} → {now}"


def waiver_words(gate: JudgedGate) -> str:
    """Who lets a failure through; and that this is new, where the pull request says so itself."""
    waiver = gate.result.waiver
    if waiver is None:
        return ""
    where = ", in this pull request" if gate.waived_here else ""
    return f"waived by {person(waiver.author)} until {waiver.until}{where}: {waiver.reason}"


def person(author: str) -> str:
    """The name of an author, without the address."""
    return author.partition(" <")[0]


def edit_words(edit: GateEdit) -> str:
    """How a gate was edited."""
    about = f"{edit.dataset}: {edit.metric}" if edit.dataset else edit.metric
    if not edit.after:
        return f"the gate {about} {edit.before} is removed"
    if not edit.before:
        return f"the gate {about} {edit.after} is new"
    way = "loosened" if edit.looser else "changed"
    return f"the gate {about} is {way} from {edit.before} to {edit.after}"


def versions(dataset: DatasetChange) -> str:
    """The version before and after; of one that is new, renamed or gone, that too."""
    before, after = dataset.before, dataset.after
    if before is None or after is None:
        return f"{dataset.state.pointer.version} ({'new' if before is None else 'deleted'})"
    labels = f"{before.pointer.version} → {after.pointer.version}"
    if dataset.how == "renamed":
        return f"{labels} (was {before.pointer.dataset})"
    return f"{after.pointer.version} (moved)" if dataset.how == "moved" else labels


def change_of(dataset: DatasetChange) -> DiffResult | RecordedChange | None:
    """The counts of a change, where they are known."""
    from dslineage.diff.recorded import RecordedDiff

    diff = dataset.diff
    return diff.change if isinstance(diff, RecordedDiff) else diff


def count_words(dataset: DatasetChange) -> str:
    """How many examples changed in each way."""
    change = change_of(dataset)
    if change is None:
        return ""
    counts = (f"{count:,} {name}" for name, count in wording.totals(change).items() if count)
    return ", ".join(counts) or "no example changed"


def diff_command(dataset: DatasetChange, *options: str) -> str:
    """The command that shows a change, or a version that is new."""
    if dataset.before is None or dataset.after is None:
        return shlex.join(["dslineage", "show", dataset.state.ref])
    return shlex.join(["dslineage", "diff", dataset.before.ref, dataset.after.ref, *options])
