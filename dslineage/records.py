"""Records and pointers: the small JSON files that git keeps.

A record is immutable and describes one node of the lineage graph; its id is the SHA-256 of its
canonical JSON without the id. A pointer stands next to the data and says which version belongs
there. The normative text is `docs/format.md`, section Records.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import orjson

from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import IntegrityError, UsageError
from dslineage.ids import Digest
from dslineage.members import count, digest, matching, member

DATASET_SCHEMA = "dslineage.dataset/1"
POINTER_SCHEMA = "dslineage.pointer/1"
POINTER_SUFFIX = ".dsl.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_LABEL = re.compile(r"v[1-9][0-9]{0,8}")
_ID = re.compile(r"dataset:sha256:[0-9a-f]{64}")
_ADAPTER = re.compile(r"[^@:]+@[0-9]{1,6}:[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a version: its path relative to the pointer's folder, and how it was read."""

    path: str
    size: int
    sha256: Digest
    reader: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The entry as a JSON object."""
        return {
            "path": self.path,
            "bytes": self.size,
            "sha256": self.sha256.hex,
            "reader": dict(self.reader),
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> FileEntry:
        """Read an entry; a path that leaves its folder is an IntegrityError."""
        reader = member(entry, "reader", dict)
        member(reader, "format", str)
        return cls(
            safe_path(member(entry, "path", str)),
            count(entry, "bytes"),
            Digest.parse(f"sha256:{member(entry, 'sha256', str)}"),
            reader,
        )


@dataclass(frozen=True, slots=True)
class DatasetRecord:
    """One version of a data set.

    `fields` maps each top-level field to how many examples have it, per JSON type; `change` maps
    each parent's id to the counts of the change against it. `number` is N of `vN`: a label.
    """

    dataset: str
    number: int
    parents: tuple[str, ...]
    content_hash: Digest
    training_hash: Digest
    order_hash: Digest
    adapter: str
    mapping: Mapping[str, Any]
    key: str | None
    examples: int
    unique: int
    quarantined: int
    quarantine_hash: Digest | None
    format: str
    store: str
    files: tuple[FileEntry, ...]
    fields: Mapping[str, Mapping[str, int]]
    change: Mapping[str, Mapping[str, Any]]
    message: str
    author: str
    created_at: str
    tool: str

    @property
    def label(self) -> str:
        """The version's label, such as `v4`."""
        return f"v{self.number}"

    @property
    def id(self) -> str:
        """`dataset:sha256:<hex>` of the canonical JSON without the id."""
        return f"dataset:{Digest.of(canonical_bytes(self._body()))}"

    @property
    def title(self) -> str:
        """The label with the first eight hex digits of the id: `v4 (3fa2c1d9)`."""
        return f"{self.label} ({self.id[15:23]})"

    @property
    def file_name(self) -> str:
        """The record's file name."""
        return f"{self.label}-{self.id[15:27]}.json"

    def to_bytes(self) -> bytes:
        """The record's file, for people and machines."""
        return _pretty({"id": self.id, **self._body()})

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "schema": DATASET_SCHEMA,
            "dataset": self.dataset,
            "version": self.label,
            "message": self.message,
            "parents": list(self.parents),
            "change": {parent: dict(change) for parent, change in self.change.items()},
            "examples": self.examples,
            "unique": self.unique,
            "content_hash": str(self.content_hash),
            "training_hash": str(self.training_hash),
            "order_hash": str(self.order_hash),
            "adapter": self.adapter,
            "mapping": dict(self.mapping),
            "format": self.format,
            "store": self.store,
            "files": [entry.to_dict() for entry in self.files],
            "fields": {name: dict(types) for name, types in self.fields.items()},
            "author": self.author,
            "created_at": self.created_at,
            "tool": self.tool,
            "quarantined": self.quarantined,
        }
        if self.quarantine_hash:
            body["quarantine_hash"] = str(self.quarantine_hash)
        if self.key is not None:
            body["key"] = self.key
        return body

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> DatasetRecord:
        """Read a record's file and check its id.

        Raises:
            IntegrityError: it is no record, of a newer schema, or was edited.
        """
        document = _document(data, name, DATASET_SCHEMA)
        with _understood(name):
            record = cls(
                dataset=checked_name(member(document, "dataset", str)),
                number=int(matching(document, "version", _LABEL).removeprefix("v")),
                parents=_ids(member(document, "parents", list)),
                content_hash=digest(document, "content_hash"),
                training_hash=digest(document, "training_hash"),
                order_hash=digest(document, "order_hash"),
                adapter=matching(document, "adapter", _ADAPTER),
                mapping=member(document, "mapping", dict),
                key=member(document, "key", str) if "key" in document else None,
                examples=count(document, "examples"),
                unique=count(document, "unique"),
                quarantined=count(document, "quarantined"),
                quarantine_hash=(
                    digest(document, "quarantine_hash") if "quarantine_hash" in document else None
                ),
                format=member(document, "format", str),
                store=member(document, "store", str),
                files=_files(document),
                fields=_counts_by_field(member(document, "fields", dict)),
                change=_changes(member(document, "change", dict)),
                message=member(document, "message", str),
                author=member(document, "author", str),
                created_at=member(document, "created_at", str),
                tool=member(document, "tool", str),
            )
            body = {key: value for key, value in document.items() if key != "id"}
            same = body == orjson.loads(canonical_bytes(record._body()))
            if not same or document.get("id") != record.id:
                raise _damaged(name, "its content does not match its id: it was edited")
        return record


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which version of a data set belongs next to this file."""

    dataset: str
    version: str
    id: str
    content_hash: Digest
    examples: int
    files: tuple[FileEntry, ...]

    @classmethod
    def to(cls, record: DatasetRecord) -> Pointer:
        """The pointer to a version."""
        return cls(
            record.dataset,
            record.label,
            record.id,
            record.content_hash,
            record.examples,
            record.files,
        )

    def to_bytes(self) -> bytes:
        """The pointer's file."""
        return _pretty(
            {
                "schema": POINTER_SCHEMA,
                "dataset": self.dataset,
                "version": self.version,
                "id": self.id,
                "content_hash": str(self.content_hash),
                "examples": self.examples,
                "files": [entry.to_dict() for entry in self.files],
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> Pointer:
        """Read a pointer's file.

        Raises:
            IntegrityError: it is no pointer, of a newer schema, or has merge markers in it.
        """
        if data.startswith(b"<<<<<<<") or b"\n<<<<<<<" in data or b"\n>>>>>>>" in data:
            file = shlex.quote(name.removesuffix(POINTER_SUFFIX))
            raise IntegrityError(
                f"{name} has merge markers: two branches changed this data set",
                kind="conflicted-pointer",
                hint=f"git checkout --ours -- {shlex.quote(name)} (or --theirs), then bring the "
                f"data into the state that you want, and dslineage add {file}",
            )
        document = _document(data, name, POINTER_SCHEMA)
        with _understood(name):
            return cls(
                checked_name(member(document, "dataset", str)),
                matching(document, "version", _LABEL),
                matching(document, "id", _ID),
                digest(document, "content_hash"),
                count(document, "examples"),
                _files(document),
            )


def is_name(name: str) -> bool:
    """Whether a text can name a data set; see `checked_name`."""
    return bool(_NAME.fullmatch(name)) and not name.endswith(".lock")


def checked_name(name: str) -> str:
    """A data set's name: letters, digits and `._+-`, at most 100, no path.

    Raises:
        UsageError: it is anything else.
    """
    if not is_name(name):
        raise UsageError(
            f"{name!r} cannot name a data set: letters, digits, '.', '_', '+' and '-' can",
            kind="bad-name",
            hint=f"dslineage add FILE --name {name_like(name)}",
        )
    return name


def name_like(text: str) -> str:
    """A name that a data set can have, as near to a text as may be."""
    near = re.sub(r"[^A-Za-z0-9._+-]+", "-", text).strip("-.")[:100]
    return near if is_name(near) else "NAME"


def safe_path(path: str) -> str:
    """A relative POSIX path that stays inside its folder and out of `.git`.

    Raises:
        IntegrityError: it does not.
    """
    pure = PurePosixPath(path)
    inside = pure.parts and not pure.is_absolute() and ".." not in pure.parts and "\0" not in path
    if not inside or any(part.lower() in {".git", ".dslineage"} for part in pure.parts):
        raise IntegrityError(f"a record names the path {path!r}", kind="unsafe-path")
    return path


def _document(data: bytes, name: str, schema: str) -> dict[str, Any]:
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _damaged(name, f"it is not JSON ({error})") from error
    found = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(found, str):
        raise _damaged(name, "it has no schema")
    if found != schema:
        raise IntegrityError(
            f"{name} has the schema {found!r}; this release reads {schema!r}",
            kind="unknown-schema",
            hint="pip install --upgrade dslineage",
        )
    return dict(document)


@contextmanager
def _understood(name: str) -> Iterator[None]:
    """Turn whatever a strange document makes go wrong into an IntegrityError that names it."""
    try:
        yield
    except IntegrityError as error:
        if name in error.message:
            raise
        raise IntegrityError(f"damaged record {name}: {error.message}", kind=error.kind) from error
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise _damaged(name, f"a member is missing or wrong: {error}") from error


def _ids(ids: Sequence[Any]) -> tuple[str, ...]:
    return tuple(matching({"parents": id_}, "parents", _ID) for id_ in ids)


def _files(document: Mapping[str, Any]) -> tuple[FileEntry, ...]:
    entries = tuple(FileEntry.from_dict(entry) for entry in member(document, "files", list))
    if not entries or len({entry.path for entry in entries}) != len(entries):
        raise ValueError("files names none, or one twice")
    return entries


def _counts_by_field(fields: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    return {
        field: {kind: count(types, kind) for kind in types}
        for field in fields
        for types in [member(fields, field, dict)]
    }


def _changes(changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {parent: member(changes, parent, dict) for parent in _ids(list(changes))}


def _damaged(name: str, why: str) -> IntegrityError:
    return IntegrityError(f"damaged record {name}: {why}", kind="damaged-record")


def _pretty(document: Mapping[str, Any] | Sequence[Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
