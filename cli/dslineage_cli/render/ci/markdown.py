"""A review as the comment of a pull request: Markdown of at most 64 KB, whatever was changed."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from dslineage.store.framed import FETCH
from dslineage_cli.render.ci import datasets, records
from dslineage_cli.render.ci.budget import MOST, Block, fitted, listed
from dslineage_cli.render.ci.prose import code, prose
from dslineage_cli.render.ci.words import clipped, headline, remarks, versions
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.pullrequest.result import DatasetChange
    from dslineage_cli.render.ci.words import Remark
    from dslineage_hooks.review import Review

MARKER = "<!-- dslineage review -->"
"""Stands first in a comment, so that the next run finds it and writes it anew."""

_LIST = 8_000
"""Bytes of one list: of a thousand faults, the first ones tell enough."""

_PATH, _REMARK = 120, 400
_NAMED = 10
_CUT = 3_000
"""Bytes for what is said of what does not fit."""

_HEAD = (
    "| data set | version | examples | added | removed | edited | gates |\n"
    "|---|---|--:|--:|--:|--:|---|"
)


def text(review: Review) -> str:
    """The comment."""
    blocks = list(_blocks(review))
    kept, cut = fitted(blocks, MOST - _CUT)
    told = [block.text for block in kept]
    if cut:
        told.append(_cut(review, cut))
    return "\n\n".join(told) + "\n"


def _blocks(review: Review) -> Iterator[Block]:
    change = review.change
    yield Block(f"{MARKER}\n### {prose(headline(review))}", 0)
    found = remarks(review)
    yield from _remarks("What stops it", [one for one in found if one.level == "error"], 0)
    if change.gate_edits or change.settings or change.broken_settings:
        yield Block(_settings(review), 0)
    if change.datasets:
        rows = listed(_worst_first(change.datasets), datasets.row, _LIST, "data sets")
        yield Block(f"{_HEAD}\n{rows}", 0)
    yield from _remarks("To know", [one for one in found if _is_aside(one)], 1)
    if change.added:
        lines = listed(change.added, records.line, _LIST, "records")
        yield Block(f"#### Recorded in this pull request\n\n{lines}", 1, "records")
    for dataset in _worst_first(change.datasets):
        yield from datasets.blocks(dataset)
    notices = [*_without_objects(change.datasets), *map(prose, change.notices)]
    if notices:
        yield Block(listed(notices, "- {}".format, _LIST, "notices"), 1, "notices")
    ends = change.ends
    yield Block(f"Between `{ends.start[:12]}` and `{ends.head[:12]}`.", 0)


def _remarks(title: str, found: Sequence[Remark], rank: int) -> Iterator[Block]:
    if found:
        shown = listed(found, _remark, _LIST, "like these")
        yield Block(f"#### {title}\n\n{shown}", rank, title.lower())


def _remark(remark: Remark) -> str:
    said = prose(f"{clipped(remark.path, _PATH)}: {remark.message}", _REMARK)
    return f"- {said}" + (f", {code(remark.hint)}" if remark.hint else "")


def _is_aside(remark: Remark) -> bool:
    """Whether it is said nowhere else: gates have tables, and their edits a list, of their own."""
    return remark.level != "error" and remark.kind not in {"gate", "gate-loosened"}


def _settings(review: Review) -> str:
    lines = list(records.settings(review))
    return (
        f"#### This pull request changes how it is judged\n\n{listed(lines, str, _LIST, 'edits')}"
    )


def _worst_first(found: Iterable[DatasetChange]) -> list[DatasetChange]:
    return sorted(found, key=lambda one: not one.failed)


def _without_objects(found: Sequence[DatasetChange]) -> Iterator[str]:
    """What is not known where the objects are not, and how they come: as Markdown."""
    bare = [one for one in found if one.without_examples]
    if bare:
        names = ", ".join(f"{one.name} {versions(one)}" for one in bare[:_NAMED])
        more = f" and {len(bare) - _NAMED:,} more" if len(bare) > _NAMED else ""
        yield (
            f"{prose(names, 600)}{more}: from records alone. Which examples changed, what moved a "
            "metric, and whether chance would have, is not known without the objects; they come "
            f"with {code(FETCH)}"
        )


def _cut(review: Review, cut: Sequence[Block]) -> str:
    """What is left out, and the command that shows it."""
    names = list(dict.fromkeys(block.name for block in cut))
    more = f" and {counted(len(names) - _NAMED, 'more part')}" if len(names) > _NAMED else ""
    ends = review.change.ends
    command = shlex.join(
        ["dslineage", "ci", "--base", ends.base[:12], "--head", ends.head[:12], "--format", "json"]
    )
    return (
        f"**Cut to fit into 64 KB.** Left out: {prose(', '.join(names[:_NAMED]), 600)}{more}. "
        f"All of it: {code(command)}"
    )
