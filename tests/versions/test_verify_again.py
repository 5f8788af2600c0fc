"""A verification that goes on where another was interrupted, and one of a sample."""

from __future__ import annotations

import gzip
import os
import random
import shutil
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.errors import UsageError
from dslineage.versions.checkpoint import DAY, Checkpoint
from dslineage.versions.sample import Sample, Sampled
from dslineage.versions.verified import ALL, Scope, VerifyResult
from tests.crashes.faults import killed_at, steps
from tests.versions.support import Bench

LINES = [b'{"prompt":"question %d","completion":"answer %d"}\n' % (n, n) for n in range(60)]
RESUME = Scope(resume=True)


@pytest.fixture
def kept(bench: Bench) -> Bench:
    bench.commit("train.jsonl", b"".join(LINES[:50]))
    bench.commit("train.jsonl", b"".join(LINES))
    bench.commit("packed.jsonl.gz", gzip.compress(b"".join(LINES), mtime=0))
    return bench


def objects(bench: Bench) -> list[Path]:
    folders = ("packs", "views", "measures", "layouts", "blobs")
    return sorted(path for one in folders for path in (bench.objects / one).iterdir())


def verify(bench: Bench, scope: Scope = ALL) -> VerifyResult:
    return bench.repo.verify(scope=scope)


def journal(bench: Bench) -> Path:
    return bench.objects / "cache/verified/here.jsonl"


def interrupt(bench: Bench, after: int) -> None:
    """Have a verification stop when it has noted some objects."""
    seen = count()

    def stop(_: object) -> None:
        if next(seen) == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.repo.verify(stop)


def test_without_being_told_everything_is_hashed_again(kept: Bench) -> None:
    for _ in range(2):
        result = verify(kept)
        assert (result.objects, result.passed) == (len(objects(kept)), 0)


def test_after_ctrl_c_the_rest_is_hashed(kept: Bench) -> None:
    interrupt(kept, 4)
    result = verify(kept, RESUME)
    assert (result.objects, result.passed) == (len(objects(kept)) - 4, 4)
    assert result.bytes < sum(path.stat().st_size for path in objects(kept))


def test_what_was_finished_is_begun_anew(kept: Bench) -> None:
    interrupt(kept, 4)
    verify(kept, RESUME)
    assert verify(kept, RESUME).passed == 0


def test_a_verification_that_is_begun_anew_forgets_the_one_that_was_interrupted(
    kept: Bench,
) -> None:
    interrupt(kept, 4)
    interrupt(kept, 2)
    assert verify(kept, RESUME).passed == 2


