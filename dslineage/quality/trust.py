"""Trust: which code of which repository a person said may run, kept outside of any repository."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from dslineage.disk import make_folder
from dslineage.errors import UntrustedError, UsageError
from dslineage.ids import Digest
from dslineage.store.files import write_file


@dataclass(frozen=True, slots=True)
class Trust:
    """The files that were trusted, by real path and content; an edit asks again.

    `file` is where that is kept; without one, nothing is trusted. It counts for nothing inside of
    `root`, the repository whose code it is about: a clone could bring it along.
    """

    file: Path | None = None
    root: Path | None = None

    def allows(self, path: Path, content: Digest) -> bool:
        """Whether just this content at just this path was trusted."""
        return self._entries().get(_key(path)) == str(content)

    def require(self, path: Path, content: Digest, shown: str) -> None:
        """Refuse code that nobody trusted.

        Raises:
            UntrustedError: it was not trusted, or has changed since.
        """
        if self.allows(path, content):
            return
        changed = _key(path) in self._entries()
        why = "has changed since it was trusted" if changed else "was not trusted"
        raise UntrustedError(
            f"{shown} {why}: nothing in it was run",
            kind="untrusted-code",
            hint=f"read it, then: dslineage trust {shown}",
        )

    def grant(self, path: Path) -> Digest:
        """Trust a file as it is now; the hash of what was trusted.

        Raises:
            UsageError: it cannot be read, or there is no place outside of the repository where
                that could be kept.
        """
        try:
            content = Digest.of(path.read_bytes())
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}", kind="no-file") from error
        self._save(self._entries() | {_key(path): str(content)})
        return content

    def revoke(self, path: Path) -> bool:
        """Take trust back; whether there was any."""
        entries = self._entries()
        known = entries.pop(_key(path), None) is not None
        if known:
            self._save(entries)
        return known

    @property
    def _kept(self) -> Path | None:
        if self.file is None or self.root is None:
            return self.file
        return None if self.file.resolve().is_relative_to(self.root.resolve()) else self.file

    def _entries(self) -> dict[str, str]:
        if self._kept is None:
            return {}
        try:
            found = json.loads(self._kept.read_bytes())
            return {str(path): str(digest) for path, digest in found["trusted"].items()}
        except FileNotFoundError:
            return {}
        except (
            OSError,
            ValueError,
            RecursionError,
            LookupError,
            TypeError,
            AttributeError,
        ) as error:
            raise UsageError(
                f"{self._kept} cannot be read: {error}", kind="bad-trust", hint=f"rm {self._kept}"
            ) from error

    def _save(self, entries: dict[str, str]) -> None:
        if self._kept is None:
            raise UsageError(
                f"trust cannot be kept in {self.file}: it is inside of the repository"
                if self.file
                else "there is no file in which trust is kept",
                kind="no-trust-file",
                hint="set XDG_STATE_HOME to a folder outside of the repository",
            )
        make_folder(self._kept.parent)
        document = {"schema": "dslineage.trust/1", "trusted": dict(sorted(entries.items()))}
        write_file(self._kept, json.dumps(document, indent=2).encode() + b"\n")


def _key(path: Path) -> str:
    return str(path.resolve())
