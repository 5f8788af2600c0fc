"""Media lists: the files that the examples of a version refer to, and what was in them.

The normative text is `docs/format.md`, section Media lists. Nothing here needs numpy, so that
`status` stays quick.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import orjson

from dslineage.errors import UsageError
from dslineage.ids import Digest
from dslineage.store.files import write_file
from dslineage.store.framed import damaged, framed, missing, unframed

MAGIC = b"dslmed01"
_SCHEMA = "dslineage.media/1"

Unread = Literal["denied", "missing", "not-a-file", "outside", "too-large", "url"]
"""Why a file was not read."""


class Medium(NamedTuple):
    """A file by the name under which examples refer to it; with its digest, or why it has none."""

    name: str
    digest: Digest | None = None
    unread: Unread | None = None

    def to_dict(self) -> dict[str, str]:
        """The medium as a JSON object."""
        if self.digest is not None:
            return {"name": self.name, "sha256": self.digest.hex}
        return {"name": self.name, "unread": str(self.unread)}

    @classmethod
    def from_dict(cls, entry: dict[str, Any]) -> Medium:
        """Read an entry; a KeyError, TypeError or ValueError where it is none."""
        if "sha256" in entry:
            return cls(str(entry["name"]), Digest.parse(f"sha256:{entry['sha256']}"))
        if entry["unread"] not in get_args(Unread):
            raise ValueError(f"unread for no known reason: {entry['unread']!r:.100}")
        return cls(str(entry["name"]), unread=entry["unread"])


@dataclass(frozen=True)
class MediaList:
    """The media of a version.

    `media` are sorted by name; `references` has, for each example in file order, the places in
    `media` of what it refers to, in the order in which it does. Both are empty where no example
    refers to any.
    """

    media: tuple[Medium, ...] = ()
    references: tuple[tuple[int, ...], ...] = ()

    @classmethod
    def of(cls, media: Sequence[Medium], names: Sequence[Sequence[str]]) -> MediaList:
        """The list of some media, and the names to which each example refers."""
        if not media:
            return NO_MEDIA
        places = {medium.name: place for place, medium in enumerate(media)}
        references = (tuple(places[name] for name in some) for some in names)
        return cls(tuple(media), tuple(references))

    def digests(self, example: int) -> tuple[bytes | None, ...]:
        """The digests of what an example refers to, in order; None for what was not read."""
        return tuple(self._raw[place] for place in self.references[example])

    @property
    def read(self) -> int:
        """How many media were read."""
        return sum(medium.digest is not None for medium in self.media)

    @property
    def unread(self) -> dict[str, int]:
        """How many were not, by reason."""
        reasons = Counter(medium.unread for medium in self.media if medium.unread)
        return {str(reason): reasons[reason] for reason in sorted(reasons)}

    @cached_property
    def digest(self) -> Digest:
        """The SHA-256 of the list's content, by which it is called."""
        return Digest.of(self._content)

    @cached_property
    def encoded(self) -> bytes:
        """The bytes of the object."""
        return framed(MAGIC, self._content, level=9)

    @classmethod
    def decode(cls, data: bytes, name: str) -> MediaList:
        """Read an object's bytes.

        Raises:
            IntegrityError: they are not those of the media list of that name.
        """
        content = unframed(MAGIC, data, name)
        if Digest.of(content).hex != name:
            raise damaged(name, "its content has another hash")
        try:
            document = orjson.loads(content)
            if document["schema"] != _SCHEMA:
                raise damaged(name, f"its schema is {document['schema']!r:.100}")
            media = tuple(map(Medium.from_dict, document["media"]))
            references = tuple(map(tuple, document["references"]))
            if any(not 0 <= place < len(media) for places in references for place in places):
                raise damaged(name, "it refers to media that it does not list")
        except (KeyError, TypeError, ValueError, UsageError) as error:
            raise damaged(name, f"it is no media list ({error})") from error
        return cls(media, references)

    @cached_property
    def _raw(self) -> list[bytes | None]:
        return [None if one.digest is None else one.digest.raw for one in self.media]

    @cached_property
    def _content(self) -> bytes:
        """The canonical form; members have ASCII names and no numbers but integers."""
        document = {
            "schema": _SCHEMA,
            "media": [medium.to_dict() for medium in self.media],
            "references": self.references,
        }
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


NO_MEDIA = MediaList()
"""Of versions of which no example refers to any file."""


def write_media(folder: Path, media: MediaList, *, durable: bool) -> None:
    """Write a media list under its name, unless it is there."""
    path = folder / media.digest.hex
    if not path.exists():
        write_file(path, media.encoded, durable=durable)


def read_media(folder: Path, digest: Digest) -> MediaList:
    """Read a media list; an IntegrityError where it is missing or damaged."""
    path = folder / digest.hex
    try:
        return MediaList.decode(path.read_bytes(), path.name)
    except FileNotFoundError:
        raise missing(path.name) from None
