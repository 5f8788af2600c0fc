"""What the hooks of git cost where no data set is concerned, and where one is."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import Command, Samples, measure
from dslineage.records import Pointer
from dslineage.repository import Repository
from dslineage.versions.git import Git
from dslineage_hooks.installing import install

BUDGET = 0.3
"""Seconds that one hook may take where nothing of dslineage's is concerned."""

_ZEROS = "0" * 40


def table(files: int, datasets: int, folder: Path, repeats: int) -> tuple[str, bool]:
    """A Markdown table of times, and whether the budget was kept."""
    root = folder / "repo"
    fill(root, files, datasets)
    git = Git(root)
    before = _commit(root, "before")
    (root / "README").write_text("no data set is concerned\n")
    _git(root, "add", "README")
    message = root / "message"
    message.write_text("readme\n")
    plain = [
        _samples(root, repeats, "/bin/sh", "-c", ":"),
        _samples(root, repeats, "git", "diff", "--cached", "--quiet", "--", "*.dsl.json"),
    ]
    install(git)
    hooks = str(root / ".git" / "hooks")
    head = _text(root, "rev-parse", "HEAD")
    asked = {
        "pre-commit": (),
        "prepare-commit-msg": (str(message), "message"),
        "post-commit": (),
        "post-merge": ("0",),
        "post-checkout": (head, head, "1"),
        "post-rewrite": ("rebase",),
    }
    rows = ["| what | seconds | CPU |", "|---|---:|---:|"]
    rows += [
        _row(name, one)
        for name, one in zip(("`sh -c :`", "one `git diff --cached`"), plain, strict=True)
    ]
    found = {
        name: _samples(root, repeats, f"{hooks}/{name}", *words) for name, words in asked.items()
    }
    rows += [_row(f"`{name}`", samples) for name, samples in found.items()]
    stale = _samples(root, repeats, f"{hooks}/post-checkout", _ZEROS, before, "1")
    rows.append(_row(f"`post-checkout`, all {datasets} data sets looked at", stale))
    kept = all(samples.wall <= BUDGET for samples in found.values())
    return f"{files:,} tracked files, {datasets} data sets\n\n" + "\n".join(rows), kept


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
