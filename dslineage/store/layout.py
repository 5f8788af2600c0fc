"""A layout: one file of a version as runs of stored rows, with all that stands between them.

With the packs it names, a layout restores a text file byte for byte. It is named by the hash of
the file that it restores and by how that file was read.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import orjson

from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import UsageError
from dslineage.ids import Digest
from dslineage.members import choice, count, mapping
from dslineage.store.files import write_file
from dslineage.store.framed import damaged, framed, missing, unframed

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC = b"dsllay01"
Storage = Literal["text", "blob", "rows", "index"]


@dataclass(frozen=True, slots=True)
class Gaps:
    """The bytes before, between and after n records, run-length coded: n + 1 gaps.

    `texts` are the distinct gaps; gap number i is `texts[k]` for the run of `runs` (pairs of
    text number and count) that covers i.
    """

    texts: tuple[bytes, ...]
    runs: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, coded: Sequence[tuple[bytes, int]]) -> Gaps:
        """Gaps from (bytes, count) pairs, joining neighbours that are equal."""
        numbers: dict[bytes, int] = {}
        runs = [
            (numbers.setdefault(text, len(numbers)), sum(count for _, count in group))
            for text, group in groupby(coded, key=lambda pair: pair[0])
        ]
        return cls(tuple(numbers), tuple(runs))

    def fit(self, records: int) -> bool:
        """Whether they are the gaps of so many records."""
        inside = all(0 <= number < len(self.texts) and count >= 0 for number, count in self.runs)
        return inside and sum(count for _, count in self.runs) == records + 1

    def expand(self) -> list[bytes]:
        """Every gap, in order."""
        return [self.texts[number] for number, count in self.runs for _ in range(count)]


@dataclass(frozen=True)
class Layout:
    """One file of a version.

    `packs` are pack names; `runs` has shape (r, 3): pack number, first row, count. `storage`
    says where the bytes are: `text` in the packs with `gaps` between, `blob` the whole file as
    it is, `rows` in the packs as canonical JSON (equal content, not equal bytes), `index`
    nowhere. `extra` is what the format needs besides, such as an Arrow schema. `quarantined`
    are (offset, length) of the file's bytes that are no examples, of shape (n, 2).
    """

    examples: int
    packs: tuple[Digest, ...]
    runs: NDArray[np.int64]
    storage: Storage
    gaps: Gaps
    quarantined: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    extra: Mapping[str, Any] | None = None

    @cached_property
    def encoded(self) -> bytes:
        """The bytes of the object."""
        expected = np.zeros(len(self.runs), dtype=np.int64)
        last: dict[int, int] = {}
        for index, (pack, first, rows) in enumerate(self.runs.tolist()):
            expected[index] = last.get(pack, 0)
            last[pack] = first + rows
        jumps = self.runs[:, 1] - expected
        header = orjson.dumps(
            {
                "examples": self.examples,
                "packs": [pack.hex for pack in self.packs],
                "runs": len(self.runs),
                "storage": self.storage,
                "gaps": [base64.b64encode(text).decode() for text in self.gaps.texts],
                "gap_runs": self.gaps.runs,
                "quarantined": np.ascontiguousarray(self.quarantined),
                "extra": self.extra,
            },
            option=orjson.OPT_SERIALIZE_NUMPY,
        )
        planes = b"".join(_planes(column) for column in (self.runs[:, 0], jumps, self.runs[:, 2]))
        body = len(header).to_bytes(4, "little") + header + planes
        return framed(MAGIC, body, level=12)

    @classmethod
    def decode(cls, data: bytes, name: str) -> Layout:
        """Read an object's bytes.

        Raises:
            IntegrityError: they are not a whole layout.
        """
        body = unframed(MAGIC, data, name)
        try:
            return cls._decoded(body)
        except (KeyError, TypeError, ValueError, OverflowError, UsageError) as error:
            raise damaged(name, f"it is no layout ({error})") from error

    @classmethod
    def _decoded(cls, body: bytes) -> Layout:
        length = int.from_bytes(body[:4], "little")
        header = orjson.loads(body[4 : 4 + length])
        runs = count(header, "runs")
        packs, jumps, rows = (_unplanes(body[4 + length + 8 * runs * i :], runs) for i in range(3))
        table = np.stack([packs, _landed(packs, jumps, rows), rows], axis=1)
        examples = count(header, "examples")
        total = rows.sum(dtype=np.float64)  # which does not overflow
        if (table < 0).any() or (packs >= len(header["packs"])).any() or total != examples:
            raise ValueError("its runs are not those of its examples")
        gaps = Gaps(
            tuple(base64.b64decode(text) for text in header["gaps"]),
            tuple((int(number), int(times)) for number, times in header["gap_runs"]),
        )
        if not gaps.fit(examples):
            raise ValueError("its gaps are not those of its examples")
        return cls(
            examples=examples,
            packs=tuple(Digest(bytes.fromhex(pack)) for pack in header["packs"]),
            runs=table,
            storage=choice(header, "storage", get_args(Storage)),
            gaps=gaps,
            quarantined=np.array(header["quarantined"], dtype=np.int64).reshape(-1, 2),
            extra=None if header["extra"] is None else mapping(header, "extra"),
        )


def layout_name(file_hash: Digest, reader: Mapping[str, Any]) -> str:
    """The name of the layout of a file, read in one way: 64 and 16 hex digits."""
    return f"{file_hash.hex}.{Digest.of(canonical_bytes(dict(reader))).hex[:16]}"


def runs_of(rows: NDArray[np.int64], bases: NDArray[np.int64]) -> NDArray[np.int64]:
    """Runs (pack number, first row, count) of row numbers, given each pack's first number."""
    if not len(rows):
        return np.zeros((0, 3), dtype=np.int64)
    packs = np.searchsorted(bases, rows, side="right") - 1
    breaks = (np.diff(rows) != 1) | (np.diff(packs) != 0)
    starts = np.concatenate([[0], np.flatnonzero(breaks) + 1])
    counts = np.diff(np.append(starts, len(rows)))
    return np.stack([packs[starts], rows[starts] - bases[packs[starts]], counts], axis=1)


