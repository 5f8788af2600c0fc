"""Texts made so that a pattern which tries every way takes for ever."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.versions.support import Bench

SIZE = 10_000
PIECES = (
    "a", " ", "a@", "a.", "1", "1-", "\n", '"', "{", "[", "<a ", "*", "#", "```\n", "| a ", "$",
    "_", "http://", "\\(", "(a)*", "word ", "e\u0301", "\u200d", "\u202e", "漢", "ا", "+1 ",
    "1.1.1.", "DE", "0f", "sk-", "a=", "I'm sorry, ", "&amp", "</think><think>", "<|im_start|>",
    "www.a", "Ã©", "1. a\n", "\t\n", '{"a":',
)  # fmt: skip
ADD = """
import sys
from pathlib import Path
from dslineage.repository import Repository
from dslineage.versions.options import ReadOptions

root = Path(sys.argv[1])
Repository.open(root).add([root / "x.jsonl"], options=ReadOptions(workers=1))
"""


def test_texts_made_for_patterns_are_measured_in_time(tmp_path: Path) -> None:
    """Seconds where patterns are linear; what is quadratic in a text takes minutes."""
    bench = Bench.make(tmp_path / "repo")
    texts = [piece * (SIZE // len(piece)) for piece in PIECES]
    texts += [f"{text}@" for text in texts[:5]]
    rows = [
        {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": text}]}
        for text in texts
    ]
    bench.put("x.jsonl", b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    subprocess.run([sys.executable, "-c", ADD, str(bench.root)], check=True, timeout=180)
    assert bench.repo.show("x").record.examples == len(rows)
