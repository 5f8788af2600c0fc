"""Readers of records, pointers and notes, alone and in a repository."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import orjson

from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import DslineageError
from dslineage.ids import Digest
from dslineage.lineage.entry import entry_of
from dslineage.quality.trust import Trust
from dslineage.records import MeasurementRecord, Pointer, Record
from dslineage.repository import Repository
from dslineage.store.store import Store
from dslineage.training.runfile import RunFile
from dslineage.versions.publishing import Move
from tests.fuzz import material
from tests.fuzz.target import Read, Target, always, named
from tests.records.kinds import KINDS


def _record(kind: type[Record]) -> Target:
    def read(data: bytes, _: Path) -> None:
        record = kind.from_bytes(data, "the-file.json")
        assert kind.from_bytes(record.to_bytes(), "again").id == record.id
        assert record.path.startswith(f"{record.folder()}/")
        assert ".." not in record.path.split("/")
        if not isinstance(record, MeasurementRecord):
            entry_of(record)

    def seal(data: bytes) -> bytes:
        """The id that fits the content."""
        try:
            document = orjson.loads(data)
        except orjson.JSONDecodeError:
            return data
        if not isinstance(document, dict):
            return data
        body = {name: value for name, value in document.items() if name != "id"}
        try:
            return orjson.dumps({"id": f"{kind.kind}:{Digest.of(canonical_bytes(body))}", **body})
        except DslineageError:
            return data

    def seeds() -> list[bytes]:
        return [record.to_bytes() for record in material.drawn(KINDS[kind])]

    return Target(seeds, read, seal)


def _pointer(data: bytes, _: Path) -> None:
    pointer = Pointer.from_bytes(data, "x.dsl.json")
    assert Pointer.from_bytes(pointer.to_bytes(), "again") == pointer


def _run_file_seeds() -> list[bytes]:
    from tests.runs.test_run_file import runs

    return [run.to_bytes() for run in material.drawn(runs)]


def _note(data: bytes, _: Path) -> None:
    move = Move.from_bytes(data, "the note")
    assert isinstance(move.files.pointer, str)
    assert all(isinstance(one, str) for one in (move.record, move.made, move.replaced, move.step))


def _note_seeds() -> list[bytes]:
    files = {"names": ["train.jsonl"], "folder": "", "pointer": "train.jsonl.dsl.json", "name": "t"}
    note = {"files": files, "id": "dataset:", "record": _one_record(), "made": "", "replaced": ""}
    return [orjson.dumps(note)]


def _trust(path: Path) -> None:
    Trust(path, None).allows(path, Digest.of(b""))


def _in_repository(name: Callable[[], str]) -> Read:
    """A file of the repository is another, and people ask questions all the same."""

    def read(data: bytes, place: Path) -> None:
        bench = material.bench().copy(place / "repo")
        (bench.root / name()).write_bytes(data)
        first: DslineageError | None = None
        for ask in _QUESTIONS:
            try:
                ask(bench.repo)
            except DslineageError as error:
                first = first or error
        if first is not None:
            raise first

    return read


_QUESTIONS: tuple[Callable[[Repository], object], ...] = (
    lambda repo: repo.status(),
    lambda repo: repo.log("train"),
    lambda repo: repo.diff("train@v1", "train@v2"),
    lambda repo: repo.verify(),
    lambda repo: repo.gc(),
    lambda repo: repo.provenance.summary(),
)


def _repository_seeds(name: Callable[[], str]) -> Callable[[], list[bytes]]:
    return lambda: [(material.bench().root / name()).read_bytes()]


def _one_record() -> str:
    return material.version("train@v2").path


def _one_measurement() -> str:
    folder = material.bench().root / ".dslineage/records/measurement/train"
    return max(folder.iterdir()).relative_to(material.bench().root).as_posix()


_FORMAT = b'{"format":1,"features":[]}\n'

TARGETS: Mapping[str, Target] = {
    **{f"record of a {kind.kind}": _record(kind) for kind in KINDS},
    "pointer": Target(
        lambda: [one.read_bytes() for one in sorted(material.bench().root.glob("*.dsl.json"))],
        _pointer,
    ),
    "run file": Target(_run_file_seeds, lambda data, _: RunFile.from_bytes(data, "run.json")),
    "note of what is under way": Target(_note_seeds, _note),
    "format of the object folder": Target(
        always(_FORMAT), named("objects/format", lambda path: Store(path.parent))
    ),
    "trust": Target(
        always(b'{"schema": "dslineage.trust/1", "trusted": {"/x/m.py": "sha256:00"}}'),
        named("trust.json", _trust),
    ),
    "record in a repository": Target(
        _repository_seeds(_one_record),
        _in_repository(_one_record),
        lambda data: _record(type(material.version("train@v2"))).seal(data),
        cost=30,
    ),
    "measurement in a repository": Target(
        _repository_seeds(_one_measurement), _in_repository(_one_measurement), cost=30
    ),
    "pointer in a repository": Target(
        _repository_seeds(lambda: "train.jsonl.dsl.json"),
        _in_repository(lambda: "train.jsonl.dsl.json"),
        cost=30,
    ),
    "settings in a repository": Target(
        always(material.SETTINGS), _in_repository(lambda: "dslineage.toml"), cost=30
    ),
}
