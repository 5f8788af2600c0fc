"""Rows that differ only in their texts: one is read, the others are written from what it taught.

Most rows of a file have one of a few skeletons: the same members in the same order, and the same
roles. What such a row becomes hangs on its texts only by their being put in their places. So the
first of a skeleton is read with a mark in the place of each text and integer, by the code that
reads every row; where the marks come out says how to write the others, without parser and objects.

That is sound where the conversation only places texts (`Family.only_places_texts`), and where a
text is written canonically as it stands in the row. Other rows get no stencil.
`docs/adr/0013-stencils.md` has the whole argument.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson
from xxhash import xxh3_64_digest

from dslineage.adapters import native
from dslineage.adapters.base import Adapter, Facets
from dslineage.adapters.facets import ABSENT, Faceter, short, view_of
from dslineage.adapters.family import Family
from dslineage.adapters.folding import folded_twice
from dslineage.canonical.fast import parse_rows
from dslineage.canonical.rows import Row

_sha256 = hashlib.sha256

MOST = 1024
"""Skeletons that are remembered; rows of others are read each by itself."""
MOST_PARTS = 1 << 18
"""Parts that all their forms may have: some 20 MB."""

Form = tuple[bytes | int, ...]
"""Bytes, and the numbers of the leaves between them."""

Pressed = tuple[Any, ...]
"""The forms of a row, its text, and the stencil."""

_CALLED = 1
"""The way in which `native.c` is called here."""
_CONVERSATION, _REST, _UNKEYED, _FOLDED, _REPAIRED = map(
    Facets._fields.index, ("conversation", "rest", "unkeyed", "folded", "repaired")
)
_INTEGERS = 876_543_210_900_000
"""Marks of integers begin here: as long as an integer in a row may be."""
_MARK = re.compile(rb"\x7f(\d+)\x7f|8765432109(\d{5})")


class Stencil(NamedTuple):
    """How the rows of one skeleton are written.

    `forms` are the canonical form, that of the conversation, and those of the facets at the places
    `varying`; the other facets, but for those of several forms, are as in `facets`. `text` is what
    a reader sees, its leaves without their escapes, `shape` that of each row.
    """

    forms: tuple[Form, ...]
    text: Form
    facets: Facets
    varying: tuple[int, ...]
    shape: tuple[Any, ...]


class Printed(NamedTuple):
    """What a row is, without its value."""

    canonical: bytes
    facets: Facets
    shape: tuple[Any, ...]


class Stencils:
    """The stencils of an adapter, learned from the rows that it meets."""

    def __init__(self, adapter: Adapter, key: str | None, depth: int) -> None:
        self._family = adapter if isinstance(adapter, Family) and _is_markless(adapter) else None
        self._faceter = Faceter(adapter, key)
        self._depth = depth
        self._tag = self._family.role if self._family and self._family.messages else ""
        self._spelled = orjson.dumps(self._tag)[1:-1]
        self._known: dict[bytes, Stencil | None] = {}
        self._parts = 0

    def printed(
        self, records: Sequence[bytes], text: bytes | memoryview
    ) -> Iterator[Printed | None]:
        """What each record is, or None where it has to be read by itself.

        Args:
            records: the bytes of each.
            text: all of them, one behind the other, whatever stands between them.
        """
        if self._family is None or native.COMPILED != _CALLED or not _is_utf8(text):
            yield from [None] * len(records)
            return
        known, tag = self._known, self._spelled
        for record in records:
            pressed = native.press(record, known, tag)
            if type(pressed) is bytes and len(known) < MOST and self._parts < MOST_PARTS:
                stencil = self._learned(self._family, record, pressed)
                self._parts += sum(map(len, stencil.forms)) if stencil else 0
                known[pressed] = stencil
                pressed = native.press(record, known, tag)
            yield _printed(pressed) if type(pressed) is tuple else None

    def _learned(self, family: Family, record: bytes, skeleton: bytes) -> Stencil | None:
        """The stencil of a record's skeleton; None where other rows of it may become otherwise."""
        [row] = parse_rows([record], self._depth)
        if type(row) is not Row or not row.plain or _MARK.search(skeleton):
            return None
        if not family.only_places_texts(row.value):
            return None
        try:
            stencil = self._of_marked(family, _Marking(self._tag).of(row.value), row.shape)
        except RecursionError:  # which hangs on who calls; the row may still be read
            return None
        pressed = native.press(record, {skeleton: stencil}, self._spelled)
        facets = self._faceter.facets(row.value, _sha256(row.canonical).digest())
        alone = Printed(row.canonical, facets, row.shape)
        return stencil if type(pressed) is tuple and _printed(pressed) == alone else None

    def _of_marked(self, family: Family, value: dict[str, Any], shape: tuple[Any, ...]) -> Stencil:
        view = view_of(family.conversation(value))
        rest, key = self._faceter.beside(value, plain=True)
        parts = {**view._asdict(), "rest": rest, "key": key}
        of_one = [name for name in Facets._fields[1:] if name in parts]
        varying = [name for name in of_one if _MARK.search(parts[name])]
        constant = {name: short(parts[name]) for name in of_one}
        return Stencil(
            forms=(
                _form(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)),
                _form(view.conversation),
                *(_form(parts[name]) for name in varying),
            ),
            text=_form(view.text.encode()),
            facets=Facets(*(constant.get(name, ABSENT) for name in Facets._fields)),
            varying=tuple(map(Facets._fields.index, varying)),
            shape=shape,
        )


class _Marking:
    """Puts a mark in the place of each leaf, in the order in which `press` numbers them."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self._tagged = False
        self._leaves = 0

    def of(self, value: Any) -> Any:
        kind = type(value)
        if kind is dict:
            return {name: self._member(name, item) for name, item in value.items()}
        if kind is list:
            return [self.of(item) for item in value]
        if kind is int or (kind is str and value and not self._tagged):
            self._leaves += 1
            leaf = self._leaves - 1
            return f"\x7f{leaf}\x7f" if kind is str else _INTEGERS + leaf
        return value

    def _member(self, name: str, item: Any) -> Any:
        self._tagged = name == self._tag
        return self.of(item)


def _form(written: bytes) -> Form:
    """The form of what marks were written into."""
    parts: list[bytes | int] = []
    place = 0
    for mark in _MARK.finditer(written):
        parts += (written[place : mark.start()], int(mark[1] or mark[2]))
        place = mark.end()
    return (*parts, written[place:])


def _printed(pressed: Pressed) -> Printed:
    canonical, said, *others, text, stencil = pressed
    facets = list(stencil.facets)
    for place, form in zip(stencil.varying, others, strict=True):
        facets[place] = xxh3_64_digest(form)
    facets[_CONVERSATION] = digest = _sha256(said).digest()
    facets[_UNKEYED] = xxh3_64_digest(digest + facets[_REST])
    folded, repaired = folded_twice(text)
    facets[_FOLDED], facets[_REPAIRED] = short(folded), short(repaired)
    return Printed(canonical, Facets._make(facets), stencil.shape)


def _is_markless(family: Family) -> bool:
    """Whether no name that a user gave can be taken for a mark, and each can be written."""
    try:
        return not _MARK.search(orjson.dumps(family.mapping))
    except orjson.JSONEncodeError:
        return False


def _is_utf8(text: bytes | memoryview) -> bool:
    try:
        str(text, "utf-8")
    except UnicodeDecodeError:
        return False
    return True
