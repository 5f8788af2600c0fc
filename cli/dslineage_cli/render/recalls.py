"""A recall as text: what is affected, and what is still to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from dslineage.lineage.ancestry import Kind
from dslineage.trace.traced import NO_MATCH
from dslineage_cli.page import Page, Span, bold, dim, green, red, yellow
from dslineage_cli.render.numbers import counted
from dslineage_cli.render.traces import runs, unmatched, unread

if TYPE_CHECKING:
    from dslineage.recall.decisions import Decision
    from dslineage.recall.recall import AffectedTraining, AffectedVersion, RecallResult

_SHOWN = 20


def recalled(result: RecallResult, into: Page) -> Page:
    """Examples, versions, runs and models, each with what was decided or is open."""
    into.wrap(bold(result.name), "  ", found(result.forms), hanging=2)
    _versions(result.versions, into)
    for one in (*result.runs, *result.models):
        _training(one, into)
    for seen in result.evaluated:
        into.wrap(bold(seen.ref), dim(f"  {seen.answer}, in {seen.version}"), indent=2, hanging=4)
    unmatched(result.unmatched, into)
    for missing in result.missing[:_SHOWN]:
        into.wrap(missing, "  ", NO_MATCH, indent=2, hanging=4)
    if (more := len(result.missing) - _SHOWN) > 0:
        into.add(dim(f"  … and {more:,} more without an exact match"))
    unread(result.searched, result.unsearched, result.notices, into)
    _next(result, into)
    return into


def found(forms: Mapping[str, Kind]) -> str:
    """How many examples are affected, and how many of them are only guessed to be."""
    if not forms:
        return NO_MATCH
    guessed = sum(kind is Kind.INFERRED for kind in forms.values())
    said = f", {guessed:,} of them inferred" if guessed else ""
    return f"{counted(len(forms), 'example')}, later forms included{said}"


def decided(decision: Decision | None) -> str:
    """What was decided, by whom and why; or that it is open."""
    if decision is None:
        return "open"
    why = f": {decision.reason}" if decision.reason else ""
    return f"{decision.decision}, by {decision.author}, {decision.created_at[:10]}{why}"


def _versions(versions: Sequence[AffectedVersion], into: Page) -> None:
    """The versions that a decision is due about, each data set after those superseded."""
    for name, group in groupby(versions, key=lambda one: one.ref.partition("@")[0]):
        every = list(group)
        older = [one for one in every if not one.newest]
        if older:
            labels = runs([one.ref.partition("@")[2] for one in older])
            most = max(one.examples for one in older)
            said = f"  {counted(most, 'example')}" + (" at most" if len(older) > 1 else "")
            into.wrap(bold(f"{name} {labels}"), said, dim("  superseded"), indent=2, hanging=4)
        for one in every:
            if one.newest:
                guessed = f", {one.inferred:,} inferred" if one.inferred else ""
                said = f"  {counted(one.examples, 'example')}{guessed}"
                into.wrap(bold(one.ref), said, _decision(one.decision), indent=2, hanging=4)


def _training(one: AffectedTraining, into: Page) -> None:
    seen = one.seen
    tone = yellow if seen.whys else red
    due = [_decision(one.decision)] if seen.id.startswith("model:") else []
    into.wrap(
        bold(seen.ref), "  ", tone(seen.answer), f" some, in {seen.version}",
        dim(f"  {seen.evidence}"), *due, indent=2, hanging=4,
    )  # fmt: skip
    if seen.through:
        into.wrap(dim(f"through {', '.join(seen.through)}"), indent=4, hanging=2)
    for why in seen.whys:
        into.wrap(dim("since "), why, indent=4, hanging=2)
    for deployment in one.deployments:
        into.wrap(red("deployed: "), deployment, indent=4, hanging=2)


def _decision(decision: Decision | None) -> Span:
    said = f"  {decided(decision)}"
    return yellow(said) if decision is None else green(said)


def _next(result: RecallResult, into: Page) -> None:
    if result.filed:
        into.add(f"filed {counted(len(result.filed), 'claim')}")
        into.next("git commit")
    elif result.open:
        into.add(
            yellow(
                f"to decide: {counted(len(result.open), 'version or model', 'versions and models')}"
            )
        )
