"""The record of a model: a checkpoint, an adapter, a merge, a quantisation, or a base."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self, get_args

from dslineage.ids import Digest
from dslineage.members import (
    choice,
    count,
    digest,
    instant,
    known,
    matching,
    member,
    number,
    optional,
    text,
)
from dslineage.records.consumption import Consumed
from dslineage.records.evidence import Evidence, evidence_of
from dslineage.records.form import checked_name, ids
from dslineage.records.gap import Gap, gaps_of
from dslineage.records.namedfile import NamedFile, files_hash, named_files
from dslineage.records.record import Record
from dslineage.records.run import Base, RunInput
from dslineage.records.source import License

Form = Literal["checkpoint", "adapter", "merge", "quantisation", "base"]
_FORMS: tuple[Form, ...] = get_args(Form)
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")


@dataclass(frozen=True, slots=True)
class ModelRecord(Record):
    """One state of a model.

    `files` are those that belong to it, by name and content; `weights_hash` is that of its tensors
    alone, so that a checkpoint that was saved again is recognised. `generated_by` is the id of the
    run or step that made it, `derived_from` the models that it was made of; `trained_on` is what
    somebody declared of its data where there is no run. `uri` is where it was fetched or published.
    """

    kind: ClassVar[str] = "model"
    schema: ClassVar[str] = "dslineage.model/1"

    name: str
    label: str
    form: Form
    files: tuple[NamedFile, ...]
    evidence: Evidence
    author: str
    created_at: str
    tool: str
    weights_hash: Digest | None = None
    generated_by: str | None = None
    derived_from: tuple[Base, ...] = ()
    trained_on: tuple[RunInput, ...] = ()
    consumed: Consumed | None = None
    step: int | None = None
    epoch: float | None = None
    license: License | None = None
    uri: str | None = None
    revision: str | None = None
    imported_from: str | None = None
    message: str = ""
    gaps: tuple[Gap, ...] = ()

    @property
    def stem(self) -> str:
        """`NAME/LABEL`."""
        return f"{self.name}/{self.label}"

    @property
    def files_hash(self) -> Digest | None:
        """One hash over the files with their names, where any were there to be hashed."""
        return files_hash(self.files) if self.files else None

    def _members(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "label": self.label,
            "form": self.form,
            **known(
                message=self.message,
                generated_by=self.generated_by,
                derived_from=[base.to_dict() for base in self.derived_from],
                trained_on=[entry.to_dict() for entry in self.trained_on],
                consumed=self.consumed.to_dict() if self.consumed else None,
                license=self.license.to_dict() if self.license else None,
                uri=self.uri,
                revision=self.revision,
                imported_from=self.imported_from,
                gaps=[gap.to_dict() for gap in self.gaps],
                files_hash=str(self.files_hash) if self.files_hash else None,
                weights_hash=str(self.weights_hash) if self.weights_hash else None,
                files=[file.to_dict() for file in self.files],
                step=self.step,
                epoch=self.epoch,
            ),
            "evidence": str(self.evidence),
            "author": self.author,
            "created_at": self.created_at,
            "tool": self.tool,
        }

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> Self:
        generated_by = optional(document, "generated_by", text)
        derived = member(document, "derived_from", list) if "derived_from" in document else []
        trained = member(document, "trained_on", list) if "trained_on" in document else []
        return cls(
            name=checked_name(text(document, "name")),
            label=matching(document, "label", _LABEL),
            form=choice(document, "form", _FORMS),
            files=named_files(document),
            evidence=evidence_of(document),
            author=text(document, "author"),
            created_at=instant(document, "created_at"),
            tool=text(document, "tool"),
            weights_hash=optional(document, "weights_hash", digest),
            generated_by=ids([generated_by], "(?:run|step)")[0] if generated_by else None,
            derived_from=tuple(map(Base.from_dict, derived)),
            trained_on=tuple(map(RunInput.from_dict, trained)),
            consumed=Consumed.from_dict(document["consumed"]) if "consumed" in document else None,
            step=optional(document, "step", count),
            epoch=optional(document, "epoch", number),
            license=License.from_dict(document["license"]) if "license" in document else None,
            uri=optional(document, "uri", text),
            revision=optional(document, "revision", text),
            imported_from=optional(document, "imported_from", text),
            message=optional(document, "message", text) or "",
            gaps=gaps_of(document),
        )
