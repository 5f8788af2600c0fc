"""The record of a source: where rows came from, before any version of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self, get_args

from dslineage.members import (
    address,
    choice,
    day,
    filled,
    instant,
    known,
    mapping,
    member,
    optional,
    text,
    texts,
)
from dslineage.records.evidence import Evidence, evidence_of
from dslineage.records.form import checked_name
from dslineage.records.gap import Gap, gaps_of
from dslineage.records.namedfile import NamedFile, named_files
from dslineage.records.record import Record

Category = Literal["public", "licensed", "crawled", "user", "synthetic", "other"]
CATEGORIES: tuple[Category, ...] = get_args(Category)


@dataclass(frozen=True, slots=True)
class License:
    """A licence as it was claimed: an SPDX expression or another text; when, and where."""

    name: str
    as_of: str | None = None
    url: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The licence as a JSON object."""
        return known(name=self.name, as_of=self.as_of, url=self.url)

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> License:
        """Read what `to_dict` gave."""
        return cls(
            filled(entry, "name"), optional(entry, "as_of", day), optional(entry, "url", address)
        )


@dataclass(frozen=True, slots=True)
class SourceRecord(Record):
    """Where rows came from.

    `revision` is the source's own name of its state; `files` are those that were taken, by their
    SHA-256, so that a version made of the same bytes is known to come from here. `category` is one
    of the kinds of sources that the EU's summary of training content asks for. `published_at` and
    `acquired_at` are days. `generator` names the model that wrote the rows of a synthetic source.
    `personal_data` is None where nobody has said. `statements` are what the source's own documents
    say beyond that, by their names for it, such as `rai:dataCollection`.
    """

    kind: ClassVar[str] = "source"
    schema: ClassVar[str] = "dslineage.source/1"

    name: str
    uri: str
    author: str
    created_at: str
    tool: str
    title: str = ""
    description: str = ""
    revision: str | None = None
    files: tuple[NamedFile, ...] = ()
    license: License | None = None
    category: Category | None = None
    modality: str | None = None
    languages: tuple[str, ...] = ()
    published_at: str | None = None
    acquired_at: str | None = None
    consent: str | None = None
    geography: str | None = None
    personal_data: bool | None = None
    generator: str | None = None
    creators: tuple[str, ...] = ()
    statements: Mapping[str, tuple[str, ...]] | None = None
    imported_from: str | None = None
    evidence: Evidence = Evidence.DECLARED
    gaps: tuple[Gap, ...] = ()

    @property
    def stem(self) -> str:
        """`NAME/NAME`."""
        return f"{self.name}/{self.name}"

    def _members(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "uri": self.uri,
            **known(
                title=self.title,
                description=self.description,
                revision=self.revision,
                files=[file.to_dict() for file in self.files],
                license=self.license.to_dict() if self.license else None,
                category=self.category,
                modality=self.modality,
                languages=list(self.languages),
                published_at=self.published_at,
                acquired_at=self.acquired_at,
                consent=self.consent,
                geography=self.geography,
                personal_data=self.personal_data,
                generator=self.generator,
                creators=list(self.creators),
                statements={what: list(said) for what, said in (self.statements or {}).items()},
                imported_from=self.imported_from,
                gaps=[gap.to_dict() for gap in self.gaps],
            ),
            "evidence": str(self.evidence),
            "author": self.author,
            "created_at": self.created_at,
            "tool": self.tool,
        }

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> Self:
        statements = optional(document, "statements", mapping) or {}
        return cls(
            name=checked_name(text(document, "name")),
            uri=address(document, "uri"),
            author=text(document, "author"),
            created_at=instant(document, "created_at"),
            tool=text(document, "tool"),
            title=optional(document, "title", text) or "",
            description=optional(document, "description", text) or "",
            revision=optional(document, "revision", text),
            files=named_files(document),
            license=License.from_dict(document["license"]) if "license" in document else None,
            category=(choice(document, "category", CATEGORIES) if "category" in document else None),
            modality=optional(document, "modality", text),
            languages=texts(document, "languages"),
            published_at=optional(document, "published_at", day),
            acquired_at=optional(document, "acquired_at", day),
            consent=optional(document, "consent", text),
            geography=optional(document, "geography", text),
            personal_data=(
                member(document, "personal_data", bool) if "personal_data" in document else None
            ),
            generator=optional(document, "generator", text),
            creators=texts(document, "creators"),
            statements={what: texts(statements, what) for what in statements} or None,
            imported_from=optional(document, "imported_from", text),
            evidence=evidence_of(document),
            gaps=gaps_of(document),
        )
