"""From which commits a pull request is told, in the odd places where CI stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslineage.errors import NotFoundError
from dslineage_cli.render.ci import markdown
from tests.ci.pulls import ONE, TWO, Work, clone, commit, pull, reviewed


def test_what_the_base_did_meanwhile_is_not_the_pull_request_s(work: Work) -> None:
    work.add(TWO)
    commit(work)
    work.git("checkout", "-q", "main")
    start = work.head()
    work.add(ONE, "other.jsonl")
    commit(work)
    found = pull(work, "main", "topic")
    assert [one.name for one in found.datasets] == ["train"]
    assert (found.ends.start, found.ends.base) == (start, work.head())


def test_of_a_merge_that_a_forge_made_to_try_it_the_base_is_the_first_parent(work: Work) -> None:
    work.add(TWO)
    commit(work)
    work.git("checkout", "-q", "main")
    work.add(ONE, "other.jsonl")
    base = commit(work)
    work.git("checkout", "-q", "--detach")
    work.git("merge", "-q", "--no-ff", "--no-edit", "topic")
    work.git("update-ref", "refs/pull/7/merge", "HEAD")
    work.git("checkout", "-q", "main")
    for given in ("main", "refs/pull/7/merge^1"):
        found = pull(work, given, "refs/pull/7/merge")
        assert [one.name for one in found.datasets] == ["train"]
        assert found.ends.start == base


def test_a_head_that_nobody_checked_out_is_read_from_git_alone(work: Work) -> None:
    record = work.add(TWO)
    commit(work)
    work.git("checkout", "-q", "main")
    (change,) = pull(work, "main", "topic").datasets
    assert change.after is not None
    assert change.after.pointer.id == record.id
    assert (change.diff is not None and change.diff.to_dict()["examples"]["added"]) == 1


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_clone_names_the_command_that_helps_and_it_does(
    work: Work, tmp_path: Path, depth: int
) -> None:
    for number in range(3):
        work.write("notes", str(number))
        commit(work)
    work.add(TWO)
    commit(work)
    ci = clone(work, tmp_path / "ci", "--depth", str(depth), "--branch", "topic", "--single-branch")
    with pytest.raises(NotFoundError, match="'origin/main' is no commit") as caught:
        pull(ci, "origin/main")
    assert caught.value.hint.startswith("git fetch --deepen=100 origin main, or all of it: ")
    ci.git("fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main")
    with pytest.raises(NotFoundError, match="the history is cut off before the commit") as caught:
        pull(ci, "origin/main")
    assert caught.value.kind == "shallow-history"
    command, _, other = caught.value.hint.partition(", or all of it: ")
    ci.git(*command.split()[1:])
    assert [one.name for one in pull(ci, "origin/main").datasets] == ["train"]
    assert other == "git fetch --unshallow"


def test_branches_with_nothing_in_common_are_compared_with_nothing(work: Work) -> None:
    work.git("checkout", "-q", "--orphan", "apart")
    work.git("commit", "-qm", "apart")
    found = pull(work)
    assert [(one.name, one.how) for one in found.datasets] == [("train", "added")]
    assert found.notices == (
        "the two ends have no commit in common: all that the head has is taken as new",
    )


@pytest.mark.parametrize("base", ["nowhere", "--upload-pack=touch x", "", "a\0b"])
def test_what_is_no_commit_is_an_error_with_a_command(work: Work, base: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        pull(work, base)
    assert caught.value.hint == "git fetch origin"


def test_where_no_data_set_changed_one_line_says_so(work: Work) -> None:
    work.write("README", "more")
    commit(work)
    text = markdown.text(reviewed(work))
    lines = [line for line in text.splitlines() if line]
    assert lines[:2] == ["<!-- dslineage review -->", "### No data set changed"]
    assert lines[2].startswith("Between `")
    assert len(lines) == 3
