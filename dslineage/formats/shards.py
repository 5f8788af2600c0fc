"""Shards: which files a set of `name-00000-of-00005.ext` should have, and which it has."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from dslineage.errors import Fault
from dslineage.formats.faults import bad_file

_SHARD = re.compile(r"(?P<stem>.*?)-(?P<index>\d{5,})-of-(?P<count>\d{5,})(?P<rest>(?:\.\w+)+)")
_NAMED = 5


def shard_faults(names: Iterable[str]) -> list[Fault]:
    """Which shards are missing or too many, by the numbers in the names; sorted by name.

    Names that are no shards are passed over. Works for any suffix, `.jsonl` as well as `.parquet`.
    """
    sets: dict[tuple[str, str], dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for name in names:
        if found := _SHARD.fullmatch(name):
            shards = sets[found["stem"], found["rest"]]
            shards[int(found["count"])].add(int(found["index"]))
    return [
        fault
        for (stem, rest), counts in sorted(sets.items())
        for fault in _set_faults(stem, rest, counts)
    ]


def _set_faults(stem: str, rest: str, counts: dict[int, set[int]]) -> Iterator[Fault]:
    if len(counts) > 1:
        totals = " and ".join(f"-of-{count:05d}" for count in sorted(counts))
        yield _fault(
            "mixed-shards", f"{stem}-*{rest}", f"shards of several sets lie side by side: {totals}"
        )
    for count, indexes in sorted(counts.items()):
        extra = sorted(index for index in indexes if index >= count)
        missing = count - (len(indexes) - len(extra))
        for index in extra:
            name = f"{stem}-{index:05d}-of-{count:05d}{rest}"
            yield _fault("extra-shard", name, f"the set has the shards 0 to {count - 1}")
        if missing:
            first = [i for i in range(min(count, len(indexes) + _NAMED)) if i not in indexes]
            names = ", ".join(f"{stem}-{i:05d}-of-{count:05d}{rest}" for i in first[:_NAMED])
            more = f" and {missing - _NAMED} more" if missing > _NAMED else ""
            name = f"{stem}-*-of-{count:05d}{rest}"
            yield _fault("missing-shard", name, f"{missing} of {count} are missing: {names}{more}")


def saved_files(folder: Path) -> list[str]:
    """The data files that the `state.json` of a Hugging Face `save_to_disk` folder names.

    Raises:
        BadDataError: `state.json` is not what `save_to_disk` writes, or rows are picked from the
            files by indices, which `save_to_disk` stopped to write in datasets 2.0.
    """
    path = folder / "state.json"
    state = read_json(path)
    files = state.get("_data_files") if isinstance(state, dict) else None
    names = [file.get("filename") if isinstance(file, dict) else None for file in files or ()]
    plain = [name for name in names if isinstance(name, str) and PurePosixPath(name).name == name]
    if len(plain) != len(names) or not names:
        raise bad_file(path, "bad-state", "_data_files does not list files of this folder")
    if state.get("_indices_data_files"):
        raise bad_file(
            path,
            "indices-mapping",
            "the rows are picked from the files by an indices file",
            hint="save it again after Dataset.flatten_indices()",
        )
    return sorted(plain, key=str.encode)


def saved_faults(folder: Path, found: Iterable[str]) -> list[Fault]:
    """Data files that `state.json` names and the folder lacks, or the other way round."""
    named, there = set(saved_files(folder)), set(found)
    missing = [
        _fault("missing-shard", name, "state.json names it, and it is not here")
        for name in sorted(named - there)
    ]
    extra = [
        _fault("extra-shard", name, "it is here, and state.json does not name it")
        for name in sorted(there - named)
    ]
    return missing + extra


def read_json(path: Path) -> Any:
    """A small JSON file of a folder, such as `state.json`.

    Raises:
        BadDataError: it is no JSON.
    """
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise bad_file(path, "bad-state", f"no JSON: {error}") from None


def _fault(code: str, name: str, message: str) -> Fault:
    return Fault(code, message, name, 1, 1, 0)
