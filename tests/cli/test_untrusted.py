"""Code that comes with a clone is run by no command."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dslineage import Repository
from dslineage_cli.commands import GROUPS, VERBS
from tests.cli.conftest import Dslineage

EVIL = """
from pathlib import Path
from dslineage import judge, metric
Path({canary!r}).touch()

@metric("ours")
def ours(example):
    Path({canary!r}).touch()
    return True

@judge("ours_too", model="m", prompt="p")
def ours_too(example):
    Path({canary!r}).touch()
    return 1
"""
SETTINGS = """
[metrics]
files = ["m.py"]
[[judges]]
name = "evil"
model = "m"
command = ["sh", "evil.sh"]
[[judges]]
name = "worse"
model = "m"
command = ["touch", {canary!r}]
[[gates]]
metric = "ours"
min = 1
reason = "r"
"""
REMOTE = """
['remote "theirs"']
url = ../../their-objects
credentialpath = ../m.py
configpath = ../evil.sh
[core]
remote = theirs
"""
MIXTURE = """
name = "mixed"
seed = 1
[[data]]
ref = "support@v4"
"""
RUNS: dict[str, list[tuple[str, ...]]] = {
    "init": [()],
    "scan": [(".",)],
    "add": [("support.jsonl",)],
    "adopt": [("support.jsonl",), ("support.jsonl", "$(touch canary).jsonl", "--as", "both")],
    "commit": [("-m", "m")],
    "status": [()],
    "log": [(), ("--metric", "refusal")],
    "show": [("v4",)],
    "diff": [("v3", "v4"), ("v3", "v4", "--why", "refusal"), ("v3", "v4", "--metric", "ours"), (),
             ("mix.toml", "mix.toml")],
    "metrics": [("list",), ("explain", "ours"), ("explain", "refusal"), ("run",),
                ("run", "v4", "--judges")],
    "sample": [("v4", "-o", "sample.csv")],
    "review": [("import", "sample.csv"), ("show",)],
    "apply": [("sample.csv",)],
    "check": [(), ("v4", "--waive", "ours", "--reason", "r", "--until", "2030-01-01")],
    "ci": [("--base", "HEAD~1"), ("--base", "HEAD~3", "--save", "junit=report.xml")],
    "trust": [("--help",), ("m.py", "--revoke")],
    "mixture": [("add", "mix.toml"), ("build", "mix.toml", "-o", "mix.jsonl"),
                ("show", "mix.toml")],
    "run": [("import", "--axolotl", "dslineage.toml"), ("import", ".")],
    "train": [("--output", "out", "--config", "dslineage.toml", "--", "true")],
    "source": [("add", "web", "--uri", "https://example.org/web"), ("link", "web", "v4"),
               ("list",)],
    "claim": [("add", "v4", "--type", "pii", "--body", "found=none"), ("list",)],
    "step": [("-i", "support", "-o", "odd.jsonl", "--", "cp", "support.jsonl", "odd.jsonl")],
    "model": [("add", ".", "--name", "m", "--trained-on", "v4")],
    "lineage": [(), ("v4",), ("v4", "--format", "html", "-o", "lineage.html")],
    "trace": [("--text", "password"), ("--file", "$(touch canary).jsonl")],
    "recall": [("--text", "password"), ("--hashes", "sitecustomize.py")],
    "audit": [("m",), ("m", "--verify", "--model-dir", ".")],
    "merge": [("v1",), ("--continue",), ("--abort",)],
    "checkout": [("v4",)],
    "export": [("v4", "-o", "out.jsonl")],
    "verify": [()],
    "push": [()],
    "fetch": [(), ("--no-texts",), ("v3", "v4", "--changed"), ("v4", "--sparse")],
    "pull": [()],
    "remote": [("list",), ("add", "store", "objects"), ("set", "store", "--default"),
               ("remove", "store")],
    "gc": [(), ("--delete", "--grace", "0")],
    "forget": [("--hashes", "$(touch canary).jsonl"), ("--recall", "sitecustomize.py")],
    "du": [()],
    "unlock": [()],
    "document": [("v4", "--as", "prov"), ("v4", "--as", "hf-dataset-card", "-o", "README.md")],
    "hooks": [("status",), ("install",), ("run", "pre-commit"), ("uninstall",)],
    "demo": [("new-demo",)],
    "doctor": [()],
}  # fmt: skip


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


@pytest.fixture
def clone(support: Path, tmp_path: Path, canary: Path) -> Path:
    """A clone of a repository with metric code, judges and odd names, objects included."""
    (support / "m.py").write_text(EVIL.format(canary=str(canary)))
    (support / "evil.sh").write_text(f"touch '{canary}'\n")
    (support / "mix.toml").write_text(MIXTURE)
    (support / "dslineage.toml").write_text(SETTINGS.format(canary=str(canary)))
    (support / ".dslineage" / "config").write_text(REMOTE)
    for name in ("orjson.py", "conftest.py", "sitecustomize.py", "$(touch canary).jsonl"):
        (support / name).write_text(f"open({str(canary)!r}, 'w')\n")
    trusting = Repository.open(support, trust_file=tmp_path / "theirs.json")
    for name in ("m.py", "dslineage.toml", "evil.sh"):
        trusting.allow(name)
    subprocess.run(["git", "-C", support, "add", "-A"], check=True)
    subprocess.run(["git", "-C", support, "commit", "-qm", "evil"], check=True)
    made = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", support, made], check=True)
    objects = made / ".git" / "dslineage"
    subprocess.run(["cp", "-r", support / ".git" / "dslineage", objects], check=True)
    return made


def test_every_command_is_run_here() -> None:
    assert set(RUNS) == set(VERBS)
    assert all({words[0] for words in RUNS[verb]} == set(GROUPS[verb]) for verb in GROUPS)


def test_no_command_runs_what_came_with_a_clone(
    clone: Path, canary: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clone)
    codes = {}
    for verb, runs in RUNS.items():
        for words in runs:
            codes[(verb, *words)] = dslineage(verb, *words).code
            assert not canary.exists(), (verb, *words)
    assert codes[("metrics", "run")] == 7
    assert codes[("metrics", "run", "v4", "--judges")] == 7
    assert codes[("diff", "v3", "v4")] == 0
    assert codes[("check",)] == 10
    assert 70 not in codes.values(), codes


def test_trust_of_one_file_is_not_trust_of_another(
    clone: Path, canary: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clone)
    (clone / "m.py").write_text("from dslineage import metric\n@metric('fine')\ndef f(example):\n"
                                " return True\n")  # fmt: skip
    assert dslineage("trust", "m.py").code == 0
    assert dslineage("metrics", "run", "v4", "--judges").code == 7
    assert dslineage("trust", "dslineage.toml").code == 0
    assert dslineage("metrics", "run", "v4", "--judges").code == 7
    assert not canary.exists()
