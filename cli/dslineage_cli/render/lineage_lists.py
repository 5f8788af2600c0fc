"""Lineage as lists: the graph at a glance, what rests on a node, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from dslineage_cli.page import Page, bold, dim, red, yellow
from dslineage_cli.render import lineage_words as words
from dslineage_cli.render.lineage_text import damaged
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.lineage.node import Node
    from dslineage.lineage.summary import Gaps, Head, Reach, Summary

_LISTED = 20


def summary(result: Summary, into: Page) -> Page:
    """The graph at a glance."""
    counts = [
        counted(number, words.KINDS[kind]) for kind, number in result.counts.items() if number
    ]
    if not counts:
        into.add("nothing is recorded yet")
        into.next("dslineage add FILE")
        return into
    into.wrap(bold("lineage"), f"  {', '.join(counts)}")
    _heads("data sets", result.datasets, into)
    _heads("models", result.models, into)
    if result.unconnected:
        into.blank()
        into.add(bold("unconnected"), dim("  nothing is recorded of what these rest on or serve"))
        _listed(result.unconnected, into)
    if result.gaps:
        into.blank()
        number = sum(result.gaps.values())
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in result.gaps.items())
        into.wrap(yellow(counted(number, "gap")), f"  {kinds}", hanging=2)
        into.next("dslineage lineage --gaps")
    damaged(result.damaged, into)
    return into


def impact(result: Reach, into: Page) -> Page:
    """What rests on a node, each kind by name."""
    found = result.impact
    into.add(bold(found.of.title))
    kinds = {
        "versions": found.versions,
        "steps": found.steps,
        "mixtures": found.mixtures,
        "runs": found.runs,
        "models": found.models,
    }
    for name, nodes in kinds.items():
        into.blank()
        into.add(bold(f"{len(nodes):,} {name if len(nodes) != 1 else name[:-1]}"))
        for node in nodes:
            into.add(
                f"{words.title(node, {})} ", dim(f"({node.short})  {words.date(node)}"), indent=2
            )
    into.blank()
    in_use = found.deployments
    into.add(bold(counted(len(in_use), "deployment")), dim("" if in_use else "  are claimed"))
    for one in in_use:
        into.add(red(one.model.ref), dim(f" ({one.model.short})  claimed {words.date(one.claim)}"),
                 indent=2)  # fmt: skip
    damaged(result.damaged, into)
    return into


def gaps(result: Gaps, into: Page) -> Page:
    """What is not known, node by node, base models first."""
    about = f"{result.of.title} and all that it rests on" if result.of else "anything recorded"
    into.wrap(bold(counted(len(result.gaps), "gap")), dim(f"  about {about}"))
    for kind, some in groupby(result.gaps, key=lambda one: one.gap.kind):
        into.blank()
        into.add(yellow(kind))
        for node, gap in some:
            into.wrap(
                f"{words.title(node, {})} ",
                dim(f"({node.short})  "),
                gap.message,
                indent=2,
                hanging=4,
            )
    damaged(result.damaged, into)
    return into


def _heads(name: str, heads: Sequence[Head], into: Page) -> None:
    if not heads:
        return
    into.blank()
    into.add(bold(name))
    for head in heads[:_LISTED]:
        rests = f"rests on {head.parents:,}, is used by {head.children:,}"
        more = f", the newest of {head.states:,}" if head.states > 1 else ""
        into.add(f"{head.node.ref} ", dim(f"({head.node.short})  {rests}{more}"), indent=2)
    _and_more(len(heads), into)


def _listed(nodes: Sequence[Node], into: Page) -> None:
    for node in nodes[:_LISTED]:
        into.add(f"{words.title(node, {})} ", dim(f"({node.short})"), indent=2)
    _and_more(len(nodes), into)


def _and_more(number: int, into: Page) -> None:
    if number > _LISTED:
        into.add(dim(f"… {number - _LISTED:,} more: --json lists all"), indent=2)
