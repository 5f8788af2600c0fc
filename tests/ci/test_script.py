"""The scripts that CI runs, with real repositories: what they write where, and when they stop."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from dslineage.repository import Repository
from tests.ci.pulls import DATA, TWO, Work, clone, commit

ACTIONS = Path(__file__).resolve().parents[2] / ".github" / "actions"
REVIEW = ACTIONS / "review" / "review.sh"
COMMENT = ACTIONS / "comment" / "comment.sh"


def ran(script: Path, work: Work, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(
        [environment.pop("PATH", str(Path(sys.executable).parent)), os.environ["PATH"]]
    )
    return subprocess.run(
        [script],
        cwd=work.root,
        env={**os.environ, **environment, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def ci(work: Work, tmp_path: Path) -> Work:
    """What a forge checks out to try a pull request: a detached merge, without objects."""
    work.git("checkout", "-q", "main")
    work.write("README", "main went on")
    commit(work)
    work.git("checkout", "-q", "topic")
    work.add(TWO)
    commit(work)
    made = clone(work, tmp_path / "ci")
    made.git("checkout", "-q", "--detach", "origin/main")
    made.git("merge", "-q", "--no-ff", "--no-edit", "origin/topic")
    return made


def github(tmp_path: Path) -> dict[str, str]:
    files = {name: str(tmp_path / name) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    return {
        "GITHUB_ACTIONS": "true",
        "RUNNER_TEMP": str(tmp_path),
        "DSLINEAGE_BASE": "HEAD^1",
        **files,
    }


def test_on_github_annotations_are_printed_and_the_rest_goes_into_files(
    ci: Work, tmp_path: Path
) -> None:
    done = ran(REVIEW, ci, **github(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    stop, go, *lines = done.stdout.splitlines()
    token = stop.removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{32}", token)
    assert go == f"::{token}::"
    assert lines == ["::notice title=dslineage::1 data set changed: no fault"]
    out = Path((tmp_path / "GITHUB_OUTPUT").read_text().removeprefix("out=").strip())
    assert {path.name for path in out.iterdir()} == {"comment.md", "report.xml", "review.json"}
    comment = (out / "comment.md").read_text()
    assert "| train | v1 → v2 | 3 → 4 | 1 | 0 | 0 | none |" in comment
    assert (tmp_path / "GITHUB_STEP_SUMMARY").read_text() == comment
    assert ET.parse(out / "report.xml").getroot().attrib["failures"] == "0"


def test_a_fault_is_exit_code_1_with_all_files_written(ci: Work, tmp_path: Path) -> None:
    ci.write(DATA, TWO)
    ci.git("add", "-f", DATA)
    ci.git("commit", "-qm", "raw data")
    done = ran(REVIEW, ci, **github(tmp_path) | {"DSLINEAGE_BASE": "origin/main"})
    assert done.returncode == 1
    assert f"::error file={DATA},title=dslineage ignored-data::" in done.stdout
    assert "#### What stops it" in (tmp_path / "GITHUB_STEP_SUMMARY").read_text()


def test_elsewhere_the_comment_is_printed(ci: Work, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = ran(REVIEW, ci, DSLINEAGE_BASE="HEAD^1", DSLINEAGE_OUT=str(out), GITHUB_ACTIONS="")
    assert done.returncode == 0
    assert done.stdout == (out / "comment.md").read_text()


def test_an_error_writes_no_file_and_the_runner_obeys_nothing_in_it(
    ci: Work, tmp_path: Path
) -> None:
    hostile = "x\n::add-mask::y"
    done = ran(REVIEW, ci, **github(tmp_path) | {"DSLINEAGE_BASE": hostile})
    assert done.returncode == 6
    assert "\n::" not in done.stderr
    assert done.stdout.splitlines()[2:] == [
        "::error title=dslineage::the review failed (exit code 6): the log of this step says why"
    ]
    assert not (tmp_path / "GITHUB_OUTPUT").exists()


def test_names_in_a_pull_request_reach_no_shell_and_no_command(work: Work, tmp_path: Path) -> None:
    odd = "a,b%0A::error::x$(touch canary)`touch canary`.jsonl"
    work.write(odd, TWO)
    Repository.open(work.root).add(work.root / odd, name="odd", measure=False)
    record = next((work.root / ".dslineage/records/dataset/odd").iterdir())
    work.git("add", "-A")
    work.git("rm", "-q", "--cached", "--", str(record))
    work.git("commit", "-qm", "odd")
    done = ran(REVIEW, work, **github(tmp_path) | {"DSLINEAGE_BASE": "main"})
    assert done.returncode == 1
    assert not list(tmp_path.rglob("canary"))
    for line in done.stdout.splitlines()[2:]:
        assert re.match(r"::(error|warning|notice) (file=[^,:]*,)?title=[^,:]*::", line), line


def test_the_example_is_a_script_that_shell_and_git_take(tmp_path: Path) -> None:
    for script in (REVIEW, COMMENT, ACTIONS.parents[1] / "examples" / "pull_request" / "run.sh"):
        assert os.access(script, os.X_OK)
        subprocess.run(["bash", "-n", script], check=True)


GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in *--paginate*) printf '%s' "$KNOWN" ;; esac
"""


@pytest.fixture
def gh(tmp_path: Path) -> dict[str, str]:
    """A stand-in for `gh` that notes how it was called."""
    program = tmp_path / "bin" / "gh"
    program.parent.mkdir()
    program.write_text(GH)
    program.chmod(0o755)
    return {
        "PATH": str(program.parent),
        "CALLS": str(tmp_path / "calls"),
        "GITHUB_REPOSITORY": "o/n",
        "PULL_REQUEST": "7",
        "COMMENT": "comment.md",
    }


@pytest.mark.parametrize(
    ("known", "call"),
    [
        ("", "api --silent --method POST repos/o/n/issues/7/comments -F body=@comment.md"),
        ("5\n6\n", "api --silent --method PATCH repos/o/n/issues/comments/5 -F body=@comment.md"),
    ],
)
def test_there_is_one_comment_and_it_is_written_anew(
    work: Work, gh: dict[str, str], known: str, call: str
) -> None:
    done = ran(COMMENT, work, **gh, KNOWN=known)
    assert done.returncode == 0, done.stderr
    listing, written = Path(gh["CALLS"]).read_text().splitlines()
    assert listing.startswith("api --paginate repos/o/n/issues/7/comments --jq ")
    assert "<!-- dslineage review -->" in listing
    assert written == call


def test_only_a_number_names_a_pull_request(work: Work, gh: dict[str, str]) -> None:
    done = ran(COMMENT, work, **gh | {"PULL_REQUEST": "7/../8", "KNOWN": ""})
    assert done.returncode == 2
    assert not Path(gh["CALLS"]).exists()
