"""How the tools are called, and what is judged."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure import Command, Sample
from benchmarks.peers import Dslineage, Workplace
from benchmarks.report import Report


def sample(wall: float) -> Sample:
    return Sample(wall, wall, 1, 0.0, b"")


def test_metrics_are_left_out_of_the_core_budgets_and_measured_for_those_of_the_profile(
    tmp_path: Path,
) -> None:
    core = Dslineage(Workplace(tmp_path))
    profile = Dslineage(Workplace(tmp_path), profile=True)
    assert core.name != profile.name
    for with_metrics, without in (
        (profile.add("m"), core.add("m")),
        (profile.diff("a", "b"), core.diff("a", "b")),
    ):
        assert without.argv == (*with_metrics.argv, "--no-metrics")


def test_a_budget_with_the_profile_has_a_verdict_of_its_own(tmp_path: Path) -> None:
    report, command = Report(1), Command(("true",), tmp_path)
    for tool, seconds in (("dslineage", 2.0), ("dslineage profile", 6.0), ("dvc", 1.0)):
        report.take("first add", tool, command, sample(seconds))
    report.judge_ratio("first add", "dvc", budget=2.5, aim=1.5)
    report.judge_ratio("first add", "dvc", budget=8, aim=4, ours="dslineage profile")
    found = [(verdict.work, verdict.figure, verdict.word) for verdict in report.verdicts]
    assert found == [("first add", 2.0, "pass"), ("first add, profile", 6.0, "pass")]
