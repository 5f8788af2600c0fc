"""Text of others in a comment: cut to a length, and neutralised."""

from __future__ import annotations

from dslineage_cli.render.ci.words import clipped
from dslineage_cli.sanitise import markdown, markdown_code

_LONGEST = 300


def prose(text: str, longest: int = _LONGEST) -> str:
    """The text as prose, also in a table."""
    return markdown(clipped(text, longest))


def code(text: str, longest: int = _LONGEST) -> str:
    """The text as a code span; never in a table, where a bar would end it."""
    return markdown_code(clipped(text, longest))
