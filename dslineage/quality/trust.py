"""Trust: which code of which repository a person said may run, kept outside of any repository."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson

from dslineage.disk import make_folder
from dslineage.errors import UntrustedError, UsageError
from dslineage.ids import Digest
from dslineage.store.files import write_file


@dataclass(frozen=True, slots=True)
class Trust:
    """The files that were trusted, by real path and content; an edit asks again.

    `file` is where that is kept; without one, nothing is trusted.
    """

    file: Path | None = None

    def allows(self, path: Path, content: bytes) -> bool:
        """Whether just this content at just this path was trusted."""
        return self._entries().get(_key(path)) == str(Digest.of(content))

    def require(self, path: Path, content: bytes, shown: str) -> None:
        """Refuse code that nobody trusted.

        Raises:
            UntrustedError: it was not trusted, or has changed since.
        """
        if self.allows(path, content):
            return
        changed = _key(path) in self._entries()
        why = "has changed since it was trusted" if changed else "was not trusted"
        raise UntrustedError(
            f"{shown} holds code that {why}; it was not run",
            kind="untrusted-code",
            hint=f"read it, then: dslineage trust {shown}",
        )

    def grant(self, path: Path) -> Digest:
        """Trust a file as it is now; the hash of what was trusted."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}", kind="no-file") from error
        self._save(self._entries() | {_key(path): str(Digest.of(content))})
        return Digest.of(content)

    def revoke(self, path: Path) -> bool:
        """Take trust back; whether there was any."""
        entries = self._entries()
        known = entries.pop(_key(path), None) is not None
        if known:
            self._save(entries)
        return known

    def _entries(self) -> dict[str, str]:
        if self.file is None:
            return {}
        try:
            found = orjson.loads(self.file.read_bytes())
            return {str(path): str(digest) for path, digest in found["trusted"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"{self.file} cannot be read: {error}", kind="bad-trust", hint=f"rm {self.file}"
            ) from error

    def _save(self, entries: dict[str, str]) -> None:
        if self.file is None:
            raise UsageError("there is no file in which trust is kept", kind="no-trust-file")
        make_folder(self.file.parent)
        document = {"schema": "dslineage.trust/1", "trusted": dict(sorted(entries.items()))}
        write_file(self.file, orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")


def _key(path: Path) -> str:
    return str(path.resolve())
