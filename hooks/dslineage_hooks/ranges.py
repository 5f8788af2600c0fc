"""The faults of commits that are there already: what `pre-commit` would have said of them.

Rebase, cherry-pick, revert and `--no-verify` do not ask that hook, so CI asks here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dslineage.errors import NotFoundError, UsageError
from dslineage.versions.git import Git
from dslineage.versions.tree import Tree, each_commit, empty_tree
from dslineage_hooks.finding import Finding
from dslineage_hooks.forgotten import forgotten_files
from dslineage_hooks.pre_commit import judge
from dslineage_hooks.strays import strays


@dataclass(frozen=True, slots=True)
class RangeResult:
    """What was found between two commits."""

    base: str
    commit: str
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> bool:
        """Whether there is a fault."""
        return any(finding.blocks for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.range/1`."""
        return {
            "schema": "dslineage.range/1",
            "base": self.base,
            "commit": self.commit,
            "failed": self.failed,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def check_range(git: Git, text: str, today: str) -> RangeResult:
    """The faults of B that came since A, for a range `A..B`; an empty B is HEAD.

    What is wrong with pointers, records and gates is judged in B, against where it left A: a fault
    that a later commit puts right is none. Data in a commit stays in the history, so each one is
    looked at for that.

    Raises:
        UsageError: the text is no range, or `dslineage.toml` is not understood.
        NotFoundError: an end of it is no commit of this repository.
    """
    start, dots, end = text.partition("..")
    if not (start and dots) or end.startswith("."):
        raise UsageError(
            f"{text!r} is no range of commits", kind="bad-range", hint="--range origin/main..HEAD"
        )
    before, commit = _commit(git, start), _commit(git, end or "HEAD")
    Tree(git, commit).config()
    return RangeResult(before, commit, faults_between(git, before, commit, today))


def faults_between(git: Git, before: str, commit: str, today: str) -> tuple[Finding, ...]:
    """What is wrong with a commit, against where it left another, and with those on the way.

    What the other has forgotten since must not come back, either.
    Where its settings are not understood, that is a note, and no gate is judged.
    """
    tree = Tree(git, commit)
    found = judge(tree, tree.changes_from(_common(git, before, commit)), today, before)
    known = {(finding.kind, finding.path) for finding in found}
    for one, changes in each_commit(git, before, commit):
        there = Tree(git, one)
        for finding in (*strays(there, changes), *forgotten_files(there, changes, before, commit)):
            if (finding.kind, finding.path) not in known:
                found.append(_in_history(finding, one))
    return tuple(found)


def _in_history(finding: Finding, commit: str) -> Finding:
    return replace(
        finding,
        message=f"{finding.message}: the commit {commit[:12]} has it, and so will every clone",
        hint=f"take it out of the commit: git rebase --interactive {commit[:12]}^",
        commit=commit,
    )


def _common(git: Git, before: str, commit: str) -> str:
    """The newest commit that both ends have; the empty tree where they have none."""
    try:
        found = git.ask(["merge-base", before, commit]).decode().split()
    except UsageError:
        found = []
    return found[0] if found else empty_tree(git)


def _commit(git: Git, revision: str) -> str:
    commit = git.commit_of(revision)
    if commit is None:
        raise NotFoundError(
            f"{revision!r} is no commit of this repository",
            kind="unknown-reference",
            hint="in CI, fetch the whole history: git fetch --unshallow",
        )
    return commit
