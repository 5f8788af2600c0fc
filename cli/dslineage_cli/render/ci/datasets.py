"""What becomes of one data set, as parts of a comment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dslineage.diff.recorded import RecordedChange, RecordedDiff
from dslineage_cli.render import diff_markdown, wording
from dslineage_cli.render.ci.budget import Block, listed
from dslineage_cli.render.ci.moves import moved, rest
from dslineage_cli.render.ci.prose import code, prose
from dslineage_cli.render.ci.words import (
    VERDICTS,
    change_of,
    diff_command,
    figures,
    person,
    versions,
    waiver_words,
    whose_words,
)
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult, RowChange
    from dslineage.lineage.node import Node
    from dslineage.pullrequest.gateedits import JudgedGate
    from dslineage.pullrequest.result import DatasetChange, VersionStep
    from dslineage.quality.gates import Verdict

_LIST = 6_000
_SHOWN = 6
"""Examples whose texts are shown, where texts are."""

_SHORT: dict[Verdict, str] = {
    "fail": "fail",
    "not comparable": "not judged",
    "waived": "waived",
    "warn": "warn",
    "pass": "pass",
}
_GATES = "| gate | | figure | why |\n|---|---|--:|---|"
_ROWS = "| | row | digest | kinds | paired by |\n|---|--:|---|---|---|"


def row(dataset: DatasetChange) -> str:
    """The line of a data set in the table of all."""
    before, after = dataset.before, dataset.after
    sides = [f"{state.pointer.examples:,}" for state in (before, after) if state]
    change = change_of(dataset)
    unknown = "?" if before and after and dataset.how != "moved" else ""
    counts = [f"{change.added:,}", f"{change.removed:,}", f"{change.edited:,}"] if change else []
    cells = [
        prose(dataset.name),
        prose(versions(dataset)),
        " → ".join(dict.fromkeys(sides)),
        *(counts or [unknown] * 3),
        _verdicts(dataset),
    ]
    return f"| {' | '.join(cells)} |"


def blocks(dataset: DatasetChange) -> Iterator[Block]:
    """What is to say beyond the table of all, what a reviewer needs first with the lowest rank."""
    name = dataset.name
    told = [f"Not looked at: {prose(dataset.problem)}"] if dataset.problem else []
    told += [_gates(dataset.gates)] if dataset.gates else []
    told += moved(dataset.diff)
    lines = list(_lines(dataset))
    if not (told or lines):
        return
    title = f"#### {prose(name)} {prose(versions(dataset))}"
    yield Block("\n\n".join([title, *told]), 2, name)
    if lines:
        yield Block(listed(lines, str, _LIST, "facts"), 3, f"facts on {name}")
    if dataset.rows and dataset.diff and not isinstance(dataset.diff, RecordedDiff):
        yield Block(_rows(dataset, dataset.rows), 4, f"examples of {name}")
        yield from _texts(dataset, dataset.diff)
    elif dataset.how != "moved" and dataset.after:
        yield Block(f"More: {code(diff_command(dataset))}", 3, f"facts on {name}")


def _verdicts(dataset: DatasetChange) -> str:
    if dataset.problem:
        return "**not judged**"
    if dataset.how in {"deleted", "moved"}:
        return ""
    counts = Counter(gate.result.verdict for gate in dataset.gates)
    told = [f"{counts[one]:,} {_SHORT[one]}" for one in VERDICTS if counts[one]]
    return ", ".join(f"**{one}**" if "fail" in one else one for one in told) or "none"


def _gates(gates: Sequence[JudgedGate]) -> str:
    """A table of the gates that do not simply pass, and the others in a line."""
    passed = [gate for gate in gates if gate.result.verdict == "pass"]
    told = [gate for gate in gates if gate.result.verdict != "pass"]
    told.sort(key=lambda gate: list(VERDICTS).index(gate.result.verdict))
    parts = []
    if told:
        parts.append(f"{_GATES}\n{listed(told, _gate, _LIST, 'gates')}")
    if passed:
        names = ", ".join(f"{one.result.metric} {one.result.bound}" for one in passed)
        parts.append(f"- {counted(len(passed), 'gate passes', 'gates pass')}: {prose(names)}")
    return "\n\n".join(parts)


def _gate(gate: JudgedGate) -> str:
    result = gate.result
    why = "; ".join(filter(None, [waiver_words(gate) or result.why, result.reason]))
    called = ", ".join(filter(None, [f"{result.metric} {result.bound}", whose_words(gate)]))
    verdict = VERDICTS[result.verdict]
    shown = f"**{verdict}**" if result.verdict == "fail" else verdict
    return f"| {prose(called)} | {shown} | {prose(figures(gate))} | {prose(why)} |"


def _lines(dataset: DatasetChange) -> Iterator[str]:
    """Versions, schema, kinds, and whom it concerns, each on a line."""
    for version in dataset.versions:
        yield f"- {_version(version)}"
    change = change_of(dataset)
    told: list[str] = list(rest(dataset.diff))
    if change is not None:
        told += [f"Schema: {wording.schema_words(one)}" for one in change.schema_changes]
        told += _known("Edits: ", wording.kinds_tally(change.edits))
        told += _known("Media: ", wording.media_words(change.media_changed or 0))
        told += _known("Order: ", wording.order_words(change.reordered))
    if change is not None and not isinstance(change, RecordedChange):
        told += _known("Paired by: ", wording.rules_tally(change))
        told += _known("Related: ", wording.related_words(change))
        told += change.notices
    if dataset.before and dataset.after and dataset.diff is None and dataset.how != "moved":
        told.append(f"What changed since {dataset.before.pointer.version} is not known")
    if dataset.before and dataset.after and dataset.before.path != dataset.after.path:
        told.append(f"Moved: {dataset.before.path} → {dataset.after.path}")
    impact = dataset.affected
    if impact is not None and dataset.before:
        nodes = (*impact.models, *(() if impact.models else impact.runs))
        since = dataset.before.pointer.version
        told.append(f"Rests on {since}, without this change: {_named(nodes)}")
        told += _known("In use: ", _named([one.model for one in impact.deployments]))
    yield from (f"- {prose(line)}" for line in told)


def _version(step: VersionStep) -> str:
    """A version that the pull request adds, with its change against its first parent."""
    version, change = step
    counts = counted(version.examples, "example")
    if change is not None:
        known = wording.totals(change).items()
        counts = ", ".join(f"{count:,} {name}" for name, count in known if count) or "no change"
    author = f"by {person(version.author)}" if version.author else ""
    return prose("; ".join(filter(None, [f"{version.label}: {counts}", version.message, author])))


def _named(nodes: Sequence[Node]) -> str:
    """The nodes by name; of many, the first ones."""
    names = [node.ref for node in nodes[:5]]
    more = f" and {len(nodes) - 5:,} more" if len(nodes) > 5 else ""
    return ", ".join(names) + more


def _known(label: str, words: str) -> list[str]:
    return [label + words] if words else []


def _rows(dataset: DatasetChange, rows: Sequence[RowChange]) -> str:
    """Where some changed examples stand, and what kind of change it is: words of ours alone."""
    change = change_of(dataset)
    total = sum(wording.totals(change).values()) if change else len(rows)
    count = f"{len(rows):,} of {total:,}" if len(rows) < total else f"{total:,}"
    every = code(diff_command(dataset, "--rows"))
    return (
        f"<details><summary>Changed examples: {count}</summary>\n\n"
        f"{_ROWS}\n{listed(rows, _row, _LIST, 'examples')}\n\nAll of them: {every}\n\n</details>"
    )


def _row(one: RowChange) -> str:
    paired = wording.rule_words(one) if one.change == "edited" else ""
    known = [one.change, wording.places(one), f"`{wording.digests(one)}`", ", ".join(one.kinds)]
    return f"| {' | '.join([*known, paired])} |"


def _texts(dataset: DatasetChange, result: DiffResult) -> Iterator[Block]:
    """What some of the changed examples say, where they are there to be shown."""
    shown = [one for one in dataset.rows if one.before or one.after]
    for one in shown[:_SHOWN]:
        title = f"**{one.change}, row {wording.places(one)}** {code(wording.digests(one))}"
        parts = [title, *diff_markdown.body(one, result)]
        yield Block("\n\n".join(parts), 5, f"texts of {dataset.name}")
