"""The YAML block at the top of a card, changed in place: what is not ours stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dslineage.errors import BadDataError

_HEADER = re.compile(r"\A(\ufeff?---[ \t]*\r?\n)(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./@+-]*(?::[A-Za-z0-9_./@+-]+)*")
_NO_TEXT = {"true", "false", "yes", "no", "on", "off", "y", "n", "null", "inf", "nan"}
# What YAML does not allow or would fold, and what a terminal obeys or hides.
_ESCAPED = re.compile(
    r"[\"\\\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202f\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def front_matter(fields: Mapping[str, Any]) -> str:
    """A card of nothing but its YAML block."""
    return "\n".join(["---", *_lines(fields), "---", ""])


def changed_card(card: str, fields: Mapping[str, Any]) -> str:
    """A card with some fields set anew; a card without a YAML block gets one.

    Raises:
        BadDataError: its block is not YAML of one field a line.
    """
    match = _HEADER.match(card)
    if match is None:
        return front_matter(fields) + card
    newline = "\r\n" if match[1].endswith("\r\n") else "\n"
    block = match[2]
    before = read_fields(card)
    spans = dict(_spans(block))
    end = len(block)
    missing = [name for name in fields if name not in spans]
    pieces = [(end, end, {name: fields[name]}) for name in missing]
    pieces += [(*spans[name], {name: fields[name]}) for name in fields if name in spans]
    for start, stop, some in sorted(pieces, key=lambda piece: piece[:2], reverse=True):
        if before.get(next(iter(some))) != next(iter(some.values())):
            text = "".join(f"{line}{newline}" for line in _lines(some))
            block = block[:start] + text + block[stop:]
    result = card[: match.start(2)] + block + card[match.end(2) :]
    if read_fields(result) != {**before, **fields}:
        raise _bad("its YAML block cannot be changed one field at a time")
    return result


def read_fields(card: str) -> dict[Any, Any]:
    """The fields of a card's YAML block, none where it has no block.

    Raises:
        BadDataError: the block is not YAML, or has no fields.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    match = _HEADER.match(card)
    if match is None:
        return {}
    try:
        fields = YAML(typ="safe", pure=True).load(match[2])
    except (YAMLError, LookupError, RecursionError, ValueError) as error:
        raise _bad(" ".join(str(error).split())[:200]) from error
    if fields is None:
        return {}
    if not isinstance(fields, dict):
        raise _bad("its YAML block has no fields")
    return fields


def _spans(block: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Where each field stands, from its name to its last line; comments after it stay."""
    from ruamel.yaml import YAML

    root = YAML(typ="safe", pure=True).compose(block)
    if root is None:
        return
    if root.flow_style:
        raise _bad("its YAML block is a flow mapping")
    starts = [(key.value, key.start_mark) for key, _ in root.value]
    if any(mark.column for _, mark in starts):
        raise _bad("the fields of its YAML block are indented")
    ends = [mark.index for _, mark in starts[1:]] + [len(block)]
    for (name, mark), end in zip(starts, ends, strict=True):
        yield name, (mark.index, _trimmed(block, mark.index, end))


def _trimmed(block: str, start: int, end: int) -> int:
    """The end of a field without the comments and empty lines that follow it."""
    lines = block[start:end].splitlines(keepends=True)
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].startswith("#")):
        end -= len(lines.pop())
    return end


def _lines(value: Any, indent: int = 0) -> Iterator[str]:
    """A mapping or a list as lines of YAML."""
    margin = " " * indent
    for head, item in (
        ((f"{_text(name)}:", one) for name, one in value.items())
        if isinstance(value, Mapping)
        else (("-", one) for one in value)
    ):
        if isinstance(item, Mapping | list | tuple) and item:
            nested = list(_lines(item, indent + 2))
            if head == "-":
                yield f"{margin}- {nested[0].lstrip()}"
                nested = nested[1:]
            else:
                yield f"{margin}{head}"
            yield from nested
        else:
            yield f"{margin}{head} {_scalar(item)}"


def _scalar(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _text(value)
        case _:
            return "[]" if isinstance(value, list | tuple) else "{}"


def _text(text: str) -> str:
    """A text that YAML reads as that text, and that nothing on a screen obeys."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NO_TEXT:
        return text
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] in '"\\':
        return f"\\{match[0]}"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _bad(why: str) -> BadDataError:
    return BadDataError(f"the card cannot be changed: {why}", kind="bad-card")
