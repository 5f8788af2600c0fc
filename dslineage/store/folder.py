"""The folder of objects: what stands where in it, its format, and its lock."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from dslineage.disk import make_folder
from dslineage.errors import IntegrityError
from dslineage.store.files import write_file
from dslineage.store.lock import WAIT_SECONDS, exclusive
from dslineage.store.marker import UPGRADE, Marker, Operation

_FORMAT = b'{"format":1,"features":[]}\n'
_KNOWN: frozenset[str] = frozenset()
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
        self.require("read")

    def require(self, operation: Operation) -> None:
        """See that this release may read, write or delete what is here.

        Raises:
            IntegrityError: that takes a newer one.
        """
        path = self.root / "format"
        try:
            marker = Marker.parse(path.read_bytes())
        except FileNotFoundError:
            return
        except (LookupError, TypeError, ValueError) as error:
            raise IntegrityError(f"the format file {path} cannot be read: {error}") from error
        if why := marker.refusal(operation, str(self.root), _KNOWN):
            raise IntegrityError(why, kind="newer-format", hint=UPGRADE)

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
        """Make the folders, before anything is written.

        Raises:
            IntegrityError: to write here takes a newer release.
        """
        self.require("write")
        for folder in _FOLDERS:
            make_folder(self.root / folder, durable=self.durable)
        if self.root.is_symlink() and not self.shared_path.exists():
            write_file(self.shared_path, b"")
        if not (self.root / "format").exists():
            write_file(self.root / "format", _FORMAT)

    @property
    def shared_path(self) -> Path:
        """A file that is there where repositories that link to this folder wrote to it."""
        return self.root / "shared"

    @property
    def lock_path(self) -> Path:
        """The file that is locked while versions are published."""
        return self.root / "lock"

    def lock(self) -> AbstractContextManager[None]:
        """Hold the lock under which versions are published."""
        make_folder(self.root)
        return exclusive(self.lock_path, wait_seconds=self.lock_seconds)
