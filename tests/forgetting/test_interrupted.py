"""Forgetting that is cut short: what is there stays whole, and the next run does the rest."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.forgetting.hunt import where
from tests.forgetting.support import OTHERS, SECRET, WORD, digest, lines
from tests.forgetting.test_formats import zst
from tests.versions.support import Bench, ada

ALL = [*OTHERS[:50], SECRET, *OTHERS[50:]]
BROKEN = b'{"prompt": "Where does Jane Quetzalcoatlus live since 1980?", "completion"\n'


class Cut(BaseException):
    """The moment at which the power fails."""


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A repository with the example in text, in a blob and in a faulty span. Not to be changed."""
    with ada():
        bench = Bench.make(tmp_path_factory.mktemp("before") / "work")
        bench.commit("packed.jsonl.zst", zst([{"text": "kept"}, *ALL]), workers=1)
        bench.commit("train.jsonl", lines(*ALL) + BROKEN, workers=1, quarantine=True)
        bench.commit("train.jsonl", lines(*OTHERS), workers=1)
        (bench.root / "packed.jsonl.zst").unlink()
    return bench


def steps(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many files a whole run puts in place and removes."""
    return _cut_at(bench, monkeypatch, -1)


def _cut_at(bench: Bench, monkeypatch: pytest.MonkeyPatch, number: int) -> int:
    """Forget the example, and fail just before such a step; how many there were."""
    done = 0
    with monkeypatch.context() as patch:
        for name in ("replace", "unlink"):
            real = getattr(os, name)

            def counted(*arguments: Any, _real: Any = real, **options: Any) -> Any:
                nonlocal done
                if str(arguments[0]).startswith(str(bench.root)):
                    if done == number:
                        raise Cut
                    done += 1
                return _real(*arguments, **options)

            patch.setattr(os, name, counted)
        with suppress(Cut):
            bench.repo.forget(digest(SECRET), delete=True)
    return done


def test_whenever_it_is_cut_short_versions_are_whole_and_the_next_run_ends_it(
    before: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = steps(before.copy(tmp_path / "whole"), monkeypatch)
    assert total > 10
    for number in range(0, total, max(1, total // 6)):
        bench = before.copy(tmp_path / str(number))
        _cut_at(bench, monkeypatch, number)
        assert bench.problems() == [], number
        out = tmp_path / f"{number}.jsonl"
        done = bench.repo.export("packed@v1", output=out, without_forgotten=True)
        assert done.examples in {len(ALL) + 1, len(ALL)}, number
        bench.repo.forget(digest(SECRET), delete=True)
        assert where(WORD, bench.root) == [], number
        assert bench.problems() == [], number


def test_what_killed_writers_left_goes_too(before: Bench, tmp_path: Path) -> None:
    bench = before.copy(tmp_path / "work")
    [pack] = (bench.objects / "packs").glob("*.zst")
    stray = bench.objects / "packs" / f"{'ab' * 32}.zst"
    stray.write_bytes(pack.read_bytes())
    blob = bench.objects / "blobs" / hashlib.sha256(lines(SECRET)).hexdigest()
    blob.write_bytes(lines(SECRET))
    temporary = bench.objects / "packs" / f".{pack.name}.0123456789ab.tmp"
    temporary.write_bytes(lines(SECRET))
    result = bench.repo.forget(digest(SECRET), delete=True)
    assert {f"packs/{stray.name}", f"blobs/{blob.name}"} < {*result.removed}
    assert where(WORD, bench.root) == []
