"""The result of a run: measurements, verdicts on the budgets, and both as Markdown and JSON."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Samples
from dslineage.adapters import native

if TYPE_CHECKING:
    from benchmarks.measure import Command, Sample

MB, GB = 1e6, 1e9


@dataclass(slots=True)
class Measurement:
    """What one command took, in one or several runs."""

    work: str
    tool: str
    command: Command
    samples: Samples = field(default_factory=Samples)

    def to_dict(self) -> dict[str, Any]:
        """For JSON: seconds and bytes."""
        return {
            "work": self.work,
            "tool": self.tool,
            "command": str(self.command),
            "runs": len(self.samples.runs),
            "wall": [self.samples.wall, self.samples.fastest, self.samples.slowest],
            "cpu": self.samples.cpu,
            "memory": self.samples.memory,
            "others": self.samples.others,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """A figure beside its budget; smaller is better."""

    work: str
    figure: float
    unit: str
    budget: float
    aim: float | None = None

    @property
    def passed(self) -> bool:
        """Is the figure within the budget?"""
        return self.figure <= self.budget

    @property
    def word(self) -> str:
        """`aim`, `pass` or `MISS`."""
        if not self.passed:
            return "MISS"
        return "aim" if self.aim is not None and self.figure <= self.aim else "pass"

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "work": self.work,
            "figure": self.figure,
            "unit": self.unit,
            "budget": self.budget,
            "aim": self.aim,
            "verdict": self.word,
        }


@dataclass(slots=True)
class Report:
    """Everything that a run found out."""

    examples: int
    bytes: int = 0
    measurements: list[Measurement] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def take(self, work: str, tool: str, command: Command, sample: Sample) -> Measurement:
        """Add one run."""
        one = self.find(work, tool)
        if one is None:
            one = Measurement(work, tool, command)
            self.measurements.append(one)
        one.samples.runs.append(sample)
        return one

    def find(self, work: str, tool: str) -> Measurement | None:
        """The measurement of this work by this tool."""
        found = (one for one in self.measurements if (one.work, one.tool) == (work, tool))
        return next(found, None)

    def judge_ratio(
        self, work: str, peer: str, *, budget: float, aim: float, ours: str = "dslineage"
    ) -> None:
        """Compare median seconds with a peer's, if both were measured."""
        mine, other = self.find(work, ours), self.find(work, peer)
        if mine and other:
            figure = mine.samples.wall / other.samples.wall
            name = f"{work}, profile" if ours.endswith(" profile") else work
            self.verdicts.append(Verdict(name, figure, f"× {peer}", budget, aim))

    @property
    def passed(self) -> bool:
        """Every budget kept, and every count right."""
        return not self.wrong and all(verdict.passed for verdict in self.verdicts)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "schema": "dslineage.benchmark/1",
            "examples": self.examples,
            "bytes": self.bytes,
            "machine": machine(),
            "verdicts": [verdict.to_dict() for verdict in self.verdicts],
            "measurements": [one.to_dict() for one in self.measurements],
            "notes": self.notes,
            "wrong": self.wrong,
        }

    def markdown(self) -> str:
        """Two tables, and what else there is to know."""
        facts = ", ".join(f"{name} {value}" for name, value in machine().items())
        parts = [
            f"# {self.examples:,} chat examples, {self.bytes / GB:.2f} GB",
            f"{facts}. Whole processes, one run, the tools in turns, warm file cache, fsync on.",
        ]
        if self.verdicts:
            parts.append(_table(VERDICT_COLUMNS, [_verdict_cells(v) for v in self.verdicts]))
        if self.measurements:
            parts.append(_table(COLUMNS, [_cells(one) for one in self.measurements]))
        parts += [f"- {note}" for note in self.notes]
        parts += [f"- **Wrong result**: {what}" for what in self.wrong]
        return "\n\n".join(parts) + "\n"


VERDICT_COLUMNS = ("work", "figure", "budget", "aim", "verdict")
COLUMNS = ("work", "tool", "command", "seconds", "min–max", "CPU s", "peak MB", "others")


def _verdict_cells(verdict: Verdict) -> list[str]:
    aim = "" if verdict.aim is None else f"{verdict.aim:.3g}"
    figure = f"{verdict.figure:.3g} {verdict.unit}"
    return [verdict.work, figure, f"{verdict.budget:.3g}", aim, verdict.word]


def _cells(one: Measurement) -> list[str]:
    samples = one.samples
    return [
        one.work,
        one.tool,
        f"`{one.command}`",
        f"{samples.wall:.2f}",
        f"{samples.fastest:.2f}–{samples.slowest:.2f}",
        f"{samples.cpu:.2f}",
        f"{samples.memory / MB:.0f}",
        f"{samples.others:.1f}",
    ]


def _table(columns: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [list(columns), ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def machine() -> dict[str, str]:
    """What the figures depend on."""
    facts = {
        "cores": str(len(os.sched_getaffinity(0))),
        "Linux": platform.release(),
        "Python": platform.python_version(),
    }
    for package in ("dvc", "duckdb", "oxenai", "datatrove"):
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            continue
    git = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    facts["dslineage"] = f"{commit} ({'compiled' if native.COMPILED else 'not compiled'})"
    return facts
