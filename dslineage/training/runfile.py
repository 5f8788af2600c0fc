"""`dslineage-run.json`: what a training leaves beside its checkpoints, to be imported later.

The normative text is `docs/format.md`, section Run files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

from dslineage.canonical.jcs import digest_of, without_nulls
from dslineage.errors import IntegrityError
from dslineage.ids import Digest
from dslineage.members import (
    choice,
    count,
    digest,
    instant,
    integer,
    known,
    mapping,
    member,
    number,
    optional,
    text,
    texts,
)
from dslineage.records import Base, Code, Consumed, Gap, NamedFile, RunInput
from dslineage.records.form import checked_name, pretty, read_document, safe_path, understood
from dslineage.records.gap import gaps_of
from dslineage.records.namedfile import named_files

RUN_FILE = "dslineage-run.json"
RUN_FILES = "dslineage-run*.json"
"""The run file, and those of the runs before it in the same folder."""

_KIND = "dslineage.run-file/"
_SCHEMA = f"{_KIND}1"
Ended = Literal["finished", "failed"]
_ENDED: tuple[Ended, ...] = get_args(Ended)


@dataclass(frozen=True)
class RunStart:
    """What is known of a run before its first step.

    `versions` has, for each input, what the user calls the version that it is, or an empty text.
    `continues_start` is the hash of the start of the run whose checkpoint this one went on from,
    `resumed_from` the name of that checkpoint. `command` is what was run where the run was seen
    from outside only, `name` what it is to be called.
    """

    created_at: str
    tool: str
    inputs: tuple[RunInput, ...]
    versions: tuple[str, ...] = ()
    base: Base | None = None
    code: Code | None = None
    environment: Mapping[str, Any] | None = None
    framework: Mapping[str, str] | None = None
    parameters: Mapping[str, Any] | None = None
    seed: int | None = None
    tokenizer_hash: Digest | None = None
    template_hash: Digest | None = None
    continues_start: Digest | None = None
    resumed_from: str | None = None
    command: tuple[str, ...] = ()
    name: str | None = None
    gaps: tuple[Gap, ...] = ()

    @cached_property
    def hash(self) -> Digest:
        """SHA-256 of the canonical form: it names the run in each of its checkpoints."""
        return digest_of(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """The start as a JSON object."""
        return {
            "created_at": self.created_at,
            "tool": self.tool,
            "inputs": [entry.to_dict() for entry in self.inputs],
            **known(
                versions=list(self.versions) if any(self.versions) else [],
                base=self.base.to_dict() if self.base else None,
                code=self.code.to_dict() if self.code else None,
                environment=dict(self.environment or {}),
                framework=dict(self.framework or {}),
                parameters=dict(self.parameters or {}),
                seed=self.seed,
                tokenizer_hash=str(self.tokenizer_hash) if self.tokenizer_hash else None,
                template_hash=str(self.template_hash) if self.template_hash else None,
                continues_start=str(self.continues_start) if self.continues_start else None,
                resumed_from=self.resumed_from,
                command=list(self.command),
                name=self.name,
                gaps=[gap.to_dict() for gap in self.gaps],
            ),
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> RunStart:
        """Read what `to_dict` gave."""
        framework = optional(entry, "framework", mapping) or {}
        return cls(
            created_at=instant(entry, "created_at"),
            tool=text(entry, "tool"),
            inputs=tuple(map(RunInput.from_dict, member(entry, "inputs", list))),
            versions=texts(entry, "versions"),
            base=Base.from_dict(entry["base"]) if "base" in entry else None,
            code=Code.from_dict(entry["code"]) if "code" in entry else None,
            environment=without_nulls(optional(entry, "environment", mapping)),
            framework={name: text(framework, name) for name in framework} or None,
            parameters=without_nulls(optional(entry, "parameters", mapping)),
            seed=optional(entry, "seed", integer),
            tokenizer_hash=optional(entry, "tokenizer_hash", digest),
            template_hash=optional(entry, "template_hash", digest),
            continues_start=optional(entry, "continues_start", digest),
            resumed_from=optional(entry, "resumed_from", text),
            command=texts(entry, "command"),
            name=checked_name(text(entry, "name")) if "name" in entry else None,
            gaps=gaps_of(entry),
        )


@dataclass(frozen=True, slots=True)
class SavedCheckpoint:
    """A checkpoint as it was when it was saved.

    `path` is its folder, relative to that of the run file: `.` for that one itself, empty where
    it is elsewhere. `label` names it among the checkpoints of the run; `step` is None where the
    trainer does not say it.
    """

    label: str
    path: str
    at: str
    files: tuple[NamedFile, ...]
    consumed: Consumed
    step: int | None = None
    epoch: float | None = None
    weights_hash: Digest | None = None
    gaps: tuple[Gap, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The checkpoint as a JSON object."""
        return {
            "label": self.label,
            "path": self.path,
            "at": self.at,
            **known(
                step=self.step,
                epoch=self.epoch,
                weights_hash=str(self.weights_hash) if self.weights_hash else None,
            ),
            "consumed": self.consumed.to_dict(),
            "files": [file.to_dict() for file in self.files],
            **known(gaps=[gap.to_dict() for gap in self.gaps]),
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> SavedCheckpoint:
        """Read what `to_dict` gave."""
        return cls(
            label=checked_name(text(entry, "label")),
            path=_folder(text(entry, "path")),
            at=instant(entry, "at"),
            files=named_files(entry),
            consumed=Consumed.from_dict(mapping(entry, "consumed")),
            step=optional(entry, "step", count),
            epoch=optional(entry, "epoch", number),
            weights_hash=optional(entry, "weights_hash", digest),
            gaps=gaps_of(entry),
        )


def _folder(path: str) -> str:
    return path if path in {"", "."} else safe_path(path)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    status: Ended
    ended_at: str
    steps: int | None = None
    epochs: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The outcome as a JSON object."""
        return {
            "status": self.status,
            "ended_at": self.ended_at,
            **known(steps=self.steps, epochs=self.epochs),
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Outcome:
        """Read what `to_dict` gave."""
        return cls(
            choice(entry, "status", _ENDED),
            instant(entry, "ended_at"),
            optional(entry, "steps", count),
            optional(entry, "epochs", number),
        )


@dataclass(frozen=True, slots=True)
class RunFile:
    """A run: its start, the checkpoints that it saved so far, and how it ended, if it did.

    `gaps` are what went wrong after the start.
    """

    start: RunStart
    checkpoints: tuple[SavedCheckpoint, ...] = ()
    outcome: Outcome | None = None
    gaps: tuple[Gap, ...] = ()

    def with_checkpoint(self, saved: SavedCheckpoint) -> RunFile:
        """The run with one more checkpoint, in the place of one of the same folder and name."""
        others = [one for one in self.checkpoints if one.label != saved.label]
        return replace(self, checkpoints=(*others, saved))

    def to_bytes(self) -> bytes:
        """The file."""
        return pretty(
            {
                "schema": _SCHEMA,
                "start": self.start.to_dict(),
                "start_hash": str(self.start.hash),
                "checkpoints": [saved.to_dict() for saved in self.checkpoints],
                **known(
                    outcome=self.outcome.to_dict() if self.outcome else None,
                    gaps=[gap.to_dict() for gap in self.gaps],
                ),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> RunFile:
        """Read a run file.

        Raises:
            IntegrityError: it is damaged, or its start was edited.
        """
        document = read_document(data, name, _SCHEMA)
        with understood(name):
            told = mapping(document, "start")
            start = RunStart.from_dict(told)
            if not digest(document, "start_hash") == digest_of(told) == start.hash:
                raise IntegrityError(
                    f"{name}: what it says of the start does not match its hash: it was edited",
                    kind="edited-run-file",
                )
            saved = map(SavedCheckpoint.from_dict, member(document, "checkpoints", list))
            outcome = mapping(document, "outcome") if "outcome" in document else None
            return cls(
                start,
                tuple(saved),
                Outcome.from_dict(outcome) if outcome is not None else None,
                gaps_of(document),
            )


def is_run_file(data: bytes) -> bool:
    """Whether bytes say that they are a run file, whole or not, of this release or another."""
    return _KIND.encode() in data
