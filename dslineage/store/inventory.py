"""What is in a folder of objects: one listing, with sizes and times."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from dslineage.store.folder import OBJECTS, ObjectFolder


class Entry(NamedTuple):
    """A file: its bytes, and when it was written (seconds since 1970)."""

    size: int
    time: float


@dataclass(frozen=True)
class Inventory:
    """The objects of a folder by name, such as `packs/<64 hex>.rows`; temporary files apart."""

    objects: Mapping[str, Entry]
    temporary: Mapping[str, Entry]

    @classmethod
    def of(cls, folder: ObjectFolder) -> Inventory:
        """List a folder. What vanishes meanwhile is not in it."""
        found: tuple[dict[str, Entry], dict[str, Entry]] = {}, {}
        for kind in OBJECTS:
            for name, entry in _files(folder, kind):
                found[name.rpartition("/")[2].startswith(".")][name] = entry
        return cls(*found)

    @property
    def layouts(self) -> list[str]:
        """The names of the layouts, without their folder."""
        return [name.partition("/")[2] for name in self.objects if name.startswith("layouts/")]

    @cached_property
    def beside(self) -> Mapping[str, Sequence[str]]:
        """The views and measures of each pack, by the pack's hex digits."""
        found: dict[str, list[str]] = defaultdict(list)
        for name in self.objects:
            folder, _, file = name.partition("/")
            if folder in {"views", "measures"}:
                found[file.partition(".")[0]].append(name)
        return found


def _files(folder: ObjectFolder, kind: str) -> Iterator[tuple[str, Entry]]:
    where = folder.root / kind
    if not where.is_dir():
        return
    with os.scandir(where) as entries:
        for one in sorted(entries, key=lambda entry: entry.name):
            try:
                status = one.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            yield f"{kind}/{one.name}", Entry(status.st_size, status.st_mtime)
