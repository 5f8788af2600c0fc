"""Every error that the library raises on purpose.

    DslineageError
    ├── UsageError        the call itself is wrong                      exit 2
    ├── BadDataError      a data file cannot be read as it claims       exit 3
    ├── IntegrityError    stored bytes are not what they should be      exit 4
    ├── LockedError       another process is writing                    exit 5
    ├── NotFoundError     no repository, unknown or ambiguous name      exit 6
    ├── UntrustedError    code of a repository that nobody trusted      exit 7
    ├── RemoteError       a remote refused or went away                 exit 8
    ├── ResourceError     no space, no permission, a read-only disk     exit 9
    └── UndecidableError  the evidence for an answer is missing         exit 10

Classes are few and grouped by what a caller would do; `kind` is the stable name of the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a data file, where it stands and what it is.

    `offset` and `length` are bytes of the decoded file; `line` and `column` count from 1, the
    column in characters; `path` is a JSON path such as `$.messages[2].content`, or empty.
    """

    code: str
    message: str
    file: str
    line: int
    column: int
    offset: int
    length: int = 0
    path: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        return f"{where}{' ' + self.path if self.path else ''}: {self.code} {self.message}"

    def to_dict(self) -> dict[str, Any]:
        """The fault as a JSON object."""
        return {
            "code": self.code,
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "offset": self.offset,
            "length": self.length,
            "path": self.path,
        }


class DslineageError(Exception):
    """The base of all errors raised on purpose.

    Args:
        message: what happened, where, and what was kept.
        kind: the stable name of the case, such as `ambiguous-reference`.
        hint: the next step, best a command that can be pasted; may be empty.
    """

    default_kind = "error"

    def __init__(self, message: str, *, kind: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind or self.default_kind
        self.hint = hint

    def to_dict(self) -> dict[str, Any]:
        """The error as a JSON object."""
        return {"kind": self.kind, "message": self.message, "hint": self.hint}


class UsageError(DslineageError):
    """The call itself is wrong: an option, a combination, a name."""

    default_kind = "usage"


class BadDataError(DslineageError):
    """A data file cannot be read as what it claims to be; nothing was written.

    Args:
        message: a summary of the faults.
        faults: every fault found, in file order.
        kind: the stable name of the case.
        hint: the next step.
    """

    default_kind = "bad-data"

    def __init__(
        self, message: str, faults: tuple[Fault, ...] = (), *, kind: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, kind=kind, hint=hint)
        self.faults = faults

    def to_dict(self) -> dict[str, Any]:
        """The error as a JSON object, with every fault."""
        return super().to_dict() | {"faults": [fault.to_dict() for fault in self.faults]}


class IntegrityError(DslineageError):
    """Stored bytes are not what their name or checksum says."""

    default_kind = "integrity"


class LockedError(DslineageError):
    """Another process holds the lock."""

    default_kind = "locked"


class NotFoundError(DslineageError):
    """No repository, or a reference that is unknown or ambiguous."""

    default_kind = "not-found"


class UntrustedError(DslineageError):
    """Code that came with a repository and that nobody has trusted."""

    default_kind = "untrusted"


class RemoteError(DslineageError):
    """A remote refused, went away, or served something else."""

    default_kind = "remote"


class ResourceError(DslineageError):
    """The machine said no: no space, no permission, a read-only disk."""

    default_kind = "resource"


class UndecidableError(DslineageError):
    """The evidence that an answer needs is missing, or two figures cannot be compared."""

    default_kind = "undecidable"
