"""Hashing everything that is kept again, and naming what is damaged or missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.errors import DslineageError, IntegrityError
from dslineage.ids import Digest
from dslineage.records import DatasetRecord
from dslineage.store.columns import check_columns
from dslineage.store.layout import Layout, layout_name
from dslineage.store.pack import Pack
from dslineage.store.view import view_id
from dslineage.versions.catalog import RECORDS, Catalog, record_path
from dslineage.versions.opening import open_version
from dslineage.versions.worktree import hash_file

if TYPE_CHECKING:
    from dslineage.store.store import Store
    from dslineage.versions.options import Report


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written: what it is, its name, and who needs it."""

    kind: str
    name: str
    message: str
    needed_by: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The problem as a JSON object."""
        return {
            "kind": self.kind,
            "name": self.name,
            "message": self.message,
            "needed_by": list(self.needed_by),
        }


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """How much was hashed, and what was found."""

    records: int
    objects: int
    bytes: int
    problems: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        """The result as the JSON document `dslineage.verify/1`."""
        return {
            "schema": "dslineage.verify/1",
            "records": self.records,
            "objects": self.objects,
            "bytes": self.bytes,
            "problems": [problem.to_dict() for problem in self.problems],
        }


def verify(catalog: Catalog, store: Store, report: Report | None = None) -> VerifyResult:
    """Check every record, pointer and object of a repository. Writes nothing."""
    records, problems = _records(catalog)
    needs = _Needs(store, records)
    problems += needs.problems
    problems += _pointers(catalog)
    objects, size = 0, 0
    for kind, path, check in _objects(store):
        objects += 1
        size += path.stat().st_size
        problems += _checked(kind, path, check, needs)
    problems += [problem for record in records for problem in _contents(store, record, problems)]
    return VerifyResult(len(records), objects, size, tuple(dict.fromkeys(problems)))


def _records(catalog: Catalog) -> tuple[list[DatasetRecord], list[Problem]]:
    """Every record of the work tree that can be believed, and what is wrong with the others."""
    good: dict[str, DatasetRecord] = {}
    problems = []
    for path in sorted(catalog.folder.glob("*/*.json")):
        name = path.relative_to(catalog.git.root).as_posix()
        try:
            record = DatasetRecord.from_bytes(path.read_bytes(), name)
        except IntegrityError as error:
            problems.append(Problem("record", name, error.message, (_named(path),)))
            continue
        good[record.id] = record
        if record_path(record) != name:
            message = f"damaged record {name}: its name is not that of its content"
            problems.append(Problem("record", name, message, (_title(record),)))
    for name in sorted(catalog.head_names | catalog.index_names):
        path = catalog.git.root / name
        if name.startswith(f"{RECORDS}/") and not path.exists():
            problems.append(Problem("record", name, f"missing record {name}", (_named(path),)))
    problems += [
        Problem("record", parent, f"missing record {parent}", (_title(record),))
        for record in good.values()
        for parent in record.parents
        if parent not in good
    ]
    return list(good.values()), problems


def _pointers(catalog: Catalog) -> list[Problem]:
    problems = []
    try:
        files = catalog.pointers()
    except IntegrityError as error:
        return [Problem("pointer", "", error.message, ())]
    for file in files:
        try:
            record = catalog.record(file.pointer.id, file.pointer.dataset)
        except DslineageError as error:
            problems.append(Problem("pointer", file.path, error.message, (file.pointer.version,)))
        else:
            if file.pointer.files != record.files:
                message = f"damaged pointer {file.path}: its files are not those of {record.title}"
                problems.append(Problem("pointer", file.path, message, (_title(record),)))
    return problems


class _Needs:
    """Which versions need which object."""

    def __init__(self, store: Store, records: list[DatasetRecord]) -> None:
        self._versions: dict[str, list[str]] = {}
        self.problems: list[Problem] = []
        for record in records:
            for entry in record.files:
                name = layout_name(entry.sha256, entry.reader)
                self._add(name, record)
                self._add(entry.sha256.hex, record)
                try:
                    layout = store.layout(name)
                except IntegrityError as error:
                    if error.kind == "missing-object":
                        self._miss("layout", name, error.message, record)
                    continue
                if layout.storage == "blob" and store.blob(entry.sha256) is None:
                    self._miss("blob", entry.sha256.hex, "missing blob", record)
                for pack in layout.packs:
                    self._add(pack.hex, record)
                    if not (store.packs_folder / f"{pack.hex}.rows").exists():
                        self._miss("pack", f"{pack.hex}.rows", "missing pack", record)
        self.problems = [
            Problem(one.kind, one.name, one.message, self.of(one.name))
            for one in dict.fromkeys(self.problems)
        ]

    def of(self, name: str) -> tuple[str, ...]:
        """The versions that need an object, by its file name."""
        exact = self._versions.get(name, [])
        return tuple(exact or self._versions.get(name.split(".", 1)[0], []))

    def _add(self, name: str, record: DatasetRecord) -> None:
        versions = self._versions.setdefault(name, [])
        if _title(record) not in versions:
            versions.append(_title(record))

    def _miss(self, kind: str, name: str, message: str, record: DatasetRecord) -> None:
        self.problems.append(Problem(kind, name, f"{message}: {name}", ()))


def _objects(store: Store) -> Iterator[tuple[str, Path, Callable[[Path], list[str]]]]:
    for kind, folder, check in (
        ("pack", store.packs_folder, _check_pack),
        ("view", store.views_folder, _check_view),
        ("layout", store.layouts_folder, _check_layout),
        ("blob", store.blobs_folder, _check_blob),
    ):
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if not path.name.startswith("."):
                    yield kind, path, check


def _checked(
    kind: str, path: Path, check: Callable[[Path], list[str]], needs: _Needs
) -> list[Problem]:
    try:
        found = check(path)
    except IntegrityError as error:
        found = [error.message]
    except (OSError, ValueError, KeyError) as error:
        found = [f"damaged object {path.name}: {error}"]
    return [Problem(kind, path.name, message, needs.of(path.name)) for message in found]


def _check_pack(path: Path) -> list[str]:
    if path.suffix == ".zst":
        if path.with_suffix(".rows").exists():
            return []
        return [f"{path.name} has no columns beside it"]
    pack = Pack.open(path.parent, Digest(bytes.fromhex(path.stem)))
    return [f"damaged object {path.stem}.zst: {why}" for why in pack.check()]


def _check_view(path: Path) -> list[str]:
    check_columns(path)
    return []


def _check_layout(path: Path) -> list[str]:
    Layout.decode(path.read_bytes(), path.name)
    return []


def _check_blob(path: Path) -> list[str]:
    right = hash_file(path).hex == path.name
    return [] if right else [f"damaged object {path.name}: its bytes have another hash"]


def _contents(store: Store, record: DatasetRecord, problems: list[Problem]) -> Iterator[Problem]:
    """Recompute a version's hashes from its rows, unless an object of it is known to be bad."""
    title = _title(record)
    if any(title in problem.needed_by for problem in problems):
        return
    try:
        snapshot = open_version(store, record, trusting=False)
        view = view_id(record.adapter, record.key)
        found = {
            "content hash": (snapshot.content_hash, record.content_hash),
            "order hash": (snapshot.order_hash, record.order_hash),
            "number of examples": (snapshot.examples, record.examples),
        }
        if all(store.view(pack, view) for layout in snapshot.layouts for pack in layout.packs):
            found["training hash"] = (snapshot.training_hash, record.training_hash)
    except IntegrityError as error:
        yield Problem("version", title, error.message, (title,))
        return
    for what, (now, recorded) in found.items():
        if now != recorded:
            message = f"{title}: the {what} of its rows is {now}, recorded is {recorded}"
            yield Problem("version", title, message, (title,))


def _named(path: Path) -> str:
    """The version that a record's file name speaks of."""
    return f"{path.parent.name}@{path.stem.split('-', 1)[0]}"


def _title(record: DatasetRecord) -> str:
    return f"{record.dataset}@{record.label}"
