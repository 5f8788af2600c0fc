"""The budgets of the design, measured beside DVC, DuckDB and Oxen."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks import edits, peers
from benchmarks.chatdata import Style
from benchmarks.edits import Truth
from benchmarks.measure import Command, CommandFailedError, Sample, measure
from benchmarks.peers import DATA, Dslineage, Dvc, Oxen, Workplace
from benchmarks.reads import bytes_read
from benchmarks.report import GB, MB, Report, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.material import Material
    from benchmarks.peers import Recorder

FIRST, SECOND, DIFF = "first add", "second add", "diff"
CHAIN = 20
HELP_RUNS = 9


@dataclass(slots=True)
class Bench:
    """One run: what it works on, where, how often, with whom, and what it found."""

    material: Material
    folder: Path
    repeats: int
    tools: frozenset[str]
    report: Report = field(init=False)

    def __post_init__(self) -> None:
        self.report = Report(self.material.examples)

    def take(self, work: str, tool: str, command: Command) -> Sample:
        """Measure once."""
        sample = measure(command)
        self.report.take(work, tool, command, sample)
        megabytes = sample.memory / MB
        say(f"{work}: {tool} {sample.wall:.2f} s, {sample.cpu:.2f} CPU s, {megabytes:.0f} MB")
        return sample

    def place(self, name: str) -> Workplace:
        """A folder for one repository."""
        return Workplace(self.folder / name)

    def check(self, work: str, tool: str, sample: Sample, truth: Truth) -> None:
        """Compare the counts of a diff with what was planted."""
        found = peers.counts(sample.stdout)
        planted = {name: getattr(truth, name) for name in found}
        if found != planted:
            self.report.wrong.append(f"{work}, {tool}: found {found}, planted {planted}")


def say(what: str) -> None:
    """Tell the person who waits."""
    print(what, file=sys.stderr, flush=True)


def core(bench: Bench) -> None:
    """Adds, diff, bytes read and storage of two versions, beside the peers."""
    first, second = bench.material.first(), bench.material.second()
    report, ours = bench.report, Dslineage(bench.place("core"))
    measuring = Dslineage(bench.place("profile"), profile=True)
    tools: list[Recorder] = [ours, measuring, Dvc(bench.place("dvc"))]
    recorders = [tool for tool in tools if tool.name.partition(" ")[0] in bench.tools]
    stored: list[int] = []
    for _ in range(bench.repeats):
        stored.clear()
        for tool in recorders:
            tool.start()
        for work, message, file in ((FIRST, "v1", first), (SECOND, "v2", second)):
            for tool in recorders:
                record(bench, work, tool, file, message)
            if ours in recorders:
                stored.append(size(ours.objects()))
    report.judge_ratio(FIRST, "dvc", budget=2.5, aim=1.5)
    report.judge_ratio(FIRST, "dvc", budget=8, aim=4, ours=measuring.name)
    report.judge_ratio(SECOND, "dvc", budget=0.7, aim=0.5, ours=measuring.name)
    diffs(bench, [ours, measuring], first, second)
    if stored:
        growth = stored[1] / stored[0]
        report.verdicts.append(Verdict("storage of both versions", growth, "× the first", 1.05))
        share = stored[0] / first.stat().st_size
        report.notes.append(f"The first version takes {share:.1%} of its file's size.")
        reads(bench, measuring)


def record(bench: Bench, work: str, tool: Recorder, file: Path, message: str) -> None:
    """Put the file into the tool's repository and measure how the tool records it."""
    bench.report.bytes = bench.report.bytes or file.stat().st_size
    command = tool.add(message)
    shutil.copyfile(file, tool.place.root / tool.data)
    bench.take(work, tool.name, command)
    tool.settle(message)


def diffs(bench: Bench, ours: list[Dslineage], first: Path, second: Path) -> None:
    """The diff of the two versions, in turns with DuckDB; Oxen once, it needs 14 GB."""
    truth = Truth.of(second)
    commands = {
        **{tool.name: tool.diff("v1", "v2") for tool in ours},
        "duckdb": peers.duckdb(first, second),
        "duckdb by hash": peers.duckdb(first, second, by_hash=True),
    }
    for _ in range(bench.repeats):
        for name, command in commands.items():
            if name.partition(" ")[0] in bench.tools:
                bench.check(DIFF, name, bench.take(DIFF, name, command), truth)
    if "oxen" in bench.tools:
        oxen(bench, first, second)
    for tool in ours:
        bench.report.judge_ratio(DIFF, "duckdb", budget=1 / 4, aim=1 / 6, ours=tool.name)
        bench.report.judge_ratio(DIFF, "oxen", budget=1 / 40, aim=1 / 40, ours=tool.name)


def oxen(bench: Bench, first: Path, second: Path) -> None:
    """Oxen's adds and diff, once."""
    tool, truth = Oxen(bench.place("oxen")), Truth.of(second)
    tool.start()
    record(bench, FIRST, tool, first, "v1")
    record(bench, SECOND, tool, second, "v2")
    found = peers.counts(bench.take(DIFF, tool.name, tool.diff()).stdout)
    # Oxen does not see an edit in the middle of a long list, so its edits are reported, not judged.
    if found["removed"] != truth.removed or found["added"] != truth.added:
        bench.report.wrong.append(f"{DIFF}, oxen: found {found}")
    bench.report.notes.append(f"Oxen finds {found['edited']:,} of {truth.edited:,} edits.")
    shutil.rmtree(tool.place.root)


