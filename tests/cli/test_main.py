"""How the program starts, fails and exits."""

from __future__ import annotations

import contextlib
import errno
import inspect
import json
import os
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from dslineage import errors
from dslineage_cli import exits
from dslineage_cli.commands import GROUPS, VERBS
from dslineage_cli.failure import document, page
from dslineage_cli.main import app
from dslineage_cli.page import Page
from dslineage_cli.verbs import Verbs
from tests.cli.conftest import Dslineage
from tests.cli.results import HOSTILE, obeyed

CLASSES = [
    cls
    for _, cls in inspect.getmembers(errors, inspect.isclass)
    if issubclass(cls, errors.DslineageError) and cls is not errors.DslineageError
]


@pytest.mark.parametrize("cls", CLASSES)
def test_each_class_of_error_has_an_exit_code_of_its_own(cls: type[errors.DslineageError]) -> None:
    code = exits.code_of(cls("something"))
    assert code == exits.CODES[cls]
    assert list(exits.CODES.values()).count(code) == 1
    assert code in exits.MEANINGS


def test_the_table_of_exit_codes_names_no_code_that_nothing_uses() -> None:
    others = {exits.FINE, exits.DIFFERENCES, exits.BUG, exits.INTERRUPTED}
    assert set(exits.MEANINGS) == others | set(exits.CODES.values())


def test_an_error_says_what_and_the_next_step_on_stderr(
    dslineage: Dslineage, tmp_path: Path
) -> None:
    ran = dslineage("-C", tmp_path, "status")
    assert (ran.code, ran.out) == (6, "")
    assert ran.err.startswith("error: ")
    assert "\nhint: " in ran.err


def test_a_failure_is_a_json_document_too(dslineage: Dslineage, tmp_path: Path) -> None:
    ran = dslineage("-C", tmp_path, "status", "--json")
    assert ran.code == ran.json["exit_code"] == 6
    assert (ran.json["schema"], ran.json["kind"]) == ("dslineage.error/1", "no-repository")


@pytest.mark.parametrize(
    "argv", [["dif"], ["add"], ["diff", "--limit", "x"], ["-C", "nowhere", "log"], ["--colour"]]
)
def test_a_wrong_call_exits_with_2_and_names_the_help(
    dslineage: Dslineage, argv: list[str]
) -> None:
    ran = dslineage(*argv)
    assert ran.code == 2
    assert ran.err.startswith("error: ")


def test_a_wrong_call_is_a_json_document_too(dslineage: Dslineage) -> None:
    assert dslineage("diff", "--limit", "x", "--format", "json").json["exit_code"] == 2
    assert dslineage("add", "--", "--json").out == ""


def test_a_near_miss_of_a_verb_is_named(dslineage: Dslineage) -> None:
    assert "did you mean: dslineage diff" in dslineage("dif").err


def test_no_command_at_all_shows_the_help(dslineage: Dslineage) -> None:
    ran = dslineage()
    assert ran.code == 2
    assert ran.out.startswith("Usage: dslineage ")


def test_twenty_faults_are_listed_and_the_rest_is_counted() -> None:
    faults = tuple(
        errors.Fault("syntax", "expected a value", "a.jsonl", line, 1, 0) for line in range(1, 24)
    )
    error = errors.BadDataError("a.jsonl has 23 bad records", faults)
    shown = page(error, Page()).text()
    assert "a.jsonl:20:1" in shown
    assert "a.jsonl:21:1" not in shown
    assert "… and 3 more" in shown
    assert len(json.loads(document(error))["faults"]) == 23


def test_a_file_that_is_bad_as_a_whole_is_named_once_as_it_was_typed(
    dslineage: Dslineage, git_repo: Path
) -> None:
    (git_repo / "data").mkdir()
    (git_repo / "data" / "empty.jsonl").touch()
    with contextlib.chdir(git_repo / "data"):
        ran = dslineage("add", "empty.jsonl")
    assert ran.err == "error: empty.jsonl:1:1: empty-file the file is empty\n"
    with contextlib.chdir(git_repo):
        ran = dslineage("diff", "data/empty.jsonl", "data/empty.jsonl", "--json")
    assert ran.json["faults"][0]["file"] == "data/empty.jsonl"


@pytest.mark.parametrize("folder", ["", "data", "other"])
def test_bad_records_are_named_from_where_the_user_stands(
    dslineage: Dslineage, git_repo: Path, folder: str
) -> None:
    for name in ("data", "other"):
        (git_repo / name).mkdir()
    file = git_repo / "data" / "two words.jsonl"
    file.write_text('{"a": 1}\n{"a":\n', encoding="utf-8")
    here = git_repo / folder
    typed = os.path.relpath(file, here)
    with contextlib.chdir(here):
        ran = dslineage("add", typed, "--name", "two")
        assert ran.code == 3
        assert ran.err.startswith(f"error: {typed} has 1 bad record; nothing was recorded\n")
        assert f"\n  {typed}:2:6 " in ran.err
        (hint,) = re.findall("aside: dslineage (.*)", ran.err.replace("\n      ", " "))
        assert dslineage(*shlex.split(hint)).code == 0
    assert [p.name for p in file.parent.glob("*.dsl.json")] == ["two words.jsonl.dsl.json"]


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        (["two words.jsonl"], "dslineage add --name two-words 'two words.jsonl'"),
        (["d/a-1.jsonl", "d/a-2.jsonl"], "dslineage add --name a d/a-1.jsonl d/a-2.jsonl"),
        (
            ["d/a-1.jsonl", "two words.jsonl"],
            "dslineage add --name d d/a-1.jsonl 'two words.jsonl'",
        ),
    ],
)
def test_a_data_set_without_a_name_is_told_one(
    dslineage: Dslineage, git_repo: Path, typed: list[str], hint: str
) -> None:
    (git_repo / "d").mkdir()
    for name in ("two words.jsonl", "d/a-1.jsonl", "d/a-2.jsonl"):
        (git_repo / name).write_text('{"a": 1}\n', encoding="utf-8")
    with contextlib.chdir(git_repo):
        ran = dslineage("add", *typed)
        assert (ran.code, ran.err.splitlines()[-1]) == (2, f"hint: {hint}")
        assert dslineage(*shlex.split(hint)[1:]).code == 0
        assert dslineage("add", *typed[:1]).code == (0 if len(typed) == 1 else 2)


