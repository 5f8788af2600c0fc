"""Claims as text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dslineage_cli.page import Page, bold, dim, yellow

if TYPE_CHECKING:
    from dslineage.lineage.claims import ClaimAdded, ClaimList
    from dslineage.lineage.node import Node
    from dslineage.records import ClaimRecord


def added(result: ClaimAdded, into: Page) -> Page:
    """The claim that was recorded."""
    _entry(result.record, result.about, into)
    for notice in result.notices:
        into.wrap(yellow("note: "), notice, indent=2, hanging=6)
    into.next(f"dslineage claim list {result.about.ref}")
    return into


def listed(result: ClaimList, into: Page) -> Page:
    """Each claim: what it is about, its type, what it says, who said it and when."""
    if not result.claims:
        into.add("nothing is claimed")
    for record, about in result.claims:
        _entry(record, about, into)
    return into


def _entry(record: ClaimRecord, about: Node, into: Page) -> None:
    said = ", ".join(f"{name} {_short(value)}" for name, value in record.body.items())
    when = record.created_at[:16].replace("T", " ")
    into.wrap(
        bold(about.ref),
        f"  {record.type}: {said}",
        dim(f"  {when}  {record.author.partition(' <')[0]}  ({record.digits[:8]})"),
        hanging=4,
    )


def _short(value: Any) -> str:
    """A value as text; an id by its kind and first digits, lists and objects by their size."""
    if isinstance(value, str):
        kind, middle, digits = value.partition(":sha256:")
        return f"{kind}:{digits[:8]}" if middle else value
    if isinstance(value, list | dict):
        return f"({len(value):,})"
    return json.dumps(value)
