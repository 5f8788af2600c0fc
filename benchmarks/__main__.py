"""`python -m benchmarks COMMAND`: see README.md here, and `--help` for the commands."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import (
    auditing,
    beside_datatrove,
    budgets,
    compressibility,
    hooking,
    lineage_graph,
    metric_cost,
    peers,
    remote_cost,
    tracing,
)
from benchmarks.chatdata import Style
from benchmarks.material import Material
from benchmarks.sentences import SHARED

if TYPE_CHECKING:
    from benchmarks.report import Report

RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run one of the commands, `budgets` where none is named; 1 means that a budget was missed."""
    options = _parser().parse_args(sys.argv[1:] or ["budgets"])
    if options.command == "generate":
        material = Material(options.out, options.examples, options.seed)
        for make in (material.first, material.second):
            print(make(Style(options.style)))
        return 0
    if options.command == "budgets" and options.work is not None:
        options.work.mkdir(parents=True, exist_ok=True)
        return _budgets(options, options.work)
    with tempfile.TemporaryDirectory(prefix="dslineage-bench-") as folder:
        if options.command == "budgets":
            return _budgets(options, Path(folder))
        text, kept = _table(options, Path(folder))
        print(text)
        return 0 if kept else 1


def _table(options: argparse.Namespace, folder: Path) -> tuple[str, bool]:
    """What a command prints, and whether the budgets were kept that it has."""
    match options.command:
        case "ratio":
            return compressibility.table(SHARED, options.examples, options.seed), True
        case "metrics":
            return metric_cost.table(options.examples, options.seed), True
        case "remotes":
            material = Material(options.data or folder, options.examples, options.seed)
            return remote_cost.table(material, folder)
        case "datatrove":
            material = Material(options.data or folder, options.examples, options.seed)
            return beside_datatrove.table(material.first(), options.examples), True
        case _:
            return _answers(options, folder)


def _answers(options: argparse.Namespace, folder: Path) -> tuple[str, bool]:
    """What a command prints that times questions to a repository which it makes."""
    match options.command:
        case "audit":
            return auditing.table(options.ancestors, options.examples, folder, options.repeats)
        case "hooks":
            return hooking.table(options.files, options.datasets, folder, options.repeats)
        case "trace":
            return tracing.table(options.versions, options.examples, folder, options.repeats)
        case _:
            return lineage_graph.table(options.nodes, folder, options.repeats)


def _budgets(options: argparse.Namespace, folder: Path) -> int:
    peers.compile_modules()
    bench = budgets.Bench(
        material=Material(options.data or folder, options.examples, options.seed),
        folder=folder.resolve(),
        repeats=options.repeats,
        tools=frozenset(options.tools.split(",")),
    )
    report = budgets.run(bench, options.only or list(budgets.PARTS))
    print(report.markdown())
    if options.write:
        _write(report, options.write)
    return 0 if report.passed else 1


def _write(report: Report, name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(report.markdown())
    facts = json.dumps(report.to_dict(), indent=1, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(facts + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    generate = commands.add_parser("generate", help="write a first and a second version")
    _data_options(generate, examples=1_000_000)
    generate.add_argument("--style", choices=list(Style), default=Style.COMPACT)
    generate.add_argument("--out", type=Path, default=Path(), metavar="DIR")

    ratio = commands.add_parser("ratio", help="compare how the text compresses with real data")
    _data_options(ratio, examples=20_000)

    metrics = commands.add_parser("metrics", help="the cost of each metric of the default profile")
    _data_options(metrics, examples=20_000)

    peer = commands.add_parser("datatrove", help="metrics that datatrove has, too, beside its own")
    _data_options(peer, examples=100_000)
    peer.add_argument("--data", type=Path, metavar="DIR", help="generated files are kept here")

    remotes = commands.add_parser("remotes", help="what a push sends for a change of 1%%")
    _data_options(remotes, examples=1_000_000)
    remotes.add_argument("--data", type=Path, metavar="DIR", help="generated files are kept here")

    graph = commands.add_parser("lineage", help="questions to a large lineage graph")
    graph.add_argument("--nodes", type=int, default=100_000, metavar="N")
    graph.add_argument("--repeats", type=int, default=3)

    audits = commands.add_parser("audit", help="a model with many ancestors")
    audits.add_argument("--ancestors", type=int, default=1_000, metavar="N")
    audits.add_argument("--examples", type=int, default=10_000, metavar="N")
    audits.add_argument("--repeats", type=int, default=5)

    hooks = commands.add_parser("hooks", help="git hooks where no data set is concerned")
    hooks.add_argument("--files", type=int, default=2_000, metavar="N")
    hooks.add_argument("--datasets", type=int, default=50, metavar="N")
    hooks.add_argument("--repeats", type=int, default=5)

    traces = commands.add_parser("trace", help="one example over many versions")
    traces.add_argument("--versions", type=int, default=1_000, metavar="N")
    traces.add_argument("--examples", type=int, default=10_000, metavar="N")
    traces.add_argument("--repeats", type=int, default=3)

    run = commands.add_parser("budgets", help="measure the budgets beside the peers")
    _data_options(run, examples=1_000_000)
    run.add_argument("--only", action="append", choices=list(budgets.PARTS), help="this part")
    run.add_argument("--repeats", type=int, default=3)
    run.add_argument("--tools", default="dslineage,dvc,duckdb,oxen", help="comma-separated")
    run.add_argument("--work", type=Path, metavar="DIR", help="work here, and keep it")
    run.add_argument("--data", type=Path, metavar="DIR", help="generated files are kept here")
    run.add_argument("--write", metavar="NAME", help="write results/NAME.md and .json")
    return parser


def _data_options(parser: argparse.ArgumentParser, examples: int) -> None:
    parser.add_argument("--examples", type=int, default=examples, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")


if __name__ == "__main__":
    sys.exit(main())
