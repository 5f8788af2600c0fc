"""DVC: the `.dvc` files that git keeps, and the objects that they name, in DVC's cache."""

from __future__ import annotations

import configparser
import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from dslineage.adoption.blobs import size_of
from dslineage.adoption.state import Content, Unreadable, placed
from dslineage.errors import BadDataError, IntegrityError, NotFoundError
from dslineage.lineage.dvcstages import StageFile, chunks_of
from dslineage.members import matching
from dslineage.records.form import safe_path

if TYPE_CHECKING:
    from dslineage.versions.git import Git

SUFFIX = ".dvc"

_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class DvcOutput(Content):
    """A file or folder that DVC keeps, by its MD5; `legacy` as `StageFile` has it.

    `folder` is that of the `.dvc` file, relative to the repository.
    """

    keeper: ClassVar[str] = "dvc"
    folder: str
    legacy: bool

    def unpack(self, git: Git, target: Path) -> None:
        """Put the file or folder there, if all of it is on this machine and whole."""
        cache = _cache(git.root, self.folder)
        found = self._found(cache, self.id)
        if not self.id.endswith(".dir"):
            placed(found, target)
            return
        try:
            files = {safe_path(one["relpath"]): one["md5"] for one in json.loads(found.read_text())}
        except (ValueError, KeyError, TypeError, IntegrityError) as error:
            raise BadDataError(f"DVC's list {self.id} is damaged: {error}") from error
        target.mkdir()
        for name, md5 in files.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            placed(self._found(cache, str(md5)), target / name)

    def _found(self, cache: Path, md5: str) -> Path:
        """The path of an object; DVC 2 and before kept them in another place than DVC 3 does."""
        for folder in (cache / "files" / "md5", cache):
            path = folder / md5[:2] / md5[2:]
            if path.is_file():
                plain = StageFile(md5, md5.removesuffix(".dir"), legacy=self.legacy)
                if plain.is_of(chunks_of(path)):
                    return path
        raise NotFoundError(
            f"DVC's object {md5[:12]} is not on this machine, or damaged",
            kind="missing-object",
            hint="dvc fetch --all-commits",
        )


def dvc_content(git: Git, blob: str, path: str) -> DvcOutput | Unreadable:
    """What a `.dvc` file names.

    Args:
        git: the repository.
        blob: the file's blob.
        path: where it stood, relative to the repository.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    inner = PurePosixPath(path)
    if size_of(git, blob) > _LARGEST:
        return Unreadable(f"{path} is too large for a file of DVC's")
    try:
        document = YAML(typ="safe", pure=True).load(git.ask(["cat-file", "blob", blob]))
        entry = _output(document["outs"], inner.name.removesuffix(SUFFIX))
        md5 = matching(entry, "md5", _MD5)
    except (
        YAMLError,
        UnicodeDecodeError,
        RecursionError,
        KeyError,
        TypeError,
        ValueError,
    ) as error:
        return Unreadable(f"{path} names no data: {' '.join(str(error).split()):.200}")
    folder = "" if str(inner.parent) == "." else str(inner.parent)
    return DvcOutput(md5, folder, "hash" not in entry)


def _output(outputs: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The output of that name; where a `.dvc` file has only one, that."""
    named = [entry for entry in outputs if entry["path"] == name]
    (entry,) = named or outputs
    return entry


def _cache(root: Path, folder: str) -> Path:
    """DVC's cache for the files of a folder, as the project's own settings say."""
    inner = PurePosixPath(folder)
    homes = [root / one / ".dvc" for one in (inner, *inner.parents)]
    home = next((one for one in homes if one.is_dir()), homes[-1])
    settings = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        settings.read([home / "config", home / "config.local"], encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise BadDataError(f"{home / 'config'} cannot be read: {error}") from error
    return home / settings.get("cache", "dir", fallback="cache")
