"""The commands of remotes, as people and programs see them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dslineage.errors import NotFoundError, RemoteError, UsageError
from dslineage_cli.exits import CODES, FINE
from tests.cli.conftest import Dslineage

pytest.importorskip("dvc", reason="dvc is not installed: pip install 'dslineage[dvc]'")


@pytest.fixture
def storage(support: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the repository of the story has as its remote."""
    monkeypatch.chdir(support)
    assert dslineage("remote", "add", "storage", "../storage").code == FINE
    subprocess.run(["git", "commit", "-q", "-m", "remote"], cwd=support, check=True)
    return support.parent / "storage"


def test_a_first_session(
    support: Path, storage: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dslineage("status", "--remote")
    assert "  0 of 4 versions are there\n" in before.out
    assert before.out.endswith("next: dslineage push\n")
    pushed = dslineage("push")
    assert pushed.out.startswith(f"4 versions whole on storage ({storage})\n  sent ")
    assert pushed.err == ""
    subprocess.run(["git", "clone", "-q", support, support.parent / "clone"], check=True)
    monkeypatch.chdir(support.parent / "clone")
    assert "support@v4  not here" in dslineage("status", "--remote").out
    pulled = dslineage("pull")
    assert pulled.code == FINE
    assert "  wrote support.jsonl\n" in pulled.out
    assert dslineage("fetch").out == "nothing had to be fetched\n"
    assert dslineage("verify").code == FINE


def test_programs_get_documents(storage: Path, dslineage: Dslineage) -> None:
    pushed = dslineage("push", "--json").json
    assert (pushed["schema"], pushed["remote"], pushed["versions"]) == (
        "dslineage.push/1",
        "storage",
        4,
    )
    fetched = dslineage("fetch", "--json").json
    assert (fetched["schema"], fetched["objects"], fetched["lacking"]) == (
        "dslineage.fetch/1",
        0,
        [],
    )
    (remote,) = dslineage("remote", "list", "--json").json["remotes"]
    assert remote == {
        "name": "storage",
        "url": str(storage),
        "default": True,
        "origin": ".dslineage/config",
        "options": {},
    }
    held = dslineage("status", "--remote", "--json").json["remote"]
    assert [one["there"] for one in held["versions"]] == [True] * 4
    assert held["bytes"] == 0


@pytest.mark.usefixtures("storage")
def test_what_cannot_be_had_is_named_and_is_the_exit_code(
    support: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "clone", "-q", support, support.parent / "clone"], check=True)
    monkeypatch.chdir(support.parent / "clone")
    ran = dslineage("pull")
    assert ran.code == CODES[RemoteError]
    assert "missing layouts/" in ran.out
    assert "storage does not have it" in ran.out
    assert "needed by support@v1" in ran.out
    assert "dslineage push" in ran.out


def test_mistakes_have_an_answer(storage: Path, dslineage: Dslineage) -> None:
    for words, code, hint in (
        (("push", "--remote", "none"), NotFoundError, "--remote with one of: storage"),
        (("remote", "add", "storage", "s3://x"), UsageError, "remote set storage url=s3://x"),
        (("remote", "add", "Big", "s3://x"), UsageError, ""),
        (("remote", "set", "storage", "region"), UsageError, "region= to take it away"),
        (("remote", "set", "storage", "password=x"), UsageError, "--local"),
        (("remote", "remove", "none"), NotFoundError, "dslineage remote list"),
        (("pull", "v9"), NotFoundError, "dslineage log"),
    ):
        ran = dslineage(*words)
        assert ran.code == CODES[code], words
        assert hint in ran.err
    storage.write_bytes(b"no folder")
    ran = dslineage("push")
    assert ran.code == CODES[RemoteError]
    assert ran.err.endswith("hint: dslineage push --remote storage\n")


def test_a_remote_that_is_gone_leaves_nothing_behind(
    support: Path, storage: Path, dslineage: Dslineage
) -> None:
    ran = dslineage("remote", "remove", "storage")
    assert " ".join(ran.out.split()) == f"forgot storage; what is on {storage} stays there"
    assert not (support / ".dslineage" / "config").exists()
    assert dslineage("remote", "list").out.startswith("there is no remote yet\n")
