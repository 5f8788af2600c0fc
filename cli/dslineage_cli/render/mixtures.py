"""Mixtures that were recorded, built or looked at, as text."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from dslineage.lineage.node import node_of
from dslineage_cli.page import Page, bold, dim, green, padded, yellow
from dslineage_cli.render.numbers import counted, percent

if TYPE_CHECKING:
    from dslineage.lineage.mixtures import Mixture, MixtureAdded, MixtureShown
    from dslineage.records import Component
    from dslineage.verbs.mixing import MixtureBuilt


def added(result: MixtureAdded, into: Page) -> Page:
    """What was recorded, and what references were pinned to."""
    mixture = result.mixture
    _head(mixture, into, "unchanged" if result.unchanged else "recorded")
    for ref, title in mixture.pinned:
        into.wrap(f"{ref} is ", green(title), " from now on", indent=2, hanging=2)
    file = mixture.record.file
    into.next(f"dslineage mixture build {shlex.quote(file)} -o FILE.jsonl")
    return into


def shown(result: MixtureShown, into: Page) -> Page:
    """What a mixture comes to."""
    _head(result.mixture, into, "")
    return into


def built(result: MixtureBuilt, into: Page) -> Page:
    """The version that was made, and how many examples each data set gave."""
    version, step = result.output.version, result.step
    still = "unchanged: still " if result.output.unchanged else ""
    count = counted(version.record.examples, "example")
    into.wrap(still, bold(version.title), f"  {count}", hanging=2)
    drawn = step.parameters["yielded"]
    for ref, number in drawn.items():
        share = percent(number, sum(drawn.values()))
        into.wrap(f"{number:>9,}  {share:>6}  ", green(ref), indent=2, hanging=2)
    for notice in (*result.notices, *result.output.notices):
        into.wrap(yellow("note: "), notice, indent=2, hanging=6)
    if version.draft:
        into.next(f"dslineage commit -m {shlex.quote(step.message)}")
    return into


def rules(component: Component) -> str:
    """How a component is drawn, in a few words."""
    parts = [
        f"weight {component.weight:g}" if component.weight is not None else "",
        f"cap {component.cap:,}" if component.cap is not None else "",
        f"repeats {component.repeats:g}" if component.repeats != 1 else "",
    ]
    return ", ".join(filter(None, parts)) or "all"


def _head(mixture: Mixture, into: Page, what: str) -> None:
    record, plan = mixture.record, mixture.plan()
    said = f"  {counted(plan.total, 'example')}, seed {record.seed}"
    into.wrap(bold(mixture.title), said, hanging=2)
    if what:
        into.add(dim(f"{what} as {record.path}"), indent=2)
    titles = [node_of(version).title for version in mixture.versions]
    width = max(map(len, titles))
    for place, title in enumerate(titles):
        component = record.components[place]
        drawn = f"{plan.drawn[place]:>9,}  {percent(plan.drawn[place], plan.total):>6}"
        of = f"of {component.examples:,}; {rules(component)}"
        into.wrap(padded(title, width), f"  {drawn}  ", dim(of), indent=2, hanging=2)
