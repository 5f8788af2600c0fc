"""Which examples are meant: by digest, by a field, by text, by source, or as somebody has them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dslineage.adapters.visible import strings
from dslineage.canonical.jcs import canonical_bytes
from dslineage.canonical.strict import JsonError, parse_json
from dslineage.errors import IntegrityError, UndecidableError, UsageError
from dslineage.versions.reading import RowReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.lineage.rowindex import RowIndex
    from dslineage.trace.history import History
    from dslineage.versions.snapshot import Snapshot

_PREFIX = re.compile(r"(?:sha256:)?([0-9a-f]{4,64})", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9 ]+")
_ESCAPED = re.compile(rb"\\u00[2-7]")
_BATCH = 4096


@dataclass
class Found:
    """The digests that are meant, and what was asked for and is in no version.

    `unread` says of versions of which some texts could not be read, by their numbers, why.
    """

    digests: set[bytes] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)
    unread: dict[int, str] = field(default_factory=dict)


class Matcher(NamedTuple):
    """Finds examples by what they say.

    `hint` are bytes that each of them has, unless it writes plain letters as escapes; empty where
    nothing is known of its bytes.
    """

    hint: bytes
    matches: Callable[[Mapping[str, Any]], bool]

    def may_match(self, raw: bytes) -> bool:
        """Whether a record is worth parsing."""
        return self.hint in raw or _ESCAPED.search(raw) is not None


def containing(text: str) -> Matcher:
    """Finds examples with a text in any of their strings.

    Raises:
        UsageError: the text is empty, and in all of them.
    """
    if not text:
        raise UsageError("an empty text is in every example", hint="--text TEXT")
    return Matcher(_hint(text), lambda example: any(text in one for one in strings(example)))


def having(name: str, text: str) -> Matcher:
    """Finds examples with a value in a field, or in a list that stands there.

    `a.b` is the field `b` of the object `a`, where there is no field of that name. A value that is
    no string is compared as JSON; a string as it is, or as JSON in its quotes.

    Raises:
        UsageError: the value is null.
    """
    try:
        parsed = parse_json(text.encode())
    except (JsonError, UnicodeEncodeError):
        parsed = None
    else:
        if parsed is None:
            raise UsageError(
                f"{name}=null: a field that is null is one that is not there",
                hint=f"""{name}='"null"' for the text""",
            )
    meant = None if parsed is None else canonical_bytes(parsed)

    def is_meant(value: Any) -> bool:
        if isinstance(value, str):
            return value in {text, parsed} if isinstance(parsed, str) else value == text
        return meant is not None and value is not None and canonical_bytes(value) == meant

    def matches(example: Mapping[str, Any]) -> bool:
        value = _at(example, name)
        return is_meant(value) or (isinstance(value, list) and any(map(is_meant, value)))

    return Matcher(_hint(text) if meant is None else b"", matches)


def by_digest(index: RowIndex, digests: Iterable[str]) -> Found:
    """Examples by their digests, by the first digits of them, or by those of their conversations.

    Whole digests that are neither may be the SHA-256 of a record's bytes as a file has them.

    Raises:
        UsageError: a text is no digest.
    """
    found, left = Found(), {}
    for text in digests:
        match = _PREFIX.fullmatch(text.strip())
        if match is None:
            raise UsageError(
                f"{text!r:.100} is no digest", hint="4 to 64 hex digits, with or without sha256:"
            )
        digits = match[1].lower()
        forms = {form.digest for form in index.beginning(digits)} or set(index.showing(digits))
        found.digests |= forms
        if not forms and len(digits) == 64:
            left[bytes.fromhex(digits)] = text
        elif not forms:
            found.missing.append(text)
    if left:
        _by_bytes(index, left, found)
    return found


def by_content(index: RowIndex, matcher: Matcher) -> Found:
    """Examples by what they say, in all versions whose texts are there."""
    reader, found = RowReader(index.store), Found()

    def look(rows: NDArray[np.int64]) -> Iterator[bytes]:
        may = [matcher.may_match(raw) for raw in _records(index, reader, rows)]
        for row in reader.parsed(rows[np.array(may, bool)]):
            if matcher.matches(row.value):
                yield hashlib.sha256(row.canonical).digest()

    _scan(index, look, found)
    return found


def of_snapshot(index: RowIndex, snapshot: Snapshot) -> Found:
    """The examples of a file, or else those with the same conversations."""
    rows = snapshot.rows()
    digests = snapshot.digests(rows)
    conversations = snapshot.facets(rows).conversation
    known, found = index.forms(digests), Found()
    for digest, conversation in zip(map(bytes, digests), map(bytes, conversations), strict=True):
        alike = [digest] if digest in known else list(index.showing(conversation.hex()))
        found.digests.update(alike)
        if not alike:
            found.missing.append(f"sha256:{digest.hex()}")
    return found


def of_source(history: History, source: str) -> Found:
    """The examples that come from a source, by its id: those of its versions.

    Where a step made a version of a source and of other versions, what those have is not meant.
    """
    found = Found()
    for number in history.index.number.values():
        edges = [edge for edge in history.sources(number) if edge.parent == source]
        if edges:
            digests = set(map(bytes, history.index.digests_in(1 << number)))
            if not any(edge.child == history.id(number) for edge in edges):
                digests -= set(map(bytes, history.index.digests_in(history.above[number])))
            found.digests |= digests
    return found


def _by_bytes(index: RowIndex, left: Mapping[bytes, str], found: Found) -> None:
    """Records by the SHA-256 of their bytes; what is not there, either, is missing."""
    reader = RowReader(index.store)
    known: set[bytes] = set()

    def look(rows: NDArray[np.int64]) -> Iterator[bytes]:
        digests = index.store.column(rows, "digest")
        for raw, digest in zip(_records(index, reader, rows), digests, strict=True):
            own = hashlib.sha256(raw).digest()
            if own in left:
                known.add(own)
                yield bytes(digest)

    _scan(index, look, found)
    found.missing += [text for raw, text in left.items() if raw not in known]


def _scan(
    index: RowIndex, look: Callable[[NDArray[np.int64]], Iterator[bytes]], found: Found
) -> None:
    """Look at all rows, some of one pack at a time; a pack that cannot be read is noted.

    What was forgotten says nothing.
    """
    digests: set[bytes] = set()
    for rows, versions in index.stored():
        kept = rows[~index.store.forgotten(rows)]
        try:
            for start in range(0, len(kept), _BATCH):
                digests.update(look(kept[start : start + _BATCH]))
        except (IntegrityError, UndecidableError) as error:
            for number in versions:
                found.unread.setdefault(number, error.message)
    column = np.frombuffer(b"".join(sorted(digests)), np.uint8).reshape(-1, 32)
    found.digests |= index.forms(column).keys()


def _records(index: RowIndex, reader: RowReader, rows: NDArray[np.int64]) -> Iterator[bytes]:
    """The bytes of some rows of one pack, ascending."""
    for pack, _, inner in index.store.by_pack(rows):
        yield from reader.records(pack, inner)


def _hint(text: str) -> bytes:
    return max(_PLAIN.findall(text), key=len, default="").encode()


def _at(example: Any, name: str) -> Any:
    """The value of a field by its name, or by the names that lead to it; None where it is not."""
    if not isinstance(example, Mapping):
        return None
    if name in example:
        return example[name]
    head, dot, rest = name.partition(".")
    return _at(example.get(head), rest) if dot else None
