"""Mixtures from the file to the version and the stream, in a real repository."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import dslineage
from dslineage.errors import NotFoundError, UsageError
from dslineage.records import Evidence, MixtureRecord, StepRecord
from dslineage.training.guard import Guard
from dslineage.training.session import Session
from dslineage.training.watching import NOTES
from dslineage.verbs.mixing import MixtureStream
from tests.cli.conftest import Dslineage
from tests.lineage.stepping import chat, examples, lines
from tests.versions.support import Bench

MIX = """
name = "blend"
seed = 7

[[data]]
ref = "math"
weight = 0.4
repeats = 2

[[data]]
ref = "chat@v1"
weight = 0.5
cap = 20

[[data]]
ref = "extra@latest"
weight = 0.1
"""


def question(number: int) -> dict[str, Any]:
    return {"question": f"What is {number} + {number}?", "answer": f"It is {2 * number}."}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A repository with 10 sums, 30 chats, and 5 more sums of which 2 are among the 10."""
    bench = Bench.make(tmp_path_factory.mktemp("mixtures") / "work")
    bench.commit("math.jsonl", lines([question(number) for number in range(10)]))
    bench.commit("chat.jsonl", lines([chat(number) for number in range(30)]))
    bench.commit("extra.jsonl", lines([question(number) for number in range(8, 13)]))
    bench.put("mix.toml", MIX.encode())
    return bench


@pytest.fixture
def bench(made: Bench, tmp_path: Path) -> Bench:
    return made.copy(tmp_path / "work")


def test_references_are_pinned_to_the_versions_that_they_name_now(bench: Bench) -> None:
    added = bench.repo.provenance.add_mixture("mix.toml", message="the first blend")
    record = added.mixture.record
    assert [ref for ref, _ in added.mixture.pinned] == ["math", "extra@latest"]
    assert [component.subject for component in record.components] == [
        bench.repo.show(name).record.id for name in ("math", "chat", "extra")
    ]
    assert (record.name, record.seed, record.file) == ("blend", 7, "mix.toml")
    bench.commit("math.jsonl", lines([question(number) for number in range(50)]))
    same = bench.repo.provenance.mixture("mixture:blend").mixture
    assert same.versions[0].examples == 10


def test_a_mixture_that_is_there_just_so_is_not_recorded_again(bench: Bench) -> None:
    first = bench.repo.provenance.add_mixture("mix.toml", message="why")
    again = bench.repo.provenance.add_mixture("mix.toml")
    assert (first.unchanged, again.unchanged) == (False, True)
    assert again.mixture.record == first.mixture.record
    assert len(list(bench.repo.provenance.registry.every(MixtureRecord))) == 1


def test_a_build_has_the_shares_and_its_step_says_what_it_was_mixed_of(bench: Bench) -> None:
    built = bench.repo.provenance.build_mixture("mix.toml", "train.jsonl", measure=False)
    step, version = built.step, built.output.version.record
    assert step.parameters == {"yielded": {"math@v1": 16, "chat@v1": 20, "extra@v1": 4}}
    assert step.inputs == (built.mixture.record.id,)
    assert version.generated_by == step.id
    assert (step.operation, step.seed, step.evidence) == ("mix", 7, Evidence.CAPTURED)
    assert step.counts["out"] == version.examples == 40
    rows = examples(bench.root / "train.jsonl")
    assert sum("messages" in row for row in rows) == 20
    assert len({row["id"] for row in rows if "messages" in row}) == 20
    up = bench.repo.provenance.registry.graph().up(version.id)
    assert {bench.repo.show(name).record.id for name in ("math", "chat", "extra")} <= set(up)


def test_the_same_file_is_built_whatever_the_format_and_order_of_the_data(
    bench: Bench, tmp_path: Path
) -> None:
    bench.repo.provenance.build_mixture("mix.toml", "train.jsonl", measure=False)
    other = Bench.make(tmp_path / "other")
    for name in ("math", "chat", "extra"):
        rows = examples(bench.root / f"{name}.jsonl")
        target = other.put(f"{name}.json", json.dumps(rows[::-1]).encode())
        other.repo.add([target])
    other.put("mix.toml", MIX.encode())
    other.repo.provenance.build_mixture("mix.toml", "train.jsonl", measure=False)
    built = [examples(one.root / "train.jsonl") for one in (bench, other)]
    assert built[0] == built[1]


def test_a_repeated_build_changes_nothing_and_another_seed_draws_others(bench: Bench) -> None:
    first = bench.repo.provenance.build_mixture("mix.toml", "train.jsonl", measure=False)
    again = bench.repo.provenance.build_mixture("mix.toml", "train.jsonl", measure=False)
    assert again.output.unchanged
    bench.put("mix.toml", MIX.replace("seed = 7", "seed = 8").encode())
    third = bench.repo.provenance.build_mixture("mix.toml", "train.jsonl", measure=False)
    assert third.output.version.record.content_hash != first.output.version.record.content_hash


def test_a_smaller_whole_keeps_the_shares_and_a_larger_one_is_refused(bench: Bench) -> None:
    build = bench.repo.provenance.build_mixture
    built = build("mix.toml", "small.jsonl", examples=20, measure=False)
    assert built.step.parameters["yielded"] == {"math@v1": 8, "chat@v1": 10, "extra@v1": 2}
    with pytest.raises(UsageError, match="at most 40 examples, not 41"):
        build("mix.toml", "large.jsonl", examples=41)
    assert not (bench.root / "large.jsonl").exists()


