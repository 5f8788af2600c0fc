"""Lineage as one page: a picture to move about in, and all that is known of each node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dslineage_cli.page import elide
from dslineage_cli.render import lineage_words as words
from dslineage_cli.render.html import layers
from dslineage_cli.render.html.element import Content, Markup, element
from dslineage_cli.render.html.frame import page
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.lineage.node import Edge
    from dslineage.lineage.picture import Figure, Picture

MOST = 300
"""How many nodes a page draws."""
_FACTS = {
    "content_hash": "content hash",
    "weights_hash": "hash of its tensors",
    "exit_status": "exit status",
    "started_at": "started",
    "ended_at": "ended",
    "imported_from": "imported from",
}
_TITLES = {
    "all": "Lineage",
    "around": "Lineage of {}",
    "up": "What {} rests on",
    "down": "What rests on {}",
    "between": "From {1} to {0}",
}


def text(picture: Picture) -> str:
    """The whole page."""
    shown = picture.nearest(MOST)
    names = [
        words.title(node, shown.by_id[node.id].facts if node.id in shown.by_id else {})
        for node in picture.focus
    ]
    title = _TITLES[picture.scope].format(*names)
    return page(
        title,
        element("h1", element("bdi", title)),
        *_notices(picture, shown),
        _tools(),
        element(
            "div",
            element("div", _svg(shown), id="stage"),
            element(
                "section",
                element("h2", "Nodes"),
                element("p", "Choose a node to see what is known of it.", class_="hint quiet"),
                _nodes(shown),
                id="nodes",
            ),
            id="desk",
        ),
        part="lineage",
    )


def _notices(picture: Picture, shown: Picture) -> Iterator[Markup]:
    """How much there is, what is not drawn, and what could not be read."""
    gaps = sum(len(figure.gaps) for figure in shown.figures)
    said = f"{counted(len(shown.figures), 'node')}, {counted(len(shown.edges), 'edge')}"
    lacking = f"; {counted(gaps, 'thing')} not known" if gaps else ""
    yield element("p", said, lacking, class_="quiet")
    if shown.beyond:
        more = (
            f"{counted(shown.beyond, 'further node')} not drawn: only the nearest are. "
            "Ask about one of them, or a part: --up, --down, --depth, --between."
        )
        yield element("p", more, class_="warning", id="beyond")
    if picture.damaged:
        files = [element("li", element("code", path)) for path in picture.damaged]
        number = counted(len(picture.damaged), "record")
        yield element("p", f"{number} cannot be read, and may belong here:", class_="warning")
        yield element("ul", files)
    if picture.scope == "between" and not picture.figures:
        yield element("p", "Neither rests on the other, in what is recorded.")


def _tools() -> Markup:
    """The search and the buttons, which only a script makes work."""
    buttons = [
        element("button", sign, type="button", id=id_, title=said, aria_label=said)
        for id_, sign, said in (
            ("in", "+", "larger"), ("out", "−", "smaller"), ("fit", "all", "show all of it"),
        )
    ]  # fmt: skip
    search = element(
        "label", "find ", element("input", type="search", placeholder="name, licence, hash, gap")
    )
    kinds = [
        element("span", element("span", class_=f"swatch {kind}"), " ", said, class_="key")
        for kind, said in words.KINDS.items()
        if kind != "claim"
    ]
    signs = element("span", "dashed, ?: something is not known; !: claims", class_="key")
    return element(
        "form",
        search,
        element("output"),
        element("span", buttons, class_="buttons"),
        element("span", kinds, signs, class_="legend"),
        id="tools",
        hidden=True,
    )


def _svg(picture: Picture) -> Markup:
    anchors = {figure.node.id: f"n{at}" for at, figure in enumerate(picture.figures)}
    roles: dict[tuple[str, str], list[Edge]] = {}
    for edge in picture.plain_edges:
        roles.setdefault((edge.parent, edge.child), []).append(edge)
    placed = layers.layout(list(anchors), roles)
    focus = {node.id for node in picture.focus}
    return element(
        "svg",
        element("title", "The graph: what is rested on stands above"),
        element("g", [_edge(placed.edges[pair], some, anchors) for pair, some in roles.items()]),
        element(
            "g",
            [
                _node(figure, placed.nodes[figure.node.id], anchors[figure.node.id],
                      focused=figure.node.id in focus)
                for figure in picture.figures
            ],
        ),
        id="picture", viewBox=f"0 0 {placed.width:g} {placed.height:g}",
        tabindex=0, role="group", aria_label="picture of the graph; arrow keys move it",
    )  # fmt: skip


def _edge(
    points: Sequence[layers.Point], edges: Sequence[Edge], anchors: Mapping[str, str]
) -> Markup:
    said = "; ".join(f"{words.TO_CHILD[edge.role]} ({edge.evidence})" for edge in edges)
    strongest = max((edge.evidence for edge in edges), key=lambda one: one.strength)
    return element(
        "path",
        element("title", said),
        d=_curve(points),
        class_=f"edge {strongest}",
        data_from=anchors[edges[0].parent],
        data_to=anchors[edges[0].child],
    )


def _curve(points: Sequence[layers.Point]) -> str:
    """A smooth line through points, upright at each of them."""
    (x, y), *rest = points
    drawn = [f"M{x:.1f} {y:.1f}"]
    for to_x, to_y in rest:
        middle = (y + to_y) / 2
        drawn.append(f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    return "".join(drawn)


def _node(figure: Figure, middle: layers.Point, anchor: str, *, focused: bool) -> Markup:
    node = figure.node
    x, y = middle[0] - layers.WIDE / 2, middle[1] - layers.HIGH / 2
    style = " ".join(
        name
        for name, given in (
            ("node", True), (node.kind, True), ("focus", focused), ("gap", bool(figure.gaps)),
            ("missing", node.missing), ("claimed", bool(figure.claims)),
        )
        if given
    )  # fmt: skip
    facts = ", ".join(words.facts(figure)) or words.date(node)
    kind = words.KINDS.get(node.kind, node.kind)
    name = words.title(node, figure.facts).removeprefix(f"{kind} ")
    marks = "  ".join([*(["?"] if figure.gaps else []), *(["!"] if figure.claims else [])])
    lines: list[Content] = [
        element("rect", x=x, y=y, width=layers.WIDE, height=layers.HIGH, rx=8, class_="box"),
        element("rect", x=x, y=y, width=6.0, height=layers.HIGH, rx=3, class_="kind"),
        element("text", kind, x=x + 16, y=y + 17, class_="quiet small"),
        element("text", marks, x=x + layers.WIDE - 12, y=y + 17, text_anchor="end", class_="mark"),
        element("text", elide(name, 28), x=x + 16, y=y + 35, class_="name"),
        element("text", elide(facts, 34), x=x + 16, y=y + 52, class_="quiet small"),
    ]
    lacking = f", {len(figure.gaps)} not known" if figure.gaps else ""
    said = f"{kind} {name}, {facts}{lacking}"
    return element("a", *lines, href=f"#{anchor}", class_=style, aria_label=said)


def _nodes(picture: Picture) -> list[Markup]:
    """An article for each node."""
    anchors = {figure.node.id: f"n{at}" for at, figure in enumerate(picture.figures)}
    up: dict[str, list[Edge]] = {}
    down: dict[str, list[Edge]] = {}
    for edge in picture.edges:
        up.setdefault(edge.child, []).append(edge)
        down.setdefault(edge.parent, []).append(edge)
    by_id = picture.by_id
    return [
        _article(
            figure,
            anchors[figure.node.id],
            [
                _links("Rests on", [(words.TO_PARENT[edge.role], edge, edge.parent)
                                    for edge in up.get(figure.node.id, ())], by_id, anchors),
                _links("Is used by", [(words.TO_CHILD[edge.role], edge, edge.child)
                                      for edge in down.get(figure.node.id, ())], by_id, anchors),
            ],
        )
        for figure in picture.figures
    ]  # fmt: skip


def _article(figure: Figure, anchor: str, links: Sequence[Content]) -> Markup:
    node = figure.node
    name, kind = words.title(node, figure.facts), words.KINDS.get(node.kind, node.kind)
    known = [
        *((_FACTS.get(key, key), _said(value)) for key, value in figure.facts.items()),
        ("recorded", node.created_at),
        ("id", node.id),
    ]
    rows = [
        element("tr", element("th", label, scope="row"), element("td", value))
        for label, value in known
        if value
    ]
    return element(
        "article",
        element("h3", name, " ", element("span", node.short, class_="quiet")),
        element("p", ": ".join(filter(None, [kind, ", ".join(words.facts(figure))]))),
        *(element("p", f"? {gap.message}", class_="warning") for gap in figure.gaps),
        *(
            element("p", f"claim {claim.type}, {claim.created_at[:10]}, by {claim.author}")
            for claim in figure.claims
        ),
        element("table", element("tbody", rows), class_="facts"),
        *links,
        id=anchor, class_="card", tabindex=-1,
    )  # fmt: skip


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{number:,} {what}" for what, number in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)


def _links(
    heading: str,
    edges: Sequence[tuple[str, Edge, str]],
    by_id: Mapping[str, Figure],
    anchors: Mapping[str, str],
) -> Content:
    if not edges:
        return None
    items = [
        element(
            "li", f"{role} ",
            element("a", words.title(by_id[other].node, by_id[other].facts),
                    href=f"#{anchors[other]}"),
            element("span", f" {edge.evidence}: {edge.evidence.meaning}", class_="quiet"),
        )
        for role, edge, other in edges
    ]  # fmt: skip
    return [element("h4", heading), element("ul", items)]
