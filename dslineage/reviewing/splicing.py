"""New texts in the raw bytes of a record, every other byte as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from dslineage.reviewing.leaves import WHOLE, Path

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_QUOTED = re.compile(r'"[^"]*+(?:""[^"]*+)*+"')
_LINE_END = re.compile(rb"\r\n|\n|\r")


def json_spliced(raw: bytes, texts: Mapping[Path, str]) -> bytes:
    """A JSON object with some of its strings replaced.

    A record that is all ASCII, with escapes, gets escapes in what is new as well.

    Args:
        raw: the record, which is valid JSON.
        texts: the new text at each path; at `WHOLE`, the whole record.
    """
    if WHOLE in texts:
        return texts[WHOLE].encode()
    text = raw.decode()
    escaped = raw.isascii() and b"\\u" in raw
    pieces, at = [], 0
    for path, start, stop in _strings(text):
        if path in texts:
            pieces += [text[at:start], json.dumps(texts[path], ensure_ascii=escaped)]
            at = stop
    return "".join([*pieces, text[at:]]).encode()


def cells_spliced(raw: bytes, delimiter: str, texts: Mapping[int, str]) -> bytes:
    """A record of a CSV file with some of its cells, by number, replaced."""
    pieces = []
    for place, cell in enumerate(_cells(raw.decode(), delimiter)):
        pieces.append(_quoted(texts[place], cell, delimiter) if place in texts else cell)
    record = delimiter.join(pieces)
    return (record if record.strip() else f'"{record}"').encode()  # a bare line is no record


def without_line(gap: bytes) -> bytes:
    """The bytes between two records without the end of the line that the record before was on."""
    found = _LINE_END.search(gap)
    return gap[found.end() :] if found else gap


def _strings(text: str) -> Iterator[tuple[Path, int, int]]:
    """Every string value of a JSON object: its path, and where its token stands."""
    path: list[str | int] = []
    keyed = False
    for token in _TOKEN.finditer(text):
        first = token[0][0]
        if first in "{[":
            path.append(0 if first == "[" else "")
            keyed = False
        elif first in "}]":
            path.pop()
        elif first == ",":
            last = path[-1]
            path[-1] = last + 1 if isinstance(last, int) else ""
            keyed = False
        elif first == ":":
            keyed = True
        elif first == '"' and isinstance(path[-1], str) and not keyed:
            path[-1] = json.loads(token[0])
        elif first == '"':
            yield tuple(path), token.start(), token.end()


def _cells(text: str, delimiter: str) -> Iterator[str]:
    at = 0
    while True:
        if text.startswith('"', at):
            found = _QUOTED.match(text, at)
            stop = found.end() if found else len(text)
        else:
            stop = text.find(delimiter, at)
            stop = len(text) if stop < 0 else stop
        yield text[at:stop]
        if stop == len(text):
            return
        at = stop + 1


def _quoted(text: str, before: str, delimiter: str) -> str:
    special = any(char in text for char in f'{delimiter}"\r\n')
    if special or before.startswith('"') or text.startswith("\ufeff"):
        return '"' + text.replace('"', '""') + '"'
    return text