def test_killed_at_every_tenth_step_it_goes_on_and_finds_the_damage(
    kept: Bench, tmp_path: Path
) -> None:
    bad = next((kept.objects / "packs").glob("*.zst"))
    bad.write_bytes(bad.read_bytes()[:-1])
    moments = len(steps(partial(verify, kept.copy(tmp_path / "whole"))))
    for moment in range(1, moments + 1, max(1, moments // 10)):
        copy = kept.copy(tmp_path / str(moment))
        killed_at(partial(verify, copy), moment)
        result = verify(copy, RESUME)
        assert result.objects + result.passed == len(objects(copy)), moment
        assert bad.name in {one.name for one in result.problems}, moment


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def flip_keeping_times(path: Path) -> None:
    status = path.stat()
    flip(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def replaced_by_a_copy(path: Path) -> None:
    shutil.copy2(path, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


@pytest.mark.parametrize("touch", [flip, flip_keeping_times, replaced_by_a_copy])
def test_what_was_touched_since_is_hashed_again(kept: Bench, touch: Callable[[Path], None]) -> None:
    verify(kept)
    path = next((kept.objects / "blobs").iterdir())
    touch(path)
    result = verify(kept, Scope(max_age_days=30))
    assert (result.objects, result.passed) == (1, len(objects(kept)) - 1)
    assert ([one.name for one in result.problems] == [path.name]) is (
        touch is not replaced_by_a_copy
    )


def test_what_is_damaged_is_found_each_time(kept: Bench) -> None:
    flip(next((kept.objects / "views").iterdir()))
    first = verify(kept)
    again = verify(kept, Scope(max_age_days=30))
    assert again.problems == first.problems != ()
    assert again.objects == 1


def test_the_text_of_a_pack_is_hashed_again_when_its_rows_were_replaced(kept: Bench) -> None:
    verify(kept)
    text = next((kept.objects / "packs").glob("*.zst"))
    replaced_by_a_copy(text.with_suffix(".rows"))
    assert verify(kept, Scope(max_age_days=30)).objects == 2


def test_a_version_whose_objects_were_replaced_by_others_is_recomputed(kept: Bench) -> None:
    verify(kept)
    one, two = (layout_of(kept, version) for version in ("train@v1", "train@v2"))
    one.write_bytes(two.read_bytes())
    found = verify(kept, Scope(max_age_days=30)).problems
    assert {(problem.kind, problem.name) for problem in found} == {("version", "train@v1")}


def layout_of(bench: Bench, version: str) -> Path:
    (path,) = (bench.objects / "layouts").glob(
        f"{bench.repo.show(version).record.files[0].sha256.hex}.*"
    )
    return path


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\0" * 99, b"[1]\n[]\n{}\nnull\n", b'["a", "b", "c"]']
)
def test_a_journal_that_is_damaged_costs_only_time(kept: Bench, data: bytes) -> None:
    verify(kept)
    journal(kept).write_bytes(data)
    result = verify(kept, Scope(resume=True, max_age_days=30))
    assert (result.problems, result.passed) == ((), 0)


def test_a_line_that_was_cut_off_costs_only_its_object(kept: Bench) -> None:
    interrupt(kept, 4)
    journal(kept).write_bytes(journal(kept).read_bytes()[:-9])
    assert verify(kept, RESUME).passed == 3


def test_marks_of_the_future_and_old_ones_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "marks.jsonl"
    clock = 1000 * DAY
    made = Checkpoint.load(path, ALL, lambda: clock)
    made.note("a", "1")
    made.finish()

    def counts(now: float, state: str = "1") -> bool:
        return Checkpoint.load(path, Scope(max_age_days=30), lambda: now).knows("a", state)

    assert counts(clock)
    assert counts(clock + 30 * DAY)
    assert not counts(clock, "2")
    assert not counts(clock + 31 * DAY)
    assert not counts(clock - 1), "the clock was set back: nobody knows how old it is"


def test_where_the_cache_cannot_be_written_everything_is_hashed(kept: Bench) -> None:
    shutil.rmtree(kept.objects / "cache")
    (kept.objects / "cache").write_bytes(b"no folder")
    assert verify(kept).problems == ()
    assert verify(kept, RESUME).passed == 0


def test_a_sample_is_drawn_of_all_objects_and_says_what_it_says(kept: Bench) -> None:
    total = len(objects(kept))
    result = verify(kept, Scope(Sample.parse("25%", seed=3)))
    assert result.sampled == Sampled(-(-total // 4), total, 3)
    assert (result.objects, result.passed) == (result.sampled.drawn, 0)
    assert verify(kept, Scope(Sample.parse("25%", seed=3))) == result


def test_objects_that_are_missing_are_found_by_any_sample(kept: Bench) -> None:
    path = next((kept.objects / "packs").iterdir())
    path.unlink()
    assert path.name in {one.name for one in verify(kept, Scope(Sample.parse("1", 1))).problems}


def test_a_sample_in_between_does_not_end_what_was_interrupted(kept: Bench) -> None:
    interrupt(kept, 4)
    verify(kept, Scope(Sample(0.01, seed=1)))
    assert verify(kept, RESUME).passed >= 4


@pytest.mark.parametrize("text", ["0", "0%", "101%", "-1", "5 %", "five", "", "1e3", "nan%"])
def test_what_is_no_sample_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no sample"):
        Sample.parse(text, 0)


def test_a_sample_of_the_rest_is_refused() -> None:
    with pytest.raises(UsageError, match="drawn of all objects"):
        Scope(Sample(1, 0), resume=True)


@given(names=st.sets(st.text(max_size=4), min_size=1, max_size=30), seed=st.integers(0, 9))
def test_a_sample_depends_on_the_names_alone(names: set[str], seed: int) -> None:
    sample = Sample(0.3, seed)
    drawn = sample.drawn(names)
    assert drawn == sample.drawn(sorted(names, reverse=True))
    assert drawn <= names
    assert len(drawn) == -(-3 * len(names) // 10)


@given(total=st.integers(1, 40), data=st.data())
def test_what_a_sample_would_have_shown_is_what_drawing_shows(
    total: int, data: st.DataObject
) -> None:
    drawn = data.draw(st.integers(1, total))
    least = Sampled(drawn, total, 0).noticeable
    chance = random.Random(total * 100 + drawn)
    hits = [min(chance.sample(range(total), drawn)) < least for _ in range(400)]
    assert sum(hits) / 400 > 0.91


def test_two_pointers_that_name_one_data_set_are_told(kept: Bench) -> None:
    (kept.root / "other").mkdir()
    shutil.copy(kept.root / "train.jsonl.dsl.json", kept.root / "other")
    found = {one.name: one.message for one in verify(kept).problems}
    assert found == {
        "train.jsonl.dsl.json": "train.jsonl.dsl.json names the data set train, as does "
        "other/train.jsonl.dsl.json: git rm one of them",
        "other/train.jsonl.dsl.json": "other/train.jsonl.dsl.json names the data set train, as "
        "does train.jsonl.dsl.json: git rm one of them",
    }


def test_a_whole_file_that_another_version_reads_its_texts_from_is_needed_by_both(
    bench: Bench,
) -> None:
    for name, time in (("one", 1), ("two", 2)):
        bench.commit(f"{name}.jsonl.gz", gzip.compress(b"".join(LINES), mtime=time))
    first = bench.repo.show("one@v1").record.files[0].sha256.hex
    (bench.objects / "blobs" / first).unlink()
    (problem,) = verify(bench).problems
    assert (problem.name, set(problem.needed_by)) == (first, {"one@v1", "two@v1"})
