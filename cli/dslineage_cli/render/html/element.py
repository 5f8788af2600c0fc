"""Elements of a page, escaped by construction: text can only become markup by passing here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from dslineage_cli.sanitise import visible

_EMPTY = frozenset({"br", "hr", "input", "meta"})


@dataclass(frozen=True, slots=True)
class Markup:
    """Markup that this module made."""

    text: str


Content: TypeAlias = "Markup | str | int | Iterable[Content] | None"
Attribute: TypeAlias = "str | float | bool | None"


def element(name: str, /, *content: Content, **attributes: Attribute) -> Markup:
    """An element with what is in it; texts in it and in its attributes are escaped and visible.

    Attributes are written with `_` for `-` and, where they are words of Python, with `_` at the
    end. True is an attribute without a value; None and False leave it out.
    """
    start = f"<{name}{''.join(_attribute(*one) for one in attributes.items())}>"
    return Markup(start if name in _EMPTY else f"{start}{markup(content)}</{name}>")


def code(name: str, text: str) -> Markup:
    """A `style` or `script` element with text of our own, which browsers do not unescape."""
    if "</" in text:
        raise ValueError(f"a {name} element cannot hold '</'")
    return Markup(f"<{name}>{text}</{name}>")


def markup(content: Content) -> str:
    """The content as the text of a page."""
    match content:
        case None:
            return ""
        case Markup(text):
            return text
        case str():
            return escape(visible(content, newlines=True))
        case int():
            return f"{content:,}"
        case _:
            return "".join(map(markup, content))


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    called = name.rstrip("_").replace("_", "-")
    if value is True:
        return f" {called}"
    said = f"{value:.6g}" if isinstance(value, float) else escape(visible(str(value)))
    return f' {called}="{said}"'
