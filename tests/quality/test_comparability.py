"""What was measured otherwise is not comparable: another lexicon, other code, other parameters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dslineage.diff.result import DiffResult
from dslineage.quality import choosing
from dslineage.quality.core import phrases
from dslineage.quality.core.default import sft_core
from dslineage.quality.example import Example
from dslineage.quality.lexicon import Lexicon
from dslineage.quality.metric import Found, Metric
from dslineage.quality.movement import Movement
from dslineage.quality.profile import Profile
from tests.versions.support import Bench

ONE = b'{"prompt":"Where?","completion":"Computer says no."}\n'
TWO = ONE + b'{"prompt":"When?","completion":"I cannot help with that."}\n'
WIDER = Lexicon("refusal@1", phrases.REFUSAL.lexicons[0].text + "\ncomputer says no\n")


def opens_with_no(example: Example, opening: int) -> Found:
    return Found("no" in (example.target or "")[:opening].lower())


CHANGES = {
    "lexicon": replace(phrases.REFUSAL, lexicons=(WIDER,)),
    "code": replace(phrases.REFUSAL, function=opens_with_no, batch=None),
    "parameter": replace(phrases.REFUSAL, params={"opening": 100}),
    "version": replace(phrases.REFUSAL, version=2),
}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench.make(tmp_path / "repo")


def use(metric: Metric, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the profile has another metric in place of that of its name."""
    metrics = [metric if one.name == metric.name else one for one in sft_core().metrics]
    changed = Profile("sft-core@1", tuple(metrics))
    monkeypatch.setattr(choosing, "sft_core", lambda: changed)


def named(result: DiffResult, name: str) -> Movement:
    (found,) = [one for one in result.metrics if one.metric == name]
    return found


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_definition_is_said_instead_of_a_jump(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    bench.commit("train.jsonl", ONE)
    use(CHANGES[what], monkeypatch)
    bench.commit("train.jsonl", TWO)
    refusal = named(bench.repo.diff("v1", "v2"), "refusal")
    assert not refusal.comparable
    assert refusal.reason
    assert "metrics run" in refusal.hint
    assert (refusal.split, refusal.delta) == (None, None)
    assert named(bench.repo.diff("v1", "v2"), "secret").comparable

    bench.repo.measure("train@v1")
    again = named(bench.repo.diff("v1", "v2"), "refusal")
    assert again.comparable
    assert again.id == CHANGES[what].id


def test_where_both_sides_were_measured_otherwise_one_command_measures_both(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.commit("train.jsonl", ONE)
    bench.commit("train.jsonl", TWO)
    use(CHANGES["code"], monkeypatch)
    refusal = named(bench.repo.diff("v1", "v2"), "refusal")
    assert refusal.reason == "v1 and v2 were not measured in the same way"
    assert refusal.hint == "dslineage metrics run train@v1 train@v2"
    bench.repo.measure(*refusal.hint.split()[3:])
    assert named(bench.repo.diff("v1", "v2"), "refusal").comparable


def test_the_text_of_a_lexicon_its_code_and_parameters_are_in_the_id() -> None:
    ids = {phrases.REFUSAL.id, *(metric.id for metric in CHANGES.values())}
    assert len(ids) == len(CHANGES) + 1
