"""Steps in Python. Usage: python python_steps.py [FOLDER]."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dslineage
from dslineage.steps.collecting import Example
from dslineage.steps.result import StepResult

HERE = Path(__file__).resolve().parent


def clean(work: Path) -> StepResult:
    """Say of each example what becomes of it."""
    with dslineage.step("clean", inputs="raw", output="train.jsonl", repository=work) as step:
        for example in step.read():
            answer = example["response"]
            if not answer:
                step.drop(example, "no answer")
            elif answer.startswith("I'm sorry"):
                step.drop(example, "refusal")
            elif not answer.endswith("."):
                step.derive({**example, "response": f"{answer.capitalize()}."}, parents=[example])
            else:
                step.keep(example)
    return step.result


def dedupe(work: Path) -> StepResult:
    """The same as a decorated function, of all examples at once."""

    @dslineage.step("dedupe", inputs="train", output="train", seed=0, repository=work)
    def first_of_each(examples: Iterator[Example]) -> Iterator[dict[str, Any]]:
        seen = set()
        for example in examples:
            if example["prompt"] not in seen:
                seen.add(example["prompt"])
                yield example

    return first_of_each()


def main(work: Path) -> None:
    """Make the repository, run both steps, and print what is known afterwards."""
    dslineage.Repository.init(work)
    repository = dslineage.Repository.open(work)
    shutil.copy(HERE / "answers.jsonl", work / "raw.jsonl")
    repository.add(["raw.jsonl"], message="as collected")
    repository.commit("answers as collected")
    for run in (clean, dedupe):
        result = run(work)
        step = result.record
        counts = ", ".join(f"{count} {what}" for what, count in step.counts.items())
        print(f"{result.outputs[0].version.title}, made by {step.operation}: {counts}")
        for reason, count in (step.dropped or {}).items():
            print(f"  dropped {count}: {reason}")
        repository.commit(step.operation)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()))
