"""Writing the rows that are needed into fewer packs, and layouts anew over those.

A layout is a piece table: over other packs it is another encoding of the same file, under the same
name. Packs are merged where their rows mean the same and were measured alike, so that views and
measures are copied row by row, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dslineage.ids import Digest
from dslineage.store.columns import ColumnFile, check_columns, read_columns, write_columns
from dslineage.store.inventory import Inventory
from dslineage.store.layout import expand_runs
from dslineage.store.marking import Marks
from dslineage.store.pack import (
    Pack,
    checked_records,
    pack_name,
    plan_packs,
    text_places,
    write_rows,
    write_text,
)
from dslineage.store.seekable import Frames, compress_frames
from dslineage.store.store import Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

MANY = 50
"""So many small packs of one kind are merged."""
SMALL_BYTES = 8 * 1024 * 1024
"""A pack with less compressed text than this is small."""
_FAR = 1 << 62
"""Where the numbers of rows that move begin, above those of all that stay."""

Written = Callable[[int], None]
"""Called with the number of rows that were copied."""


class Group(NamedTuple):
    """Packs to be written anew: which of their rows are needed, and what stands beside each.

    `beside` are names such as `views/.<view id>`, to be completed by the pack's hex digits.
    """

    packs: Sequence[Pack]
    rows: Sequence[NDArray[np.int64]]
    beside: Sequence[tuple[str, str]]

    @property
    def kept(self) -> int:
        """How many rows are copied."""
        return sum(len(rows) for rows in self.rows)

    @property
    def dropped(self) -> int:
        """How many rows are in no version."""
        return sum(pack.rows for pack in self.packs) - self.kept


@dataclass(frozen=True)
class Moves:
    """Where the rows of packs went: by pack, the new number of each row, or -1."""

    numbers: Mapping[Digest, NDArray[np.int64]]

    def applied(self, staged: Store, layouts: Iterable[str]) -> bool:
        """Write those layouts anew whose rows moved; False where one needs a row that did not.

        Args:
            staged: the store with the new packs, over that with the old ones and the layouts.
            layouts: names of layouts.
        """
        flat = np.concatenate(list(self.numbers.values()))
        ends = accumulate(map(len, self.numbers.values()), initial=0)
        firsts = dict(zip(self.numbers, ends, strict=False))
        for name in layouts:
            layout = staged.layout(name)
            if firsts.keys().isdisjoint(layout.packs):
                continue
            bases = [
                _FAR + firsts[pack] if pack in firsts else staged.base(pack)
                for pack in layout.packs
            ]
            rows = expand_runs(layout.runs, np.array(bases, dtype=np.int64))
            moved = rows >= _FAR
            rows[moved] = flat[rows[moved] - _FAR]
            if (rows < 0).any():
                return False
            packs, runs = staged.runs(rows)
            staged.put_layout(name, replace(layout, packs=packs, runs=runs))
        return True


def worth_repacking(inventory: Inventory, marks: Marks) -> list[Group]:
    """The packs that are mostly dead, and those that are too many and small, by what they hold."""
    groups: dict[Any, list[Pack]] = defaultdict(list)
    for pack in marks.packs:
        text = inventory.objects.get(f"packs/{pack.name.hex}.zst")
        if pack.source is None and text is not None:
            groups[pack.context, tuple(_beside(inventory, pack))].append(pack)
    found = []
    for (_, beside), packs in sorted(groups.items()):
        small = {
            pack.name
            for pack in packs
            if inventory.objects[f"packs/{pack.name.hex}.zst"].size < SMALL_BYTES
        }
        chosen = [
            pack
            for pack in packs
            if 2 * marks.rows(pack).sum() < pack.rows or (len(small) > MANY and pack.name in small)
        ]
        chosen.sort(key=lambda pack: inventory.objects[f"packs/{pack.name.hex}.rows"].time)
        if chosen:
            rows = [np.flatnonzero(marks.rows(pack)) for pack in chosen]
            found.append(Group(chosen, rows, beside))
    return found


def size_of(groups: Iterable[Group], inventory: Inventory) -> int:
    """How many bytes the packs of groups take now, with what stands beside them."""
    packs = [pack.name.hex for group in groups for pack in group.packs]
    own = [f"packs/{name}{suffix}" for name in packs for suffix in (".rows", ".zst")]
    beside = [name for one in packs for name in inventory.beside.get(one, ())]
    return sum(inventory.objects[name].size for name in (*own, *beside))


def copied(staged: Store, groups: Iterable[Group], report: Written = lambda _: None) -> Moves:
    """Write the rows of groups into new packs of a staging store.

    Raises:
        IntegrityError: a pack is damaged; what is copied is checked first.
    """
    numbers: dict[Digest, NDArray[np.int64]] = {}
    for group in groups:
        for pack in group.packs:
            check_columns(pack.file.path)
            numbers[pack.name] = np.full(pack.rows, -1, dtype=np.int64)
        owner = np.repeat(np.arange(len(group.packs)), [len(rows) for rows in group.rows])
        rows = np.concatenate(group.rows)
        lengths = np.concatenate(_column(group, "length")).astype(np.int64)
        for plan in plan_packs(lengths):
            part = slice(plan.first, plan.stop)
            pieces = list(_pieces(group, owner[part], rows[part]))
            first = staged.base(_write(staged, group, pieces, lengths[part], plan.cuts))
            for pack, inner in pieces:
                numbers[pack.name][inner] = first + np.arange(len(inner))
                first += len(inner)
            report(plan.stop - plan.first)
    return Moves(numbers)


def _beside(inventory: Inventory, pack: Pack) -> Iterator[tuple[str, str]]:
    """What stands beside a pack: the folder, and what follows the pack's digits in the name."""
    for name in inventory.beside.get(pack.name.hex, ()):
        folder, _, file = name.partition("/")
        yield folder, file.removeprefix(pack.name.hex)


