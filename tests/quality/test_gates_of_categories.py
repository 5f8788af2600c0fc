"""Gates on categories: each has a share, all of them together have no figure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dslineage.repository import Repository


@pytest.fixture
def repo(git_repo: Path) -> Repository:
    """A version of four examples, one of them in Greek."""
    Repository.init(git_repo)
    lines = (
        json.dumps({"prompt": f"{n}?", "response": answer})
        for n, answer in enumerate(["It is four.", "It is five.", "It is six.", "Είναι επτά."])
    )
    (git_repo / "train.jsonl").write_text("".join(f"{line}\n" for line in lines))
    found = Repository.open(git_repo)
    found.add([git_repo / "train.jsonl"])
    return found


def gated(repo: Repository, metric: str, bound: str) -> tuple[str, str]:
    """The verdict on one gate, and why."""
    gate = f'[[gates]]\nmetric = "{metric}"\nmax = "{bound}"\nreason = "agreed on"\n'
    (repo.root / "dslineage.toml").write_text(gate)
    (result,) = repo.check().gates
    return result.verdict, result.why


def test_a_category_is_held_to_its_share(repo: Repository) -> None:
    assert gated(repo, "script_mix/Greek", "25%")[0] == "pass"
    assert gated(repo, "script_mix/Greek", "24%")[0] == "warn"


def test_all_categories_together_have_no_figure_to_hold(repo: Repository) -> None:
    said = "script_mix has no figure but those of its categories, as script_mix/NAME"
    assert gated(repo, "script_mix", "10%") == ("not comparable", said)
