"""Lineage as a Mermaid flowchart, which forges draw in Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dslineage_cli.render import lineage_words as words
from dslineage_cli.sanitise import visible

if TYPE_CHECKING:
    from dslineage.lineage.picture import Figure, Picture

MOST = 300
"""Mermaid refuses to draw more than 500 edges."""
_SHAPES = {
    "source": "[(%s)]",
    "step": "[[%s]]",
    "mixture": "{{%s}}",
    "run": "([%s])",
    "model": "[/%s/]",
}
_OBEYED = re.compile(r"[^\w .,@/()-]|_{2,}")


def text(picture: Picture) -> str:
    """The flowchart, from what is rested on to what rests on it."""
    shown = picture.nearest(MOST)
    names = {figure.node.id: f"n{number}" for number, figure in enumerate(shown.figures)}
    lines = ["flowchart LR"]
    for figure in shown.figures:
        shape = _SHAPES.get(figure.node.kind, "[%s]")
        lines.append(f"  {names[figure.node.id]}{shape % quoted(_label(figure))}")
    for edge in shown.plain_edges:
        said = quoted(f"{words.TO_CHILD[edge.role]}, {edge.evidence}")
        lines.append(f"  {names[edge.parent]} -->|{said}| {names[edge.child]}")
    lines += ["  classDef gap stroke-dasharray: 4 3"]
    lacking = [names[figure.node.id] for figure in shown.figures if figure.gaps]
    if lacking:
        lines.append(f"  class {','.join(lacking)} gap")
    if shown.beyond:
        lines.append(f"  %% {shown.beyond} further nodes are not drawn")
    if shown.damaged:
        lines.append(f"  %% {len(shown.damaged)} records cannot be read: dslineage verify")
    return "\n".join(lines) + "\n"


def quoted(said: str) -> str:
    """A text in quotes, with whatever Mermaid or HTML could obey as character codes."""
    escaped = _OBEYED.sub(lambda match: "".join(f"#{ord(one)};" for one in match[0]), visible(said))
    return f'"{escaped}"'


def _label(figure: Figure) -> str:
    gaps = len(figure.gaps)
    said = [words.title(figure.node, figure.facts), *words.facts(figure)]
    return ", ".join([*said, *([f"{gaps} not known"] if gaps else [])])
