"""The stages of a `dvc.lock`: what DVC ran, on which bytes, and what came of it.

DVC writes the file when a stage has ended well (dvc.org/doc/user-guide/project-structure). It
names files by MD5, which is no evidence against somebody who wants to deceive, and enough to
find the version that is meant.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dslineage.errors import BadDataError, NotFoundError

_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")
HUGE = 64 << 20
"""Bytes of a `dvc.lock`, at most."""


@dataclass(frozen=True, slots=True)
class StageFile:
    """A file or folder that a stage read or wrote: its path, relative to the `dvc.lock`.

    `md5` is that of its bytes, with `.dir` behind it that of a folder's list; None where DVC did
    not write one. `legacy` says that CRLF was LF in texts before they were hashed, as DVC 2 did.
    """

    path: str
    md5: str | None
    size: int | None = None
    legacy: bool = False

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.md5 is not None and self.md5.endswith(".dir")

    def is_of(self, chunks: Iterable[bytes]) -> bool:
        """Whether a file of these bytes is meant."""
        plain, unix = _md5(), _md5()
        text, pending = True, b""
        for chunk in chunks:
            plain.update(chunk)
            text = text and b"\0" not in chunk
            joined = pending + chunk
            pending = b"\r" if joined.endswith(b"\r") else b""
            unix.update(joined[: len(joined) - len(pending)].replace(b"\r\n", b"\n"))
        unix.update(pending)
        found = {plain.hexdigest(), *([unix.hexdigest()] if self.legacy and text else [])}
        return self.md5 in found

    def is_at(self, path: Path) -> bool:
        """Whether the file or folder that is at a path now is meant."""
        if self.is_folder:
            return path.is_dir() and folder_md5(path) == self.md5
        return path.is_file() and self.is_of(chunks_of(path))


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that ran: its commands, what it read and wrote, and its parameters by file."""

    name: str
    commands: tuple[str, ...]
    dependencies: tuple[StageFile, ...]
    outputs: tuple[StageFile, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)


def read_stages(path: Path) -> list[Stage]:
    """The stages of a `dvc.lock`, by name.

    Raises:
        NotFoundError: there is no such file.
        BadDataError: it is no `dvc.lock`.
    """
    try:
        if path.stat().st_size > HUGE:
            raise BadDataError(f"{path} is too large for a dvc.lock", kind="no-lock-file")
        return stages_of(path.read_bytes(), str(path))
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no file {path}", kind="no-file", hint="dvc repro") from error


def stages_of(data: bytes, path: str) -> list[Stage]:
    """The stages of a `dvc.lock` whose bytes these are, by name.

    Raises:
        BadDataError: it is no `dvc.lock`.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        document = YAML(typ="safe", pure=True).load(data)
    except (YAMLError, LookupError, ValueError, RecursionError) as error:
        message = " ".join(str(error).split())
        raise BadDataError(f"{path} is no YAML: {message:.200}", kind="no-lock-file") from error
    try:
        stages = document["stages"] if "schema" in document else document
        return [_stage(name, stages[name]) for name in sorted(stages)]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadDataError(f"{path} is no dvc.lock: {error}", kind="no-lock-file") from error


def chunks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a part at a time."""
    with path.open("rb") as handle:
        while chunk := handle.read(1 << 20):
            yield chunk


def folder_md5(folder: Path) -> str:
    """What DVC calls a folder: the MD5 of the JSON list of its files' MD5s and paths."""
    listing = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            plain = _md5()
            for chunk in chunks_of(path):
                plain.update(chunk)
            relative = path.relative_to(folder).as_posix()
            listing.append({"md5": plain.hexdigest(), "relpath": relative})
    listing.sort(key=lambda one: one["relpath"])
    return f"{_md5(json.dumps(listing, sort_keys=True).encode()).hexdigest()}.dir"


def _md5(data: bytes = b"") -> Any:
    return hashlib.md5(data, usedforsecurity=False)


def _stage(name: object, entry: Mapping[str, Any]) -> Stage:
    command = entry["cmd"]
    return Stage(
        name=_text(name),
        commands=tuple(map(_text, command if isinstance(command, list) else [command])),
        dependencies=tuple(stage_file(one) for one in entry.get("deps") or ()),
        outputs=tuple(stage_file(one) for one in entry.get("outs") or ()),
        parameters={
            _text(file): dict(values) for file, values in (entry.get("params") or {}).items()
        },
    )


def stage_file(entry: Mapping[str, Any]) -> StageFile:
    """What an entry of a file of DVC's names.

    Raises:
        LookupError, TypeError, ValueError: it is no entry.
    """
    md5, size = entry.get("md5"), entry.get("size")
    if md5 is not None and not _MD5.fullmatch(_text(md5)):
        raise ValueError(f"{md5!r:.80} is no MD5")
    return StageFile(
        path=_text(entry["path"]),
        md5=md5,
        size=size if isinstance(size, int) else None,
        legacy="hash" not in entry,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"there is {type(value).__name__}, not a text")
    return value
