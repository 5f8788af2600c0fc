"""Does what people would do before the commands that pages show: fills in sheets, writes files."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from dslineage.repository import Repository
from dslineage.reviewing.population import SampleOptions

_BLOCK = re.compile(r"(?:`([a-z]+\.[a-z]+)`:\n\n)?```(python|toml|text)\n(.*?)```\n", re.DOTALL)
"""A block of a page; the text before it may end in the name of the file that it is."""
_ANSWER = "messages[{}].content"
_WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def fill_in(folder: Path) -> None:
    """Put sheets into the demo that were read: two blind ones, and one with edits."""
    repo = Repository.open(folder, clock=lambda: _WHEN)
    blind = SampleOptions(count=8, seed=5, blind=True)
    for name, judge in (("ada", _longer), ("grace", _with_hours)):
        path = folder / f"which-{name}.csv"
        repo.sample("v3..v4", output=path, options=blind)
        _judge(path, name.title(), judge)
    path = folder / "mended.xlsx"
    repo.sample("v4", output=path, options=SampleOptions(count=40, seed=1))
    _mend(path)


def settle(folder: Path, page: Path) -> None:
    """Write the files that a page shows: those named before a block, and its settings together."""
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    settings = [text for _, language, text in blocks if language == "toml"]
    (folder / "dslineage.toml").write_text("\n".join(settings), encoding="utf-8")
    for name, _, text in blocks:
        if name:
            (folder / name).write_text(text, encoding="utf-8")


def ask_judges(folder: Path, trust_file: Path) -> None:
    """Trust all that a page had written, and measure two versions with judges."""
    repo = Repository.open(folder, clock=lambda: _WHEN, trust_file=trust_file)
    for name in ("metrics.py", "judge.py", "dslineage.toml"):
        repo.allow(name)
    repo.measure("v3", "v4", judges=True)


def _judge(path: Path, reviewer: str, judge: Callable[[str, str], str]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        a, b = (
            "\n".join(row.get(f"{side}: {_ANSWER.format(turn)}") or "" for turn in range(9))
            for side in "AB"
        )
        row["verdict"], row["reviewer"] = judge(a, b), reviewer
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _longer(a: str, b: str) -> str:
    return "A" if len(a) > len(b) else "B"


def _with_hours(a: str, b: str) -> str:
    if ("hours" in a) == ("hours" in b):
        return "same"
    return "A" if "hours" in a else "B"


def _mend(path: Path) -> None:
    from openpyxl import load_workbook

    book = load_workbook(path)
    page = book.worksheets[0]
    names = [cell.value for cell in page[1]]
    answers = [names.index(name) + 1 for name in names if name == _ANSWER.format(1)]
    for row in range(2, page.max_row + 1):
        page.cell(row, names.index("verdict") + 1).value = "drop" if row == 9 else "keep"
        page.cell(row, names.index("reviewer") + 1).value = "Grace"
        answer = page.cell(row, answers[0])
        if row < 6 and answer.value:
            answer.value = f"{answer.value} Tell us if that does not help."
    book.save(path)
