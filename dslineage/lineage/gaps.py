"""What is not known about nodes: what records say so themselves, and what is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from dslineage.lineage.entries import Entries
from dslineage.lineage.node import Node
from dslineage.records import Gap

_GAPS = "SELECT k.text, g.kind, g.message FROM gap g JOIN key k ON k.n = g.n WHERE {k.text}"
_NOWHERE = """
SELECT l.child, l.gap FROM saying l WHERE {l.child} AND l.gap IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM record r WHERE r.n = l.t)
AND NOT EXISTS (SELECT 1 FROM answer a WHERE a.key = l.t)
"""
_ORPHANS = """
SELECT r.id, r.orphaned FROM head r WHERE {r.id} AND r.orphaned IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM link l WHERE l.child = r.n AND l.role = 'origin'
  AND (EXISTS (SELECT 1 FROM answer a WHERE a.key = l.target)
       OR EXISTS (SELECT 1 FROM record s WHERE s.n = l.target)))
"""


class NodeGap(NamedTuple):
    """Something that is not known about a node."""

    node: Node
    gap: Gap


def gaps_in(entries: Entries, ids: Collection[str] | None) -> Iterator[tuple[str, Gap]]:
    """The gaps of some nodes, or of all: told by records, named records and content not there."""
    for id_, kind, message in entries.ask_of(_GAPS, ids):
        yield id_, Gap(kind, message)
    for id_, text in entries.ask_of(_NOWHERE, ids):
        kind, _, message = text.partition(" ")
        yield id_, Gap(kind, message)
    for id_, message in entries.ask_of(_ORPHANS, ids):
        yield id_, Gap("unrecorded-step", message)


def importance(one: NodeGap) -> tuple[bool, str, str, str, str]:
    """A key to sort gaps by: the data of base models first, then by node."""
    node, gap = one
    return gap.kind != "base-model", node.kind, node.ref, node.id, f"{gap.kind} {gap.message}"
