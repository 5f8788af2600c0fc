"""Looking into files and streams for forgotten examples, decoded where they are compressed."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple
from xml.sax.saxutils import escape

from dslineage.elsewhere.needles import Needles
from dslineage.elsewhere.place import Certainty
from dslineage.elsewhere.wanted import KnownFile, Wanted
from dslineage.errors import DslineageError
from dslineage.formats.base import Limits
from dslineage.formats.compression import codec_of, decompress
from dslineage.training.rows import rows_in_file
from dslineage.versions.filenames import is_data

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_PIECE = 1 << 20
_TABLES = {b"PAR1": ".parquet", b"ARROW1": ".arrow", b"\xff\xff\xff\xff": ".arrow"}
_ZIP = b"PK\x03\x04"
_HARMLESS = 64 << 20
_UNREADABLE = (DslineageError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError)


class Sight(NamedTuple):
    """What was seen in a file: how surely an example is in it, and a phrase that says why."""

    certainty: Certainty
    why: str


@dataclass(frozen=True)
class Seeker:
    """Looks for forgotten examples.

    `told` says that each of them has a text by which it is found in any dress: where none is found,
    nothing has to be parsed. `scratch` is a folder for decoded copies.
    """

    wanted: Wanted
    needles: Needles[Certainty]
    known: dict[str, KnownFile]
    told: bool
    scratch: Path

    @classmethod
    @contextmanager
    def of(cls, wanted: Wanted) -> Iterator[Seeker]:
        """A seeker, which can be used as long as the block lasts."""
        raw: Iterable[tuple[bytes, Certainty]] = ((one, "sure") for one in wanted.raw)
        texts: Iterable[tuple[bytes, Certainty]] = (
            (form, "likely") for text in wanted.texts for form in written_forms(text)
        )
        needles = Needles.of(chain(raw, texts))
        known = {file.sha256.hex: file for file in wanted.files}
        told = len(wanted.texts) >= len(wanted.examples)
        with tempfile.TemporaryDirectory(prefix="dslineage-") as folder:
            yield cls(wanted, needles, known, told, Path(folder))

    def by_hash(self, sha256: str) -> Sight | None:
        """What is known of a file by its SHA-256."""
        if sha256 not in self.known:
            return None
        file = self.known[sha256]
        return Sight("sure", f"it is {file.path} of {file.version}")

    def in_file(self, path: Path) -> Sight | None:
        """What a regular file has of them; None where it has nothing. Links are not followed."""
        try:
            return self._in_regular(path, os.open(path, _FLAGS))
        except OSError as error:
            return Sight("unknown", f"it cannot be read: {error.strerror}")

    def _in_regular(self, path: Path, handle: int) -> Sight | None:
        with open(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return None
            if any(one.size == status.st_size for one in self.wanted.files):
                known = self.by_hash(hashlib.file_digest(file, "sha256").hexdigest())
                if known is not None:
                    return known
                file.seek(0)
            head = file.read(_PIECE)
            file.seek(0)
            return self._in_content(path, head, file, status.st_size)

    def in_stream(self, pieces: Iterable[bytes], size: int) -> Sight | None:
        """The same of the bytes of a file without a name."""
        rest = iter(pieces)
        head = next(rest, b"")
        known = any(one.size == size for one in self.wanted.files)
        packed = codec_of(head[:16]) or _table(head) or head[:4] == _ZIP
        if not (known or packed or (_records(head) and not self.told)):
            return _told(self.needles.found_in(chain([head], rest)))
        suffix = _table(head)
        with tempfile.NamedTemporaryFile(dir=self.scratch, suffix=suffix) as spool:
            for piece in chain([head], rest):
                spool.write(piece)
            spool.flush()
            return self.in_file(Path(spool.name))

    def _in_content(self, path: Path, head: bytes, file: BinaryIO, size: int) -> Sight | None:
        try:
            if codec := codec_of(head[:16]):
                decoded = decompress(path, codec, self.scratch, Limits())
                with ExitStack() as closing:
                    closing.callback(decoded.unlink)
                    found = self.needles.found_in(
                        _pieces(closing.enter_context(decoded.open("rb")))
                    )
            elif head[:4] == _ZIP:
                return _told(self.needles.found_in(_unzipped(file, size)))
            elif _table(head):
                return self._in_rows(path)
            else:
                found = self.needles.found_in(_pieces(file))
        except _UNREADABLE as error:
            said = str(error).splitlines()
            return Sight(
                "unknown", f"it cannot be read: {said[0] if said else type(error).__name__}"
            )
        unclear = "likely" in found or not self.told
        if "sure" not in found and unclear and (is_data(path.name) or _records(head)):
            with suppress(*_UNREADABLE):  # it was searched by its bytes already
                return self._in_rows(path) or _told(found)
        return _told(found)

    def _in_rows(self, path: Path) -> Sight | None:
        """What the examples of a data file are, whatever bytes it writes them with."""
        equal = 0

        def canonical() -> Iterator[bytes]:
            nonlocal equal
            with ExitStack() as closing:
                for chunk in rows_in_file(path, closing):
                    for row in chunk:
                        equal += hashlib.sha256(row.canonical).digest() in self.wanted.examples
                        yield row.canonical

        rows = canonical()
        found = self.needles.found_in(rows)
        deque(rows, maxlen=0)  # without needles nothing was read
        if equal:
            many = "one" if equal == 1 else f"{equal:,}"
            return Sight("sure", f"it has {many} of the examples")
        return _told(found)


def written_forms(text: str) -> set[bytes]:
    """How a text stands in files: as it is, in JSON, in a CSV cell, and in XML."""
    plain = text.encode("utf-8", "surrogatepass")
    forms = {plain, plain.replace(b'"', b'""'), escape(text).encode("utf-8", "surrogatepass")}
    for ascii_only in (True, False):
        quoted = json.dumps(text, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
        forms |= {quoted[1:-1], quoted[1:-1].replace(b"/", b"\\/")}
    return forms


def _told(found: set[Certainty]) -> Sight | None:
    if "sure" in found:
        return Sight("sure", "it has the bytes of an example")
    return Sight("likely", "it has a text of an example") if found else None


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _table(head: bytes) -> str:
    """The suffix of a table that begins so; empty for anything else."""
    return next((suffix for magic, suffix in _TABLES.items() if head.startswith(magic)), "")


def _records(head: bytes) -> bool:
    """Whether a file that begins so has one JSON object a line, or an array of them."""
    first = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:_PIECE].partition(b"\n")[0].rstrip()
    return first.startswith(b"[") or (first.startswith(b"{") and first.endswith(b"}"))


def _unzipped(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The bytes of all members of an archive, one after the other.

    Raises:
        EOFError: they are more than an archive of that size can hold in earnest.
    """
    left = max(_HARMLESS, size * Limits().ratio)
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            with archive.open(member) as inner:
                while piece := inner.read(_PIECE):
                    left -= len(piece)
                    if left < 0:
                        raise EOFError("it decodes to far more than its size")
                    yield piece