def _column(group: Group, name: str) -> list[NDArray[Any]]:
    return [pack.file[name][rows] for pack, rows in zip(group.packs, group.rows, strict=True)]


def _pieces(
    group: Group, owner: NDArray[np.int64], rows: NDArray[np.int64]
) -> Iterator[tuple[Pack, NDArray[np.int64]]]:
    """Rows by the pack that they are in."""
    cuts = np.flatnonzero(np.diff(owner)) + 1
    for numbers, inner in zip(np.split(owner, cuts), np.split(rows, cuts), strict=True):
        yield group.packs[int(numbers[0])], inner


def _write(
    staged: Store,
    group: Group,
    pieces: Sequence[tuple[Pack, NDArray[np.int64]]],
    lengths: NDArray[np.int64],
    cuts: NDArray[np.int64],
) -> Digest:
    """Write one pack with what stands beside it; its name."""
    ids = np.concatenate([pack.file["row_id"][inner] for pack, inner in pieces])
    name, durable = pack_name(ids), staged.durable
    write_text(staged.packs_folder / f"{name.hex}.zst", _frames(pieces, cuts), durable=durable)
    for folder, suffix in group.beside:
        files = []
        for pack, _ in pieces:
            path = pack.folder.parent / folder / f"{pack.name.hex}{suffix}"
            check_columns(path)
            files.append(read_columns(path))
        columns = {
            column: np.concatenate(
                [file[column][inner] for file, (_, inner) in zip(files, pieces, strict=True)]
            )
            for column in files[0].columns
        }
        path = staged.root / folder / f"{name.hex}{suffix}"
        write_columns(path, columns, _meta(files), interleaved=True, durable=durable)
    shapes, numbers = _shapes(pieces)
    gone = np.flatnonzero(np.concatenate([pack.is_forgotten(inner) for pack, inner in pieces]))
    columns = {
        "row_id": ids,
        "digest": np.concatenate([pack.file["digest"][inner] for pack, inner in pieces]),
        "length": lengths.astype("<u4"),
        "shape": numbers,
        "place": text_places(lengths),
    }
    context = group.packs[0].context
    write_rows(
        staged.packs_folder,
        name,
        context=context,
        columns=columns,
        shapes=shapes,
        source=None,
        forgotten=gone.tolist(),
        durable=durable,
    )
    staged.written(name)
    return name


def _frames(
    pieces: Sequence[tuple[Pack, NDArray[np.int64]]], cuts: NDArray[np.int64]
) -> Iterator[Frames]:
    records = _records(pieces)
    for first, stop in pairwise(cuts.tolist()):
        yield compress_frames([b"".join(one + b"\n" for one in islice(records, stop - first))])


def _records(pieces: Sequence[tuple[Pack, NDArray[np.int64]]]) -> Iterator[bytes]:
    """The raw bytes of rows, each with the row id that it is stored under; of forgotten ones, none.

    Raises:
        IntegrityError: a row has other bytes than its row id says.
    """
    for pack, rows in pieces:
        yield from checked_records(pack, rows, pack.records, pack.forgotten)


def _meta(files: Sequence[ColumnFile]) -> dict[str, Any]:
    """What column files say of themselves: alike, but for the names that codes stand for."""
    meta = dict(files[0].meta)
    if "names" in meta:
        meta["names"] = {code: name for file in files for code, name in file.meta["names"].items()}
    return meta


def _shapes(
    pieces: Sequence[tuple[Pack, NDArray[np.int64]]],
) -> tuple[list[dict[str, str]], NDArray[np.uint32]]:
    """The distinct shapes of rows, and the number of each row's."""
    known: dict[tuple[tuple[str, str], ...], int] = {}
    numbers = []
    for pack, inner in pieces:
        used, places = np.unique(pack.file["shape"][inner], return_inverse=True)
        shapes = [tuple(pack.shapes[number].items()) for number in used.tolist()]
        mine = [known.setdefault(shape, len(known)) for shape in shapes]
        numbers.append(np.array(mine, dtype="<u4")[places])
    return [dict(shape) for shape in known], np.concatenate(numbers)
