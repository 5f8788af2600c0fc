"""What differs between two models: never more is said than is known, and nothing is blamed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dslineage.contrast.circumstances import nested_facts
from dslineage.contrast.models import ModelDiff
from dslineage.records import (
    Base,
    Code,
    Component,
    Consumed,
    DatasetRecord,
    Evidence,
    MixtureRecord,
    Prepared,
    Record,
    RunInput,
)
from dslineage_cli.main import main
from tests.lineage.stepping import chat, lines
from tests.lineage.world import claim, digest, model, run, start_clock, train, when, write
from tests.versions.support import Bench

REFUSAL = "I'm sorry, but I can't help with that."
SAME = {
    "parameters": {"lr": 1e-4, "batch": 8},
    "framework": {"torch": "2.13.0", "trl": "1.16.0"},
    "seed": 1,
    "epochs": 2.0,
    "template_hash": digest("template"),
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """`train` in two versions, the second with 4 refusals instead of answers, and `extra`."""
    bench = Bench.make(tmp_path_factory.mktemp("models") / "work")
    rows = [chat(number) for number in range(40)]
    bench.commit("train.jsonl", lines(rows))
    rows[:4] = [chat(number, REFUSAL) for number in range(4)]
    bench.commit("train.jsonl", lines(rows))
    bench.commit("extra.jsonl", lines([chat(number) for number in range(100, 110)]))
    start_clock()
    v1, v2, extra = (_version(bench, ref) for ref in ("train@v1", "train@v2", "extra@v1"))
    mix = MixtureRecord(
        name="blend",
        components=(Component(v1.id, 40, cap=20), Component(extra.id, 10, repeats=2.0)),
        seed=0, file="mix.toml", sha256=digest("mix"), message="", **when(),
    )  # fmt: skip
    base = Base("org/smol", weights_hash=digest("weights"))
    renamed = Base("./smol-copy", weights_hash=digest("weights"))
    good = run(train(v1), name="good", base=base, code=Code(commit="a" * 40), **SAME)
    bad = run(train(v2), name="bad", base=renamed, code=Code(commit="a" * 40), **SAME)
    tuned = run(
        RunInput("train", Evidence.CAPTURED, content_hash=v2.content_hash, examples=40,
                 prepared=Prepared(40, kept=38, masked=2)),
        train(extra), name="tuned", base=Base("org/other"),
        **SAME | {"parameters": {"lr": 3e-4, "warmup": 10}, "epochs": 1.0},
    )  # fmt: skip
    lost = run(train("nowhere"), name="lost", **SAME)
    mixed = run(train(mix), name="mixed", **SAME)
    again = run(train(v1), name="again", continues=good.id, **SAME | {"epochs": 3.0})
    onward = run(
        train(extra), name="onward", continues=good.id, resumed_from="out/checkpoint-5",
        **SAME | {"epochs": 1.0},
    )  # fmt: skip
    models = {one.name: model(one, name=one.name, consumed=None)
              for one in (good, bad, tuned, lost, mixed, again, onward)}  # fmt: skip
    early = model(good, name="good", label="checkpoint-5", consumed=Consumed("upper-bound", 0.5))
    silent = model(name="silent", consumed=None)
    small = model(
        name="small", form="quantisation", derived_from=(Base("bad", models["bad"].id),),
        consumed=None,
    )  # fmt: skip
    claims = [
        _score(models["good"], "gsm8k", 0.41, harness="h1"),
        _score(models["bad"], "gsm8k", 0.35, harness="h1"),
        _score(models["bad"], "gsm8k", 0.38, harness="h1"),
        _score(models["good"], "mmlu", 0.6, harness="h1"),
        _score(models["bad"], "mmlu", 0.7, harness="h2"),
        _score(models["bad"], "arc", 0.2),
    ]
    write(bench.root, [mix, good, bad, tuned, lost, mixed, again, onward, early, silent, small,
                       *models.values(), *claims])  # fmt: skip
    return bench


def _version(bench: Bench, ref: str) -> DatasetRecord:
    found = bench.repo.provenance.registry.find(ref, here=bench.root)
    assert isinstance(found, DatasetRecord)
    return found


def _score(about: Record, evaluation: str, score: float, **said: Any) -> Record:
    return claim(about, "evaluation", of="good", evaluation=evaluation, score=score, **said)


def diff(bench: Bench, before: str, after: str) -> ModelDiff:
    found = bench.repo.provenance.contrast(before, after)
    assert isinstance(found, ModelDiff)
    return found


def states(found: ModelDiff) -> dict[str, str]:
    return {fact.name: fact.state for fact in found.facts}


def test_a_base_with_the_same_tensors_is_the_same_whatever_it_is_called(bench: Bench) -> None:
    found = diff(bench, "good@final", "bad@final")
    assert found.different == ()
    assert states(found)["base model"] == "same"
    assert states(found)["tokenizer"] == "unknown"


def test_settings_that_differ_are_told_one_by_one_and_what_is_not_known_is_named(
    bench: Bench,
) -> None:
    found = diff(bench, "good@final", "tuned@final")
    told = {fact.name: (fact.before, fact.after) for fact in found.different}
    assert told == {
        "base model": (f"org/smol tensors {digest('weights').short}", "org/other"),
        "parameters.batch": ("8", "not set"),
        "parameters.lr": ("0.0001", "0.0003"),
        "parameters.warmup": ("not set", "10"),
        "epochs": ("2.0", "1.0"),
    }
    assert states(found)["code commit"] == "unknown"
    assert states(found)["preparation"] == "unknown"


def test_a_setting_that_is_an_object_is_told_by_the_places_where_it_differs() -> None:
    before = {"stage": 2, "offload": {"device": "cpu", "pin": True}, "buckets": [1, 2], "clip": 1}
    after = {"stage": 3, "offload": {"device": None}, "buckets": [1, 2, 4], "clip": 1.0}
    assert [fact.to_dict() for fact in nested_facts("parameters.deepspeed", before, after)] == [
        {"name": "parameters.deepspeed.buckets[2]", "from": "not set", "to": "4"},
        {"name": "parameters.deepspeed.offload.device", "from": "cpu", "to": "null"},
        {"name": "parameters.deepspeed.offload.pin", "from": "True", "to": "not set"},
        {"name": "parameters.deepspeed.stage", "from": "2", "to": "3"},
    ]


def test_a_changed_version_comes_with_its_diff_and_the_commands_that_take_it_apart(
    bench: Bench,
) -> None:
    (change,) = diff(bench, "good@final", "bad@final").changes
    assert change.change == "version"
    assert change.counts is not None
    assert (change.counts.edited, change.counts.unchanged) == (4, 36)
    assert change.share == pytest.approx(4 * 2 / 80)
    assert change.commands == (
        "dslineage diff train@v1 train@v2",
        "dslineage export train@v1 train@v2 --without edited -o train-without-edited.jsonl",
    )


def test_quality_moves_as_much_as_the_data_that_was_shown(bench: Bench) -> None:
    """Of 40 examples shown twice 4 became refusals; of 40 + 10 shown once, too."""
    refusal = {one.metric: one for one in diff(bench, "good@final", "bad@final").moves}["refusal"]
    assert refusal.before == 0.0
    assert refusal.after == pytest.approx(0.1)
    assert refusal.behind == ("dslineage diff train@v1 train@v2 --why refusal",)
    diluted = {one.metric: one for one in diff(bench, "good@final", "tuned@final").moves}["refusal"]
    assert diluted.after == pytest.approx(4 / 50)


def test_an_input_is_matched_by_content_where_no_version_was_named(bench: Bench) -> None:
    found = diff(bench, "bad@final", "tuned@final")
    kinds = {change.dataset: change.change for change in found.changes}
    assert kinds == {"train": "amount", "extra": "added"}
    assert found.is_data_known


def test_a_mixture_counts_each_version_as_often_as_it_was_drawn(bench: Bench) -> None:
    doses = {dose.name: dose.times for dose in diff(bench, "good", "mixed").to.doses}
    assert doses == {"train@v1": 1.0, "extra@v1": 4.0}


def test_an_early_checkpoint_is_held_to_what_it_had_seen(bench: Bench) -> None:
    (change,) = diff(bench, "good@checkpoint-5", "good@final").changes
    assert change.change == "amount"
    assert change.share == pytest.approx(0.75)


def test_data_that_a_resumed_run_goes_on_with_counts_once(bench: Bench) -> None:
    (dose,) = diff(bench, "good", "again").to.doses
    assert dose.times == 3.0


def test_of_a_run_that_another_went_on_from_only_what_the_checkpoint_had_seen_counts(
    bench: Bench,
) -> None:
    doses = {dose.name: dose.times for dose in diff(bench, "good", "onward").to.doses}
    assert doses == {"extra@v1": 1.0, "train@v1": 0.5}


def test_a_quantisation_is_compared_by_the_training_of_the_model_it_was_made_of(
    bench: Bench,
) -> None:
    (change,) = diff(bench, "good@final", "small@final").changes
    assert change.change == "version"


def test_unknown_data_is_never_shown_as_no_data(bench: Bench) -> None:
    found = diff(bench, "good@final", "silent@final")
    assert found.to.unknown == ("on what silent@final was trained is not recorded",)
    assert [one.change for one in found.changes] == ["unknown"]
    assert found.candidates == ()
    assert found.moves == ()
    lost = diff(bench, "good@final", "lost@final")
    assert not lost.is_data_known
    assert lost.to_dict()["data"]["known"] is False
    assert [one.share for one in lost.changes if one.change == "added"] == [None]


def test_scores_stand_beside_each_other_where_they_can_be_compared(bench: Bench) -> None:
    scores = {one.evaluation: one for one in diff(bench, "good@final", "bad@final").scores}
    assert (scores["gsm8k"].before, scores["gsm8k"].after) == (0.41, 0.38)
    assert scores["mmlu"].reason == "another harness"
    assert (scores["arc"].before, scores["arc"].after) == (None, 0.2)


def test_the_text_lists_candidates_and_blames_none(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bench.root)
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["diff", "good@final", "bad@final", "--exit-code"]) == 1
    text = capsys.readouterr().out
    order = [text.index(title) for title in (
        "What is not data", "Training data: 80 → 80 examples shown", "Quality of the training data",
        "Evaluations", "What could have made the difference", "Which change did it, this does not",
    )]  # fmt: skip
    assert order == sorted(order)
    assert "1. train  10.00% of what was shown" in text
    assert "mmlu  0.6 → 0.7  (another harness: not comparable)" in text
    assert main(["diff", "run:good", "run:good", "--exit-code"]) == 0
    assert "No difference of the training data is known." in capsys.readouterr().out
    assert main(["diff", "good@final", "bad@final", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "dslineage.model-diff/1"
    assert main(["diff", "good@final", "bad@final", "--format", "md"]) == 0
    assert capsys.readouterr().out.startswith("### ` good@final (")


def test_what_cannot_be_compared_is_refused(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bench.root)
    assert main(["diff", "good@final", "train@v1"]) == 2
    assert "cannot be compared" in capsys.readouterr().err
    assert main(["diff", "good@final", "gone@final"]) == 6
    assert "'gone@final' is unknown" in capsys.readouterr().err
    assert main(["diff", "good@final", "bad@final", "--why", "refusal"]) == 2
    assert main(["diff", "good@final", "bad@final", "--format", "csv"]) == 2
