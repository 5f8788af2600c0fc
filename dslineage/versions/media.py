"""The media that examples refer to by name, found in the work tree and hashed.

What may be read is stated in `docs/format.md`, section Media lists: regular files of the
repository, at most `MEDIA_BYTES` each.
"""

from __future__ import annotations

import os
import posixpath
import re
import stat
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.store.media import MediaList, Medium, Unread, read_media
from dslineage.versions.worktree import HashCache

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.versions.options import Report

MEDIA_BYTES = 1 << 32
"""Larger files are not read."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_THREADS = 4
_AT_ONCE = 256
_OURS = {".git", ".dslineage"}


@dataclass(frozen=True, slots=True)
class MediaFiles:
    """Where the media of a data set are.

    Nothing outside of `root` is read. `folder` is that of the pointer; `base` what references are
    relative to, itself relative to `folder`; None: the folder of the data file that they are in.
    `cache` knows the hashes of files that did not change.
    """

    root: Path
    folder: Path
    base: str | None
    cache: HashCache

    @classmethod
    def below(cls, root: Path, folder: Path, base: str | None, cache: HashCache) -> MediaFiles:
        """The same for a folder that may be named by way of links."""
        return cls(Path(os.path.realpath(root)), Path(os.path.realpath(folder)), base, cache)

    def listed(
        self,
        files: Sequence[str],
        references: Sequence[Sequence[Sequence[str]]],
        report: Report | None = None,
    ) -> MediaList:
        """The media list of a version, whose files are read here.

        Args:
            files: the data files, relative to `folder`.
            references: for each of them, for each of its examples, what that refers to.
            report: called as media are read.
        """
        names = [
            [self._name(file, reference) for reference in of_example]
            for file, of_file in zip(files, references, strict=True)
            for of_example in of_file
        ]
        every = sorted({name for some in names for name in some})
        return MediaList.of(self.read(every, report), names)

    def read(self, names: Sequence[str], report: Report | None = None) -> list[Medium]:
        """Each name with the digest of its file, or why it has none."""
        parts = [names[first : first + _AT_ONCE] for first in range(0, len(names), _AT_ONCE)]
        media: list[Medium] = []
        with ThreadPoolExecutor(_THREADS) as pool:
            for some in pool.map(self._read_some, parts):
                media += some
                _tell(report, len(media), len(names))
        return media

    def changed(self, media: MediaList) -> int:
        """How many media of a list are others now, or can be read where they could not."""
        now = self.read([medium.name for medium in media.media])
        pairs = zip(media.media, now, strict=True)
        return sum(before.digest != after.digest for before, after in pairs)

    def _name(self, file: str, reference: str) -> str:
        if _URL.match(reference):
            return reference
        base = posixpath.dirname(file) if self.base is None else self.base
        return posixpath.join(base, reference)

    def _read_some(self, names: Sequence[str]) -> list[Medium]:
        return [self._read(name) for name in names]

    def _read(self, name: str) -> Medium:
        try:
            found = self._find(name)
            if isinstance(found, Path):
                return Medium(name, self.cache.hash_of(found))
        except PermissionError:
            found = "denied"
        except (OSError, ValueError):  # no such file, a loop of links, a name that none can have
            found = "missing"
        return Medium(name, unread=found)

    def _find(self, name: str) -> Path | Unread:
        """The file of a name, or why it is not to be read."""
        if _URL.match(name):
            return "url"
        named = f"{self.folder}/{name}" if name[:1] != "/" else name
        if not self._is_inside(os.path.normpath(named)):
            return "outside"
        real = os.path.realpath(named, strict=True)
        if not self._is_inside(real):
            return "outside"
        status = os.stat(real)  # noqa: PTH116 - paths are many, and slow to take apart
        if not stat.S_ISREG(status.st_mode):
            return "not-a-file"
        return "too-large" if status.st_size > MEDIA_BYTES else Path(real)

    def _is_inside(self, path: str) -> bool:
        """Whether a path is one of the repository, and none of git's or dslineage's own."""
        root = f"{self.root}/"
        return path.startswith(root) and _OURS.isdisjoint(path[len(root) :].lower().split("/"))


def media_cache(objects: Path) -> HashCache:
    """What is known of the media of a repository whose objects are in a folder."""
    return HashCache.load(objects / "cache" / "media.json")


def changed_media(root: Path, folder: str, record: DatasetRecord, objects: Path) -> int:
    """How many media of a version changed in the work tree; 0 where its list is not here.

    Args:
        root: the repository.
        folder: that of the pointer.
        record: the version.
        objects: the folder of objects.
    """
    if record.media is None or not (objects / "media" / record.media.list.hex).exists():
        return 0
    cache = media_cache(objects)
    files = MediaFiles.below(root, root / folder, record.media.folder, cache)
    changed = files.changed(read_media(objects / "media", record.media.list))
    cache.save()
    return changed


def _tell(report: Report | None, done: int, total: int) -> None:
    if report is not None:
        from dslineage.versions.options import Progress  # which brings numpy along

        report(Progress("media", done, total))


def unread_notices(media: MediaList) -> Iterator[str]:
    """A sentence about what was not read, where there is any."""
    if not media.unread:
        return
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in media.unread.items())
    such = next(medium.name for medium in media.media if medium.unread)
    yield (
        f"{sum(media.unread.values()):,} of {len(media.media):,} media were not read ({reasons}), "
        f"such as {such}: a change of what is in them goes unseen"
    )
