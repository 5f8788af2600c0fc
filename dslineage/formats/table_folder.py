"""Which files of a folder are its table: shards, hive partitions, `save_to_disk` folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote

from dslineage.errors import BadDataError, Fault
from dslineage.formats.base import Note
from dslineage.formats.faults import bad_file
from dslineage.formats.shards import read_json, saved_faults, shard_faults

SUFFIXES = (".parquet", ".pq", ".arrow", ".arrows", ".ipc", ".feather")
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


class DataFiles(NamedTuple):
    """The data files of a folder, in byte order of their relative POSIX paths.

    `format` is `hf-folder` for what `save_to_disk` wrote, else empty.
    """

    files: tuple[str, ...]
    format: str
    notes: tuple[Note, ...]


def data_files(folder: Path) -> DataFiles:
    """The data files of a folder, hidden ones (`.` and `_`) passed over.

    Raises:
        BadDataError: there are none, some are missing or too many, a link leads out of the folder,
            or the folder holds several data sets.
    """
    if (folder / "dataset_dict.json").is_file():
        said = read_json(folder / "dataset_dict.json")
        splits = said.get("splits") if isinstance(said, dict) else None
        if not isinstance(splits, list):
            raise bad_file(folder / "dataset_dict.json", "bad-state", "it lists no splits")
        message = f"the folder holds several splits: {', '.join(map(str, splits))}"
        raise bad_file(folder, "several-splits", message, hint=f"name one of them, {folder}/…")
    names = sorted(_visible(folder), key=str.encode)
    tables = [name for name in names if name.lower().endswith(SUFFIXES)]
    saved = (folder / "state.json").is_file() and (folder / "dataset_info.json").is_file()
    faults = saved_faults(folder, tables) if saved else shard_faults(tables)
    if faults:
        lines = "\n".join(map(str, faults))
        raise BadDataError(f"{folder}: {lines}", tuple(faults), kind=faults[0].code)
    if not tables:
        message = f"the folder has no data files ({', '.join(SUFFIXES)})"
        raise bad_file(folder, "no-data-files", message)
    return DataFiles(tuple(tables), "hf-folder" if saved else "", tuple(_notes(names, tables)))


def partition_values(file: str) -> dict[str, str]:
    """What the folders `name=value` of a relative path say about every row in the file.

    Values are text, as CSV cells are; the null partition of Hive gives no member.
    """
    folders = (part.partition("=") for part in PurePosixPath(file).parts[:-1])
    return {
        unquote(name): unquote(value)
        for name, equals, value in folders
        if equals and value != _NULL_PARTITION
    }


def _visible(folder: Path) -> Iterator[str]:
    """Relative paths of regular files; links are followed to files inside the folder only."""
    root = folder.resolve()
    for parent, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith((".", "_")))
        for name in [*names, *(name for name in below if (Path(parent) / name).is_symlink())]:
            path = Path(parent) / name
            if name.startswith((".", "_")):
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                fault = Fault(
                    "outside-link", "the link leads out of the folder", str(path), 1, 1, 0
                )
                hint = "copy the file into the folder, or name it itself"
                raise BadDataError(str(fault), (fault,), kind=fault.code, hint=hint)
            if path.is_file():
                yield path.relative_to(folder).as_posix()


def _notes(names: list[str], tables: list[str]) -> Iterator[Note]:
    others = sorted(set(names) - set(tables) - {"state.json", "dataset_info.json"})
    if others:
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        message = f"files that hold no table are passed over: {', '.join(others[:3])}{more}"
        yield Note("other-files", message, 0, len(others))
    keys = dict.fromkeys(key for name in tables for key in partition_values(name))
    if keys:
        yield Note("partitions", f"folder names are fields of text: {', '.join(keys)}", 0)
