"""Samples: the same for a seed, even over the strata, and never the head of the file."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.errors import NotFoundError, UsageError
from dslineage.reviewing.population import SampleOptions
from dslineage.reviewing.sampling import draw, even_shares, newer_is_a, ranks_of
from tests.reviewing.sheets import ANSWER, Row, chat, edit_csv, lines
from tests.versions.support import Bench


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@given(sizes=st.lists(st.integers(0, 50), max_size=8), count=st.integers(0, 120))
def test_shares_are_even_and_spend_what_there_is(sizes: list[int], count: int) -> None:
    shares = even_shares(sizes, count)
    assert sum(shares) == min(count, sum(sizes))
    assert all(share <= size for share, size in zip(shares, sizes, strict=True))
    cut = [share for share, size in zip(shares, sizes, strict=True) if share < size]
    assert not cut or max(shares) <= min(cut) + 1


def test_tails_are_the_least_and_the_greatest_values() -> None:
    values = np.array([5.0, 1.0, np.nan, 9.0, 3.0, 7.0])
    digests = np.arange(6 * 32, dtype=np.uint8).reshape(6, 32)
    drawn = draw(ranks_of(digests, 0), ["all"] * 6, 4, tails=values)
    assert sorted(values[one.place] for one in drawn) == [1, 3, 7, 9]
    assert {one.size for one in drawn} == {5}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_examples(bench: Bench) -> None:
    def sample(name: str, seed: int) -> Path:
        path = bench.root / name
        bench.repo.sample(output=path, options=SampleOptions(count=12, seed=seed))
        return path

    for suffix in ("csv", "xlsx", "jsonl"):
        assert sample(f"a.{suffix}", 1).read_bytes() == sample(f"b.{suffix}", 1).read_bytes()
    one, other = rows_of(sample("c.csv", 1)), rows_of(sample("d.csv", 2))
    assert {row["id"] for row in one} != {row["id"] for row in other}
    assert [row["id"] for row in one] != [f"q{number}" for number in range(12)]
    assert sorted(
        json.loads(line)["id"] for line in (bench.root / "a.jsonl").read_text().splitlines()
    ) == sorted(row["id"] for row in one)


def changed(bench: Bench) -> None:
    """A second version: 6 answers and 4 prompts edited, 5 removed, 20 added."""
    rows = [chat(number) for number in range(5, 60)]
    for row in rows[:6]:
        row["messages"][1]["content"] += " Truly."
    for row in rows[6:10]:
        row["messages"][0]["content"] += " Please."
    rows += [chat(number) for number in range(100, 120)]
    bench.put("train.jsonl", lines(rows))
    bench.repo.add(["train.jsonl"], measure=False)
    bench.git("commit", "-q", "-m", "more")


def test_each_kind_of_change_has_the_same_share(bench: Bench) -> None:
    changed(bench)
    sheet = bench.root / "look.csv"
    done = bench.repo.sample("v1..v2", output=sheet, options=SampleOptions(count=20))
    assert done.strata == {
        "added": (6, 20), "edited prompt": (4, 4), "edited response": (5, 6), "removed": (5, 5),
    }  # fmt: skip
    rows = rows_of(sheet)
    edited = next(row for row in rows if row["stratum"] == "edited response")
    assert edited[ANSWER] == edited[f"before: {ANSWER}"] + " Truly."
    assert {row["base"] == "" for row in rows if row["change"] == "removed"} == {True}
    same = bench.root / "same.csv"
    bench.repo.sample("train", "v1", "v2", output=same, options=SampleOptions(count=20))
    assert same.read_bytes() == sheet.read_bytes()


def test_slices_have_the_same_share_and_a_field_that_is_not_there_is_named(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    rows = [chat(n, source="web" if n else "book") for n in range(40)]
    bench.put("train.jsonl", lines(rows))
    bench.repo.add(["train.jsonl"], measure=False)
    done = bench.repo.sample(output="s.csv", options=SampleOptions(count=5, by="source"))
    assert done.strata == {"source=book": (1, 1), "source=web": (4, 39)}
    with pytest.raises(UsageError, match="no example has a field 'sauce'"):
        bench.repo.sample(output="t.csv", options=SampleOptions(by="sauce"))


def test_a_metric_gives_its_extremes_and_its_column(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    rows = [chat(n) for n in range(30)]
    for n in (3, 17):
        rows[n]["messages"][1]["content"] = "word " * (100 + n)
    bench.put("train.jsonl", lines(rows))
    bench.repo.add(["train.jsonl"])
    sheet = bench.root / "tails.csv"
    bench.repo.sample(output=sheet, options=SampleOptions(count=4, metric="target_words"))
    found = {row["id"]: row["metric: target_words"] for row in rows_of(sheet)}
    assert found.items() >= {"q3": "103", "q17": "117"}.items()
    assert len(found) == 4
    with pytest.raises(UsageError, match="no example has a value of a metric 'nonsense'"):
        bench.repo.sample(output="t.csv", options=SampleOptions(metric="nonsense"))


def test_a_blind_sheet_tells_the_sides_by_seed_and_digests_alone(bench: Bench) -> None:
    changed(bench)
    sheet = bench.root / "which.csv"
    bench.repo.sample("v1", "v2", output=sheet, options=SampleOptions(blind=True, seed=4))
    rows = rows_of(sheet)
    assert len(rows) == 10
    assert not {"base", "before", "_cells"} & set(rows[0])
    newer_at = set()
    for row in rows:
        a_is_newer = newer_is_a(4, row["A"], row["B"])
        assert a_is_newer == newer_is_a(4, row["B"], row["A"])
        newer, older = ("A", "B") if a_is_newer else ("B", "A")
        newer_at.add(newer)
        texts = [
            row[f"{side}: messages[0].content"] + row[f"{side}: messages[1].content"]
            for side in (newer, older)
        ]
        assert len(texts[0]) > len(texts[1])
    assert newer_at == {"A", "B"}


def test_what_cannot_be_sampled_is_said(bench: Bench) -> None:
    sheet = bench.root / "s.csv"
    sheet.write_text("mine")
    with pytest.raises(UsageError, match="people may have edited it"):
        bench.repo.sample(output=sheet)
    assert sheet.read_text() == "mine"
    bench.repo.sample(output=sheet, force=True)
    with pytest.raises(UsageError, match="nothing to draw"):
        bench.repo.sample("v1", "v1", output="t.csv")
    with pytest.raises(UsageError, match="a blind sample is of two versions"):
        bench.repo.sample(output="t.csv", options=SampleOptions(blind=True))
    with pytest.raises(NotFoundError, match="no recorded version"):
        bench.repo.sample("./train.jsonl", output="t.csv")
    with pytest.raises(UsageError, match="no format of sheets"):
        bench.repo.sample(output="t.ods")
    with pytest.raises(UsageError, match="at least one row"):
        SampleOptions(count=0)
    assert not (bench.root / "t.csv").exists()


def test_a_removed_example_has_nothing_to_edit_or_drop(bench: Bench) -> None:
    changed(bench)
    sheet = bench.root / "look.csv"
    bench.repo.sample("v1..v2", output=sheet, options=SampleOptions(count=100))

    def spoil(rows: list[Row]) -> None:
        removed = [row for row in rows if row["change"] == "removed"]
        removed[0]["verdict"] = "drop"
        removed[1][ANSWER] = "Back again."
        removed[2][f"before: {ANSWER}"] = "It was otherwise."

    edit_csv(sheet, spoil)
    done = bench.repo.apply(sheet, partial=True, measure=False)
    assert done.version is None
    assert sorted(fault.code for fault in done.left) == ["conflict", "read-only", "read-only"]
