"""Next versions of a generated file, each with the truth about what was changed.

Every function writes `dst` and returns a `Truth`, which is also left as JSON beside it
(`dst` with `.truth.json` appended). Places are drawn at random over the whole file.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import islice
from mmap import ACCESS_READ, mmap
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.chatdata import (
    CATEGORIES,
    Example,
    Style,
    answer,
    example,
    identifier,
    ordered_map,
    pick,
)
from benchmarks.sentences import Corpus, corpus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LINES = 2_000  # lines that one worker takes at a time
MAX_WORD_SHARE = 0.3

_ID = re.compile(rb'(?<="chat-)[0-9]{8}(?=")')


class Mix(NamedTuple):
    """What the changed examples of a next version are, as shares that sum to 1."""

    edit: float = 0.6
    remove: float = 0.2
    add: float = 0.2


class Pair(NamedTuple):
    """One planted edit: the same example before and after."""

    old: str
    new: str
    kind: str  # response | prompt | metadata
    word_share: float  # of the edited text's words; 0 for metadata


@dataclass(frozen=True, slots=True)
class Truth:
    """What a diff of the two files has to find."""

    change: str
    from_examples: int
    to_examples: int
    unchanged: int
    edited: int
    removed: int
    added: int
    kinds: dict[str, int] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    removed_ids: tuple[str, ...] = ()
    added_ids: tuple[str, ...] = ()

    @classmethod
    def of(cls, path: Path) -> Truth:
        """The truth that was written beside `path`."""
        facts = json.loads(truth_path(path).read_text())
        facts["pairs"] = tuple(Pair(*pair) for pair in facts["pairs"])
        for name in ("removed_ids", "added_ids"):
            facts[name] = tuple(facts[name])
        return cls(**facts)

    def write(self, path: Path) -> Truth:
        """Leave the truth beside `path`."""
        truth_path(path).write_text(json.dumps(asdict(self), indent=1) + "\n")
        return self


def truth_path(path: Path) -> Path:
    """Where the truth about `path` stands."""
    return path.with_name(path.name + ".truth.json")


def next_version(
    src: Path,
    dst: Path,
    *,
    seed: int,
    share: float = 0.01,
    mix: Mix = Mix(),  # noqa: B008  # a NamedTuple is immutable
    style: Style = Style.COMPACT,
) -> Truth:
    """A version with `share` of the examples edited, removed or added."""
    text, rng = corpus(), Random(f"{seed}/{share}")
    examples, first_new = _count(src)
    changed = round(examples * share)
    edits, removals = round(changed * mix.edit), round(changed * mix.remove)
    additions = changed - edits - removals
    places = rng.sample(range(examples), edits + removals)
    edited, removed = set(places[:edits]), set(places[edits:])
    gaps = set(rng.sample(range(examples + 1), additions))
    numbers = iter(range(first_new, first_new + additions))
    pairs, gone = [], []

    with src.open("rb") as lines, dst.open("wb") as out:
        for place, line in enumerate(lines):
            if place in gaps:
                out.write(style.line(example(rng, text, next(numbers))))
            if place in edited:
                new, pair = edit(rng, text, json.loads(line))
                pairs.append(pair)
                out.write(style.line(new))
            elif place in removed:
                gone.append(json.loads(line)["id"])
            else:
                out.write(line)
        for number in numbers:
            out.write(style.line(example(rng, text, number)))
    return Truth(
        change=f"{share:.1%} of the examples edited, removed or added at random places",
        from_examples=examples,
        to_examples=examples - removals + additions,
        unchanged=examples - edits - removals,
        edited=edits,
        removed=removals,
        added=additions,
        kinds=dict(Counter(pair.kind for pair in pairs)),
        pairs=tuple(pairs),
        removed_ids=tuple(gone),
        added_ids=tuple(identifier(first_new + i) for i in range(additions)),
    ).write(dst)


def chain(first: Path, directory: Path, *, versions: int, seed: int) -> Iterator[Path]:
    """`versions` next versions, each made from the one before when it is asked for."""
    for step in range(versions):
        path = directory / f"step{step + 2}.jsonl"
        next_version(first, path, seed=seed + step)
        yield path
        first = path


def added_column(src: Path, dst: Path, *, seed: int) -> Truth:
    """A version in which every example has one more field, `difficulty`."""
    rng, examples = Random(seed), 0
    with src.open("rb") as lines, dst.open("wb") as out:
        for line in lines:
            colon = b'": ' if line[:7] == b'{"id": ' else b'":'
            comma = b", " if len(colon) == 3 else b","
            level = b"%d" % (1 + int(5 * rng.random()))
            out.write(line[:-2] + comma + b'"difficulty' + colon + level + b"}\n")
            examples += 1
    return _all("one column added", examples, edited=0, unchanged=examples).write(dst)


def rewritten_answers(
    src: Path, dst: Path, *, seed: int, style: Style = Style.COMPACT, processes: int = 2
) -> Truth:
    """A version in which every answer is a new one, under the same prompts."""
    corpus()
    work = partial(_rewritten, seed=seed, style=style)
    with src.open("rb") as lines, dst.open("wb") as out, ordered_map(processes) as each:
        for chunk in each(work, enumerate(_chunks(lines))):
            out.write(chunk)
    examples, _ = _count(dst)
    kinds = {"response": examples}
    return _all("every answer rewritten", examples, edited=examples, kinds=kinds).write(dst)


def _rewritten(numbered: tuple[int, list[bytes]], *, seed: int, style: Style) -> bytes:
    place, lines = numbered
    text, rng = corpus(), Random(f"{seed}/{place}")
    out = []
    for line in lines:
        row = json.loads(line)
        names = [pick(rng, text.names) for _ in range(3)]
        for message in row["messages"]:
            if message["role"] == "assistant":
                message["content"] = answer(rng, text, names)
        out.append(style.line(row))
    return b"".join(out)


def shuffled(src: Path, dst: Path, *, seed: int) -> Truth:
    """The same lines in another order."""
    with src.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        ends = [0]
        while (end := data.find(b"\n", ends[-1])) >= 0:
            ends.append(end + 1)
        order = list(range(len(ends) - 1))
        Random(seed).shuffle(order)
        with dst.open("wb") as out:
            out.writelines(data[ends[i] : ends[i + 1]] for i in order)
    return _all("shuffled", len(order), edited=0, unchanged=len(order)).write(dst)


def renumbered(src: Path, dst: Path, *, seed: int, dropped: float = 0.05) -> Truth:
    """A version without `dropped` of the examples, the running `id` of the rest assigned anew.

    The ids only count lines, so that nothing but the removals is a change.
    """
    examples, _ = _count(src)
    removed = set(Random(seed).sample(range(examples), round(examples * dropped)))
    gone, number = [], 0
    with src.open("rb") as lines, dst.open("wb") as out:
        for place, line in enumerate(lines):
            if place in removed:
                gone.append(json.loads(line)["id"])
            else:
                out.write(_ID.sub(b"%08d" % number, line, count=1))
                number += 1
    return Truth(
        change=f"{dropped:.0%} of the examples dropped, the running id assigned anew",
        from_examples=examples,
        to_examples=number,
        unchanged=number,
        edited=0,
        removed=examples - number,
        added=0,
        removed_ids=tuple(gone),
    ).write(dst)


def edit(rng: Random, text: Corpus, row: Example) -> tuple[Example, Pair]:
    """The example with words of one answer, of one prompt, or its category changed."""
    old, die = row["id"], rng.random()
    if die < 0.15:
        row["category"] = pick(rng, tuple(c for c in CATEGORIES if c != row["category"]))
        return row, Pair(old, old, "metadata", 0.0)
    role, kind = ("user", "prompt") if die < 0.3 else ("assistant", "response")
    message = pick(rng, tuple(m for m in row["messages"] if m["role"] == role))
    message["content"], share = _edit_words(rng, text, message["content"])
    return row, Pair(old, old, kind, round(share, 4))


def _edit_words(rng: Random, text: Corpus, content: str) -> tuple[str, float]:
    """Up to `MAX_WORD_SHARE` of the words replaced, dropped or followed by a new one."""
    words = re.split(r"(\s+)", content)  # words at even places, the white space between at odd
    count = len(words[::2])
    chosen = rng.sample(range(count), max(1, int(count * MAX_WORD_SHARE * rng.random())))
    for place in chosen:
        word = words[2 * place]
        new = pick(rng, text.words)
        die = rng.random()
        if die < 0.6:
            words[2 * place] = new if new != word else f"{new}s"
        elif die < 0.8 and count > 1:
            words[2 * place] = ""
        else:
            words[2 * place] = f"{word} {new}"
    return "".join(words), len(chosen) / count


def _all(
    change: str,
    examples: int,
    *,
    edited: int,
    unchanged: int = 0,
    kinds: dict[str, int] | None = None,
) -> Truth:
    return Truth(change, examples, examples, unchanged, edited, 0, 0, kinds or {})


def _count(path: Path) -> tuple[int, int]:
    """The number of examples, and the first running number above all of theirs."""
    examples, highest = 0, b""
    with path.open("rb") as lines:
        for line in lines:
            examples += 1
            highest = max(highest, _ID.findall(line, 0, 24)[0])
    return examples, int(highest) + 1


def _chunks(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    iterator = iter(lines)
    while chunk := list(islice(iterator, LINES)):
        yield chunk
