"""The folder of objects: what stands where in it, its format, and its lock."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import orjson

from dslineage.disk import make_folder
from dslineage.errors import IntegrityError
from dslineage.store.files import write_file
from dslineage.store.lock import WAIT_SECONDS, exclusive

FORMAT = {"format": 1, "features": []}
OBJECTS = ("packs", "views", "measures", "layouts", "blobs", "media", "links", "keys")
"""The folders of objects."""
_FOLDERS = (*OBJECTS, "tmp", "cache/views", "cache/measures")


class ObjectFolder:
    """Where the objects of a repository are.

    Args:
        root: the folder.
        durable: whether what is written must outlive a power cut.
        lock_seconds: how long to wait for another writer.

    Raises:
        IntegrityError: the folder has a format that this release does not know.
    """

    def __init__(
        self, root: Path, *, durable: bool = True, lock_seconds: float = WAIT_SECONDS
    ) -> None:
        self.root = root
        self.durable = durable
        self.lock_seconds = lock_seconds
        marker = root / "format"
        if marker.exists():
            _check_format(marker)

    @property
    def packs_folder(self) -> Path:
        """Where packs are."""
        return self.root / "packs"

    @property
    def views_folder(self) -> Path:
        """Where views are."""
        return self.root / "views"

    @property
    def layouts_folder(self) -> Path:
        """Where layouts are."""
        return self.root / "layouts"

    @property
    def blobs_folder(self) -> Path:
        """Where whole files are."""
        return self.root / "blobs"

    @property
    def media_folder(self) -> Path:
        """Where media lists are."""
        return self.root / "media"

    @property
    def links_folder(self) -> Path:
        """Where links between rows are."""
        return self.root / "links"

    @property
    def keys_folder(self) -> Path:
        """Where keys of deny lists are."""
        return self.root / "keys"

    @property
    def measures_folder(self) -> Path:
        """Where values of metrics are."""
        return self.root / "measures"

    @property
    def cached_views_folder(self) -> Path:
        """Where views are that a reading command had to compute."""
        return self.root / "cache" / "views"

    @property
    def temporary_folder(self) -> Path:
        """Where decoded copies live for the length of a command."""
        return self.root / "tmp"

    def prepare(self) -> None:
        """Make the folders, before anything is written."""
        for folder in _FOLDERS:
            make_folder(self.root / folder, durable=self.durable)
        if not (self.root / "format").exists():
            write_file(self.root / "format", orjson.dumps(FORMAT) + b"\n")

    @property
    def lock_path(self) -> Path:
        """The file that is locked while versions are published."""
        return self.root / "lock"

    def lock(self) -> AbstractContextManager[None]:
        """Hold the lock under which versions are published."""
        make_folder(self.root)
        return exclusive(self.lock_path, wait_seconds=self.lock_seconds)


def _check_format(marker: Path) -> None:
    try:
        found: Mapping[str, Any] = orjson.loads(marker.read_bytes())
        version, features = int(found["format"]), list(found["features"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise IntegrityError(f"the format file {marker} cannot be read: {error}") from error
    if version != FORMAT["format"] or features:
        release = found.get("release")
        needed = f"; dslineage {release} reads them" if isinstance(release, str) else ""
        raise IntegrityError(
            f"the objects in {marker.parent} have format {version} with features {features}; "
            f"this release reads format 1{needed}",
            kind="newer-format",
            hint="pip install --upgrade dslineage",
        )
