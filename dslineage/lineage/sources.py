"""Sources: recorded from what a person or a document says, listed, and linked to versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dslineage.errors import NotFoundError, UsageError
from dslineage.lineage.cards import read_card
from dslineage.lineage.claims import ORIGIN
from dslineage.lineage.croissant import read_croissant
from dslineage.lineage.description import Description
from dslineage.lineage.node import Node
from dslineage.members import address, day
from dslineage.records import ClaimRecord, DatasetRecord, Gap, NamedFile, SourceRecord
from dslineage.records.form import is_name
from dslineage.versions.catalog import relative_to
from dslineage.versions.worktree import hash_file

if TYPE_CHECKING:
    from pathlib import Path

    from dslineage.lineage.registry import Registry
    from dslineage.store.store import Store
    from dslineage.versions.recording import Stamp

_NO_LICENCE = Gap("licence", "its licence is not recorded")


@dataclass(frozen=True, slots=True)
class SourceAdded:
    """A source that was recorded, or that was there just so already."""

    record: SourceRecord
    path: str
    unchanged: bool

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.source-added/1`."""
        return {
            "schema": "dslineage.source-added/1",
            "unchanged": self.unchanged,
            "path": self.path,
            "source": self.record.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class SourceLinked:
    """A source and a version that comes from it, by a claim; `new` where it was not said before."""

    source: SourceRecord
    version: DatasetRecord
    claim: ClaimRecord
    new: bool

    @property
    def said(self) -> str:
        """Whether the claim is new, in words."""
        return "a claim says that" if self.new else "a claim said before that"

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.source-linked/1`."""
        return {
            "schema": "dslineage.source-linked/1",
            "source": self.source.id,
            "version": self.version.id,
            "claim": self.claim.id,
            "new": self.new,
        }


@dataclass(frozen=True, slots=True)
class ListedSource:
    """A source, and the nodes that rest on it directly."""

    record: SourceRecord
    used_by: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class SourceList:
    """The sources of a repository by name, each in its newest state."""

    sources: tuple[ListedSource, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.sources/1`."""
        return {
            "schema": "dslineage.sources/1",
            "sources": [
                {"source": one.record.to_dict(), "used_by": [node.id for node in one.used_by]}
                for one in self.sources
            ],
        }


@dataclass(frozen=True, slots=True)
class SourceDocuments:
    """What came with a source: the files that were taken, a card, a Croissant file."""

    files: tuple[NamedFile, ...]
    described: Description

    @classmethod
    def at(
        cls,
        root: Path,
        here: Path,
        files: Sequence[Path | str],
        card: Path | str | None,
        croissant: Path | str | None,
    ) -> SourceDocuments:
        """Hash the files and read the documents.

        Args:
            root: the top of the work tree; files in it are named relative to it.
            here: the folder that relative paths start from.
            files: the files that were taken.
            card: a Hugging Face card, or the folder of its `README.md`.
            croissant: a Croissant file.

        Raises:
            NotFoundError: a file is not there.
            BadDataError: a document is not what it should be.
        """
        described = Description()
        if croissant is not None:
            described = read_croissant(here / croissant)
        if card is not None:
            path = here / card
            described = read_card(path / "README.md" if path.is_dir() else path).over(described)
        return cls(hashed_files(root, [here / path for path in files]), described)

    def under(self, said: Description | None) -> Description:
        """What a person says, and below that what the documents say."""
        return replace(said or Description(), files=self.files).over(self.described)


def add_source(
    registry: Registry, store: Store, name: str, said: Description, stamp: Stamp
) -> SourceAdded:
    """Record what is said of a source; nothing new is recorded where it was said before.

    Raises:
        UsageError: nobody said where it is, or a day or an address is none.
    """
    if not is_name(name):
        raise UsageError(
            f"{name!r} cannot name a source: letters, digits, '.', '_', '+' and '-' can",
            kind="bad-name",
        )
    record = _record(name, said, stamp)
    before = next(reversed(registry.named(SourceRecord, name)), None)
    if before is not None:
        again = replace(
            record, author=before.author, created_at=before.created_at, tool=before.tool
        )
        if again.id == before.id:
            return SourceAdded(before, before.path, unchanged=True)
    return SourceAdded(record, registry.keep([record], store)[0], unchanged=False)


def link_source(
    registry: Registry, store: Store, source: SourceRecord, version: DatasetRecord, stamp: Stamp
) -> SourceLinked:
    """Claim that a version that was recorded before comes from a source."""
    body = {"source": source.id}
    for claim in registry.named(ClaimRecord, version.dataset):
        if (claim.type, claim.subject, dict(claim.body)) == (ORIGIN, version.id, body):
            return SourceLinked(source, version, claim, new=False)
    claim = ClaimRecord(
        subject=version.id,
        dataset=version.dataset,
        type=ORIGIN,
        body=body,
        author=stamp.author,
        created_at=stamp.created_at,
        tool=stamp.tool,
    )
    registry.keep([claim], store)
    return SourceLinked(source, version, claim, new=True)


def source_named(registry: Registry, text: str) -> SourceRecord:
    """The newest state of the source with a name, `NAME` or `source:NAME`; or by its id.

    Raises:
        NotFoundError: there is none.
    """
    name = text.removeprefix("source:")
    found = registry.named(SourceRecord, name) if is_name(name) else []
    if not found:
        digits = name.removeprefix("sha256:")
        found = [one for one in registry.every(SourceRecord) if one.digits == digits]
    if found:
        return found[-1]
    names = sorted({one.name for one in registry.every(SourceRecord)})
    raise NotFoundError(
        f"there is no source {text!r}" + (f", but {', '.join(names)}" if names else ""),
        kind="unknown-source",
        hint="dslineage source add NAME --uri URI",
    )


def list_sources(registry: Registry) -> SourceList:
    """The sources by name, each in its newest state, with what rests on it directly."""
    newest = {one.name: one for one in sorted(registry.every(SourceRecord), key=_age)}
    graph = registry.graph()
    listed = []
    for _, record in sorted(newest.items()):
        children = dict.fromkeys(edge.child for edge in graph.children(record.id))
        nodes = graph.nodes_of(children).values()
        listed.append(ListedSource(record, tuple(sorted(nodes, key=lambda node: node.ref))))
    return SourceList(tuple(listed))


def hashed_files(root: Path, paths: Sequence[Path]) -> tuple[NamedFile, ...]:
    """Files by name and content, the names relative to the repository where they are in it.

    Raises:
        NotFoundError: there is no such file.
        UsageError: two of them have one name.
    """
    files = [NamedFile(_name(root, path), path.stat().st_size, hash_file(path))
             for path in map(_there, paths)]  # fmt: skip
    if len({file.path for file in files}) != len(files):
        raise UsageError("two of the files have the same name", kind="bad-source")
    return tuple(sorted(files, key=lambda file: file.path))


def _there(path: Path) -> Path:
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}", kind="no-file")
    return path


def _name(root: Path, path: Path) -> str:
    try:
        return relative_to(root, path)
    except UsageError:
        return path.name


def _record(name: str, said: Description, stamp: Stamp) -> SourceRecord:
    if said.uri is None:
        raise UsageError(
            "nobody said where the source is",
            kind="bad-source",
            hint=f"dslineage source add {name} --uri https://example.org/data",
        )
    dates = {"published_at": said.published_at, "acquired_at": said.acquired_at}
    urls = {"uri": said.uri}
    if said.license is not None:
        if not said.license.name.strip():
            message = "a licence has a name: --license"
            raise UsageError(message, kind="bad-source", hint="--license CC-BY-4.0")
        dates["licence"] = said.license.as_of
        urls["licence"] = said.license.url or said.uri
    for what, text in dates.items():
        _checked(day, what, text, "2026-01-31")
    for what, text in urls.items():
        _checked(address, what, text, "https://example.org/data")
    members = said.said | {"gaps": (*said.gaps, *(() if said.license else (_NO_LICENCE,)))}
    return SourceRecord(
        name=name, author=stamp.author, created_at=stamp.created_at, tool=stamp.tool, **members
    )


def _checked(read: Any, what: str, text: str | None, such_as: str) -> None:
    try:
        if text is not None:
            read({what: text}, what)
    except ValueError as error:
        message = f"{what}: {text!r:.100} is not of the form {such_as}"
        raise UsageError(message, kind="bad-source") from error


def _age(record: SourceRecord) -> tuple[str, str]:
    return record.created_at, record.id
