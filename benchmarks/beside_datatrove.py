"""What datatrove computes of each text, too, beside the same metrics of ours.

Both are measured in one run, in turns chunk by chunk, in CPU time, on the same examples. Tokens of
datatrove are made once and used by its metrics, words of ours likewise.
"""

from __future__ import annotations

import gc
import json
import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from benchmarks.metric_cost import CHUNK
from dslineage.adapters.messages import Messages
from dslineage.quality.chunk import Chunk
from dslineage.quality.core.length import PROMPT_WORDS, TARGET_WORDS
from dslineage.quality.core.privacy import PII
from dslineage.quality.core.repetition import DUP_LINE_CHARS, REP4
from dslineage.quality.measurer import values_of
from dslineage.quality.sets.definitions import NEAR_DUP
from dslineage.quality.sets.shingles import signatures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dslineage.quality.metric import Metric

NOTES = {
    "reading": "parsed JSON to an example with its parts; nothing: it is given a text",
    "words": "runs of letters and digits, in prompt and target; spaCy's English tokens",
    "repetition": "4-grams and lines of the target; Gopher's lines, paragraphs, top 2- to 4-grams "
    "and 5- to 10-grams of the whole text",
    "personal data": "mail, IPv4, phone, card and account numbers; mail and IPv4",
    "MinHash": "128 minima of 5-grams in 16 bands; 112 in 14, of SHA-1, its text simplified and "
    "tokenised anew",
}
"""What each line measures: ours; datatrove's."""

Spent = Counter[tuple[str, str]]


def table(path: Path, examples: int, workers: int | None = None) -> str:
    """A Markdown table of microseconds for each example of a file, and the ratio."""
    with path.open("rb") as file:
        lines = [line for line, _ in zip(file, range(examples), strict=False)]
    chunks = [lines[begin : begin + CHUNK] for begin in range(0, len(lines), CHUNK)]
    spent: Spent = Counter()
    with ProcessPoolExecutor(workers or os.cpu_count()) as executor:
        for part in executor.map(costs_of, chunks):
            spent += part
    rows = [_row(name, spent, len(lines), note) for name, note in NOTES.items()]
    for tool in ("ours", "datatrove"):
        spent["all", tool] = sum(spent[name, tool] for name in NOTES)
    head = "| what | ours, µs | datatrove, µs | ratio | ours; datatrove |\n|---|---:|---:|---:|---|"
    return "\n".join([head, *rows, _row("all", spent, len(lines), "")])


def costs_of(lines: Sequence[bytes]) -> Spent:
    """Nanoseconds of CPU time for some chats, by what they were spent on and by tool."""
    rows = [json.loads(line) for line in lines]
    peer = _peer()
    texts = [_text(row) for row in rows]
    spent: Spent = Counter()
    for name, work in _ours(rows):
        _timed(spent, name, "ours", work)
    for text in texts:  # one by one: datatrove keeps the words of the last few texts
        for name, measured in peer.stages.items():
            _timed(spent, name, "datatrove", partial(measured, text))
    return spent


def _timed(spent: Spent, name: str, tool: str, work: Callable[[], object]) -> None:
    began = time.process_time_ns()
    work()
    spent[name, tool] += time.process_time_ns() - began


def _ours(rows: list[Any]) -> Iterator[tuple[str, Callable[[], object]]]:
    made: list[Chunk] = []
    yield "reading", lambda: made.append(_chunk(rows))
    yield "words", partial(_values, made, PROMPT_WORDS, TARGET_WORDS)
    yield "repetition", partial(_values, made, REP4, DUP_LINE_CHARS)
    yield "personal data", partial(_values, made, PII)
    size, bands, minima = (NEAR_DUP.params[name] for name in ("shingle", "bands", "rows"))
    yield "MinHash", lambda: signatures(made[0], size, bands, minima)


def _chunk(rows: list[Any]) -> Chunk:
    chunk = Chunk.of(rows, Messages())
    assert chunk.texts
    return chunk


def _values(made: Sequence[Chunk], *metrics: Metric) -> None:
    for metric in metrics:
        values_of(metric, made[0])


def _text(row: Any) -> str:
    return "\n".join(turn["content"] for turn in row["messages"])


class _Peer:
    """datatrove's parts, with the parameters that it has by default."""

    def __init__(self) -> None:
        from datatrove.data import Document
        from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature
        from datatrove.pipeline.filters import GopherRepetitionFilter
        from datatrove.pipeline.formatters import PIIFormatter
        from datatrove.utils.hashing import HashConfig
        from datatrove.utils.text import split_into_words

        self._document = Document
        self._filter = GopherRepetitionFilter()
        # Its xxHash hands texts to a function that takes bytes only as of xxhash 4.
        hashing = MinhashConfig(hash_config=HashConfig(hash_fc="sha1"))
        self._minhash = MinhashDedupSignature("/nowhere", hashing)
        self.stages: Mapping[str, Callable[[str], object]] = {
            "words": split_into_words,
            "repetition": self._repetition,
            "personal data": PIIFormatter().format,
            "MinHash": self._signature,
        }
        for measured in self.stages.values():
            measured("What a language needs is loaded before anything is timed.")
        gc.freeze()  # nor does a collection walk through it at the expense of ours

    def _repetition(self, text: str) -> object:
        return self._filter.filter(self._document(text=text, id=""))

    def _signature(self, text: str) -> object:
        shingles = self._minhash.get_shingles(text)
        return self._minhash.get_signature(shingles) if shingles.size else None


@cache
def _peer() -> _Peer:
    return _Peer()


def _row(name: str, spent: Spent, examples: int, note: str) -> str:
    ours, theirs = (spent[name, tool] / examples / 1e3 for tool in ("ours", "datatrove"))
    ratio = f"{ours / theirs:.3f}" if theirs else ""
    return f"| {name} | {ours:.1f} | {theirs:.0f} | {ratio} | {note} |"
