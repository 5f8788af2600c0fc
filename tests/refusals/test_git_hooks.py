"""Hooks, `check` and `ci` find forgotten examples in what git is given."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dslineage.records.forgotten import FORGOTTEN
from dslineage.repository import Repository
from dslineage_hooks.pre_commit import pre_commit
from dslineage_hooks.ranges import check_range
from dslineage_hooks.review import review
from tests.refusals.denial import OTHERS, SECRET, deny, lines, listed
from tests.versions.support import Bench

TODAY = "2026-01-02"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A repository whose current version has the example that was forgotten after it was made."""
    bench = Bench.make(tmp_path / "work")
    bench.commit("train.jsonl", lines(*OTHERS, SECRET))
    deny(bench.root, SECRET)
    bench.git("add", FORGOTTEN)
    return bench


def findings(bench: Bench) -> list[tuple[str, str, bool]]:
    return [(one.kind, one.path, one.blocks) for one in pre_commit(bench.repo.git, TODAY)]


def test_the_list_itself_can_be_committed_and_then_a_version_without_the_example(
    bench: Bench,
) -> None:
    assert findings(bench) == []
    bench.git("commit", "-qm", "forget")
    bench.add("train.jsonl", lines(*OTHERS))
    assert findings(bench) == []


def test_a_pointer_to_a_version_with_the_example_stops_the_commit(bench: Bench) -> None:
    bench.git("commit", "-qm", "forget")
    bench.add("train.jsonl", lines(*OTHERS))
    bench.git("commit", "-qm", "without it")
    bench.repo.checkout("train@v1")
    bench.git("add", "train.jsonl.dsl.json")

    assert findings(bench) == [("forgotten", "train.jsonl.dsl.json", True)]
    (fault,) = pre_commit(bench.repo.git, TODAY)
    assert fault.message == "train v1 has an example that was forgotten"
    assert fault.hint.endswith("dslineage add train.jsonl")


def test_a_file_that_is_staged_is_judged_as_the_index_has_it(bench: Bench) -> None:
    bench.git("commit", "-qm", "forget")
    bench.put("export.jsonl", lines(OTHERS[0], SECRET | {"note": "from a colleague"}))
    bench.git("add", "export.jsonl")
    bench.put("export.jsonl", lines(OTHERS[0]))
    bench.put("package.json", b'{"name": "nothing to do with it"}')
    bench.git("add", "package.json")

    (fault,) = pre_commit(bench.repo.git, TODAY)
    assert (fault.kind, fault.path, fault.blocks) == ("forgotten", "export.jsonl", True)
    assert fault.message.endswith("line 2")


def test_a_file_that_a_later_commit_takes_away_is_in_the_history(bench: Bench) -> None:
    bench.git("commit", "-qm", "forget")
    bench.put("export.jsonl", lines(SECRET))
    bench.git("add", "export.jsonl")
    bench.git("commit", "-qm", "a copy")
    bench.git("rm", "-q", "export.jsonl")
    bench.git("commit", "-qm", "gone")

    (fault,) = check_range(bench.repo.git, "HEAD~2..", TODAY).findings
    assert (fault.kind, fault.commit) == ("forgotten", bench.git("rev-parse", "HEAD~1").strip())


def test_who_takes_hashes_from_the_list_is_stopped(bench: Bench) -> None:
    bench.git("commit", "-qm", "forget")
    (bench.root / FORGOTTEN).write_bytes(listed(OTHERS[0]).to_bytes())
    bench.git("add", FORGOTTEN)
    assert findings(bench) == [("forgotten-dropped", FORGOTTEN, True)]

    bench.git("rm", "-qf", FORGOTTEN)
    assert findings(bench) == [("forgotten-dropped", FORGOTTEN, True)]

    (bench.root / FORGOTTEN).write_bytes(listed(SECRET, OTHERS[0]).to_bytes())
    bench.git("add", FORGOTTEN)
    assert findings(bench) == []


def test_a_branch_that_was_begun_before_brings_nothing_back(bench: Bench) -> None:
    bench.git("branch", "side")
    bench.git("commit", "-qm", "forget")
    bench.git("checkout", "-q", "side")
    bench.put("export.jsonl", lines(SECRET))
    bench.git("add", "export.jsonl")
    bench.git("commit", "-qm", "a copy")
    assert not (bench.root / FORGOTTEN).exists()

    (fault,) = check_range(bench.repo.git, "main..side", TODAY).findings
    assert (fault.kind, fault.path) == ("forgotten", "export.jsonl")


def test_without_the_key_nobody_can_say_and_nothing_goes_on(bench: Bench) -> None:
    bench.git("commit", "-qm", "forget")
    bench.add("train.jsonl", lines(*OTHERS))
    shutil.rmtree(bench.objects / "keys")

    (fault,) = pre_commit(bench.repo.git, TODAY)
    assert (fault.kind, fault.blocks, fault.hint) == ("missing-key", True, "dslineage fetch")
    bench.git("reset", "-q")
    bench.git("add", ".gitignore")
    assert findings(bench) == [], "what brings no data needs no key"


def test_without_the_objects_of_a_version_ci_cannot_decide(bench: Bench) -> None:
    bench.git("commit", "-qm", "forget")
    base = bench.git("rev-parse", "HEAD").strip()
    bench.commit("train.jsonl", lines(*OTHERS))
    shutil.rmtree(bench.objects / "layouts")

    found = review(bench.repo, base, "HEAD", 0)
    assert [one.kind for one in found.findings] == ["forgotten-unknown"]
    assert (found.failed, found.undecided) == (False, True)


def test_check_names_the_versions_that_have_it(bench: Bench) -> None:
    result = bench.repo.check()
    assert [one.to_dict() for one in result.returned] == [
        {"version": "train@v1", "examples": 1, "why": None}
    ]
    assert result.failed

    bench.add("train.jsonl", lines(*OTHERS))
    assert not bench.repo.check().returned

    shutil.rmtree(bench.objects / "keys")
    unknown = Repository.open(bench.root, clock=lambda: datetime(2026, 1, 2, tzinfo=UTC)).check()
    assert (unknown.failed, unknown.undecided) == (False, True)
