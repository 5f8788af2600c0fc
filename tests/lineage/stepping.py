"""Chats, and small programs that work on them, for tests of steps."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from dslineage.records import StepRecord
from dslineage.steps.result import StepResult
from dslineage.steps.running import CommandStep
from tests.versions.support import Bench


def chat(number: int, answer: str = "", **fields: Any) -> dict[str, Any]:
    """One exchange; `fields` stand beside it."""
    said = answer or f"The answer to question {number} is {number * number}."
    turns = [("user", f"Question {number}?"), ("assistant", said)]
    return {
        "id": number,
        **fields,
        "messages": [{"role": role, "content": text} for role, text in turns],
    }


def lines(rows: list[dict[str, Any]]) -> bytes:
    """Examples as JSON lines."""
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def examples(path: Path) -> list[dict[str, Any]]:
    """What a file of JSON lines holds."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def program(bench: Bench, body: str, name: str = "clean.py") -> tuple[str, ...]:
    """A command that runs a script: `rows` are those of raw.jsonl, `save(rows, path)` writes."""
    head = """
import json, sys
rows = [json.loads(line) for line in open("raw.jsonl")]
def save(rows, path="train.jsonl"):
    open(path, "w").write("".join(json.dumps(row) + "\\n" for row in rows))
"""
    bench.put(name, f"{head.lstrip()}{body}\n".encode())
    return sys.executable, name


def run(bench: Bench, command: tuple[str, ...], **asked: Any) -> StepResult:
    """Run a command as a step; nothing is measured."""
    return bench.repo.provenance.step(CommandStep(command, measure=False, **asked))


def steps(bench: Bench) -> list[StepRecord]:
    """The steps that are recorded."""
    return list(bench.repo.provenance.registry.every(StepRecord))
