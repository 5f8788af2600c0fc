"""Lineage as text: a tree each way, in which each line rests on the one below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dslineage_cli.page import Page, Span, bold, cyan, dim, red, yellow
from dslineage_cli.render import lineage_words as words
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.lineage.node import Edge
    from dslineage.lineage.picture import Figure, Picture

MOST = 40
"""How many nodes of each tree are drawn where nobody asks for a depth."""


class _Way(NamedTuple):
    """One of the two directions: what a tree is called, and how an edge reads in it."""

    heading: str
    up: bool

    def start(self, edge: Edge) -> str:
        return edge.child if self.up else edge.parent

    def end(self, edge: Edge) -> str:
        return edge.parent if self.up else edge.child

    def role(self, edge: Edge) -> str:
        return (words.TO_PARENT if self.up else words.TO_CHILD)[edge.role]


UP, DOWN = _Way("rests on", up=True), _Way("is used by", up=False)


def page(picture: Picture, into: Page, *, every: bool = False) -> Page:
    """A picture around one node, or between two; `every` node of it, or the nearest ones."""
    if picture.scope == "between":
        return _between(picture, into)
    figures = picture.by_id
    [focus] = picture.focus
    _focus(figures[focus.id], into)
    ways = [way for way in (UP, DOWN) if picture.scope in {"around", "up" if way.up else "down"}]
    for way in ways:
        into.blank()
        _Tree(picture, way, None if every else MOST).draw(focus.id, into)
    if picture.beyond:
        into.blank()
        into.add(dim(f"{counted(picture.beyond, 'node')} further away: give a greater --depth"))
    _footer(picture, into)
    return into


def _between(picture: Picture, into: Page) -> Page:
    one, other = picture.focus
    if not picture.figures:
        into.add(bold(one.title), " and ", bold(other.title))
        into.add("neither rests on the other, in what is recorded", indent=2)
        damaged(picture.damaged, into)
        return into
    youngest = picture.figures[-1]
    _focus(youngest, into)
    into.blank()
    _Tree(picture, UP, None).draw(youngest.node.id, into)
    _footer(picture, into)
    return into


def _focus(figure: Figure, into: Page) -> None:
    node = figure.node
    into.wrap(
        bold(words.title(node, figure.facts)),
        f" ({node.short})",
        dim(f"  {words.KINDS.get(node.kind, node.kind)}"),
        *_details(figure),
        hanging=4,
    )
    for text in (figure.facts.get("message"), figure.facts.get("uri")):
        if text:
            into.wrap(str(text), indent=2, hanging=2, most=3)
    for claim in figure.claims:
        said = f"claim {claim.type}, {claim.created_at[:10]}, by {claim.author.partition(' <')[0]}"
        into.wrap(said, indent=2, hanging=2)
    _gaps(figure, "  ", into)


def _details(figure: Figure) -> Iterator[Span]:
    for fact in words.facts(figure):
        yield Span(f"  {fact}")
    if words.date(figure.node):
        yield dim(f"  {words.date(figure.node)}")


def _gaps(figure: Figure, prefix: str, into: Page) -> None:
    for gap in figure.gaps:
        into.wrap(dim(prefix), yellow(f"? {gap.message}"), hanging=f"{prefix}  ")


@dataclass(frozen=True)
class _Tree:
    """A tree in one direction. A node with one line below it is followed by that at its height."""

    picture: Picture
    way: _Way
    most: int | None

    def draw(self, focus: str, into: Page) -> None:
        """Draw what is beneath a node, the nearest first to be left in."""
        into.add(bold(self.way.heading))
        figures, below = self.picture.by_id, self._below()
        if focus not in below:
            into.add(dim("nothing that is recorded"), indent=2)
            return
        near = self._near(focus, below, self.most)
        drawn = {focus}
        waiting = list(reversed(self._lines(below[focus], "  ")))
        while waiting:
            edges, lead, prefix = waiting.pop()
            id_ = self.way.end(edges[0])
            if id_ not in near:
                continue
            further = below.get(id_, ())
            again = id_ in drawn and bool(further)
            self._line(figures[id_], edges, (lead, prefix), again=again, into=into)
            if again:
                continue
            drawn.add(id_)
            _gaps(figures[id_], prefix, into)
            waiting += reversed(self._lines(further, prefix))
            left = sum(self.way.end(some[0]) not in near for some in further)
            if left:
                into.add(dim(f"{prefix}… {left} more"))
        rest = len(self._near(focus, below, None)) - len(near)
        if rest:
            into.add(
                dim(f"  … {counted(rest, 'node')} more: "),
                cyan("--depth N"),
                dim(" draws all so far"),
            )

    def _below(self) -> dict[str, list[tuple[Edge, ...]]]:
        """What each node has beneath it: for each neighbour, the edges to it."""
        found: dict[str, dict[str, list[Edge]]] = {}
        for edge in self.picture.plain_edges:
            to = found.setdefault(self.way.start(edge), {})
            to.setdefault(self.way.end(edge), []).append(edge)
        return {
            start: [tuple(edges) for _, edges in sorted(to.items(), key=self._place)]
            for start, to in found.items()
        }

    def _place(self, neighbour: tuple[str, list[Edge]]) -> tuple[str, str, str, str]:
        """What makes first what ends first: sources and versions before runs and models."""
        node = self.picture.by_id[neighbour[0]].node
        return neighbour[1][0].role, node.kind, node.ref, node.created_at

    def _lines(
        self, neighbours: Iterable[tuple[Edge, ...]], prefix: str
    ) -> list[tuple[tuple[Edge, ...], str, str]]:
        """For each neighbour its edges, what leads its line, and what leads the lines below it."""
        some = list(neighbours)
        if len(some) == 1:
            return [(some[0], prefix, prefix)]
        last = len(some) - 1
        return [
            (
                edges,
                prefix + ("└ " if at == last else "├ "),
                prefix + ("  " if at == last else "│ "),
            )
            for at, edges in enumerate(some)
        ]

    def _line(
        self,
        figure: Figure,
        edges: tuple[Edge, ...],
        leads: tuple[str, str],
        *,
        again: bool,
        into: Page,
    ) -> None:
        """One node; its first line begins with the first lead, further ones with the other."""
        node = figure.node
        roles = " and ".join(dict.fromkeys(map(self.way.role, edges)))
        evidence = max((edge.evidence for edge in edges), key=lambda one: one.strength)
        into.wrap(
            dim(leads[0]), f"{roles} ",
            bold(words.title(node, figure.facts)), dim(f" ({node.short})"),
            *([dim("  see above")] if again else _details(figure)),
            *([yellow(f"  {words.claims(figure)}")] if figure.claims and not again else []),
            dim(f"  {evidence}"),
            hanging=f"{leads[1]}    ",
        )  # fmt: skip

    def _near(
        self, focus: str, below: dict[str, list[tuple[Edge, ...]]], most: int | None
    ) -> set[str]:
        """The nodes nearest to the focus, itself too; at most so many besides it."""
        found = [focus]
        seen = {focus}
        for id_ in found:
            for edges in below.get(id_, ()):
                end = self.way.end(edges[0])
                if end not in seen and (most is None or len(found) <= most):
                    seen.add(end)
                    found.append(end)
        return seen


def _footer(picture: Picture, into: Page) -> None:
    """What the words for evidence mean, as far as they are used; and what could not be read."""
    used = {edge.evidence for edge in picture.edges}
    if used:
        into.blank()
        ordered = sorted(used, key=lambda one: one.strength)
        into.wrap(dim("; ".join(f"{one}: {one.meaning}" for one in ordered)))
    damaged(picture.damaged, into)


def damaged(paths: tuple[str, ...], into: Page) -> None:
    """Name the records that could not be read."""
    if paths:
        into.blank()
        into.wrap(red(f"{counted(len(paths), 'record')} cannot be read, and may belong here:"))
        for path in paths:
            into.add(path, indent=2)
        into.next("dslineage verify")