def test_a_file_whose_name_begins_with_a_dash_can_be_named(
    dslineage: Dslineage, tmp_path: Path
) -> None:
    (tmp_path / "-x.jsonl").touch()
    with contextlib.chdir(tmp_path):
        assert "hint: a file with such a name is ./-x.jsonl\n" in dslineage("add", "-x.jsonl").err


def test_names_and_messages_of_errors_are_shown_not_obeyed(dslineage: Dslineage) -> None:
    for argv in (["-C", HOSTILE, "log"], [HOSTILE], ["diff", f"--{HOSTILE}"], ["show", HOSTILE]):
        ran = dslineage(*[word.replace("\0", "") for word in argv])
        assert ran.code in {2, 6}
        assert not obeyed(ran.err)


def test_a_refusal_of_the_machine_exits_with_9(
    dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "pack")

    monkeypatch.setattr("dslineage_cli.checkup.checkup", refuse)
    ran = dslineage("doctor")
    assert ran.code == 9
    assert ran.err == "error: No space left on device: pack\n"


def test_a_bug_leaves_a_report_and_exits_with_70(
    dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("one by nothing")

    monkeypatch.setattr("dslineage_cli.checkup.checkup", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ran = dslineage("doctor", "--json")
    assert ran.code == ran.json["exit_code"] == 70
    assert "ZeroDivisionError: one by nothing" in ran.err
    (report,) = tmp_path.glob("dslineage-*.md")
    assert report.name in ran.err.replace("\n", "").replace(" ", "")
    assert "Traceback" in report.read_text()


def test_an_interruption_exits_with_130(
    dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dslineage_cli.checkup.checkup", interrupt)
    ran = dslineage("doctor")
    assert ran.code == 130
    assert ran.err.startswith("interrupted")


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-m", "dslineage_cli", "doctor"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_the_version_is_that_of_the_distribution(dslineage: Dslineage) -> None:
    from importlib.metadata import version

    assert dslineage("--version").out == f"dslineage {version('dslineage')}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_help_with_examples(dslineage: Dslineage, verb: str) -> None:
    ran = dslineage(verb, "--help")
    assert ran.code == 0
    assert f"Examples:\n    dslineage {verb}" in ran.out
    module = import_module(f"dslineage_cli.commands.{verb}")
    if verb not in GROUPS:
        document = inspect.getdoc(getattr(module, verb))
        assert document is not None
        assert document.splitlines()[0] == VERBS[verb]
    for name in GROUPS.get(verb, ()):
        ran = dslineage(verb, name, "--help")
        assert ran.code == 0
        assert f"Examples:\n    dslineage {verb} {name}" in ran.out


@pytest.mark.parametrize("verb", VERBS)
def test_the_examples_of_the_help_can_be_parsed(verb: str) -> None:
    module = import_module(f"dslineage_cli.commands.{verb}")
    ends = [module.EPILOG, *getattr(module, "EPILOGS", {}).values()]
    lines = [line for end in ends for line in end.splitlines()[2:]]
    commands = [re.split(r" {3,}| && | > ", line.strip())[0] for line in lines]
    group = get_command(app)
    assert isinstance(group, Verbs)
    for command in filter(None, commands):
        if command.startswith("dslineage "):
            words = shlex.split(command)
            place = next(place for place, word in enumerate(words) if word in VERBS)
            name, *arguments = words[place:]
            with group.make_context("dslineage", ["doctor"]) as context:
                found = group.get_command(context, name)
                assert found is not None
                inner = found.make_context(name, arguments)
                if isinstance(found, TyperGroup):
                    _, one, rest = found.resolve_command(inner, arguments)
                    assert one is not None
                    one.make_context(one.name, rest)


def test_help_imports_nothing_slow() -> None:
    heavy = "numpy pyarrow pandas orjson deepdiff ftfy rich zstandard networkx git dvc"
    script = (
        "import sys; from dslineage_cli.main import main; main(['--help']); main(['diff', '-h']);"
        f"print(*set(sys.modules) & set('{heavy}'.split()), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == ""


@pytest.mark.parametrize(
    ("argv", "heavy"),
    [
        (["log"], "numpy zstandard pyarrow"),
        (["status"], "numpy zstandard pyarrow"),
        (["show", "v3"], "numpy zstandard pyarrow"),
        (["diff", "v3", "v4"], "pyarrow pandas deepdiff dvc"),
        (["add", "support.jsonl"], "pyarrow pandas deepdiff dvc"),
    ],
)
def test_a_command_loads_only_what_it_needs(support: Path, argv: list[str], heavy: str) -> None:
    script = (
        f"import sys; from dslineage_cli.main import main; code = main({argv!r});"
        f"print(code, *set(sys.modules) & set('{heavy}'.split()), file=sys.stderr)"
    )
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, cwd=support, capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == "0"


def test_colour_is_for_terminals_and_only_if_the_user_did_not_say_no(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dslineage_cli.terminal import _coloured

    class Screen:
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert _coloured(Screen())  # type: ignore[arg-type]
    monkeypatch.setenv("NO_COLOR", "1")
    assert not _coloured(Screen())  # type: ignore[arg-type]
