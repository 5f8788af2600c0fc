"""What the configuration of a training says, whichever trainer it is of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dslineage.records import Gap
from dslineage.records.run import Role

_LOCAL = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".arrow", ".txt", ".gz", ".zst")


@dataclass(frozen=True, slots=True)
class NamedData:
    """Data as a configuration names it.

    `paths` are the files and folders on this machine, empty where it is elsewhere; `uri` is the
    path as it was written, or an address.
    """

    role: Role
    uri: str
    paths: tuple[Path, ...] = ()
    split: str | None = None
    weight: float | None = None


@dataclass(frozen=True)
class Configured:
    """A training as its configuration has it.

    `output` is where checkpoints go, `base` what it starts from and `resumes` the checkpoint that
    it goes on from, each as it was written; with `resumes_last`, that is the last one in its output
    folder, if there is one. `doubts` are reasons why a row of the data may not have
    been seen as a whole; `gaps` what the configuration leaves open.
    """

    trainer: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    data: tuple[NamedData, ...] = ()
    output: str | None = None
    base: str | None = None
    revision: str | None = None
    resumes: str | None = None
    resumes_last: bool = False
    seed: int | None = None
    epochs: float | None = None
    doubts: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()


def hub_uri(name: str, revision: str | None = None) -> str:
    """A data set of the Hugging Face Hub, in the form that its library has for addresses."""
    return f"hf://datasets/{name}" + (f"@{revision}" if revision else "")


def unpinned(name: str, revision: str | None) -> tuple[Gap, ...]:
    """What is not known where data is named without its state."""
    if revision:
        return ()
    why = f"{name} is named without a revision: which state of it was used is not known"
    return (Gap("unknown-data", why),)


def files_of(folder: Path, names: Sequence[str]) -> tuple[Path, ...]:
    """Those files and folders, by their paths, if all are there."""
    try:
        found = tuple(folder / name for name in names)
        return found if found and all(path.exists() for path in found) else ()
    except (OSError, ValueError):
        return ()


def is_local(name: str) -> bool:
    """Whether a name can only be that of a file or folder on the machine."""
    return name.startswith((".", "/", "~")) or name.lower().endswith(_LOCAL)


def missing(name: str) -> Gap:
    """What is not known where a file is not there."""
    return Gap("unknown-data", f"{name} is not here, so its rows were not hashed")


def texts(value: Any) -> list[str]:
    """Names in a list, or in a text with commas."""
    found = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [one.strip() for one in found if isinstance(one, str) and one.strip()]


def text(values: Mapping[str, Any], name: str) -> str | None:
    """A setting that is a text, and not an empty one."""
    found = values.get(name)
    return found if isinstance(found, str) and found else None


def whole(values: Mapping[str, Any], name: str) -> int | None:
    """A setting that is a whole number."""
    found = values.get(name)
    return found if type(found) is int else None


def number(values: Mapping[str, Any], name: str) -> float | None:
    """A setting that is a number at or above 0."""
    found = values.get(name)
    if type(found) not in {int, float, str}:
        return None
    try:
        value = float(found or 0)
    except (ValueError, OverflowError):
        return None
    return value if 0 <= value < float("inf") else None


def said(values: Mapping[str, Any], reasons: Mapping[str, str]) -> Iterator[str]:
    """The reasons whose setting is neither absent nor false nor 0, with the setting."""
    for name, reason in reasons.items():
        value = values.get(name)
        if isinstance(value, (bool, int, float, str)) and value:
            yield f"{reason} ({name} {'true' if value is True else value})"
