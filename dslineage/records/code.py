"""Which code ran, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dslineage.ids import Digest
from dslineage.members import digest, member


@dataclass(frozen=True, slots=True)
class Code:
    """The code of a step or a run.

    `commit` is the git commit that was checked out; `dirty` the SHA-256 of `git diff HEAD`, where
    that was not empty; `repository` where the commit comes from; `script` the file that ran.
    """

    commit: str | None = None
    dirty: Digest | None = None
    repository: str | None = None
    script: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The code as a JSON object, without what is not known."""
        found = {
            "commit": self.commit,
            "dirty": str(self.dirty) if self.dirty else None,
            "repository": self.repository,
            "script": self.script,
        }
        return {name: value for name, value in found.items() if value is not None}

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Code:
        """Read what `to_dict` gave."""
        texts = {
            name: member(entry, name, str)
            for name in ("commit", "repository", "script")
            if name in entry
        }
        return cls(dirty=digest(entry, "dirty") if "dirty" in entry else None, **texts)
