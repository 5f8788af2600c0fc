"""What `adopt` did, as text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from dslineage_cli.page import Page, bold, cyan, dim, red, yellow
from dslineage_cli.render.numbers import counted
from dslineage_cli.render.versions import change_words

if TYPE_CHECKING:
    from dslineage.adoption.result import Adopted, AdoptResult
    from dslineage.results import VersionInfo

_FAULTS = 5


def adopted(result: AdoptResult, into: Page) -> Page:
    """Each state on a line with its version, and what could not be read."""
    done = f", {result.before:,} before" if result.before else ""
    made = counted(len(result.made), "new version")
    into.add(bold(result.dataset), f"  {made}{done}")
    for one in result.states:
        if one.version is not None:
            _version(one, one.version, into)
        elif one.problem:
            into.wrap(red("skipped  "), *_origin(one), indent=2, hanging=4)
            into.wrap(one.problem, indent=6, hanging=6)
    for hint, _ in groupby(sorted(one.hint for one in result.skipped if one.hint)):
        into.wrap(cyan("hint: "), hint, hanging=6)
    for notice in result.notices:
        into.wrap(yellow("note: "), notice, hanging=6)
    if result.made:
        into.next(f"git commit -m 'versions of {result.dataset}'")
    return into


def _version(one: Adopted, version: VersionInfo, into: Page) -> None:
    record = version.record
    examples = counted(record.examples, "example")
    change = change_words(record.change)
    into.wrap(bold(record.title), "  ", *_origin(one), indent=2, hanging=4)
    into.wrap(examples, *change, indent=6, hanging=6)
    for notice in one.notices:
        into.wrap(dim(notice), indent=6, hanging=8)
    if record.quarantined:
        into.wrap(
            yellow(f"set apart: {counted(record.quarantined, 'record')} that cannot be read"),
            indent=6,
        )
    for fault in one.faults[:_FAULTS]:
        into.wrap(dim(str(fault)), indent=8, hanging=10)
    if (more := len(one.faults) - _FAULTS) > 0:
        into.add(dim(f"        … and {more:,} more"))


def _origin(one: Adopted) -> Iterator[str]:
    """Date, commit or file, and the first words of the message."""
    state = one.state
    yield f"{state.created_at[:10]}  {state.commit[:8] or state.path}"
    if state.commit:
        yield f"  {state.subject}"
