"""Gates on versions that were recorded, as `check` judges them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dslineage.errors import UsageError
from dslineage.repository import Repository

GATE = '[[gates]]\nmetric = "{metric}"\n{bound}\nreason = "agreed on"\n'


@pytest.fixture
def repo(git_repo: Path) -> Repository:
    """A version of four examples, one of them in Greek, one of them a refusal."""
    Repository.init(git_repo)
    answers = [
        "It is four.",
        "It is five, of course.",
        "Είναι έξι.",
        "I'm sorry, but I can't help.",
    ]
    lines = (
        json.dumps({"prompt": f"Question {n}?", "response": answer})
        for n, answer in enumerate(answers)
    )
    (git_repo / "train.jsonl").write_text("".join(f"{line}\n" for line in lines))
    found = Repository.open(git_repo)
    found.add([git_repo / "train.jsonl"])
    return found


def gated(repo: Repository, metric: str, bound: str) -> tuple[str, str]:
    """The verdict on one gate, and why."""
    (repo.root / "dslineage.toml").write_text(GATE.format(metric=metric, bound=bound))
    (gate,) = repo.check().gates
    return gate.verdict, gate.why


@pytest.mark.parametrize(
    ("metric", "bound", "verdict"),
    [
        ("examples", "min = 5", "warn"),
        ("turns_ok", 'min = "90%"', "pass"),
        ("target_words", "max = 1", "warn"),
        ("pii/email", "max = 0", "pass"),
        ("turns_ok", "max = 0.5", "fail"),
        ("script_mix/Greek", 'max = "10%"', "warn"),
        ("turns_ok", 'max_decrease = "1pp"', "pass"),
        ("no_such", "max = 1", "not comparable"),
        ("target_words", 'max = "2%"', "not comparable"),
    ],
)
def test_a_gate_passes_warns_fails_or_cannot_be_judged(
    repo: Repository, metric: str, bound: str, verdict: str
) -> None:
    assert gated(repo, metric, bound)[0] == verdict


def test_categories_have_no_figure_together_and_no_gate_that_cannot_fail(repo: Repository) -> None:
    said = "script_mix has no figure but those of its categories, as script_mix/NAME"
    assert gated(repo, "script_mix", "max = 0.1") == ("not comparable", said)


def test_a_waiver_lets_a_failure_through_until_its_day_and_not_after(repo: Repository) -> None:
    assert gated(repo, "turns_ok", "max = 0.5")[0] == "fail"
    with pytest.raises(UsageError, match="2020-01-31 is over"):
        repo.waive("turns_ok", reason="agreed", until="2020-01-31")
    repo.waive("turns_ok", reason="agreed", until="9999-12-31")
    (gate,) = repo.check().gates
    assert gate.verdict == "waived"
    assert gate.waiver is not None
    assert gate.waiver.reason == "agreed"
