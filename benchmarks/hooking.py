"""What the hooks of git cost where no data set is concerned, and where one is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import Command, Sample, Samples, measure
from dslineage.records import Pointer
from dslineage.repository import Repository
from dslineage.versions.git import Git
from dslineage_hooks.installing import install

BUDGET = 0.3
"""Seconds that one hook may take where nothing of dslineage's is concerned, in the run that other
programs disturbed least."""

_ZEROS = "0" * 40


def table(files: int, datasets: int, folder: Path, repeats: int) -> tuple[str, bool]:
    """A Markdown table of times, and whether the budget was kept."""
    root = folder / "repo"
    fill(root, files, datasets)
    git = Git(root)
    before = _commit(root, "before")
    commits = {
        "`git commit`, no hooks": _commits(root, repeats),
        "`git commit`, DVC's hooks": _with_dvc(folder, files, repeats),
    }
    install(git)
    commits["`git commit`, ours"] = _commits(root, repeats)
    (root / "README").write_text("no data set is concerned\n")
    _git(root, "add", "README")
    message = root / "message"
    message.write_text("readme\n")
    _git(root, "update-ref", "ORIG_HEAD", "HEAD")
    head = _text(root, "rev-parse", "HEAD")
    asked = {
        "pre-commit": (),
        "prepare-commit-msg": (str(message), "message"),
        "post-commit": (),
        "post-merge": ("0",),
        "post-checkout": (head, head, "1"),
        "post-rewrite": ("rebase",),
    }
    hooks = str(root / ".git" / "hooks")
    found = {
        f"`{name}`": _samples(root, repeats, f"{hooks}/{name}", *words)
        for name, words in asked.items()
    }
    concerned = {
        f"`post-checkout`, all {datasets} data sets looked at": _samples(
            root, repeats, f"{hooks}/post-checkout", _ZEROS, before, "1"
        ),
        "`git commit`, ours, one data set concerned": _commits(root, repeats, data=True),
    }
    rows = ["| what | seconds | CPU |", "|---|---:|---:|"]
    rows += [
        _row(name, one) for name, one in (commits | found | concerned).items() if one is not None
    ]
    kept = all(samples.fastest <= BUDGET for samples in found.values())
    return f"{files:,} tracked files, {datasets} data sets\n\n" + "\n".join(rows), kept


def _commits(
    root: Path, repeats: int, env: Mapping[str, str] | None = None, *, data: bool = False
) -> Samples:
    """What commits of one file take, or of a new version of one data set."""
    taken: list[Sample] = []
    for number in range(repeats):
        if data:
            (root / "data0.jsonl").write_text(json.dumps({"prompt": "p", "response": f"{number}"}))
            Repository.open(root).add("data0.jsonl", measure=False)
        else:
            (root / "notes").write_text(f"{number} {_text(root, 'rev-parse', 'HEAD')}\n")
            _git(root, "add", "notes")
        taken.append(measure(Command(("git", "commit", "-qm", "notes"), root, env or {})))
    return Samples(taken)


def _with_dvc(folder: Path, files: int, repeats: int) -> Samples | None:
    """What commits take with the hooks of DVC, in a repository like ours; None without DVC."""
    dvc = Path(sys.executable).with_name("dvc")
    if not dvc.exists():
        return None
    root = folder / "dvc"
    fill(root, files, 1)
    _commit(root, "before")
    subprocess.run([dvc, "init", "-q"], cwd=root, check=True)
    _commit(root, "dvc")
    subprocess.run([dvc, "install"], cwd=root, check=True)
    return _commits(root, repeats, {"PATH": f"{dvc.parent}:{os.environ['PATH']}"})


def fill(root: Path, files: int, datasets: int) -> None:
    """A repository with files in 40 folders, and data sets of one example each."""
    _git(root.parent, "init", "-q", "-b", "main", str(root))
    Repository.init(root)
    for number in range(files):
        where = root / f"src/{number % 40}" / f"file{number}.py"
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(f"n = {number}\n")
    example = json.dumps({"prompt": "one", "response": "two"}) + "\n"
    for number in range(datasets):
        (root / f"data{number}.jsonl").write_text(example)
    made = Repository.open(root).add("data0.jsonl", measure=False).version.record
    for number in range(1, datasets):
        name = f"data{number}"
        (entry,) = made.files
        record = replace(made, dataset=name, files=(replace(entry, path=f"{name}.jsonl"),))
        (root / record.path).parent.mkdir(parents=True, exist_ok=True)
        (root / record.path).write_bytes(record.to_bytes())
        (root / f"{name}.jsonl.dsl.json").write_bytes(Pointer.to(record).to_bytes())
    with (root / ".gitignore").open("a") as handle:
        handle.write("/data*.jsonl\n/message\n")


def _commit(root: Path, message: str) -> str:
    _git(root, "add", "-A")
    _git(root, "commit", "-qm", message)
    return _text(root, "rev-parse", "HEAD")


def _samples(root: Path, repeats: int, *words: str) -> Samples:
    return Samples([measure(Command(words, root)) for _ in range(repeats)])


def _row(what: str, samples: Samples) -> str:
    return f"| {what} | {samples.wall:.2f} | {samples.cpu:.2f} |"


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True)


def _text(root: Path, *words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()
