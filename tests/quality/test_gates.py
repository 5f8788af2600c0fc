"""Gates: what each bound says of a version, from its records alone."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dslineage import Repository
from dslineage.errors import UsageError
from dslineage.quality.checking import CheckResult

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Team:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.repo = Repository.open(root, clock=lambda: WHEN)

    def add(self, answers: list[str], name: str = "t") -> None:
        rows = [
            {
                "messages": [
                    {"role": "user", "content": f"q{n}"},
                    {"role": "assistant", "content": a},
                ]
            }
            for n, a in enumerate(answers)
        ]
        (self.root / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        self.repo.add([f"{name}.jsonl"])
        self.repo.git.commit("more")

    def check(self, gate: str, *refs: str) -> CheckResult:
        (self.root / "dslineage.toml").write_text(f"[[gates]]\n{gate}\nreason = 'agreed'\n")
        return self.repo.check(*refs)


@pytest.fixture
def team(git_repo: Path) -> Team:
    """One data set, of which the first version has 1 blank answer of 10, the second 2."""
    Repository.init(git_repo)
    made = Team(git_repo)
    made.add(["", *["write to ada@corp.org"] * 9])
    made.add(["", "", *["write to ada@corp.org"] * 8])
    return made


@pytest.mark.parametrize(
    ("gate", "verdict"),
    [
        ("metric = 'empty_target'\nmax = 0.2", "pass"),
        ("metric = 'empty_target'\nmax = '20%'", "pass"),
        ("metric = 'empty_target'\nmax = '19.9%'", "fail"),
        ("metric = 'empty_target'\nmax = '19.9%'\nwarn = true", "warn"),
        ("metric = 'schema_ok'\nmin = '100%'", "pass"),
        ("metric = 'empty_target'\nmax_increase = '10.1pp'", "pass"),
        ("metric = 'empty_target'\nmax_increase = '9.9pp'", "fail"),
        ("metric = 'empty_target'\nmax_decrease = 0", "pass"),
        ("metric = 'bad_chars'\nmax = '30ppm'", "pass"),
        ("metric = 'pii/email'\nmax = '70%'", "fail"),
        ("metric = 'pii/card'\nmax = 0", "pass"),
        ("metric = 'target_words'\nmax = 1", "warn"),
        ("metric = 'pii/emial'\nmax = 0", "not comparable"),
        ("metric = 'empty_target/x'\nmax = 0", "not comparable"),
        ("metric = 'ours'\nmax = 0", "not comparable"),
        ("metric = 'target_words'\nmax_increase = '5pp'", "not comparable"),
        ("metric = 'empty_target'\nmax = 2", "not comparable"),
    ],
)
def test_each_bound_has_its_verdict(team: Team, gate: str, verdict: str) -> None:
    (result,) = team.check(gate).gates
    assert result.verdict == verdict, result.why


def test_a_check_reads_records_alone(team: Team) -> None:
    shutil.rmtree(team.root / ".git" / "dslineage")
    assert team.check("metric = 'empty_target'\nmax = '19%'").failed


def test_a_first_version_has_nothing_to_be_worse_than(team: Team) -> None:
    (result,) = team.check("metric = 'empty_target'\nmax_increase = 0", "v1").gates
    assert (result.verdict, result.before) == ("pass", None)


def test_what_was_not_measured_or_measured_otherwise_is_not_comparable(team: Team) -> None:
    for path in (team.root / ".dslineage/records/measurement/t").glob("v1-*"):
        path.unlink()
    result = team.check("metric = 'empty_target'\nmax_increase = 0")
    assert result.undecided
    assert result.gates[0].why == "t@v1 was not measured"
    (team.root / "dslineage.toml").write_text("[metrics.params.refusal]\nopening = 50\n")
    team.repo.measure("v1")
    result = team.check("metric = 'refusal'\nmax_increase = 0")
    assert "another definition" in result.gates[0].why


def test_a_waiver_lets_a_failure_through_until_its_day_and_for_its_data_set(team: Team) -> None:
    team.add(["", "a"], "other")
    gate = "metric = 'empty_target'\nmax = 0"
    assert [one.verdict for one in team.check(gate).gates] == ["fail", "fail"]
    team.repo.waive("empty_target", "t@v2", reason="known", until="2026-01-02")
    by_set = {one.dataset: one for one in team.check(gate).gates}
    assert (by_set["t"].verdict, by_set["other"].verdict) == ("waived", "fail")
    assert by_set["t"].waiver is not None
    assert by_set["t"].waiver.reason == "known"
    later = Repository.open(team.root, clock=lambda: datetime(2026, 1, 3, tzinfo=UTC))
    assert {one.verdict for one in later.check().gates} == {"fail"}


def test_a_gate_on_a_data_set_that_is_not_there_is_no_gate(team: Team) -> None:
    with pytest.raises(UsageError, match="no data set 'tt'"):
        team.check("metric = 'pii'\nmax = 0\ndataset = 'tt'")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("refusals", "there is no such metric; did you mean refusal?"),
        ("targetwords", "there is no such metric; did you mean target_words, prompt_words?"),
        ("zzzz", "there is no such metric"),
    ],
)
def test_of_a_metric_that_is_not_there_the_nearest_names_are_told(
    team: Team, name: str, said: str
) -> None:
    (gate,) = team.check(f"metric = '{name}'\nmax = 0.5").gates
    assert (gate.verdict, gate.why) == (
        "not comparable",
        f"{name} was not measured of t@v2: {said}",
    )
