"""What docs/merge.md shows is what happens, on a real file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage_cli.main import main
from tests.versions.support import Bench

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "merge.md"
_SHOWN = re.compile(r"\$ dslineage (merge[^\n]*)\n(.*?)(?=```|\$ )", re.DOTALL)


def test_the_page_shows_what_happens(
    bench: Bench,
    shared_data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(bench.root)
    monkeypatch.setenv("COLUMNS", "88")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767323045")
    rows = (shared_data / "prompts" / "prompts-r03-93de120f.csv").read_bytes()

    def commit(data: bytes, message: str) -> None:
        bench.put("prompts.csv", data)
        assert main(["add", "prompts.csv", "--no-metrics", "-m", message]) == 0
        bench.git("commit", "-qm", message)

    commit(rows, "from the crowd")
    bench.git("switch", "-qc", "longer")
    ethereum, rest = rows.split(b'"SEO Prompt"', 1)
    assert b"2,000 words" in rest
    header, _ = ethereum.split(b"\n", 1)
    commit(header + b'\n"SEO Prompt"' + rest.replace(b"2,000 words", b"3,000 words"), "longer")
    bench.git("switch", "-q", "main")
    assert main(["checkout"]) == 0
    shorter = rows.replace(b"2,000 words", b"1,500 words") + b'"Poet","Write a sonnet."\n'
    commit(shorter, "shorter")
    bench.merge_conflict("longer")

    shown = _SHOWN.findall(PAGE.read_text(encoding="utf-8"))
    assert [command for command, _ in shown] == ["merge", "merge --continue -m 'both lengths'"]
    capsys.readouterr()
    assert main(["merge"]) == 1
    assert capsys.readouterr().out == shown[0][1]
    path = bench.root / "prompts.conflicts.jsonl"
    [line] = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text(json.dumps({**line, "choose": "theirs"}) + "\n")
    assert main(["merge", "--continue", "-m", "both lengths", "--no-metrics"]) == 0
    assert capsys.readouterr().out == shown[1][1]
    merged = rows.replace(b"2,000 words", b"3,000 words") + b'"Poet","Write a sonnet."\n'
    assert (bench.root / "prompts.csv").read_bytes() == header + b"\n" + merged[len(ethereum) :]