def reads(bench: Bench, ours: Dslineage) -> None:
    """How much of the packs the diff of the two versions reads."""
    objects = ours.objects()
    packs = size(objects / "packs")
    read = bytes_read(ours.diff("v1", "v2"), objects)
    bench.report.verdicts.append(
        Verdict("bytes that diff reads", 100 * read.total / packs, "% of the packs", 5, 1)
    )
    bench.report.notes.append(
        f"The diff reads {read.by_call / MB:.1f} MB by system call and {read.by_map / MB:.1f} MB "
        f"through memory maps; the packs have {packs / MB:.0f} MB."
    )


def chain(bench: Bench) -> None:
    """Storage of a chain of versions, each 1% away from the one before."""
    ours = Dslineage(bench.place("chain"))
    ours.start()
    first = bench.material.first()
    stored = []
    steps = bench.folder / "steps"
    steps.mkdir(exist_ok=True)
    files = edits.chain(first, steps, versions=CHAIN - 1, seed=bench.material.seed)
    for number, file in enumerate([first, *files], 1):
        work = "first add" if number == 1 else f"adds 2 to {CHAIN}"
        record(bench, f"{work} of a chain", ours, file, f"v{number}")
        stored.append(size(ours.objects()))
    shutil.rmtree(steps)
    growth = stored[-1] / stored[0]
    bench.report.verdicts.append(
        Verdict(f"storage of {CHAIN} versions", growth, "× the first", 1.35, 1.2)
    )


def helptext(bench: Bench) -> None:
    """`--help` beside the import of typer."""
    commands = {
        "dslineage": Command((str(peers.program("dslineage")), "--help"), bench.folder),
        "typer": Command((sys.executable, "-c", "import typer"), bench.folder),
    }
    for _ in range(HELP_RUNS):
        for name, command in commands.items():
            bench.take("--help", name, command)
    bench.report.judge_ratio("--help", "typer", budget=1.5, aim=1.5)


def parquet(bench: Bench) -> None:
    """The two versions as Parquet."""
    material, second = bench.material, bench.material.second()
    files = [material.parquet(file) for file in (material.first(), second)]
    variant(bench, "Parquet", files, Truth.of(second), data="data/train.parquet")


def spaced(bench: Bench) -> None:
    """The two versions as `json.dumps` writes them."""
    material = bench.material
    files = [material.first(Style.DEFAULT), material.second(Style.DEFAULT)]
    variant(bench, "json.dumps style", files, Truth.of(files[1]))


def column(bench: Bench) -> None:
    """A column added to every example."""
    files = [bench.material.first(), bench.material.column()]
    variant(bench, "added column", files, Truth.of(files[1]))


def rewritten(bench: Bench) -> None:
    """Every answer rewritten."""
    files = [bench.material.first(), bench.material.rewritten()]
    variant(bench, "answers rewritten", files, Truth.of(files[1]))


def shuffled(bench: Bench) -> None:
    """The same examples in another order."""
    files = [bench.material.first(), bench.material.shuffled()]
    variant(bench, "shuffled", files, Truth.of(files[1]))


def renumbered(bench: Bench) -> None:
    """A running id assigned anew after 5% of the examples were dropped."""
    files = [bench.material.first(), bench.material.renumbered()]
    variant(bench, "renumbered", files, Truth.of(files[1]))


def variant(bench: Bench, what: str, files: list[Path], truth: Truth, data: str = DATA) -> None:
    """Both adds once and the diff several times, of two files that have no budget."""
    ours = Dslineage(bench.place("variant"), data)
    ours.start()
    for work, file, message in zip((FIRST, SECOND), files, ("v1", "v2"), strict=True):
        record(bench, f"{what}: {work}", ours, file, message)
    for _ in range(bench.repeats):
        sample = bench.take(f"{what}: {DIFF}", ours.name, ours.diff("v1", "v2"))
        bench.check(f"{what}: {DIFF}", ours.name, sample, truth)
    shutil.rmtree(ours.place.root)


PARTS: dict[str, Callable[[Bench], None]] = {
    "core": core,
    "chain": chain,
    "help": helptext,
    "parquet": parquet,
    "spaced": spaced,
    "column": column,
    "rewritten": rewritten,
    "shuffled": shuffled,
    "renumbered": renumbered,
}


def run(bench: Bench, parts: list[str]) -> Report:
    """Measure the named parts, and judge the memory of all commands of ours together."""
    for name in parts:
        try:
            PARTS[name](bench)
        except CommandFailedError as error:
            bench.report.wrong.append(f"{name}: {error}")
    measured = [one for one in bench.report.measurements if one.tool.startswith("dslineage")]
    peaks = [one.samples.memory for one in measured]
    if peaks:
        verdict = Verdict("memory of any command", max(peaks) / GB, "GB", 1, 0.5)
        bench.report.verdicts.append(verdict)
    return bench.report


def size(folder: Path) -> int:
    """Bytes of all files below the folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
