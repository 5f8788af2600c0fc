"""What a scan found: one value, which every renderer and every program reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dslineage.errors import Fault

Role = Literal["training", "evaluation", ""]
"""What a file is for, as its name says; empty where the name says nothing."""

FAULTS_KEPT = 3


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """One data file, or one set of shards.

    `path` is relative to the folder, shards having a `*` for their numbers; `saw` is one sentence
    about the schema. `unique` and `prompts` count different examples and prompts, `bad` records
    that are no examples, of which `faults` are the first. `problem` says why the file could not
    be read at all, and `hint` what to do about it; all counts are then 0. `recorded` means that a
    pointer of a data set stands beside it; `modified` is a time in seconds since 1970.
    """

    path: str
    files: tuple[str, ...]
    bytes: int
    modified: float
    role: Role
    recorded: bool
    format: str = ""
    schema: str = ""
    saw: str = ""
    examples: int = 0
    unique: int = 0
    prompts: int = 0
    bad: int = 0
    faults: tuple[Fault, ...] = ()
    notices: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""

    @property
    def repeats(self) -> int:
        """How many examples are equal to an earlier one of the same file."""
        return self.examples - self.unique

    @property
    def readable(self) -> bool:
        """Whether there are examples to speak of."""
        return not self.problem

    def to_dict(self) -> dict[str, Any]:
        """The file as a JSON object; the time of its last change is left out."""
        return {
            "path": self.path,
            "files": len(self.files),
            "bytes": self.bytes,
            "format": self.format,
            "record_schema": self.schema,
            "saw": self.saw,
            "role": self.role,
            "recorded": self.recorded,
            "examples": self.examples,
            "unique": self.unique,
            "repeats": self.repeats,
            "prompts": self.prompts,
            "bad": self.bad,
            "faults": [fault.to_dict() for fault in self.faults],
            "notices": list(self.notices),
            "problem": self.problem,
            "hint": self.hint,
        }


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many different examples and prompts two files share; `first` stands before `second`."""

    first: str
    second: str
    examples: int
    prompts: int

    def to_dict(self) -> dict[str, Any]:
        """The overlap as a JSON object."""
        return {
            "first": self.first,
            "second": self.second,
            "examples": self.examples,
            "prompts": self.prompts,
        }


@dataclass(frozen=True, slots=True)
class VersionGroup:
    """Files that look like versions of one data set, in their likely order.

    `why` says what makes them look so, `order` what the order rests on.
    """

    name: str
    paths: tuple[str, ...]
    why: str
    order: str

    def to_dict(self) -> dict[str, Any]:
        """The group as a JSON object."""
        return {
            "name": self.name,
            "paths": list(self.paths),
            "why": self.why,
            "order": self.order,
        }


@dataclass(frozen=True, slots=True)
class Leak:
    """Examples or prompts of an evaluation file that stand in another file as well.

    The counts are of different ones; `of_examples` and `of_prompts` are all of the evaluation
    file's.
    """

    evaluation: str
    training: str
    examples: int
    prompts: int
    of_examples: int
    of_prompts: int

    def to_dict(self) -> dict[str, Any]:
        """The leak as a JSON object."""
        return {
            "evaluation": self.evaluation,
            "training": self.training,
            "examples": self.examples,
            "prompts": self.prompts,
            "of_examples": self.of_examples,
            "of_prompts": self.of_prompts,
        }


@dataclass(frozen=True, slots=True)
class NextStep:
    """A command that can be pasted, and what it is good for."""

    command: str
    why: str

    def to_dict(self) -> dict[str, Any]:
        """The step as a JSON object."""
        return {"command": self.command, "why": self.why}


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What is in a folder.

    `files` are in the order of their paths; `overlaps` are all pairs that share something.
    `other` counts files that hold no data by suffix, `links` symbolic links, which are not
    followed; `skipped` maps folders that were not entered to the reason.
    """

    directory: str
    files: tuple[ScannedFile, ...]
    overlaps: tuple[Overlap, ...]
    versions: tuple[VersionGroup, ...]
    leaks: tuple[Leak, ...]
    next: tuple[NextStep, ...]
    other: Mapping[str, int]
    links: int
    skipped: Mapping[str, str]

    @property
    def examples(self) -> int:
        """How many examples there are in all."""
        return sum(file.examples for file in self.files)

    def overlap(self, first: str, second: str) -> Overlap:
        """What two files share, by their paths; nothing is an overlap of 0."""
        a, b = sorted((first, second))
        for found in self.overlaps:
            if sorted((found.first, found.second)) == [a, b]:
                return found
        return Overlap(a, b, 0, 0)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.scan/1`."""
        return {
            "schema": "dslineage.scan/1",
            "directory": self.directory,
            "files": [file.to_dict() for file in self.files],
            "overlaps": [overlap.to_dict() for overlap in self.overlaps],
            "versions": [group.to_dict() for group in self.versions],
            "leaks": [leak.to_dict() for leak in self.leaks],
            "next": [step.to_dict() for step in self.next],
            "other_files": dict(self.other),
            "links": self.links,
            "skipped": dict(self.skipped),
        }
