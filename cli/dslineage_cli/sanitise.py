"""What stands between data and a person: text that a terminal, a page or a sheet would obey.

Everything that is shown passes here: examples, names, paths, messages of errors. What would be
obeyed is shown instead, so that a reader sees that it is there.
"""

from __future__ import annotations

import re

# Controls; lone surrogates; the code points with the Unicode property
# Default_Ignorable_Code_Point (bidirectional controls, zero-width characters, tags, ...) but for
# U+FE0E and U+FE0F, which emoji need; line and paragraph separators; annotation and joining
# controls.
_OBEYED = (
    "\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_UNSAFE = re.compile(f"[{_OBEYED}]")
_UNSAFE_IN_LINES = re.compile(f"(?!\n)[{_OBEYED}]")

_MARKUP = re.compile(r"[\\`*_{}\[\]<>()#+!|~$&-]|(?<=\d)\.")
# Forges turn these into links and notifications after the Markdown itself has been read, so a
# backslash does not help; an empty comment between the characters does.
_LINK = re.compile(
    r"@(?=\w)|#(?=\d)|\bGH-(?=\d)|:(?=//|[\w+-]+:)|\bwww(?=\.)|\b(?:mailto|xmpp)(?=:)"
    r"|\b[0-9a-f]{6}(?=[0-9a-f]{1,34}\b)",
    re.IGNORECASE,
)
_FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")


def visible(text: str, *, newlines: bool = False) -> str:
    r"""The text with everything that a terminal would obey, or hide, made visible.

    `ESC` becomes `␛`, a right-to-left override the six characters `\u202e`. A newline is kept
    only where it is asked for.
    """
    return (_UNSAFE_IN_LINES if newlines else _UNSAFE).sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def json_text(document: str) -> str:
    """A JSON document in which what a terminal would obey is written as a JSON escape.

    It means the same to every JSON parser. Newlines are kept: JSON allows them only between
    tokens.
    """
    return _UNSAFE_IN_LINES.sub(_json_escape, document)


def _json_escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))


def markdown(text: str) -> str:
    """The text as Markdown prose on one line: no markup, link, mention or HTML of its own."""
    broken = _LINK.sub("\\g<0>\0", visible(text))
    return _MARKUP.sub(r"\\\g<0>", broken).replace("\0", "<!-- -->")


def markdown_code(text: str) -> str:
    """The text as a Markdown code span, in which nothing is obeyed. Not for tables."""
    shown = visible(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return f"{fence} {shown} {fence}"


def markdown_fence(text: str, language: str = "") -> str:
    """The text as a fenced Markdown block; its newlines are kept."""
    shown = visible(text, newlines=True)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return f"{fence}{language}\n{shown}\n{fence}"


def cell(text: str) -> str:
    """The text as a cell of a sheet for people: a formula is shown, never computed."""
    shown = visible(text, newlines=True)
    return f"'{shown}" if _FORMULA.match(text) else shown
