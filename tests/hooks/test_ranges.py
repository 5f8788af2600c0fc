"""`check --range`: what `pre-commit` would have stopped, found in commits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Dslineage, dslineage
from tests.hooks.work import DATA, ONE, POINTER, TWO, Work

__all__ = ["dslineage"]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    """A repository without hooks, as in CI."""
    made = Work.make(tmp_path / "work")
    monkeypatch.chdir(made.root)
    return made


def kinds(dslineage: Dslineage, text: str) -> tuple[int, list[str]]:
    ran = dslineage("check", "--range", text, "--json")
    return ran.code, [finding["kind"] for finding in ran.json["findings"]]


def test_sound_commits_have_no_fault(work: Work, dslineage: Dslineage) -> None:
    work.add(TWO)
    work.git("commit", "-qm", "more")
    assert kinds(dslineage, "HEAD~1..HEAD") == (0, [])
    assert dslineage("check", "--range", "HEAD~1..").out.endswith("no fault\n")


def test_faults_that_went_by_the_hook_are_found(work: Work, dslineage: Dslineage) -> None:
    base = work.head()
    record = work.add(TWO)
    work.git("rm", "-q", "--cached", "--", record.path)
    work.git("commit", "-qm", "half")
    work.write("eval.jsonl", ONE)
    work.git("add", "eval.jsonl")
    work.add(ONE, "eval.jsonl")
    work.write("eval.jsonl", TWO)
    work.git("commit", "-qam", "data differs")
    code, found = kinds(dslineage, f"{base}..HEAD")
    assert code == 1
    assert sorted(found) == ["data-differs", "missing-record"]


def test_a_fault_that_was_put_right_is_none_but_data_stays_in_the_history(
    work: Work, dslineage: Dslineage
) -> None:
    base = work.head()
    record = work.add(TWO)
    work.git("rm", "-q", "--cached", "--", record.path)
    work.git("add", "-f", DATA)
    work.git("commit", "-qm", "half, and raw data")
    wrong = work.head()
    work.git("add", "-f", "--", record.path)
    work.git("rm", "-q", "--cached", "--", DATA)
    work.git("commit", "-qm", "put right")
    ran = dslineage("check", "--range", f"{base}..HEAD", "--json")
    assert ran.code == 1
    assert [(one["kind"], one["commit"]) for one in ran.json["findings"]] == [
        ("ignored-data", wrong)
    ]


def test_what_the_other_branch_has_wrong_is_not_this_one_s_fault(
    work: Work, dslineage: Dslineage
) -> None:
    work.git("checkout", "-qb", "mine")
    work.write("README", "mine")
    work.git("add", "README")
    work.git("commit", "-qm", "mine")
    work.git("checkout", "-q", "main")
    work.git("rm", "-q", "-r", "--cached", ".dslineage")
    work.git("commit", "-qm", "records are gone")
    assert kinds(dslineage, "main..mine") == (0, [])
    assert kinds(dslineage, "mine..main")[0] == 1


def test_what_is_no_range_or_no_commit_is_said(work: Work, dslineage: Dslineage) -> None:
    assert dslineage("check", "--range", "HEAD").code == 2
    assert dslineage("check", "--range", "HEAD...HEAD").code == 2
    assert dslineage("check", "--range", "gone..HEAD").code == 6
    assert dslineage("check", "--range", "--upload-pack=x..HEAD").code == 6
    assert dslineage("check", "v1", "--range", "HEAD..HEAD").code == 2
    assert (work.root / POINTER).is_file()
