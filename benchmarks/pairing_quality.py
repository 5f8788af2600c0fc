"""How well edited examples are found without a key: planted edits, by data set and rate.

For each data set and rate, edits are planted into a part of the examples (each word replaced,
doubled by a new one, or deleted with the given probability), others are removed, and others that
were held back are added. A pair is right if it joins an example with its own edit. Run with

    python -m benchmarks.pairing_quality [DATA]

where DATA is the folder of shared data sets.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from time import process_time
from typing import Any, NamedTuple

from dslineage.adapters.detect import detect
from dslineage.diff.compare import compare
from dslineage.diff.result import RULES
from tests.diff.memory import MemorySnapshot, Space

Example = dict[str, Any]

RATES = (0.01, 0.05, 0.10, 0.20, 0.30)
EDITED, REMOVED, ADDED = 300, 200, 200
FIELDS = {
    "gsm8k": ("question", "answer"),
    "codealpaca": ("instruction", "input", "output"),
    "toolformer": ("instruction", "input", "response"),
}


class Quality(NamedTuple):
    """Pairs found and true, of the edits planted, with how many were changed at all."""

    found: int
    right: int
    planted: int
    seconds: float

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.planted


def load(data: Path, name: str) -> list[Example]:
    """The different examples of a shared data set, in file order."""
    if name == "gsm8k":
        lines = (data / "gsm8k" / "train.jsonl").read_text("utf-8").splitlines()
        examples = [json.loads(line) for line in lines]
    else:
        file = {
            "codealpaca": "codealpaca/code_alpaca_2k.json",
            "toolformer": "toolformer/toolformer-dedupe-only.json",
        }[name]
        examples = json.loads((data / file).read_text("utf-8"))
    return list({json.dumps(example): example for example in examples}.values())


def plant(text: str, rate: float, random: Random, vocabulary: Sequence[str]) -> str:
    """The text with each word replaced, followed by a new one, or deleted, at this rate."""

    def edited() -> Iterator[str]:
        for word in text.split(" "):
            choice = random.randrange(3) if random.random() < rate else None
            if choice == 0 or choice is None:
                yield word
            if choice in (0, 1):
                yield random.choice(vocabulary)

    return " ".join(edited())


def measure(
    examples: Sequence[Example],
    fields: Sequence[str],
    rate: float,
    *,
    seed: int = 0,
    counts: tuple[int, int, int] = (EDITED, REMOVED, ADDED),
) -> Quality:
    """Plant edits at one rate in the named fields, and count which of them are found."""
    random = Random(seed)
    order = random.sample(list(examples), len(examples))
    share = min(1.0, len(order) / 2 / sum(counts))
    edited, removed, added = (int(count * share) for count in counts)
    held_back, rest = order[:added], order[added:]
    vocabulary = [word for example in rest for name in fields for word in example[name].split(" ")]
    truth: dict[str, str] = {}
    after = list(held_back)
    for place, example in enumerate(rest):
        if place < edited:
            new = example | {n: plant(example[n], rate, random, vocabulary) for n in fields}
            if new != example:
                truth[_text(example)] = _text(new)
            after.append(new)
        elif place >= edited + removed:
            after.append(example)
    random.shuffle(after)
    space = Space()
    adapter = detect(rest[:1000]).adapter
    before_side = MemorySnapshot(rest, adapter, space=space)
    after_side = MemorySnapshot(after, adapter, space=space)
    start = process_time()
    comparison = compare(before_side, after_side)
    seconds = process_time() - start
    pairs = [
        (_text(rest[i]), _text(after[j]))
        for i, j in zip(
            comparison.edited.before.tolist(), comparison.edited.after.tolist(), strict=True
        )
    ]
    right = sum(truth.get(i) == j for i, j in pairs)
    return Quality(len(pairs), right, len(truth), seconds)


def _text(example: Example) -> str:
    return json.dumps(example, sort_keys=True)


def halves(examples: Sequence[Example]) -> dict[str, int]:
    """Pairs found, by rule, between two random halves that share nothing."""
    order = Random(1).sample(list(examples), len(examples))
    middle = len(order) // 2
    adapter = detect(order[:1000]).adapter
    first, second = MemorySnapshot(order[:middle], adapter), MemorySnapshot(order[middle:], adapter)
    rules = compare(first, second).rule_counts()
    return {rule: rules[rule] for rule in RULES if rule in rules}


def table(data: Path, say: Callable[[str], None]) -> None:
    """Print the figures of all data sets."""
    say("| data set | fields | rate | planted | found | precision | recall | CPU s |")
    say("|---|---|---:|---:|---:|---:|---:|---:|")
    for name, fields in FIELDS.items():
        examples = load(data, name)
        for part in (fields, fields[:1], fields[-1:]):
            for rate in RATES:
                q = measure(examples, part, rate)
                say(
                    f"| {name} | {', '.join(part)} | {rate:.0%} | {q.planted} | {q.found} "
                    f"| {q.precision:.3f} | {q.recall:.3f} | {q.seconds:.1f} |"
                )
    for name in FIELDS:
        say(f"{name}: pairs between two disjoint halves: {halves(load(data, name)) or 'none'}")


if __name__ == "__main__":
    folder = sys.argv[1] if len(sys.argv) > 1 else "../shared/data"
    table(Path(folder), print)
