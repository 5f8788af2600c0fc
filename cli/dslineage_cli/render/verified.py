"""What was hashed again, and what was found, as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dslineage_cli.page import Page, dim, green, red, yellow
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.versions.sample import Sampled
    from dslineage.versions.verified import Problem, VerifyResult

_SHOWN = 12


def verified(result: VerifyResult, into: Page) -> Page:
    """What was hashed, and each problem with what needs it."""
    records = "" if result.where else f"{counted(result.records, 'record')} and "
    count = f"{records}{counted(result.objects, 'object')} hashed again, {result.bytes:,} bytes"
    into.wrap(count, dim(f"  on {result.where}") if result.where else "", hanging=2)
    if result.passed:
        into.add(f"{counted(result.passed, 'object')} hashed before, and not touched since")
    if result.sampled:
        _sampled(result.sampled, into)
    if not result.problems:
        whole = "all are as they were written"
        into.add(green(f"{whole}, as far as was looked" if result.sampled else whole))
    for url in result.unread:
        into.wrap(yellow("not read: "), url, hanging=10)
    if result.unread:
        into.next("dslineage verify --urls")
    if result.unsent:
        into.wrap(yellow("not there: "), _few(result.unsent), hanging=11)
        into.next("dslineage push")
    for notice in result.notices:
        into.wrap(yellow("note: "), notice, indent=2, hanging=6)
    for one in result.repaired:
        how = f"from {one.source}" if one.source else "set aside: nothing needs it as it was"
        into.wrap(green("repaired: "), f"{one.name}  ", dim(how), hanging=10)
    for problem in result.problems:
        _problem(problem, into)
    return into


def _problem(problem: Problem, into: Page) -> None:
    if problem.name in problem.message:
        into.wrap(red(problem.message), hanging=2)
    else:
        into.wrap(red(f"{problem.kind} {problem.name}"), f"  {problem.message}", hanging=2)
    if problem.needed_by:
        into.wrap(dim(f"needed by {_few(problem.needed_by)}"), indent=2, hanging=2)


def _sampled(sampled: Sampled, into: Page) -> None:
    """Which share was looked at, and how much damage that would have shown."""
    share = sampled.noticeable / sampled.total
    into.wrap(
        f"drawn: {sampled.drawn:,} of {counted(sampled.total, 'object')} (--seed {sampled.seed}). "
        f"Had {sampled.noticeable:,} of them ({share:.1%}) been damaged, one would be among those "
        f"drawn with 95%; a single one with {sampled.drawn / sampled.total:.1%}",
        hanging=2,
    )


def _few(names: Sequence[str]) -> str:
    """The names, or how many more there are than a person would read."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f", and {more:,} more" if more > 0 else "")
