"""A view that is computed after an example was forgotten knows no conversation of it."""

from __future__ import annotations

from pathlib import Path

from tests.forgetting.support import OTHERS, SECRET, digest, lines
from tests.versions.support import Bench


def test_verify_takes_it_for_no_damage(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.commit("train.jsonl", lines(*OTHERS[:9], SECRET), workers=1)
    bench.repo.forget(digest(SECRET), delete=True)
    for path in (bench.objects / "views").iterdir():
        path.unlink()
    bench.commit("train.jsonl", lines(*OTHERS[:8]), workers=1)
    assert list((bench.objects / "views").iterdir()), "it was needed, and is kept"
    assert bench.problems() == []
