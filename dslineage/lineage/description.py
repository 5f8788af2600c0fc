"""What is said of a source, by a person or by a document that came with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from dslineage.errors import BadDataError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dslineage.records import Category, Gap, License, NamedFile

_LARGEST = 64 << 20
_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Description:
    """What is said of a source; None, or empty, is what nobody said. See `SourceRecord`."""

    uri: str | None = None
    title: str | None = None
    description: str | None = None
    revision: str | None = None
    files: tuple[NamedFile, ...] = ()
    license: License | None = None
    category: Category | None = None
    modality: str | None = None
    languages: tuple[str, ...] = ()
    published_at: str | None = None
    acquired_at: str | None = None
    consent: str | None = None
    geography: str | None = None
    personal_data: bool | None = None
    generator: str | None = None
    creators: tuple[str, ...] = ()
    statements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    imported_from: str | None = None
    gaps: tuple[Gap, ...] = ()

    def over(self, other: Description) -> Description:
        """This description, with what the other says where this one says nothing."""
        named = self.license is not None and self.license.name
        theirs = (gap for gap in other.gaps if not (named and gap.kind == "licence"))
        more = {"license": self._license_over(other), "gaps": (*self.gaps, *theirs)}
        return Description(**(other.said | self.said | more))

    @property
    def said(self) -> dict[str, Any]:
        """The members about which something is said."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in found.items() if value not in (None, (), {}, "")}

    def _license_over(self, other: Description) -> License | None:
        """The licence; a day or a URL alone is about the licence that the other names."""
        mine, theirs = self.license, other.license
        if mine is None or theirs is None or mine.name:
            return mine or theirs
        return replace(theirs, as_of=mine.as_of or theirs.as_of, url=mine.url or theirs.url)


def read_document(path: Path, what: str) -> bytes:
    """The bytes of a document about a source.

    Raises:
        NotFoundError: there is no such file.
        BadDataError: it is too large to be one.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}", kind="no-file")
    if path.stat().st_size > _LARGEST:
        raise BadDataError(f"{path.name} is too large for {what}", kind="bad-document")
    return path.read_bytes()


def imported(what: str, path: Path, data: bytes) -> str:
    """What a record says of the document that it was made from."""
    return f"{what} {path.name} sha256:{hashlib.sha256(data).hexdigest()}"


def short(text: str) -> str:
    """The text without white space around it, and cut where it is long."""
    text = text.strip()
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
