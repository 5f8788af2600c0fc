"""The workspace: a git repository, a place in it, and the tools that work on its data sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from dslineage.store.lock import WAIT_SECONDS
from dslineage.versions.catalog import Catalog
from dslineage.versions.git import Git
from dslineage.versions.references import Target, resolve

if TYPE_CHECKING:
    from dslineage.meter import Meter
    from dslineage.quality.profile import Profile
    from dslineage.quality.trust import Trust
    from dslineage.reviewing.desk import Desk
    from dslineage.store.store import Store
    from dslineage.versions.denied import DenyList
    from dslineage.versions.options import ReadOptions
    from dslineage.versions.recording import Stamp
    from dslineage.versions.sides import Sides
    from dslineage.versions.stored import StoredSnapshot

TOOL = "dslineage 0.1.0"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Workspace:
    """A git repository whose data sets are versioned.

    `here` is the folder that relative paths start from; `clock` gives the time that records
    carry, so that a caller can pin it; `lock_seconds` is how long to wait for another writer;
    `trust_file` is where it stands which code may run, None: none may.

    Each tool is made anew when it is asked for, and sees the repository as it is then.
    """

    git: Git
    here: Path
    clock: Callable[[], datetime] = field(default=_now)
    lock_seconds: float = WAIT_SECONDS
    trust_file: Path | None = None

    @classmethod
    def open(
        cls,
        path: Path | str = ".",
        *,
        clock: Callable[[], datetime] | None = None,
        lock_seconds: float = WAIT_SECONDS,
        trust_file: Path | None = None,
    ) -> Self:
        """The repository that a folder is in.

        Raises:
            NotFoundError: the folder is in no git repository.
        """
        here = Path(path).absolute()
        return cls(Git.find(here), here, clock or _now, lock_seconds, trust_file)

    @property
    def root(self) -> Path:
        """The top of the work tree."""
        return self.git.root

    @property
    def store(self) -> Store:
        """The object store, opened anew."""
        from dslineage.store.store import Store

        return Store(self.git.common_dir / "dslineage", lock_seconds=self.lock_seconds)

    @property
    def catalog(self) -> Catalog:
        """The records and pointers as they are now."""
        return Catalog(self.git)

    @property
    def deny_list(self) -> DenyList | None:
        """What was forgotten, or None where nothing was.

        Raises:
            IntegrityError: it is damaged, or its key is not here.
        """
        from dslineage.versions.denied import deny_list

        return deny_list(self.git, self.store)

    @property
    def sides(self) -> Sides:
        """Opens the states of data sets that references name."""
        from dslineage.versions.sides import Sides

        return Sides(self.catalog, self.store, self.here)

    @property
    def trust(self) -> Trust:
        """Which code of this repository may run."""
        from dslineage.quality.trust import Trust

        return Trust(self.trust_file, self.root)

    @property
    def meter(self) -> Meter:
        """Measures versions, and says what gates say of them."""
        from dslineage.meter import Meter

        return Meter(self.sides, self.store, self.time(), TOOL)

    @property
    def desk(self) -> Desk:
        """Writes and reads the sheets of reviewers."""
        from dslineage.reviewing.desk import Desk

        return Desk(self.catalog, self.store, self.sides)

    @property
    def profile(self) -> Profile:
        """The metrics by which versions are measured; code runs only where it was trusted."""
        return self.profile_of(None)

    def profile_of(self, dataset: str | None) -> Profile:
        """The profile of a data set: evaluation sets are not compared with themselves."""
        from dslineage.quality.choosing import Consent

        return self.meter.profile(Consent(self.trust), dataset)

    @property
    def vocabulary(self) -> Profile:
        """The metrics and judges of the repository, to be read: no judge is asked."""
        return self.meter.vocabulary(self.trust)

    def time(self) -> str:
        """The time that a record of now carries, as ISO 8601."""
        created = self.clock().astimezone(UTC).replace(microsecond=0).isoformat()
        return created.replace("+00:00", "Z")

    def stamp(self, message: str) -> Stamp:
        """What a record of now says of its making."""
        from dslineage.versions.recording import Stamp

        return Stamp(message, self.git.author, self.time(), TOOL)

    def resolve(self, text: str) -> Target:
        """What a reference names.

        Raises:
            NotFoundError: it is unknown or ambiguous.
        """
        return resolve(self.catalog, text, here=self.here)

    @contextmanager
    def snapshot(self, *refs: str, read: ReadOptions | None = None) -> Iterator[StoredSnapshot]:
        """One state of a data set, opened for reading."""
        with self.sides.one("@".join(refs), read) as snapshot:
            yield snapshot
