"""A training is not given what was forgotten, unless somebody says so, and then the run says so."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.errors import BadDataError, IntegrityError
from dslineage.ids import Digest
from dslineage.launching.asked import Launch
from dslineage.launching.launch import launch
from dslineage.launching.result import Launched
from dslineage.records.forgotten import FORGOTTEN, DenyList
from dslineage.training.guard import Guard
from dslineage.training.received import receive
from dslineage.training.watching import NOTES, watch
from tests.refusals.denial import KEY, OTHERS, SECRET, deny, lines, listed
from tests.versions.support import Bench

DRESSED = SECRET | {"id": "900", "source": "a crawl"}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The folder in which the training runs, in a work tree with a deny list."""
    bench = Bench.make(tmp_path / "work")
    deny(bench.root, SECRET)
    (bench.root / "experiments").mkdir()
    monkeypatch.chdir(bench.root / "experiments")
    NOTES.take()
    return bench


def gaps() -> list[tuple[str, str]]:
    return [(gap.kind, gap.message) for one in NOTES.take() for gap in one.gaps]


def test_rows_in_memory_are_refused_before_a_trainer_is_made(bench: Bench) -> None:
    with pytest.raises(BadDataError) as error:
        watch([*OTHERS, DRESSED, SECRET])

    assert (error.value.kind, [fault.line for fault in error.value.faults]) == (
        "forgotten",
        [10, 11],
    )
    assert str(error.value).splitlines()[0] == (
        "the train data has 2 forgotten examples; nothing was trained"
    )
    assert NOTES.take() == ()


def test_files_are_refused_and_what_is_clean_is_watched(bench: Bench) -> None:
    path = bench.put("data/train.jsonl", lines(*OTHERS, SECRET))
    with pytest.raises(BadDataError, match="an example that was forgotten"):
        watch(str(path), "eval")

    rows: list[dict[str, Any]] = list(OTHERS)
    assert watch(rows) is rows
    assert gaps() == []


def test_who_trains_all_the_same_has_a_gap(bench: Bench) -> None:
    watch([*OTHERS, SECRET], forgotten="note")

    assert gaps() == [
        ("forgotten", "the train data has an example that was forgotten, and was used all the same")
    ]


def test_without_the_key_nothing_is_guessed_and_it_can_be_a_file_elsewhere(
    bench: Bench, tmp_path: Path
) -> None:
    shutil.rmtree(bench.objects / "keys")
    with pytest.raises(IntegrityError) as error:
        watch(OTHERS)
    assert (error.value.kind, error.value.hint[:16]) == ("missing-key", "dslineage fetch;")

    watch(OTHERS, forgotten="note")
    ((kind, message),) = gaps()
    assert kind == "forgotten"
    assert message.startswith("looking for forgotten examples failed: IntegrityError: the key of")

    key = tmp_path / "secret.key"
    key.write_bytes(KEY)
    with pytest.raises(BadDataError):
        watch([SECRET], key=key)
    key.write_bytes(b"of another list")
    with pytest.raises(IntegrityError, match="is not the key of"):
        watch([SECRET], key=key)


def test_a_cluster_needs_only_the_two_files(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = tmp_path / "cluster"
    cluster.mkdir()
    (cluster / "key").write_bytes(KEY)
    shutil.copy(bench.root / FORGOTTEN, cluster / "forgotten.json")
    monkeypatch.chdir(cluster)
    monkeypatch.setenv("PATH", "")

    watch([SECRET])
    assert gaps() == []
    with pytest.raises(BadDataError):
        watch([SECRET], deny_list="forgotten.json", key="key")


@given(
    said=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.booleans()), max_size=12),
    gone=st.sets(st.integers(0, 5)),
)
def test_just_what_shows_a_model_the_same_is_recognised(
    said: list[tuple[int, int, bool]], gone: set[int]
) -> None:
    rows = [
        dict(sorted(chat(number, note).items(), reverse=backwards))
        for number, note, backwards in said
    ]
    denied = DenyList({Digest.of(KEY): KEY}, listed(*(chat(number, 0) for number in gone)))

    found = receive([*rows, chat(9, 0)], denied).forgotten
    assert [row for row, _ in found] == [
        row for row, (number, _, _) in enumerate(said, 1) if number in gone
    ]


def chat(number: int, note: int) -> dict[str, Any]:
    return {"prompt": f"What is {number}?", "completion": f"It is {number}.", "note": note}


def test_no_guard_of_a_plugin_swallows_the_refusal(bench: Bench) -> None:
    with pytest.raises(BadDataError), Guard()("reading the configuration"):
        watch([SECRET])


def test_a_launched_trainer_does_not_start(bench: Bench) -> None:
    bench.put("data/train.jsonl", lines(*OTHERS, SECRET))
    command = (sys.executable, "-c", "open('started', 'w')")
    asked = Launch(command, bench.root, data=(("train", "data/train.jsonl"),), output=Path("out"))

    with pytest.raises(BadDataError, match=r"data/train\.jsonl has an example that was forgotten"):
        launch(asked)
    assert not (bench.root / "started").exists()

    bench.put("data/train.jsonl", lines(*OTHERS))
    assert launch(asked).status == 0
    assert (bench.root / "started").exists()


def test_a_version_that_a_trainer_is_said_to_read_is_judged_as_a_file_is(bench: Bench) -> None:
    (bench.root / FORGOTTEN).unlink()
    bench.commit("train.jsonl", lines(*OTHERS, SECRET))
    bench.commit("train.jsonl", lines(*OTHERS))
    deny(bench.root, SECRET)
    command = (sys.executable, "-c", "open('started', 'w')")

    def train(ref: str) -> Launched:
        asked = Launch(command, bench.root, data=(("train", ref),), output=Path("out"))
        return bench.repo.provenance.train(asked, record=False)

    with pytest.raises(BadDataError, match=r"train@v1 has examples that were forgotten \(1\)"):
        train("train@v1")
    assert not (bench.root / "started").exists()
    assert train("train@v2").status == 0
    for pack in (bench.objects / "packs").iterdir():
        pack.unlink()
    shutil.rmtree(bench.objects / "cache")
    (notice,) = train("train@v1").notices
    assert notice.startswith("whether train@v1 has forgotten examples is not known: missing object")
