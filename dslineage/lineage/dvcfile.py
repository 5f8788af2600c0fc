"""The files that DVC keeps: what a `.dvc` file names, and the objects in DVC's cache.

The forms are those of dvc.org/doc/user-guide/project-structure/dvc-files and `internal-files`.
"""

from __future__ import annotations

import configparser
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from dslineage.errors import BadDataError, IntegrityError
from dslineage.lineage.dvcstages import StageFile, chunks_of, stage_file
from dslineage.records.form import safe_path

SUFFIX = ".dvc"

LARGEST = 1 << 20
"""Bytes of a `.dvc` file, at most."""


class DvcFile(NamedTuple):
    """What a `.dvc` file names, its path relative to it, and whether DVC imported that."""

    output: StageFile
    imported: bool


def read_dvc_file(data: bytes, path: str) -> DvcFile:
    """What a `.dvc` file says.

    Args:
        data: the file's bytes.
        path: where it stands. Of several outputs, which DVC 1 could have, the one of its name.

    Raises:
        BadDataError: it names nothing.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if len(data) > LARGEST:
        raise BadDataError(f"{path} is too large for a file of DVC's", kind="no-dvc-file")
    name = PurePosixPath(path).name.removesuffix(SUFFIX)
    try:
        document = YAML(typ="safe", pure=True).load(data)
        outputs = document["outs"]
        (entry,) = [entry for entry in outputs if entry["path"] == name] or outputs
        return DvcFile(stage_file(entry), "deps" in document)
    except (YAMLError, UnicodeDecodeError, RecursionError, LookupError, TypeError, ValueError,
            AttributeError) as error:  # fmt: skip
        said = " ".join(str(error).split())
        raise BadDataError(f"{path} names no data: {said:.200}", kind="no-dvc-file") from error


@dataclass(frozen=True, slots=True)
class DvcCache:
    """The folder in which DVC keeps objects by their MD5."""

    folder: Path

    @classmethod
    def of(cls, root: Path, folder: str) -> DvcCache:
        """The cache for the files of a folder of a repository, as the project's settings say.

        Raises:
            BadDataError: the settings cannot be read.
        """
        inner = PurePosixPath(folder)
        homes = [root / one / ".dvc" for one in (inner, *inner.parents)]
        home = next((one for one in homes if one.is_dir()), homes[-1])
        settings = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            settings.read([home / "config", home / "config.local"], encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError) as error:
            raise BadDataError(f"{home / 'config'} cannot be read: {error}") from error
        return cls(home / settings.get("cache", "dir", fallback="cache"))

    def places(self, md5: str) -> list[Path]:
        """Where an object is; DVC 2 and before kept them in another place than DVC 3 does."""
        folders = (self.folder / "files" / "md5", self.folder)
        paths = [folder / md5[:2] / md5[2:] for folder in folders]
        return [path for path in paths if os.path.isfile(path)]  # noqa: PTH113 - of any length

    def find(self, file: StageFile) -> Path | None:
        """Where a file, or a folder's list, is that is whole."""
        plain = StageFile("", (file.md5 or "").removesuffix(".dir"), legacy=file.legacy)
        paths = self.places(file.md5) if file.md5 else []
        return next((path for path in paths if plain.is_of(chunks_of(path))), None)

    def listed(self, path: Path, folder: StageFile) -> Mapping[str, StageFile]:
        """The files of a folder, whose list is at `path`, by their paths in it.

        Raises:
            BadDataError: the list is no list, or leads out of the folder.
        """
        kind = {} if folder.legacy else {"hash": "md5"}
        try:
            files = [stage_file({"path": one["relpath"], "md5": one["md5"]} | kind)
                     for one in json.loads(path.read_bytes())]  # fmt: skip
            return {safe_path(file.path): file for file in files}
        except (ValueError, LookupError, TypeError, RecursionError, IntegrityError) as error:
            raise BadDataError(f"DVC's list {folder.md5} is damaged: {error}") from error
