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
    words = " ".join(pushed.out.split())
    assert words.startswith(f"4 versions whole on storage ({storage}) sent ")
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
def test_of_two_versions_what_a_diff_reads_can_be_had(
    support: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    dslineage("push")
    expected = dslineage("diff", "v3", "v4", "--json").json
    subprocess.run(["git", "clone", "-q", support, support.parent / "clone"], check=True)
    monkeypatch.chdir(support.parent / "clone")
    ran = dslineage("fetch", "v3", "v4", "--changed")
    assert (ran.code, ran.out.startswith("fetched ")) == (FINE, True)
    assert dslineage("diff", "v3", "v4", "--json").json == expected
    assert dslineage("fetch", "v3", "v4", "--sparse").code == FINE
    assert dslineage("checkout", "v3").code == FINE
    for words, said in (
        (("v3", "--changed"), "what changed is asked of two versions, not of v3"),
        (("v3", "v4", "--changed", "--sparse"), "do not go together"),
        (("v3", "--no-metrics"), "it goes with --changed"),
    ):
        ran = dslineage("fetch", *words)
        assert (ran.code, said in " ".join(ran.err.split())) == (CODES[UsageError], True)


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


def test_garbage_of_a_remote_is_told_marked_and_deleted(
    support: Path, storage: Path, dslineage: Dslineage, tmp_path: Path
) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=support, check=True)

    dslineage("push")
    nothing = dslineage("gc", "--remote", "storage").out.splitlines()
    assert nothing[:2] == [f"storage  {storage}", "nothing to delete"]
    git("checkout", "-q", "-b", "side")
    with (support / "support.jsonl").open("a") as file:
        file.write('{"messages":[{"role":"user","content":"new"}]}\n')
    assert dslineage("commit", "-m", "side").code == FINE
    dslineage("push")
    git("checkout", "-q", "--force", "-")
    git("branch", "-q", "-D", "side")
    git("reflog", "expire", "--expire=now", "--all")

    foretold = dslineage("gc", "--remote", "storage", "--grace", "7").out.splitlines()
    assert foretold[1].endswith(" would be marked, to be deleted once 7 days are over")
    assert foretold[-1] == "next: dslineage gc --remote storage --delete --grace 7"
    marked = dslineage("gc", "--remote", "storage", "--delete").out.splitlines()
    assert marked[1].endswith(" marked now, to be deleted once 14 days are over")
    assert "of them marked to be deleted" in dslineage("status", "--remote").out
    done = dslineage("gc", "--remote", "storage", "--delete", "--grace", "0", "--json").json
    assert (done["schema"], done["deleted"]) == ("dslineage.gc-remote/1", True)
    assert done["dead"]["count"] == 5
    assert all(
        (storage / "dslineage" / one["path"]).exists() is False for one in done["dead"]["files"]
    )
    assert "marked" not in dslineage("status", "--remote").out


def test_clones_that_keep_something_on_a_remote_are_listed_and_can_be_released(
    support: Path, storage: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    dslineage("push")
    subprocess.run(["git", "clone", "-q", support, support.parent / "clone"], check=True)
    monkeypatch.chdir(support.parent / "clone")
    subprocess.run(["git", "remote", "remove", "origin"], check=True)
    line = dslineage("gc", "--remote", "storage").out.splitlines()[-1]
    assert " claims 4 versions since " in line
    assert dslineage("gc", "--remote", "storage", "--release", "zz").code == CODES[NotFoundError]
    name = line.split()[0]
    released = dslineage("gc", "--remote", "storage", "--release", name).out
    assert released.splitlines()[1] == "nothing to delete", "its versions are known here"
    assert name not in released
    assert dslineage("gc", "--release", name).code == CODES[UsageError]
