"""Which objects belong together: all that a file, a version or a step needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dslineage.ids import Digest
from dslineage.records import DatasetRecord, StepRecord
from dslineage.store.inventory import Inventory
from dslineage.store.layout import Layout, layout_name

if TYPE_CHECKING:
    from dslineage.store.store import Store


class Closure:
    """Answers what something needs, as names of objects such as `packs/<64 hex>.rows`.

    Args:
        store: where the objects are.
        inventory: what is there: views and measures are needed where there are any.
    """

    def __init__(self, store: Store, inventory: Inventory) -> None:
        self.store = store
        self.inventory = inventory
        self._packs: dict[Digest, Sequence[str]] = {}

    def of_version(self, record: DatasetRecord, step: StepRecord | None = None) -> set[str]:
        """All that a version needs, and the links of the step that made it.

        A layout that is not there is named, and nothing behind it.

        Raises:
            IntegrityError: a layout or a pack is damaged, or a pack is missing.
        """
        needed = set() if step is None or step.links is None else {f"links/{step.links.hex}"}
        if record.media is not None:
            needed.add(f"media/{record.media.list.hex}")
        for entry in record.files:
            name = layout_name(entry.sha256, entry.reader)
            needed.add(f"layouts/{name}")
            if f"layouts/{name}" in self.inventory.objects:
                needed.update(self.of_layout(name, self.store.layout(name)))
        return needed

    def of_layout(self, name: str, layout: Layout) -> Iterator[str]:
        """All that a layout needs, itself included.

        Raises:
            IntegrityError: a pack is missing or damaged.
        """
        yield f"layouts/{name}"
        if layout.storage == "blob":
            yield f"blobs/{name.partition('.')[0]}"
        for pack in layout.packs:
            yield from self.of_pack(pack)

    def of_pack(self, name: Digest) -> Sequence[str]:
        """All that a pack needs, with its views and measures.

        Its text is in it or in the blob of the file that it was made of, which can be another
        file than the one that is laid out over it.

        Raises:
            IntegrityError: it is missing or damaged.
        """
        known = self._packs.get(name)
        if known is None:
            source = self.store.pack(name).source
            needed = [f"packs/{name.hex}.rows"]
            if source is None:
                needed.append(f"packs/{name.hex}.zst")
            elif "path" not in source:
                needed.append(f"blobs/{source['sha256']}")
            known = self._packs[name] = (*needed, *self.inventory.beside.get(name.hex, ()))
        return known
