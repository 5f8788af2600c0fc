"""Judges: a sample drawn by digest, spent on what changed, with an interval that holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from dslineage import Repository
from dslineage.errors import NotFoundError, UntrustedError
from dslineage.quality.custom import MetricError
from dslineage.quality.explanation import explain_metric, explain_profile
from dslineage.quality.judging import Stratum, difference, mean

SCORE = """
import json, sys
asked = open({log!r}, "a")
for line in sys.stdin:
    found = json.loads(line)
    assert found["prompt"] == "Rate it."
    asked.write(found["digest"] + "\\n")
    print(found["example"]["score"])
"""
SETTINGS = """
[[judges]]
name = "helpful"
model = "m-1"
command = ["python3", "judge.py"]
prompt = "prompt.md"
better = "higher"
sample = 20
timeout = 60
"""


class Team:
    def __init__(self, root: Path, trust: Path) -> None:
        self.root, self.trust, self.log = root, trust, root.parent / "asked"
        self.time = datetime(2026, 1, 2, tzinfo=UTC)
        (root / "dslineage.toml").write_text(SETTINGS)
        (root / "prompt.md").write_text("Rate it.")
        self.judge(SCORE.format(log=str(self.log)))
        self.repo.allow("dslineage.toml")

    @property
    def repo(self) -> Repository:
        self.time += timedelta(seconds=1)
        return Repository.open(self.root, trust_file=self.trust, clock=lambda: self.time)

    def judge(self, text: str) -> None:
        (self.root / "judge.py").write_text(text)
        self.repo.allow("judge.py")

    def add(self, numbers: range) -> None:
        rows = ({"prompt": f"q{n}", "completion": "a", "score": n % 5} for n in numbers)
        (self.root / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        self.repo.add(["t.jsonl"])
        self.repo.git.commit("more")

    @property
    def asked(self) -> list[str]:
        return self.log.read_text().split()


@pytest.fixture
def team(git_repo: Path, tmp_path: Path) -> Team:
    Repository.init(git_repo)
    made = Team(git_repo, tmp_path / "state" / "trust.json")
    made.add(range(100))
    return made


def test_add_asks_no_judge_and_a_sample_is_asked_once(team: Team) -> None:
    assert not team.log.exists()
    measured = team.repo.measure(judges=True).versions[0].metrics["helpful"]
    assert (measured["sample"], measured["of"]) == (20, 100)
    assert measured["low"] < measured["value"] < measured["high"]
    team.repo.measure(judges=True)
    assert len(team.asked) == len(set(team.asked)) == 20


def test_a_new_version_costs_what_changed_and_a_diff_has_an_interval(team: Team) -> None:
    team.repo.measure(judges=True)
    team.add(range(2, 104))
    (before,) = [one for one in team.repo.diff("v1", "v2").metrics if one.metric == "helpful"]
    assert before.reason == "v2 was not judged"
    team.repo.measure("v2", judges=True)
    assert len(team.asked) == len(set(team.asked)) <= 20 + 2 + 4 + 4
    (moved,) = [one for one in team.repo.diff("v1", "v2").metrics if one.metric == "helpful"]
    assert moved.sampled is not None
    assert moved.sampled.interval is not None
    low, high = moved.sampled.interval
    truth = np.mean([n % 5 for n in range(2, 104)]) - np.mean([n % 5 for n in range(100)])
    assert low < truth < high
    assert high - low < 0.1


def test_another_prompt_model_or_script_is_another_judge(team: Team) -> None:
    team.repo.measure(judges=True)
    team.add(range(1, 101))
    (team.root / "prompt.md").write_text("Rate it.\n")
    team.judge("import sys\nfor line in sys.stdin: print(1)")
    team.repo.measure("v2", judges=True)
    (moved,) = [one for one in team.repo.diff("v1", "v2").metrics if one.metric == "helpful"]
    assert moved.reason == "v1 was not judged in the same way"


def test_an_edited_script_is_not_run(team: Team) -> None:
    (team.root / "judge.py").write_text("print(1)")
    with pytest.raises(UntrustedError, match=r"judge\.py has changed"):
        team.repo.measure(judges=True)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("print('good')", "gave 'good', which is no number"),
        ("print('NaN')", "gave nan, which is no number"),
        ("for _ in range(99): print(1)", "wrote 99 lines or more for 20 examples"),
        ("print(1); import sys; sys.exit('no money')", "exited with 1: no money; after 1 of 20"),
        ("print(1)", "stopped after 1 of 20"),
    ],
)
def test_a_judge_that_fails_loses_no_other_metric(team: Team, script: str, why: str) -> None:
    team.judge(script)
    with pytest.raises(MetricError, match=why):
        team.repo.measure(judges=True)
    info = team.repo.show("v1")
    assert info.metrics["refusal"]["value"] == 0
    assert info.metrics["helpful"]["value"] is None


def test_what_was_paid_for_is_kept_when_a_judge_stops(team: Team) -> None:
    part = SCORE.format(log=str(team.log))
    team.judge(part.replace("for line in sys.stdin:", "for line in list(sys.stdin)[:7]:"))
    with pytest.raises(MetricError):
        team.repo.measure(judges=True)
    with pytest.raises(MetricError):
        team.repo.measure(judges=True)
    assert len(team.asked) == len(set(team.asked)) == 14


def test_a_judge_that_never_ends_is_stopped(team: Team) -> None:
    (team.root / "dslineage.toml").write_text(SETTINGS.replace("timeout = 60", "timeout = 1"))
    team.repo.allow("dslineage.toml")
    team.judge("import time; time.sleep(600)")
    with pytest.raises(MetricError, match="was stopped after 1 second"):
        team.repo.measure(judges=True)


def test_the_interval_is_that_of_sampling_without_replacement() -> None:
    scores = [1.0, 2.0, 4.0, 5.0]
    estimate = mean([Stratum(10, scores)])
    assert estimate is not None
    assert estimate.value == 3
    assert estimate.error == pytest.approx(np.sqrt((1 - 4 / 10) * np.var(scores, ddof=1) / 4))
    whole = mean([Stratum(4, scores)])
    assert whole is not None
    assert whole.error == 0


def test_what_did_not_change_adds_nothing_to_the_uncertainty() -> None:
    same, gone, new = Stratum(90, [1.0, 5.0, 2.0]), Stratum(10, [1.0] * 10), Stratum(10, [2.0] * 10)
    estimate = difference([same, new], [same, gone])
    assert estimate is not None
    assert estimate.value == pytest.approx(0.1)
    assert estimate.error is None or estimate.error == pytest.approx(0, abs=1e-9)


def test_judges_are_listed_and_explained_and_nobody_is_asked(team: Team) -> None:
    profile = team.repo.vocabulary
    listed = {one.name: one for one in explain_profile(profile).metrics}
    assert "refusal" in listed
    helpful = listed["helpful"]
    assert helpful == explain_metric(profile, "helpful")
    assert (helpful.kind, helpful.unit, helpful.better) == ("judge", "score", "higher")
    assert helpful.about == "python3 judge.py"
    assert (helpful.params["sample"], helpful.params["seed"]) == (20, 0)
    assert helpful.source.startswith("m-1")
    assert explain_profile(profile).profile == team.repo.profile.id
    assert not team.log.exists()
    (measured,) = team.repo.measure(judges=True).versions
    assert measured.metrics["helpful"]["id"] == helpful.id


def test_a_judge_that_nobody_trusts_is_listed_with_what_to_do(team: Team) -> None:
    (team.root / "judge.py").write_text("print(1)")
    profile = team.repo.vocabulary
    assert "dslineage trust judge.py" in explain_profile(profile).unavailable["helpful"]
    with pytest.raises(NotFoundError, match=r"helpful is not measured here: .*trust judge\.py"):
        explain_metric(profile, "helpful")


def test_judges_of_a_trusted_metric_file_are_listed_too(team: Team) -> None:
    (team.root / "own.py").write_text(
        "from dslineage import judge\n\n\n"
        "@judge('kind', model='m-2', prompt='Is it kind?')\n"
        'def kind(example):\n    """Counts thanks."""\n    return 1\n'
    )
    settings = f"[metrics]\nfiles = ['own.py']\n{SETTINGS}"
    (team.root / "dslineage.toml").write_text(settings)
    for file in ("own.py", "dslineage.toml"):
        team.repo.allow(file)
    listed = {one.name: one for one in explain_profile(team.repo.vocabulary).metrics}
    assert {name for name, one in listed.items() if one.kind == "judge"} == {"kind", "helpful"}
    assert listed["kind"].about == "Counts thanks."
