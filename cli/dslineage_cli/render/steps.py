"""Steps that ran, or that were read from elsewhere, as text."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from dslineage_cli.page import Page, bold, dim, green, red, yellow
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.records import StepRecord
    from dslineage.steps.result import ImportResult, StepResult

_COUNTS = ("in", "out", "dropped", "changed", "created")


def ran(result: StepResult, into: Page) -> Page:
    """How a step ended, what it made, and what is not known of it."""
    record = result.record
    if result.status:
        said = result.notices or (f"ended with exit status {result.status}",)
        into.wrap(red("failed: "), bold(record.operation), f"  {said[0]}", hanging=2)
        for path in result.left:
            into.wrap(f"{path} was changed, and is in no version", indent=2, hanging=2)
        into.add(dim(f"recorded as {record.path}"), indent=2)
        return into
    into.wrap(bold(record.operation), f"  {_figures(record)}", hanging=2)
    for made in result.outputs:
        still = "unchanged: still " if made.unchanged else ""
        count = counted(made.version.record.examples, "example")
        into.wrap(still, green(made.version.title), f"  {count}", indent=2, hanging=2)
        for notice in made.notices:
            into.wrap(yellow("note: "), notice, indent=4, hanging=6)
    if not result.outputs:
        into.add("no data set changed", indent=2)
    for notice in result.notices:
        into.wrap(yellow("note: "), notice, indent=2, hanging=6)
    _gaps(record, into)
    if any(made.version.draft for made in result.outputs):
        message = record.message or record.operation
        into.next(
            f"dslineage commit -m {shlex.quote(message)}" if message.isprintable() else "git commit"
        )
    return into


def imported(result: ImportResult, into: Page) -> Page:
    """The steps that were read, and the versions that they made."""
    for step in result.steps:
        fresh = green("new") if step.id in result.new else dim("known")
        into.wrap(bold(f"{step.dataset}/{step.operation}"), "  ", fresh, hanging=2)
        for line in step.command:
            into.wrap(dim(line), indent=2, hanging=2)
        for title in result.linked.get(step.id, ()):
            into.add("made ", green(title), indent=2)
        _gaps(step, into)
    for notice in result.notices:
        into.wrap(yellow("note: "), notice, hanging=6)
    if not result.steps:
        into.add("no stage of it made or read a data set that is recorded here")
    if result.new:
        into.next("git commit")
    return into


def _figures(record: StepRecord) -> str:
    found = [f"{record.counts[name]:,} {name}" for name in _COUNTS if record.counts.get(name)]
    dropped = dict(record.dropped or {})
    reasons = ", ".join(f"{count:,} {why}" for why, count in dropped.items())
    return ", ".join(found) + (f"  ({reasons})" if reasons else "")


def _gaps(record: StepRecord, into: Page) -> None:
    for gap in record.gaps:
        into.wrap(yellow("not known: "), gap.message, indent=2, hanging=6)
