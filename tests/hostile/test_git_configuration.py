"""A repository whose own git folder came from somebody else, as in an archive or a shared folder:
whatever its settings, no question that people ask of it runs a program that they name.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from dslineage.errors import DslineageError, UsageError
from dslineage.repository import Repository
from dslineage.training.surroundings import code_of
from tests.versions.support import Bench

ONE = b'{"prompt":"a","completion":"b"}\n'
TWO = ONE + b'{"prompt":"c","completion":"d"}\n'
HOOKS = (
    "applypatch-msg", "commit-msg", "fsmonitor-watchman", "post-applypatch", "post-checkout",
    "post-commit", "post-index-change", "post-merge", "post-receive", "post-rewrite",
    "post-update", "pre-applypatch", "pre-auto-gc", "pre-commit", "pre-merge-commit", "pre-push",
    "pre-rebase", "pre-receive", "prepare-commit-msg", "push-to-checkout", "reference-transaction",
    "update",
)  # fmt: skip
SETTINGS = {
    "alias.log": "!{}",
    "alias.diff": "!{}",
    "core.alternateRefsCommand": "{}",
    "core.askPass": "{}",
    "core.editor": "{}",
    "core.fsmonitor": "{}",
    "core.gitProxy": "{}",
    "core.pager": "{}",
    "core.sshCommand": "{}",
    "credential.helper": "!{}",
    "diff.evil.command": "{}",
    "diff.evil.textconv": "{}",
    "diff.external": "{}",
    "gpg.program": "{}",
    "gpg.ssh.program": "{}",
    "interactive.diffFilter": "{}",
    "log.showSignature": "true",
    "merge.evil.driver": "{}",
    "pager.diff": "{}",
    "pager.log": "{}",
    "protocol.ext.allow": "always",
    "sequence.editor": "{}",
    "trailer.sign.cmd": "{}",
    "uploadpack.packObjectsHook": "{}",
}
SIGNED = """tree {tree}
author A <a@example.org> 1767323045 +0000
committer A <a@example.org> 1767323045 +0000
gpgsig -----BEGIN PGP SIGNATURE-----
 nothing
 -----END PGP SIGNATURE-----

signed
"""
QUESTIONS: tuple[Callable[[Repository], object], ...] = (
    lambda repo: repo.status(),
    lambda repo: repo.log(),
    lambda repo: repo.show("train@v1"),
    lambda repo: repo.show("HEAD~1:train.jsonl"),
    lambda repo: repo.check(),
    lambda repo: repo.diff("train@v1", "train@v2"),
    lambda repo: repo.diff("train"),
    lambda repo: repo.diff_of_records("train@v1", "train@v2"),
    lambda repo: repo.pull_request("HEAD~1"),
    lambda repo: repo.du(),
    lambda repo: repo.gc(),
    lambda repo: repo.verify(),
    lambda repo: list(repo.load("train@v1")),
    lambda repo: repo.provenance.lineage("train@v2"),
    lambda repo: repo.provenance.trace('{"prompt":"a","completion":"b"}'),
    lambda repo: repo.provenance.summary(),
    lambda repo: repo.remotes.list(),
    lambda repo: code_of(repo.root),
    lambda repo: repo.git.mentions("0" * 64, ".dslineage/records"),
    lambda repo: repo.git.ask(["log", "-1", "--format=%h %s", "signed"]),
    lambda repo: repo.git.unmerged_names(),
)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


@pytest.fixture
def hostile(tmp_path: Path, canary: Path) -> Bench:
    bench = Bench.make(tmp_path / "repo")
    bench.commit("train.jsonl", ONE)
    bench.commit("train.jsonl", TWO)
    tree = bench.git("rev-parse", "HEAD^{tree}").strip()
    commit = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        input=SIGNED.format(tree=tree).encode(),
        cwd=bench.root,
        capture_output=True,
        check=True,
    ).stdout.decode()
    bench.git("update-ref", "refs/heads/signed", commit.strip())
    program = tmp_path / "evil"
    program.write_text(f'#!/bin/sh\necho $0 "$@" >> \'{canary}\'\ncat "$1" 2>/dev/null\n')
    program.chmod(0o755)
    bench.put(".git/info/attributes", b"* diff=evil merge=evil\n")
    for hook in HOOKS:
        path = bench.put(f".git/hooks/{hook}", program.read_bytes())
        path.chmod(0o755)
    for name, value in SETTINGS.items():
        bench.git("config", name, value.format(program))
    for name in ("train.jsonl", ".dslineage/README.md"):
        os.utime(bench.root / name, (1, 1))
    return bench


def test_no_question_runs_what_the_settings_of_git_name(hostile: Bench, canary: Path) -> None:
    for number, ask in enumerate(QUESTIONS):
        with suppress(DslineageError):
            ask(hostile.repo)
        assert not canary.exists(), (number, canary.read_text())


def test_what_git_runs_when_it_is_asked_plainly(hostile: Bench, canary: Path) -> None:
    """The settings are such as git obeys: what is tested above is no matter of their spelling."""
    for words in (["log", "-1", "signed"], ["log", "--all", "-Strain"], ["diff", "HEAD~1"]):
        subprocess.run(["git", *words], cwd=hostile.root, check=False, capture_output=True)
        assert canary.exists(), words
        canary.unlink()


def test_a_remote_that_is_a_command_is_not_asked_for_missing_objects(
    hostile: Bench, canary: Path
) -> None:
    """As in a partial clone, whose git fetches by itself what it has not."""
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::sh -c 'touch% {canary}'",
    }.items():
        hostile.git("config", name, value)
    with pytest.raises(UsageError, match="transport 'ext' not allowed"):
        hostile.repo.git.ask(["cat-file", "-s", "1" * 40])
    assert not canary.exists()
