"""A training as a tracker or a configuration tells of it, after the fact."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dslineage.errors import BadDataError
from dslineage.records import Code, Gap
from dslineage.records.run import Status
from dslineage.trainers import axolotl, llamafactory
from dslineage.trainers.configured import Configured
from dslineage.trainers.documents import read_values

_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")
_UNTOLD = Gap("outcome", "a configuration does not say whether it ran, nor how that ended")


@dataclass(frozen=True)
class Tracked:
    """A run that somebody kept in another form.

    `origin` names the program and its own id of the run. `start_hash`, `content_hashes` and
    `versions` are what a callback of dslineage told the tracker, in its own words.
    """

    origin: str
    name: str
    configured: Configured
    status: Status = "started"
    code: Code | None = None
    started_at: str | None = None
    ended_at: str | None = None
    steps: int | None = None
    epochs: float | None = None
    start_hash: str | None = None
    content_hashes: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()


def from_axolotl(path: Path, folder: Path) -> list[Tracked]:
    """The training that a configuration of Axolotl describes; see `read_values`."""
    return [_described(path, folder, axolotl.configured)]


def from_llamafactory(path: Path, folder: Path) -> list[Tracked]:
    """The training that a configuration of LLaMA-Factory describes; see `read_values`."""
    return [_described(path, folder, llamafactory.configured)]


def moment(seconds: float) -> str | None:
    """A moment in seconds since 1970, as records have it; None where it is none."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return None


def public(url: str | None) -> str | None:
    """Where a repository is, without the name and password that the address may hold."""
    return _CREDENTIALS.sub("", url) if url else None


def instant(value: object) -> str | None:
    """A moment in the form of ISO 8601, as records have it: to the microsecond, in UTC."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if found is None:
        return None
    known = found if found.tzinfo else found.replace(tzinfo=UTC)
    return known.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _described(
    path: Path, folder: Path, read: Callable[[Mapping[str, Any], Path], Configured]
) -> Tracked:
    found = read(read_values(path), folder)
    if not (found.data or found.base):
        raise BadDataError(
            f"{path} is no configuration of a training: it names neither data nor a model",
            kind="no-configuration",
            hint="give the file that the trainer is started with",
        )
    name = Path(found.output).name if found.output else ""
    return Tracked(f"{found.trainer} {path.name}", name or path.stem, found, gaps=(_UNTOLD,))
