"""The exit codes: one table, keyed by the class of the error."""

from __future__ import annotations

from dslineage.errors import (
    BadDataError,
    DslineageError,
    IntegrityError,
    LockedError,
    NotFoundError,
    RemoteError,
    ResourceError,
    UndecidableError,
    UntrustedError,
    UsageError,
)

FINE = 0
DIFFERENCES = 1
BUG = 70
INTERRUPTED = 130

CODES: dict[type[DslineageError], int] = {
    UsageError: 2,
    BadDataError: 3,
    IntegrityError: 4,
    LockedError: 5,
    NotFoundError: 6,
    UntrustedError: 7,
    RemoteError: 8,
    ResourceError: 9,
    UndecidableError: 10,
}

MEANINGS: dict[int, str] = {
    FINE: "fine",
    DIFFERENCES: "differences, under `--exit-code`; a failed gate or audit; bytes that remain",
    2: "usage: an option, a combination, a name",
    3: "bad data: a file cannot be read as what it claims to be",
    4: "integrity: stored bytes are not what they should be",
    5: "locked: another process is writing",
    6: "no repository; an unknown or ambiguous reference",
    7: "untrusted code",
    8: "a remote refused or went away",
    9: "no space, no permission, a read-only disk",
    10: "cannot be decided: not comparable, evidence missing",
    BUG: "a bug in dslineage",
    INTERRUPTED: "interrupted",
}


def code_of(error: DslineageError) -> int:
    """The exit code of an error: that of its nearest class in the table."""
    return next(CODES[cls] for cls in type(error).__mro__ if cls in CODES)
