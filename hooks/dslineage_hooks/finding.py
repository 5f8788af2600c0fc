"""What a hook found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dslineage.errors import DslineageError


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, or something to know.

    `kind` is the stable name of the case, `path` the file that it is about, relative to the
    repository, `hint` the command that helps. What does not block is a note. `commit` is the one
    that has the fault, where that is not the state which was judged.
    """

    kind: str
    path: str
    message: str
    hint: str = ""
    blocks: bool = True
    commit: str = ""

    @classmethod
    def of(cls, error: DslineageError, path: str, *, blocks: bool = True) -> Finding:
        """What an error says of a file."""
        return cls(error.kind, path, error.message, error.hint, blocks)

    def to_dict(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return {
            "kind": self.kind,
            "path": self.path,
            "message": self.message,
            "hint": self.hint,
            "blocks": self.blocks,
            "commit": self.commit or None,
        }
