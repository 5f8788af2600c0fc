"""Steps in Python: keep, drop, derive, and functions that are decorated."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import dslineage
from dslineage.errors import BadDataError, UsageError
from dslineage.ids import Digest
from dslineage.records import Evidence
from dslineage.steps.collecting import Example
from dslineage.versions.ledger import Ledger
from tests.lineage.stepping import chat, examples, lines, steps
from tests.versions.support import Bench


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A repository whose data set `raw` has 30 chats, and the folder in which steps run."""
    bench = Bench.make(tmp_path / "work")
    bench.commit("raw.jsonl", lines([chat(number) for number in range(30)]))
    monkeypatch.chdir(bench.root)
    return bench


def by_id(bench: Bench, dataset: str) -> dict[int, bytes]:
    """The digest of each example, by its id."""
    loaded = bench.repo.load(dataset)
    digests = loaded.snapshot.digests(loaded.snapshot.rows())
    return {row["id"]: one.tobytes() for row, one in zip(loaded, digests, strict=True)}


def test_what_becomes_of_each_example_is_recorded(bench: Bench) -> None:
    parameters = {"shortest": 3, "unset": None}
    with dslineage.step(
        "clean", inputs=["raw"], output="train.jsonl", seed=7, parameters=parameters,
        message="better answers", measure=False,
    ) as step:  # fmt: skip
        for example in step.read():
            match example["id"]:
                case 0 | 1:
                    step.drop(example, "refusal")
                case 2:
                    step.drop(example, "too short")
                case 3:
                    pass
                case 4:
                    step.derive(chat(104, "A better answer."), parents=[example])
                case 5:
                    example["messages"][1]["content"] = "Edited in place."
                    step.keep(example)
                case _:
                    step.keep(example)
        step.derive(chat(200, "Wholly new."), parents=[])
    record = step.result.record
    old, new = by_id(bench, "raw"), by_id(bench, "train")
    assert Ledger(bench.repo.catalog).parents(
        bench.repo.show("raw").record, bench.repo.show("train").record
    ) == {}  # fmt: skip
    assert record.digests == {new[104]: (old[4],), new[5]: (old[5],)}
    assert record.counts == {"in": 30, "out": 27, "dropped": 4, "changed": 2, "created": 1}
    assert record.dropped == {"refusal": 2, "too short": 1}
    assert record.links is not None
    links = bench.repo.store.links(record.links)
    assert links.derived == record.digests
    assert [links.reason(old[number]) for number in range(5)] == [
        "refusal", "refusal", "too short", None, None,
    ]  # fmt: skip
    assert (record.seed, record.parameters) == (7, {"shortest": 3})
    assert (record.exit_status, record.evidence) == (0, Evidence.CAPTURED)
    version = step.result.outputs[0].version.record
    assert (version.generated_by, version.message) == (record.id, "better answers")
    assert bench.problems() == []


def test_a_step_in_place_links_what_it_edited_for_the_diff(bench: Bench) -> None:
    with dslineage.step("mend", inputs="raw", output="raw", measure=False) as step:
        for example in step.read():
            if example["id"] == 3:
                step.derive(chat(77, "Other words for something else."), parents=[example])
            else:
                step.keep(example)
    assert step.result.record.links is None
    diff = bench.repo.diff("raw@v1", "raw@v2", options=dslineage.DiffOptions(rows=True))
    assert (diff.edited, diff.added, diff.removed) == (1, 0, 0)
    assert [row.rule for row in diff.rows or ()] == ["parent"]


def test_a_decorated_function_takes_all_examples_and_gives_the_new_ones(bench: Bench) -> None:
    @dslineage.step("even", inputs=["raw"], output="even.jsonl", measure=False)
    def even(rows: Iterator[Example]) -> Iterator[dict[str, Any]]:
        for row in rows:
            if row["id"] % 2 == 0:
                yield row

    result = even()
    assert even.__name__ == "even"
    assert result.record.counts == {"in": 30, "out": 15, "dropped": 15, "changed": 0, "created": 0}
    assert result.record.parents == {}


def test_a_decorated_function_takes_one_example_and_gives_one_none_or_several(
    bench: Bench,
) -> None:
    @dslineage.step("split", inputs="raw", output="parts.jsonl", each=True, measure=False)
    def split(row: Example) -> Any:
        if row["id"] < 10:
            return None
        if row["id"] < 20:
            return {**row, "messages": row["messages"]}
        return [chat(1000 + row["id"], "First."), chat(2000 + row["id"], "Second.")]

    record = split().record
    old, new = by_id(bench, "raw"), by_id(bench, "parts")
    assert record.counts == {"in": 30, "out": 30, "dropped": 10, "changed": 20, "created": 0}
    assert record.dropped == {"split": 10}
    assert record.digests[new[1025]] == record.digests[new[2025]] == (old[25],)
    assert new[15] not in record.digests
    assert split().outputs[0].unchanged


def test_an_example_of_several_parents_names_them_all(bench: Bench) -> None:
    with dslineage.step("merge", inputs="raw", output="merged.jsonl", measure=False) as step:
        pair: list[Example] = []
        for example in step.read():
            pair.append(example)
            if len(pair) == 2:
                turns = [turn for one in pair for turn in one["messages"]]
                step.derive({"id": example["id"], "messages": turns}, parents=pair)
                pair = []
    old, new = by_id(bench, "raw"), by_id(bench, "merged")
    record = step.result.record
    assert record.digests[new[1]] == (old[0], old[1])
    assert record.counts == {"in": 30, "out": 15, "dropped": 0, "changed": 15, "created": 0}


