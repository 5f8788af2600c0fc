"""The workflows and actions: their keys are right, and no text of a stranger reaches a shell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
WORKFLOWS = [
    *sorted((ROOT / ".github" / "workflows").glob("*.yml")),
    *sorted((ROOT / "examples" / "pull_request").glob("*.yml")),
]
OURS = re.compile(r"OWNER/dslineage/\.github/actions/(\w+)@v(.+)")
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")

every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
every_action = pytest.mark.parametrize("path", ACTIONS, ids=lambda path: path.parent.name)


def read(path: Path) -> dict[str, Any]:
    # YAML 1.2, in which `on` is no boolean: what GitHub reads.
    found: dict[str, Any] = YAML(typ="safe").load(path)
    return found


def steps(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in document.get("jobs", {}).values():
        yield from job["steps"]
    yield from document.get("runs", {}).get("steps", ())


def version() -> str:
    found: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return found


def test_there_are_some_of_each() -> None:
    assert [path.parent.name for path in ACTIONS] == ["comment", "review"]
    assert [path.name for path in WORKFLOWS] == ["dslineage.yml", "comment.yml", "review.yml"]


@every_workflow
def test_a_workflow_has_its_keys_and_the_least_permissions(path: Path) -> None:
    document = read(path)
    assert {"name", "on", "permissions", "jobs"} <= set(document) <= {
        "name", "on", "permissions", "jobs", "concurrency",
    }  # fmt: skip
    writes = {name for name, access in document["permissions"].items() if access == "write"}
    assert writes == ({"pull-requests"} if path.name == "comment.yml" else set())
    assert "pull_request_target" not in str(document["on"])
    for job in document["jobs"].values():
        assert "permissions" not in job
        assert job["timeout-minutes"]


@pytest.mark.parametrize(
    "path", [*WORKFLOWS, *ACTIONS], ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_no_expression_stands_in_a_shell_and_what_is_used_is_pinned(path: Path) -> None:
    for step in steps(read(path)):
        assert "${{" not in step.get("run", "")
        used = step.get("uses")
        if used is None:
            assert step["run"]
            continue
        if ours := OURS.fullmatch(used):
            assert (ROOT / ".github" / "actions" / ours[1] / "action.yml").is_file()
            assert ours[2] == version()
        else:
            assert PINNED.fullmatch(used), used


@every_workflow
def test_a_job_that_may_write_checks_out_nothing_of_the_pull_request(path: Path) -> None:
    document = read(path)
    for step in steps(document):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert "ref" not in step.get("with", {})
            assert "repository" not in step.get("with", {})
            if path.name != "comment.yml":
                assert step["with"]["persist-credentials"] is False


@every_action
def test_an_action_is_composite_and_passes_its_inputs_through_the_environment(path: Path) -> None:
    document = read(path)
    assert {"name", "description", "inputs", "runs"} <= set(document)
    assert document["runs"]["using"] == "composite"
    for one in document["inputs"].values():
        assert one["description"]
        assert isinstance(one["required"], bool)
    for step in steps(document):
        assert step["shell"] == "bash"
    named = set(re.findall(r"inputs\.(\w+)", path.read_text()))
    assert named == set(document["inputs"])


def test_the_action_installs_the_release_that_it_came_with() -> None:
    document = read(ROOT / ".github" / "actions" / "review" / "action.yml")
    assert document["inputs"]["version"]["default"] == version()
    install, review = document["runs"]["steps"]
    assert install["working-directory"] == "${{ runner.temp }}"
    assert "python3 -I" in install["run"]
    assert review["run"] == '"$GITHUB_ACTION_PATH/review.sh"'


def test_own_tests_run_what_contributors_run() -> None:
    document = read(ROOT / ".github" / "workflows" / "dslineage.yml")
    ran = {step["run"] for step in steps(document) if "run" in step}
    assert ran == {"make check", "make test"}
