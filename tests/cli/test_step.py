"""`dslineage step` at the command line: streams, exit statuses, and what is said."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from dslineage_cli.main import main
from tests.cli.conftest import Dslineage

SPLIT = """
import sys
lines = open("support.jsonl").readlines()
open("short.jsonl", "w").writelines(lines[:5])
print("on stdout"); print("on stderr", file=sys.stderr)
"""


@pytest.fixture
def script(support: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A command in a repository with one data set."""
    monkeypatch.chdir(support)
    (support / "cut.py").write_text(SPLIT, encoding="utf-8")
    return [sys.executable, "cut.py"]


def test_the_program_has_stdout_and_what_there_is_to_say_goes_to_stderr(
    dslineage: Dslineage, script: list[str]
) -> None:
    ran = dslineage("step", "-i", "support", "-o", "short.jsonl", "-m", "the first", "--", *script)
    assert ran.code == 0
    assert ran.out == "on stdout\n"
    said = ran.err.splitlines()
    assert said[0] == "on stderr"
    assert said[1].startswith("cut  ")
    assert said[2].startswith("  short v1 (")
    assert said[-1] == "next: dslineage commit -m 'the first'"


def test_with_json_the_document_has_stdout_alone(dslineage: Dslineage, script: list[str]) -> None:
    options = ["--param", "k=5", "--param", "mode=fast", "--seed", "3"]
    ran = dslineage("step", "--json", *options, "-i", "support", "-o", "short.jsonl", "--", *script)
    assert ran.json["schema"] == "dslineage.ran/1"
    assert ran.json["step"]["parameters"] == {"k": 5, "mode": "fast"}
    assert ran.json["step"]["seed"] == 3
    assert [one["version"]["examples"] for one in ran.json["outputs"]] == [5]
    assert "on stdout" in ran.err


@pytest.mark.parametrize("as_json", [True, False])
def test_the_exit_status_is_that_of_the_program(
    dslineage: Dslineage, script: list[str], as_json: bool
) -> None:
    failing = [sys.executable, "-c", "raise SystemExit(17)"]
    ran = dslineage("step", *["--json"] * as_json, "--name", "fail", "--", *failing)
    assert ran.code == 17
    assert "ended with exit status 17" in (ran.out if as_json else ran.err)


def test_a_program_that_is_not_there_exits_as_in_a_shell(
    dslineage: Dslineage, script: list[str]
) -> None:
    ran = dslineage("step", "--", "no-such-program")
    assert ran.code == 127
    assert "there is no program 'no-such-program'" in ran.err


def test_options_of_the_program_are_its_own(dslineage: Dslineage, script: list[str]) -> None:
    shown = [sys.executable, "-c", "import sys; print(sys.argv[1:])", "--json", "-o", "x"]
    ran = dslineage("step", "--name", "show", "--", *shown)
    assert ran.out == "['--json', '-o', 'x']\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["step"], "a step needs a command"),
        (["step", "--param", "k", "--", "true"], "is not KEY=VALUE"),
        (["step", "--name", "No Name", "--", "true"], "cannot name a step"),
        (["step", "--import", "dvc.lock", "--", "true"], "runs no command"),
    ],
)
def test_what_is_asked_wrongly_runs_nothing(
    dslineage: Dslineage, script: list[str], words: list[str], said: str
) -> None:
    ran = dslineage(*words)
    assert ran.code == 2
    assert said in ran.err


def test_hostile_names_are_shown_and_not_obeyed(
    dslineage: Dslineage, script: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    ran = dslineage("step", "--", "no\x1b[31m\u202eprogram")
    assert "\x1b" not in ran.err
    assert "\u202e" not in ran.err
    assert main(["verify"]) == 0


def test_stages_of_dvc_are_read(dslineage: Dslineage, script: list[str]) -> None:
    import hashlib

    data = Path("support.jsonl").read_bytes()
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    out = f"{{path: support.jsonl, hash: md5, md5: {md5}, size: {len(data)}}}"
    Path("dvc.lock").write_text(
        f"schema: '2.0'\nstages:\n  make@en:\n    cmd: python make.py\n    outs: [{out}]\n"
    )
    ran = dslineage("step", "--import", "dvc.lock")
    assert ran.out.splitlines()[:3] == [
        "support/make-en  new", "  python make.py", "  made support@v4",
    ]  # fmt: skip
    again = dslineage("step", "--import", ".", "--json")
    assert [one["new"] for one in again.json["steps"]] == [False]
    assert json.loads(again.out)["schema"] == "dslineage.imported-steps/1"
