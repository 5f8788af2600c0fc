"""What differs between two mixtures, as text and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dslineage_cli.page import Page, bold, dim, green, padded, red, yellow
from dslineage_cli.render.mixtures import rules
from dslineage_cli.render.numbers import counted, percent
from dslineage_cli.sanitise import markdown, markdown_code

if TYPE_CHECKING:
    from dslineage.contrast.counts import Counts
    from dslineage.contrast.mixtures import MixtureDiff, MixtureSide, Part, PartChange

_TONES = {"added": green, "removed": red, "same": dim}
_CALLED = {"version": "changed", "rules": "drawn otherwise", "amount": "other amount"}


def page(result: MixtureDiff, into: Page) -> Page:
    """The whole difference."""
    into.wrap(bold(result.from_.title), " → ", bold(result.to.title))
    into.add(_sizes(result), indent=2)
    into.blank()
    rows = list(map(_row, result.changes))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for change, row in zip(result.changes, rows, strict=True):
        cells = [padded(cell, width) for cell, width in zip(row, widths, strict=True)]
        tone = _TONES.get(change.change, yellow)
        into.wrap(tone(cells[0]), "  ", "  ".join(cells[1:]).rstrip(), indent=2, hanging=4)
        for line in _details(change):
            into.wrap(line, indent=4, hanging=2)
    for side in (result.from_, result.to):
        _shared(side, into)
    for notice in result.notices:
        into.wrap(yellow("note: "), notice, hanging=6)
    return into


def markdown_text(result: MixtureDiff) -> str:
    """The whole difference."""
    names = [markdown_code(side.title) for side in (result.from_, result.to)]
    head = "| | data set | version | examples | share |\n|---|---|---|---|---|"
    rows = [f"| {' | '.join(map(markdown, _row(change)))} |" for change in result.changes]
    blocks = [
        f"### {names[0]} → {names[1]}",
        markdown(_sizes(result)),
        "\n".join([head, *rows]),
        *_listed([line for change in result.changes for line in _details(change)]),
    ]
    for side in (result.from_, result.to):
        if side.shared:
            blocks.append(f"In {markdown_code(side.title)}, data sets share:")
            blocks.append(_matrix(side))
    blocks += _listed(result.notices)
    return "\n\n".join(blocks) + "\n"


def counts_words(counts: Counts) -> str:
    """The counts of a diff, in one line."""
    parts = [
        f"{number:,} {name}"
        for name in ("added", "removed", "edited", "unchanged")
        if (number := getattr(counts, name))
    ]
    kinds = ", ".join(f"{kind} {number:,}" for kind, number in counts.edits.items())
    return ", ".join(parts) + (f" (edits: {kinds})" if kinds else "")


def _sizes(result: MixtureDiff) -> str:
    sides = result.from_, result.to
    sizes = " → ".join(counted(side.examples, "example") for side in sides)
    seeds = [side.seed for side in sides]
    return f"{sizes}, seed {seeds[0]}" + (f" → {seeds[1]}" if seeds[0] != seeds[1] else "")


def _row(change: PartChange) -> tuple[str, ...]:
    """What changed, the data set, versions, examples and shares."""
    parts = [part for part in (change.before, change.after) if part is not None]
    return (
        _CALLED.get(change.change, change.change),
        change.dataset,
        _arrow([part.version.label for part in parts]),
        _arrow([f"{part.drawn:,}" for part in parts]),
        _arrow([_share(part) for part in parts]),
    )


def _details(change: PartChange) -> Iterator[str]:
    before, after = change.before, change.after
    if before is None or after is None:
        return
    if before.rules != after.rules:
        yield f"{change.dataset}: {rules(before.component)} → {rules(after.component)}"
    if change.counts is not None:
        yield f"{before.ref} → {after.ref}: {counts_words(change.counts)}"
    elif change.change == "version":
        yield f"{before.ref} → {after.ref}: how many examples changed is not known"


def _shared(side: MixtureSide, into: Page) -> None:
    if not side.shared:
        return
    into.blank()
    into.wrap("shared in ", bold(side.title), ": different examples, and conversations")
    for one in side.shared:
        figures = f"{one.examples:,} and {one.conversations:,}"
        into.wrap(yellow(f"{one.one} with {one.other}"), f"  {figures}", indent=2, hanging=2)


def _matrix(side: MixtureSide) -> str:
    """Examples and conversations that each pair of data sets has in common."""
    names = [part.ref for part in side.parts]
    known = {(one.one, one.other): one for one in side.shared or ()}
    lines = [
        f"| | {' | '.join(map(markdown, names))} |",
        "|---|" + "--:|" * len(names),
    ]
    for row in names:
        cells = []
        for column in names:
            found = known.get((row, column)) or known.get((column, row))
            text = f"{found.examples:,} / {found.conversations:,}" if found else "0"
            cells.append("" if row == column else text)
        lines.append(f"| {markdown(row)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _listed(lines: Sequence[str]) -> list[str]:
    return ["\n".join(f"- {markdown(line)}" for line in lines)] if lines else []


def _arrow(texts: Sequence[str]) -> str:
    return texts[0] if len(set(texts)) == 1 else " → ".join(texts)


def _share(part: Part) -> str:
    return percent(part.drawn, round(part.drawn / part.share)) if part.share else "0%"
