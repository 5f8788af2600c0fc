"""Reading one data file of a scan: what is in it, and digests to compare it by."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.errors import BadDataError, DslineageError
from dslineage.formats.shards import shard_faults
from dslineage.records import POINTER_SUFFIX
from dslineage.scanning.folder import DataUnit
from dslineage.scanning.names import role_of
from dslineage.scanning.result import FAULTS_KEPT, ScannedFile
from dslineage.store.rowfinder import prefix_of
from dslineage.versions.opening import open_files, plain_files
from dslineage.versions.options import ReadOptions
from dslineage.versions.sidecar import dataset_info
from dslineage.versions.spool import Spool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.store.store import Store
    from dslineage.versions.ingest import Ingested
    from dslineage.versions.stored import StoredSnapshot

_ROWS = 1 << 18
_STORE_BYTES = 64 << 20
_STORE_FILES = 32
_NO_ROOM = ("enospc", "edquot")


class Reading(NamedTuple):
    """A file, and how many different example and prompt digests of it are on the bench.

    `settings` says that it is one JSON object, such as programs keep their settings in, and no
    file of examples.
    """

    file: ScannedFile
    examples: int = 0
    prompts: int = 0
    settings: bool = False


class Bench(ExitStack):
    """A folder to read files in: what is kept of them is bounded, but for their digests on disk.

    `examples` and `prompts` are the first eight bytes of the different digests of each file,
    sorted, one file behind another. The scratch store is made anew after some files.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.examples = Spool(folder, "<u8")
        self.prompts = Spool(folder, "<u8")
        self._folder = folder
        self._store_open = self.enter_context(ExitStack())
        self._store: Store | None = None
        self._bytes = self._files = 0

    def store(self, size: int) -> Store:
        """The store for a file of so many bytes."""
        self._bytes, self._files = self._bytes + size, self._files + 1
        if self._store is None or self._bytes > _STORE_BYTES or self._files > _STORE_FILES:
            self._store_open.close()
            self._store = self._store_open.enter_context(
                plain_files(self._folder / "objects", None)
            )
            self._bytes, self._files = size, 1
        return self._store


def read_unit(root: Path, unit: DataUnit, options: ReadOptions, bench: Bench) -> Reading:
    """Look at one file, or at one set of shards.

    What is wrong with it is part of the result and no error, unless there is no room to read it.

    Args:
        root: the folder that is scanned.
        unit: what to read.
        options: limits and workers.
        bench: where it is read, and where the digests stay.
    """
    file = ScannedFile(
        unit.path,
        unit.names,
        unit.bytes,
        unit.modified,
        role_of(unit.path),
        recorded=(root / (unit.path + POINTER_SUFFIX)).is_file(),
    )
    options = replace(options, store="index", format=unit.format, quarantine=False)
    try:
        try:
            return _read(root, file, options, bench)
        except BadDataError as error:
            # Which lines are bad is known now; what the others hold takes a second look.
            reading = _read(root, file, replace(options, quarantine=True), bench)
            return reading._replace(file=_with_faults(reading.file, error))
    except DslineageError as error:
        if error.kind in _NO_ROOM:
            raise
        settings = error.kind == "object-root" and not error.hint.startswith("jq ")
        return Reading(replace(file, problem=_problem(error), hint=error.hint), settings=settings)
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
        return Reading(replace(file, problem=problem))


def _read(root: Path, file: ScannedFile, options: ReadOptions, bench: Bench) -> Reading:
    folder = root / PurePosixPath(file.files[0]).parent
    names = [PurePosixPath(name).name for name in file.files]
    if missing := shard_faults(names):
        raise BadDataError("; ".join(fault.message for fault in missing), tuple(missing))
    options = replace(options, info=dataset_info(folder, names))
    store = bench.store(file.bytes)
    snapshot, ingested = open_files(
        store, folder, names, options, label=file.path, dataset=file.path
    )
    examples, prompts = _digests(snapshot)
    bench.examples.append(examples)
    bench.prompts.append(prompts)
    filled = _filled(file, snapshot, ingested, len(prompts))
    return Reading(filled, len(examples), len(prompts))


def _digests(snapshot: StoredSnapshot) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The different example and prompt digests, cut to eight bytes and sorted."""
    rows = snapshot.rows()
    examples, prompts = np.zeros((2, len(rows)), np.uint64)
    for first in range(0, len(rows), _ROWS):
        some = slice(first, first + _ROWS)
        examples[some] = prefix_of(snapshot.digests(rows[some]))
        prompts[some] = snapshot.facets(rows[some])["prompt"]
    return np.unique(examples), np.unique(prompts[prompts != 0])


def _problem(error: DslineageError) -> str:
    """What is wrong with a whole file, without its name."""
    if isinstance(error, BadDataError) and len(error.faults) == 1:
        fault = error.faults[0]
        place = f"line {fault.line}: " if fault.line > 1 else ""
        return f"{place}{fault.message}"
    return error.message


def _filled(
    file: ScannedFile, snapshot: StoredSnapshot, ingested: Ingested, prompts: int
) -> ScannedFile:
    names = [entry.path for entry in ingested.entries]
    return replace(
        file,
        format=str(ingested.entries[0].reader["format"]),
        schema=snapshot.adapter.name,
        saw=ingested.saw,
        examples=snapshot.examples,
        unique=snapshot.unique,
        prompts=prompts,
        bad=len(ingested.quarantined) // 32,
        notices=tuple(notice.removeprefix(f"{names[0]}: ") for notice in ingested.notices),
    )


def _with_faults(file: ScannedFile, error: BadDataError) -> ScannedFile:
    folder = PurePosixPath(file.path).parent
    faults = (replace(one, file=str(folder / one.file)) for one in error.faults[:FAULTS_KEPT])
    return replace(file, faults=tuple(faults))
