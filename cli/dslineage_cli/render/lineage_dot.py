"""Lineage in the DOT language of Graphviz."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dslineage_cli.render import lineage_words as words
from dslineage_cli.sanitise import visible

if TYPE_CHECKING:
    from dslineage.lineage.picture import Figure, Picture

_SHAPES = {
    "source": "cylinder",
    "step": "cds",
    "dataset": "box",
    "mixture": "hexagon",
    "run": "ellipse",
    "model": "box3d",
}


def text(picture: Picture) -> str:
    """The graph, from what is rested on to what rests on it."""
    lines = ["digraph lineage {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    for figure in picture.figures:
        style = "dashed" if figure.gaps else "solid"
        shape = _SHAPES.get(figure.node.kind, "box")
        lines.append(
            f"  {quoted(figure.node.id)} "
            f"[label={_label(figure)}, shape={shape}, style={style}, tooltip={_tip(figure)}];"
        )
    for edge in picture.plain_edges:
        label = quoted(words.TO_CHILD[edge.role])
        lines.append(
            f"  {quoted(edge.parent)} -> {quoted(edge.child)} "
            f"[label={label}, tooltip={quoted(str(edge.evidence))}];"
        )
    if picture.beyond:
        lines.append(f"  // {picture.beyond} further nodes are not drawn")
    if picture.damaged:
        lines.append(f"  // {len(picture.damaged)} records cannot be read: dslineage verify")
    return "\n".join([*lines, "}"]) + "\n"


def quoted(*said: str) -> str:
    r"""Lines of text as a string of DOT, in which Graphviz sees no escape but those of newlines."""
    lines = (visible(one).replace("\\", "\\\\").replace('"', '\\"') for one in said)
    return '"' + "\\n".join(line.replace("&", "&amp;") for line in lines) + '"'


def _label(figure: Figure) -> str:
    return quoted(words.title(figure.node, figure.facts), *words.facts(figure))


def _tip(figure: Figure) -> str:
    return quoted(figure.node.title, *(gap.message for gap in figure.gaps))