def expand_runs(runs: NDArray[np.int64], bases: NDArray[np.int64]) -> NDArray[np.int64]:
    """Row numbers of runs: the inverse of `runs_of`."""
    if not len(runs):
        return np.zeros(0, dtype=np.int64)
    firsts = bases[runs[:, 0]] + runs[:, 1]
    counts = runs[:, 2]
    ends = np.cumsum(counts)
    return np.repeat(firsts - (ends - counts), counts) + np.arange(ends[-1])


def _landed(
    packs: NDArray[np.int64], jumps: NDArray[np.int64], rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The first row of each run, given how far it is from the end of the pack's run before it."""
    order = np.argsort(packs, kind="stable")
    lengths = np.cumsum(jumps[order] + rows[order])
    starts = np.flatnonzero(np.diff(packs[order], prepend=-1))
    before = np.concatenate([[0], lengths])[starts]
    firsts = np.empty(len(packs), dtype=np.int64)
    sizes = np.diff(starts, append=len(packs))
    firsts[order] = lengths - rows[order] - np.repeat(before, sizes)
    return firsts


def write_layout(folder: Path, name: str, layout: Layout, *, durable: bool) -> None:
    """Write a layout under its name."""
    write_file(folder / name, layout.encoded, durable=durable)


def read_layout(folder: Path, name: str) -> Layout:
    """Read a layout by name; an IntegrityError where it is missing or damaged."""
    path = folder / name
    try:
        return Layout.decode(path.read_bytes(), name)
    except FileNotFoundError:
        raise missing(path.name) from None


def _planes(column: NDArray[np.int64]) -> bytes:
    """The bytes of a column, all first bytes first: small numbers compress to nothing."""
    return np.ascontiguousarray(column, dtype="<i8").view("u1").reshape(-1, 8).T.tobytes()


def _unplanes(data: bytes, count: int) -> NDArray[np.int64]:
    planes = np.frombuffer(data, dtype="u1", count=8 * count).reshape(8, count)
    return np.ascontiguousarray(planes.T).view("<i8").reshape(count).astype(np.int64)
