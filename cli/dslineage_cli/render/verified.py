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
    where = f" on {result.where}" if result.where else ""
    count = f"{records}{counted(result.objects, 'object')}{where}"
    into.add(f"{count} hashed again, {result.bytes:,} bytes")
    if result.passed:
        into.add(f"{counted(result.passed, 'object')} hashed before, and not touched since")
    if result.sampled:
        _sampled(result.sampled, into)
    for one in result.repaired:
        how = f"from {one.source}" if one.source else "set aside: nothing needs it as it was"
        into.wrap(green("repaired: "), f"{one.name}  ", dim(how), hanging=10)
    if not result.problems:
        whole = "all are as they were written"
        into.add(green(f"{whole}, as far as was looked" if result.sampled else whole))
    _not_looked_at(result, into)
    for notice in result.notices:
        into.wrap(yellow("note: "), notice, indent=2, hanging=6)
    for problem in result.problems:
        _problem(problem, into)
    if any(problem.stored_as for problem in result.problems):
        into.next(_remedy(result))
    return into


def _not_looked_at(result: VerifyResult, into: Page) -> None:
    """What was not read, or is not where it was looked for."""
    for url in result.unread:
        into.wrap(yellow("not read: "), url, hanging=10)
    if result.unread:
        into.next("dslineage verify --urls")
    if result.unsent:
        into.wrap(yellow("not there: "), _few(result.unsent), hanging=11)
        into.next(f"dslineage push --remote {result.where}")


def _remedy(result: VerifyResult) -> str:
    """The command that may mend what is damaged."""
    if result.where:
        return f"dslineage verify --remote {result.where} --repair"
    return f"dslineage verify --repair{' --from DIR' if result.repaired else ''}"


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
        f"Had {sampled.noticeable:,} of the {sampled.total:,} been damaged ({share:.1%}), one "
        f"would have been drawn with 95% probability; a single one with "
        f"{sampled.drawn / sampled.total:.1%}",
        hanging=2,
    )


def _few(names: Sequence[str]) -> str:
    """The names, or how many more there are than a person would read."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f", and {more:,} more" if more > 0 else "")
