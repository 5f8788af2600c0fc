"""Which versions need which object, and which objects are not there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from dslineage.errors import IntegrityError
from dslineage.records import DatasetRecord, FileEntry, StepRecord
from dslineage.store.layout import layout_name
from dslineage.store.store import Store
from dslineage.versions.verified import Problem


class Needs:
    """What versions need, by the names of files: `<64 hex>.rows`.

    `complete` says whether all is known: a layout or pack that cannot be read does not say what it
    needs.

    Args:
        store: the objects.
        records: the versions.
        steps: the steps that may have made them.
    """

    def __init__(
        self, store: Store, records: Sequence[DatasetRecord], steps: Sequence[StepRecord]
    ) -> None:
        self._store = store
        self._versions: dict[str, list[str]] = {}
        self._missing: dict[str, tuple[str, str]] = {}
        self.complete = True
        for record in records:
            for entry in record.files:
                self._needs_file(entry, title_of(record))
            if record.media is not None:
                path = store.media_folder / record.media.list.hex
                self._need("media", path, title_of(record))
        made = {record.generated_by: title_of(record) for record in records}
        for step in steps:
            if step.links is not None:
                path = store.links_folder / step.links.hex
                self._need("links", path, made.get(step.id, f"{step.dataset}/{step.operation}"))

    @property
    def problems(self) -> list[Problem]:
        """The objects that are missing."""
        return [
            Problem(kind, name, f"missing object {name}", self.of(name), stored_as)
            for name, (kind, stored_as) in self._missing.items()
        ]

    def of(self, name: str) -> tuple[str, ...]:
        """The versions that need an object, by its file name."""
        exact = self._versions.get(name, [])
        return tuple(exact or self._versions.get(name.split(".", 1)[0], []))

    def by_version(self, names: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Those of some file names that each version needs, or that stand beside what it needs."""
        found: dict[str, list[str]] = defaultdict(list)
        for name in names:
            for version in self.of(name):
                found[version].append(name)
        return found

    def _needs_file(self, entry: FileEntry, version: str) -> None:
        store = self._store
        name = layout_name(entry.sha256, entry.reader)
        self._need("layout", store.layouts_folder / name, version)
        try:
            layout = store.layout(name)
        except IntegrityError:
            self.complete = False
            return
        if layout.storage == "blob":
            self._need("blob", store.blobs_folder / entry.sha256.hex, version)
        for pack in layout.packs:
            self._add(pack.hex, version)
            self._need("pack", store.packs_folder / f"{pack.hex}.rows", version)
            try:
                source = store.pack(pack).source
            except IntegrityError:
                self.complete = False
                continue
            if source is None:
                self._need("pack", store.packs_folder / f"{pack.hex}.zst", version)
            elif "path" not in source:  # another file's, perhaps, which has the same rows
                self._need("blob", store.blobs_folder / source["sha256"], version)

    def _need(self, kind: str, path: Path, version: str) -> None:
        self._add(path.name, version)
        if not path.exists():
            self._missing[path.name] = kind, f"{path.parent.name}/{path.name}"

    def _add(self, name: str, version: str) -> None:
        versions = self._versions.setdefault(name, [])
        if version not in versions:
            versions.append(version)


def title_of(record: DatasetRecord) -> str:
    """`train@v4`."""
    return f"{record.dataset}@{record.label}"
