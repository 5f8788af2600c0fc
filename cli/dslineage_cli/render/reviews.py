"""Samples, reviews and edits that came home, as text."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dslineage_cli.page import Page, bold, dim, green, padded, red, yellow
from dslineage_cli.render.numbers import counted, percent
from dslineage_cli.render.reports import near

if TYPE_CHECKING:
    from dslineage.errors import Fault
    from dslineage.reviewing.opinion import Agreement, Opinion
    from dslineage.reviewing.result import ApplyResult, ReviewImport, ReviewReport, SampleResult

_LEFT_SHOWN = 20
_TONES = {"keep": green, "fix": yellow, "drop": red, "newer": green, "older": red}


def sampled(result: SampleResult, into: Page) -> Page:
    """The sheet that was written, and what it was drawn from."""
    into.wrap("wrote ", bold(near(result.path)), f"  {counted(result.rows, 'row')}", hanging=2)
    wide = max((len(name) for name in result.strata), default=0)
    for name, (drawn, size) in result.strata.items():
        into.wrap(f"{padded(name, wide)}  ", dim(f"{drawn:,} of {size:,}"), indent=2, hanging=4)
    into.wrap(dim(f"sample {result.sample}, seed {result.seed}"), indent=2)
    for notice in result.notices:
        into.wrap(yellow("note: "), notice, indent=2, hanging=6)
    name = shlex.quote(near(result.path))
    into.next(f"dslineage review import {name}")
    if not result.blind:
        into.next(f"dslineage apply {name}")
    return into


def imported(result: ReviewImport, into: Page) -> Page:
    """How many verdicts were kept, by reviewer."""
    for name, count in result.verdicts.items():
        into.wrap(bold(name), f"  {counted(count, 'new verdict')}", hanging=2)
    if not result.verdicts:
        into.add("nothing new in it")
    if result.known:
        into.add(dim(f"  {counted(result.known, 'verdict')} known before"))
    if result.claims:
        into.next("git commit")
    return into


def reviewed(result: ReviewReport, into: Page) -> Page:
    """Each version that was reviewed: verdicts, agreement, and which side won."""
    if not result.opinions and result.asked:
        into.add(f"nobody reviewed {result.asked}")
        into.next("dslineage review show")
    elif not result.opinions:
        into.add("nothing was reviewed yet")
        into.next("dslineage sample -o look.xlsx")
    for opinion in result.opinions:
        into.blank()
        title = result.titles.get(opinion.version, opinion.version)
        older = result.titles.get(opinion.from_version, opinion.from_version)
        into.wrap(bold(title), dim(f"  against {older}, blind" if opinion.blind else ""), hanging=2)
        _opinion(opinion, into)
    return into


def applied(result: ApplyResult, into: Page) -> Page:
    """The version that the edits made, and what could not be applied."""
    if result.version is None:
        into.add("there is nothing to do" if not result.left else "nothing could be applied")
    else:
        count = counted(result.version.record.examples, "example")
        into.wrap(bold(result.version.title), f"  {count}", hanging=2)
        into.wrap(
            yellow(counted(result.edited, "edited example")),
            red(f", {result.dropped:,} dropped") if result.dropped else "",
            dim(f", by {', '.join(result.editors)}"),
            indent=2,
            hanging=2,
        )
    if result.done:
        into.add(dim(f"  {counted(result.done, 'row')} applied before"))
    for notice in result.notices:
        into.wrap(yellow("note: "), notice, indent=2, hanging=6)
    _left(result.left, into)
    if result.version is not None:
        into.next("git commit")
    return into


def _opinion(opinion: Opinion, into: Page) -> None:
    total = sum(opinion.counts.values()) + opinion.split
    who = ", ".join(f"{name} {count:,}" for name, count in opinion.reviewers.items())
    into.wrap(dim(f"{counted(total, 'example')}, judged by {who}"), indent=2, hanging=2)
    for verdict, count in opinion.counts.items():
        shown = _TONES.get(verdict, bold)(f"{verdict:<6}")
        into.add("  ", shown, f"{count:>7,}  ", dim(percent(count, total)))
    if opinion.split:
        into.add("  ", dim("split "), f"{opinion.split:>7,}  ", dim(percent(opinion.split, total)))
    if opinion.share is not None:
        low, high = (100 * end for end in opinion.share)
        won, of = opinion.counts["newer"], opinion.counts["newer"] + opinion.counts["older"]
        into.wrap(
            f"the newer side won {won:,} of {of:,} that one side won: "
            f"{percent(won, of)}, 95% interval {low:.1f}% to {high:.1f}%",
            indent=2,
            hanging=2,
        )
    for one in opinion.agreements:
        into.wrap(_agreed(one), indent=2, hanging=2)


def _agreed(one: Agreement) -> str:
    pair = f"{one.first} and {one.second}"
    if not one.examples:
        return f"{pair} judged no example in common"
    undefined = "not defined: chance alone would agree"
    kappa = undefined if one.kappa is None else f"{one.kappa:.2f}"
    return (
        f"{pair} agree on {one.agreed:,} of {counted(one.examples, 'example')} "
        f"({percent(one.agreed, one.examples)}), Cohen's kappa {kappa}"
    )


def _left(faults: Sequence[Fault], into: Page) -> None:
    if not faults:
        return
    rows = len({fault.line for fault in faults})
    into.add(red(f"not applied: {counted(rows, 'row')}"))
    for fault in faults[:_LEFT_SHOWN]:
        into.wrap(str(fault), indent=2, hanging=2)
    if (rest := len(faults) - _LEFT_SHOWN) > 0:
        into.add(dim(f"  … and {rest:,} more"))
