"""A seeded generator of chat data: the same bytes for a seed, whatever the number of processes.

An example has a running `id`, a `source`, a `category` and `messages` of one to three exchanges,
about 1,360 bytes as compact JSON.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from multiprocessing import Pool
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from benchmarks.sentences import Corpus, corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

Example = dict[str, Any]
In = TypeVar("In")
Out = TypeVar("Out")

CHUNK = 2_000  # examples that one random stream makes
SOURCES = ("gsm8k", "tutoring-logs", "textbook-v2", "crowd-2024", "synthetic-a", "synthetic-b")
CATEGORIES = ("arithmetic", "money", "time", "distance", "fractions", "rates", "geometry", "other")
SYSTEMS = (
    "You are a patient maths tutor. Show each step and finish with the answer.",
    "Solve the problem. Keep the working short, and write the result after ####.",
    "You help school children with word problems. Explain before you calculate.",
    "Answer as a careful accountant would: state what you assume, then compute.",
)


class Style(StrEnum):
    """How an example is written as a line of JSON."""

    COMPACT = "compact"  # no spaces, text as UTF-8
    DEFAULT = "default"  # what `json.dumps` does: spaces, and escapes beyond ASCII

    def line(self, example: Example) -> bytes:
        """The example as one line, newline included."""
        if self is Style.DEFAULT:
            return json.dumps(example).encode() + b"\n"
        text = json.dumps(example, ensure_ascii=False, separators=(",", ":"))
        return text.encode() + b"\n"


def generate(
    path: Path, examples: int, *, seed: int, style: Style = Style.COMPACT, processes: int = 2
) -> int:
    """Write `examples` lines to `path`; returns the bytes written."""
    corpus()
    starts = range(0, examples, CHUNK)
    work = partial(_chunk, examples=examples, seed=seed, style=style)
    with path.open("wb") as out, ordered_map(processes) as each:
        return sum(out.write(lines) for lines in each(work, starts))


@contextmanager
def ordered_map(
    processes: int,
) -> Iterator[Callable[[Callable[[In], Out], Iterable[In]], Iterable[Out]]]:
    """`map` over worker processes, results in order."""
    if processes == 1:
        yield map
    else:
        with Pool(processes) as pool:
            yield pool.imap


def _chunk(start: int, *, examples: int, seed: int, style: Style) -> bytes:
    rng = Random(f"{seed}/{start}")
    text = corpus()
    numbers = range(start, min(start + CHUNK, examples))
    return b"".join(style.line(example(rng, text, number)) for number in numbers)


def example(rng: Random, text: Corpus, number: int) -> Example:
    """A new example with the given running number."""
    names = [pick(rng, text.names) for _ in range(3)]
    messages = []
    if rng.random() < 0.25:
        messages.append({"role": "system", "content": pick(rng, SYSTEMS)})
    for _ in range(1 + int(3 * rng.random())):
        messages.append({"role": "user", "content": question(rng, text, names)})
        messages.append({"role": "assistant", "content": answer(rng, text, names)})
    return {
        "id": identifier(number),
        "source": pick(rng, SOURCES),
        "category": pick(rng, CATEGORIES),
        "messages": messages,
    }


def identifier(number: int) -> str:
    """The `id` of the example with this running number."""
    return f"chat-{number:08d}"


def question(rng: Random, text: Corpus, names: list[str]) -> str:
    """Two to five sentences."""
    count = 2 + int(4 * rng.random())
    return " ".join(pick(rng, text.questions).fill(rng, names) for _ in range(count))


def answer(rng: Random, text: Corpus, names: list[str]) -> str:
    """Two to six lines of working, and the result."""
    count = 2 + int(5 * rng.random())
    lines = [pick(rng, text.answers).fill(rng, names) for _ in range(count)]
    return "\n".join([*lines, f"#### {int(1000 * rng.random())}"])


def pick(rng: Random, values: tuple[In, ...]) -> In:
    """One of `values`; three times as fast as `rng.choice`, and as even."""
    return values[int(len(values) * rng.random())]
