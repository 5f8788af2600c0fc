"""What each metric of the default profile costs, in one process, on generated chats."""

from __future__ import annotations

import json
import tempfile
import time
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.chatdata import generate
from dslineage.adapters.messages import Messages
from dslineage.quality.chunk import Chunk
from dslineage.quality.core.default import sft_core
from dslineage.quality.measurer import values_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from dslineage.adapters.base import Adapter

CHUNK = 700
"""Examples in a chunk: about the 1 MB of text that `dslineage add` measures at once."""

SHARED = ("lineups", "texts", "shapes", "words", "prompt_words", "target_words")
"""What several metrics use and a chunk computes once, so that no metric is charged for it."""


def table(examples: int, seed: int) -> str:
    """A Markdown table of microseconds of CPU time for each example."""
    with tempfile.TemporaryDirectory(prefix="dslineage-bench-") as folder:
        path = Path(folder) / "chats.jsonl"
        generate(path, examples, seed=seed, processes=1)
        lines = path.read_bytes().splitlines()
    costs = costs_of(lines, Messages())
    rows = [f"| {name} | {cost:.2f} |" for name, cost in costs.items()]
    total = f"| all | {sum(costs.values()):.2f} |"
    return "\n".join(["| what | µs an example |", "|---|---:|", *rows, total])


def costs_of(lines: list[bytes], adapter: Adapter) -> dict[str, float]:
    """Microseconds of CPU time for each example, by what they were spent on, in profile order."""
    spent: defaultdict[str, float] = defaultdict(float)
    metrics = sft_core().measured
    for begin in range(0, len(lines), CHUNK):
        rows = [json.loads(line) for line in lines[begin : begin + CHUNK]]
        chunk = _timed(spent, "conversation", partial(Chunk.of, rows, adapter))
        for name in SHARED:
            _timed(spent, f"{name} (shared)", partial(getattr, chunk, name))
        for metric in metrics:
            _timed(spent, metric.name, partial(values_of, metric, chunk))
    return {name: seconds / len(lines) * 1e6 for name, seconds in spent.items()}


def _timed(spent: defaultdict[str, float], name: str, work: Callable[[], Any]) -> Any:
    began = time.process_time()
    result = work()
    spent[name] += time.process_time() - began
    return result
