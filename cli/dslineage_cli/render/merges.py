"""Merges of data sets, as text."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from dslineage_cli.page import Page, bold, dim, red, yellow
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dslineage.merging.result import Merged, MergeResult

_SHOWN = 10


def merged(result: MergeResult, into: Page) -> Page:
    """The version that each merge made, or the conflicts in its way."""
    for one in result.merges:
        into.blank()
        _one(one, into)
    if not result.conflicts:
        into.next(result.ending)
    return into


def given_up(result: MergeResult, into: Page) -> Page:
    """The conflict files that are gone."""
    for name in result.given_up:
        into.wrap("removed ", bold(name), "; the data files are as they were", hanging=2)
    if result.undone:
        into.add("undone: a merge that was cut short; every file is as it was before")
    elif not result.given_up:
        into.add("there was no merge to give up")
    return into


def _one(one: Merged, into: Page) -> None:
    base, ours, theirs = one.titles
    if one.version is None:
        into.wrap(bold(one.dataset), red(f"  {counted(len(one.conflicts), 'conflict')}"), hanging=2)
    else:
        examples = counted(one.version.record.examples, "example")
        into.wrap(bold(one.version.title), f"  {examples}", hanging=2)
    into.wrap(dim("base    "), base, indent=2)
    for side, title, name, counts in (
        ("ours    ", ours, one.names[0], one.ours),
        ("theirs  ", theirs, one.names[1], one.theirs),
    ):
        called = f"  {name}" if name else ""
        into.wrap(dim(side), title, called, dim(f"  {_changes(counts)}"), indent=2, hanging=8)
    if one.combined:
        both = f"{counted(one.combined, 'example')} edited on both sides, in different fields"
        into.wrap(yellow(both), indent=2, hanging=2)
    if one.decided:
        made = ", ".join(f"{choice} {count:,}" for choice, count in one.decided.items())
        into.wrap(dim("decided "), made, indent=2, hanging=8)
    for notice in one.notices:
        into.wrap(yellow("note: "), notice, indent=2, hanging=6)
    for id_, why in list(one.conflicts.items())[:_SHOWN]:
        into.wrap(red(id_), f"  {why}", indent=2, hanging=4)
    if (rest := len(one.conflicts) - _SHOWN) > 0:
        into.add(dim(f"  … and {rest:,} more"))
    if one.conflicts:
        into.wrap(f"fill in choose on each line of {shlex.quote(one.path)}", indent=2, hanging=2)
        into.next("dslineage merge --continue")


def _changes(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count) or "no example"