def test_a_format_that_cannot_hold_all_schemas_is_refused_with_their_fields(bench: Bench) -> None:
    build = bench.repo.provenance.build_mixture
    with pytest.raises(UsageError, match=r"math@v1 has answer, question; chat@v1 has id, messages"):
        build("mix.toml", "train.csv")
    assert not (bench.root / "train.csv").exists()
    assert build("mix.toml", "train.parquet", measure=False).output.version.record.examples == 40


def test_what_is_no_version_is_refused_with_its_line(bench: Bench) -> None:
    for ref, why in [("gone@v1", "'gone@v1' is unknown"), ("chat@v9", "has v1")]:
        bench.put("mix.toml", MIX.replace("chat@v1", ref).encode())
        with pytest.raises(UsageError, match=rf"^mix.toml:10: .*{why}"):
            bench.repo.provenance.add_mixture("mix.toml")
    with pytest.raises(NotFoundError, match=r"there is no file other.toml"):
        bench.repo.provenance.add_mixture("other.toml")


def test_a_stream_gives_what_a_build_writes_and_counts_it(bench: Bench) -> None:
    bench.repo.provenance.build_mixture("mix.toml", "train.jsonl", measure=False)
    stream = dslineage.mixture("mix.toml", repository=bench.root)
    assert list(stream) == examples(bench.root / "train.jsonl")
    assert stream.yielded.counts == [16, 20, 4]
    assert stream.yielded.bound == "exact"


def test_a_stream_can_be_sent_to_another_process_even_after_it_was_read(bench: Bench) -> None:
    stream = dslineage.mixture("mix.toml", repository=bench.root)
    rows = list(stream)
    assert list(pickle.loads(pickle.dumps(stream))) == rows


def test_a_stream_that_was_left_early_records_an_upper_bound(bench: Bench) -> None:
    stream = dslineage.mixture("mix.toml", repository=bench.repo)
    list(islice(stream, 10))
    step = stream.record()
    assert step.parameters == {
        "yielded": {"math@v1": 4, "chat@v1": 5, "extra@v1": 1},
        "passes": 0,
        "bound": "upper-bound",
    }
    assert [gap.kind for gap in step.gaps] == ["consumption"]
    assert step in list(bench.repo.provenance.registry.every(StepRecord))


def test_a_stream_that_only_workers_read_says_that_it_does_not_know(bench: Bench) -> None:
    assert dslineage.mixture("mix.toml", repository=bench.repo).record().parameters["bound"] == (
        "unknown"
    )


@pytest.fixture
def watched(bench: Bench) -> Iterator[tuple[Bench, MixtureStream]]:
    bench.repo.provenance.add_mixture("mix.toml")
    stream = dslineage.watch(dslineage.mixture("mix.toml", repository=bench.repo))
    yield bench, stream
    NOTES.take()


def test_a_stream_that_is_watched_tells_the_run_of_its_mixture(
    watched: tuple[Bench, MixtureStream],
) -> None:
    bench, stream = watched
    version = bench.repo.provenance.build_mixture("mix.toml", "train.jsonl").output.version
    assert stream.yielded.counts == [0, 0, 0]
    (noted,) = NOTES.pending
    entry = noted.as_input()
    assert entry.subject == bench.repo.provenance.registry.named(MixtureRecord, "blend")[0].id
    assert entry.content_hash == version.record.content_hash


def test_a_checkpoint_says_what_the_stream_had_handed_out(
    watched: tuple[Bench, MixtureStream],
) -> None:
    _, stream = watched
    session = Session(Guard(strict=True), watched=NOTES.take())
    list(islice(stream, 10))
    why = session._consumed(5, 0.25).why
    assert "the mixture handed out 4 of math@v1, 5 of chat@v1, 1 of extra@v1" in why


def test_the_commands_say_what_a_mixture_comes_to(
    bench: Bench, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bench.root)
    shown = dslineage("mixture", "show", "mix.toml").out
    assert "mix.toml  40 examples, seed 7" in shown
    assert "20   50.0%  of 30; weight 0.5, cap 20" in shown
    assert "math is math@v1" in dslineage("mixture", "add", "mix.toml").out
    built = dslineage("mixture", "build", "mix.toml", "-o", "train.jsonl", "--no-metrics", "--json")
    assert built.json["step"]["parameters"]["yielded"]["chat@v1"] == 20
    bench.put("mix.toml", MIX.replace("cap", "caps").encode())
    wrong = dslineage("mixture", "show", "mix.toml")
    assert wrong.code == 2
    assert "mix.toml:13: caps: it is not known; did you mean cap?" in wrong.err


def test_the_example_does_what_its_page_says(tmp_path: Path) -> None:
    script = Path(__file__).resolve().parents[2] / "examples" / "mixture" / "mixing.py"
    done = subprocess.run(
        [sys.executable, script, tmp_path], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        " 30 of sums@v1",
        " 20 of chats@v1",
        "50 from the stream, exact",
        "the mixture handed out 6 of sums@v1, 4 of chats@v1: it was not read to its end, and not "
        "all of that may have been used: loaders read ahead",
        "sums: 30 -> 45 examples",
        "chats: 20 -> 30 examples",
    ]
