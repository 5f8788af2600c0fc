"""What a push of two versions sends, and a fetch and a pull bring, and how long that takes."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks.material import Material
from dslineage.repository import Repository

BUDGET = 0.02
"""Of the first push, what a push may send for a change of 1% of the examples."""

T = TypeVar("T")


def table(material: Material, folder: Path) -> tuple[str, bool]:
    """A Markdown table of bytes and seconds, and whether the budget was kept."""
    root, data = folder / "repo", folder / "repo" / "train.jsonl"
    _git(folder, "init", "-q", "-b", "main", str(root))
    Repository.init(root)
    Repository.open(root).remotes.add("storage", str(folder / "storage"))
    rows = ["| what | objects | bytes | seconds |", "|---|---:|---:|---:|"]
    sent = []
    for path in (material.first(), material.second()):
        shutil.copyfile(path, data)
        Repository.open(root).add(data)
        _git(root, "commit", "-q", "-m", "data")
        pushed, seconds = _timed(Repository.open(root).remotes.push)
        sent.append(pushed.sent.bytes)
        rows.append(_row(f"push of v{len(sent)}", pushed.sent.objects, sent[-1], seconds))
    pushed, seconds = _timed(Repository.open(root).remotes.push)
    rows.append(_row("push of nothing", pushed.sent.objects, pushed.sent.bytes, seconds))
    rows += _of_a_diff(root, folder / "part")
    clone = folder / "clone"
    _git(folder, "clone", "-q", str(root), str(clone))
    pulled, seconds = _timed(Repository.open(clone).remotes.pull)
    rows.append(_row("pull in a clone", pulled.fetched.objects, pulled.fetched.bytes, seconds))
    assert not Repository.open(clone).verify().problems
    share = sent[1] / sent[0]
    rows.append(f"\nfor a change of 1%, {share:.2%} of the first push; the budget is {BUDGET:.0%}")
    return f"{material.examples:,} examples\n\n" + "\n".join(rows), share <= BUDGET


def _of_a_diff(root: Path, clone: Path) -> Iterator[str]:
    """What a clone fetches that only compares the versions; the result is that of all it has."""
    _git(clone.parent, "clone", "-q", str(root), str(clone))
    for texts in ("none", "changed"):
        fetch = partial(Repository.open(clone).remotes.fetch, "v1", "v2", texts=texts)
        fetched, seconds = _timed(fetch)
        got = fetched.fetched
        what = "fetch --changed, the rest" if texts == "changed" else "fetch --no-texts"
        if got.stretches:
            what = f"{what} ({got.stretches:,} stretches)"
        yield _row(what, got.objects, got.bytes, seconds)
    mine, all_ = (Repository.open(one).diff("v1", "v2").to_dict() for one in (clone, root))
    assert mine == all_


def _timed(do: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    result = do()
    return result, time.perf_counter() - started


def _row(what: str, objects: int, size: int, seconds: float) -> str:
    return f"| {what} | {objects:,} | {size:,} | {seconds:.1f} |"


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True)
