"""What the tests of merges do over and over."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any

from dslineage.merging.result import Merged
from tests.merging.conftest import Example, lines, qa
from tests.versions.support import Bench

BASE = [qa(number) for number in range(8)]


def edited(number: int, completion: str) -> Example:
    """An example with another answer."""
    return qa(number, completion=completion)


def numbers(bench: Bench, name: str = "train.jsonl") -> list[int]:
    """Which examples of `qa` a file has."""
    found = (bench.root / name).read_text().splitlines()
    return [int(json.loads(line)["prompt"].split()[4]) for line in found]


def save(bench: Bench, examples: Sequence[Example], message: str = "data") -> None:
    """Commit a version of train.jsonl."""
    bench.put("train.jsonl", lines(examples))
    bench.repo.add([bench.root / "train.jsonl"], message=message, measure=False)
    bench.git("commit", "-qam", message)


def switch(bench: Bench, branch: str, *options: str) -> None:
    """Go to a branch, and to its data."""
    bench.git("switch", "-q", *options, branch)
    bench.repo.checkout()


def stops(bench: Bench, *arguments: str) -> str:
    """Run a command of git that stops at a conflict; what it says."""
    done = subprocess.run(
        ["git", "-c", "core.editor=true", *arguments],
        cwd=bench.root,
        capture_output=True,
        check=False,
    )
    assert done.returncode, done.stdout
    return (done.stdout + done.stderr).decode()


def goes_on(bench: Bench, verb: str) -> None:
    """End a rebase, cherry-pick or revert."""
    bench.git("-c", "core.editor=true", verb, "--continue")


def merge(bench: Bench, *, resume: bool = False) -> Merged:
    """Merge the one data set that waits."""
    [merged] = bench.repo.merge(measure=False, resume=resume).merges
    return merged


def choose(bench: Bench, *choices: Any, name: str = "train.conflicts.jsonl") -> None:
    """Decide the conflicts of a file."""
    path = bench.root / name
    found = zip(path.read_text().splitlines(), choices, strict=True)
    decided = [json.dumps({**json.loads(line), "choose": choice}) for line, choice in found]
    path.write_text("\n".join(decided) + "\n")
