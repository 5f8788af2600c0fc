"""Which examples are to be forgotten: by digest, by a list of digests, or by a recall's report."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from dslineage.errors import BadDataError, NotFoundError, UsageError
from dslineage.members import choice, digest

_PREFIX = re.compile(r"(?:sha256:)?([0-9a-f]{4,64})", re.IGNORECASE)
_RECALL = "dslineage.recall/1"


@dataclass(frozen=True, slots=True)
class ForgetQuery:
    """Which examples are to be forgotten: all that any of these means.

    `digests` are digests or first digits of them, `hashes` is a file of digests, one a line,
    `recall` the report that `recall --json` wrote. With `only`, examples that show a model the same
    in other bytes stay.
    """

    digests: tuple[str, ...] = ()
    hashes: Path | None = None
    recall: Path | None = None
    only: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: hex digits of digests, whole or the first ones; and what was left out."""

    digits: tuple[str, ...]
    notices: tuple[str, ...] = field(default=())

    @property
    def whole(self) -> frozenset[bytes]:
        """The digests that were given whole."""
        return frozenset(bytes.fromhex(one) for one in self.digits if len(one) == 64)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The others."""
        return tuple(one for one in self.digits if len(one) < 64)


def asked_for(query: ForgetQuery) -> Asked:
    """Read what was asked for.

    Raises:
        UsageError: a text is no digest.
        NotFoundError: there is no such file.
        BadDataError: a file is no list of digests, or no report of a recall.
    """
    texts, notices = list(query.digests), []
    if query.hashes is not None:
        texts += _listed(query.hashes)
    if query.recall is not None:
        found, guessed = _recalled(query.recall)
        texts += found
        if guessed:
            notices.append(
                f"{guessed:,} examples of {query.recall.name} are only guessed to be later forms, "
                "and were left out: name them by digest"
            )
    return Asked(tuple(dict.fromkeys(map(_digits, texts))), tuple(notices))


def _digits(text: str) -> str:
    match = _PREFIX.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            f"{text!r:.100} is no digest", hint="4 to 64 hex digits, with or without sha256:"
        )
    return match[1].lower()


def _listed(path: Path) -> list[str]:
    """The digests in a file, one a line; `#` begins a comment."""
    try:
        lines = [line.partition("#")[0].strip() for line in _read(path).decode().splitlines()]
    except UnicodeDecodeError as error:
        raise BadDataError(f"{path} is no list of digests: it is no text") from error
    found = list(filter(None, lines))
    if not found:
        raise UsageError(f"{path.name} lists no digest", hint="one a line; # begins a comment")
    for digits in map(_digits, found):
        if len(digits) < 64:
            raise UsageError(
                f"{path.name} has the first digits {digits} of a digest, which could mean more "
                "examples tomorrow",
                hint="whole digests, of 64 hex digits",
            )
    return found


def _recalled(path: Path) -> tuple[list[str], int]:
    """The examples of a recall's report, and how many of them are only guessed to be meant."""
    try:
        report: Any = orjson.loads(_read(path))
        choice(report, "schema", [_RECALL])
        kinds = {digest(one, "digest").hex: one["kind"] for one in report["examples"]}
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, UsageError) as error:
        raise BadDataError(
            f"{path} is no report of a recall",
            hint="dslineage recall --hashes FILE --json > recall.json",
        ) from error
    sure = [digits for digits, kind in kinds.items() if kind != "inferred"]
    return sure, len(kinds) - len(sure)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no file {path}", kind="no-file", hint="ls") from error