def test_an_exception_leaves_a_failed_step_and_the_file_as_it_was(bench: Bench) -> None:
    before = (bench.root / "raw.jsonl").read_bytes()
    for output in ("raw", "new.jsonl"):
        step = dslineage.step("break", inputs="raw", output=output, measure=False)
        with pytest.raises(ZeroDivisionError), step:
            step.derive({"share": [1 / (2 - one["id"]) for one in step.read()]}, parents=[])
        record = step.result.record
        assert record.exit_status == 1
        assert record.gaps[-1].message == "it was ended by ZeroDivisionError, and wrote nothing"
        assert step.result.outputs == ()
    assert (bench.root / "raw.jsonl").read_bytes() == before
    assert not (bench.root / "new.jsonl").exists()
    assert bench.labels("raw") == ["v1"]
    assert len(steps(bench)) == 2
    assert bench.problems() == []


def test_an_interrupt_is_recorded_as_one(bench: Bench) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        dslineage.step("wait", inputs="raw", output="new.jsonl") as step,
    ):
        raise KeyboardInterrupt
    assert step.result.record.exit_status == 130


@pytest.mark.parametrize(
    ("made", "error"),
    [
        ({"score": float("nan")}, BadDataError),
        ({"text": {1, 2}}, BadDataError),
        ({"text": "\ud800"}, BadDataError),
        ("a text", UsageError),
    ],
)
def test_what_is_no_example_ends_the_step(
    bench: Bench, made: Any, error: type[dslineage.DslineageError]
) -> None:
    with (
        pytest.raises(error),
        dslineage.step("odd", inputs="raw", output="odd.jsonl", measure=False) as step,
    ):
        step.keep(made)
    assert not (bench.root / "odd.jsonl").exists()
    assert [one.exit_status for one in steps(bench)] == [1]


def test_a_parent_must_be_an_example_that_was_read(bench: Bench) -> None:
    with (
        pytest.raises(UsageError, match="that read"),
        dslineage.step("odd", inputs="raw", output="odd.jsonl") as step,
    ):
        step.derive(chat(1), parents=[chat(2)])


def test_an_input_that_was_not_read_is_not_called_captured(bench: Bench) -> None:
    bench.add("more.jsonl", lines([chat(50)]))
    with dslineage.step("part", inputs=["raw", "more"], output="part.jsonl", measure=False) as step:
        for example in step.read("more"):
            step.keep(example)
    assert step.result.record.evidence is Evidence.RECORDED
    assert step.result.record.counts["in"] == 31


@pytest.mark.parametrize("name", ["made.csv", "made.parquet", "made.json"])
def test_the_name_of_the_output_says_its_format(bench: Bench, name: str) -> None:
    with dslineage.step("flat", inputs="raw", output=name, measure=False) as step:
        for example in step.read():
            step.derive({"prompt": f"{example['id']}", "completion": "yes"}, parents=[example])
    assert bench.repo.show("made").record.format == name.partition(".")[2]
    assert step.result.record.counts == {
        "in": 30, "out": 30, "dropped": 0, "changed": 30, "created": 0,
    }  # fmt: skip
    assert len(step.result.record.parents) == 30


def test_a_name_alone_is_a_data_set_in_jsonl(bench: Bench) -> None:
    with dslineage.step("copy", inputs="raw", output="second", measure=False) as step:
        for example in step.read():
            step.keep(example)
    assert examples(bench.root / "second.jsonl") == examples(bench.root / "raw.jsonl")


def test_a_file_with_changes_is_never_replaced(bench: Bench) -> None:
    with (bench.root / "raw.jsonl").open("ab") as file:
        file.write(lines([chat(99)]))
    with pytest.raises(UsageError):
        dslineage.step("mend", inputs=[], output="raw").__enter__()
    bench.put("train.jsonl", b"{}\n")
    with pytest.raises(UsageError):
        dslineage.step("mend", output="train.jsonl").__enter__()


def test_an_output_without_examples_is_no_version(bench: Bench) -> None:
    with (
        pytest.raises(BadDataError, match="empty"),
        dslineage.step("none", inputs="raw", output="none.jsonl", measure=False) as step,
    ):
        step.drop(next(step.read()), "all")
    assert not (bench.root / "none.jsonl").exists()
    assert [one.gaps[-1].kind for one in steps(bench)] == ["failed"]


def test_memory_does_not_grow_with_the_data(bench: Bench) -> None:
    text = "some words " * 200
    peaks = []
    for count in (2000, 8000):
        rows = [chat(number, f"{number} {text}") for number in range(count)]
        bench.add("raw.jsonl", lines(rows))
        del rows
        with dslineage.step("copy", inputs="raw", output="big", measure=False) as step:
            tracemalloc.start()
            for example in step.read():
                step.derive({**example, "seen": True}, parents=[example])
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert step.result.record.counts["changed"] == count
    assert (bench.root / "big.jsonl").stat().st_size > 18_000_000
    assert peaks[1] < peaks[0] + 4_000_000


def test_the_digest_of_an_example_is_that_of_its_canonical_form(bench: Bench) -> None:
    with dslineage.step("look", inputs="raw", output="same.jsonl", measure=False) as step:
        for example in step.read():
            form = dslineage.Digest.of(canonical(example))
            assert Digest(example.digest) == form
            step.keep(example)


def canonical(example: Example) -> bytes:
    from dslineage.canonical.jcs import canonical_bytes

    return canonical_bytes(dict(example))
