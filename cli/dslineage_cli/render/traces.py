"""The trace of an example, as text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dslineage.lineage.ancestry import Kind
from dslineage.trace.traced import NO_MATCH
from dslineage_cli.page import Page, Span, bold, dim, elide, green, red, yellow
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.trace.traced import Begin, End, ExampleTrace, Seen, TracedForm, Unmatched
    from dslineage.trace.tracing import TraceResult

_MODELS_SHOWN = 20
_KINDS = {
    Kind.SAME: "the same example",
    Kind.SAME_CONVERSATION: "the same conversation",
    Kind.RECORDED: "recorded by a step",
    Kind.INFERRED: "inferred by a diff",
}


def traced(result: TraceResult, into: Page) -> Page:
    """Each example: where it is, where it came from, where it went, and who saw it."""
    for example in result.examples:
        into.blank()
        _example(example, into)
    for missing in result.missing:
        into.blank()
        into.wrap(bold(missing), "  ", NO_MATCH, hanging=2)
    if not (result.examples or result.missing):
        into.add(NO_MATCH)
    if result.left:
        into.blank()
        into.add(dim(f"… and {counted(result.left, 'more example')}: --limit"))
    unread(result.versions, result.unsearched, result.notices, into)
    return into


def unread(
    versions: int, unsearched: Mapping[str, str], notices: Sequence[str], into: Page
) -> None:
    """In how many versions was searched, and in which not."""
    into.blank()
    into.add(dim(f"searched {counted(versions, 'version')}"))
    for ref, why in unsearched.items():
        into.wrap(yellow("not searched: "), f"{ref}: {why}", hanging=2)
    for notice in notices:
        into.wrap(yellow("note: "), notice, hanging=6)


def _example(trace: ExampleTrace, into: Page) -> None:
    said = "" if trace.example is None else json.dumps(trace.example, ensure_ascii=False)
    said = "forgotten" if trace.forgotten else said
    into.add(bold(trace.form.digest[:16]), "  ", dim(elide(said, into.width - 18)))
    _form(trace.form, into, indent=2)
    for title, forms in (("earlier", trace.earlier), ("later", trace.later)):
        for form in forms:
            by = f" ({', '.join(form.inferred_by)})" if form.inferred_by else ""
            into.wrap(
                f"{title} form ", bold(form.digest[:16]), f"  {_KINDS[form.kind]}{by}",
                indent=2, hanging=2,
            )  # fmt: skip
            _form(form, into, indent=4)
    for seen in trace.seen:
        seen_by(seen, trace.form.digest, into)
    unmatched(trace.unmatched, into)


def _form(form: TracedForm, into: Page, indent: int) -> None:
    places = [f"{name} {runs(labels)}" for name, labels in form.versions.items()]
    into.wrap(dim("in       "), "; ".join(places) or "no version", indent=indent, hanging=9)
    for begin in form.begins:
        into.wrap(dim("since    "), *_begun(begin), indent=indent, hanging=9)
    for end in form.ends:
        into.wrap(dim("gone     "), *_ended(end), indent=indent, hanging=9)


def runs(labels: Sequence[str]) -> str:
    """Labels of versions, `v3 to v7` where they follow each other."""
    numbers = sorted({int(label[1:]) for label in labels})
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    shown = (f"v{run[0]}" + (f" to v{run[-1]}" if len(run) > 1 else "") for run in found)
    return ", ".join(shown)


def _begun(begin: Begin) -> list[str | Span]:
    parts: list[str | Span] = [begin.version]
    if begin.step:
        parts.append(f", made by {begin.step}{f' ({begin.message})' if begin.message else ''}")
    parts += [f", from {link.parent.hex()[:16]}: {_KINDS[link.kind]}" for link in begin.parents]
    if begin.sources:
        parts.append(f", from {', '.join(begin.sources)}")
    if not (begin.step or begin.parents or begin.sources):
        parts.append(yellow(", where it came from is not recorded"))
    return parts


def _ended(end: End) -> list[str | Span]:
    parts: list[str | Span] = [f"{end.version} does not have it; last in {end.last}"]
    if end.step:
        parts.append(f", dropped by {end.step}")
    if end.reason:
        parts.append(f": {end.reason}")
    return parts


def seen_by(seen: Seen, asked: str, into: Page) -> None:
    """One run or model, and what it saw."""
    tone = red if not seen.whys and seen.role == "train" else yellow
    edited = "" if seen.digest == asked else f" as {_KINDS[seen.kind]}, {seen.digest[:16]},"
    into.wrap(
        bold(seen.ref), "  ", tone(f"{seen.answer} it{edited} in {seen.version}"
                                  if seen.role == "train" else f"{seen.answer}, in {seen.version}"),
        dim(f"  {seen.evidence}"), indent=2, hanging=4,
    )  # fmt: skip
    if seen.through:
        into.wrap(dim(f"through {', '.join(seen.through)}"), indent=4, hanging=2)
    for why in seen.whys:
        into.wrap(dim("since "), why, indent=4, hanging=2)


def unmatched(models: Sequence[Unmatched], into: Page) -> None:
    """The models of which nothing says that they saw it."""
    if not models:
        return
    into.wrap(green(NO_MATCH), f": {counted(len(models), 'model')}", indent=2)
    for one in models[:_MODELS_SHOWN]:
        into.wrap(one.ref, dim(f"  but {one.gap}" if one.gap else ""), indent=4, hanging=2)
    if len(models) > _MODELS_SHOWN:
        into.add(dim(f"    … and {len(models) - _MODELS_SHOWN:,} more"))
