"""`pre-push`: the objects of versions reach their remote before the commits that name them.

Judged by the commits that git is about to send, not by the work tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dslineage.config import read_config
from dslineage.errors import NotFoundError, RemoteError, UsageError
from dslineage.versions.git import Git
from dslineage_hooks.finding import Finding

if TYPE_CHECKING:
    from dslineage.progress import Report
    from dslineage.remotes.fetching import Wanted

_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_RECORDS = ".dslineage/records/dataset/**", ".dslineage/records/step/**"


def outgoing(git: Git, remote: str, lines: Sequence[str]) -> bytes:
    """The commits with records that a push would send, one a line.

    Args:
        git: the repository.
        remote: the name of git's remote, or its address where it has none.
        lines: what git says: local ref, local commit, remote ref, remote commit.
    """
    tips, there = set(), set(_tracked(git, remote))
    for line in lines:
        fields = line.split()
        if len(fields) == 4 and all(_OID.fullmatch(fields[place]) for place in (1, 3)):
            if fields[1].strip("0"):
                tips.add(fields[1])
            if fields[3].strip("0") and git.commit_of(fields[3]):
                there.add(fields[3])
    if not tips:
        return b""
    ends = [*sorted(tips), *(f"^{commit}" for commit in sorted(there))]
    walk = ["rev-list", "--full-history", "--stdin", "--", *_RECORDS]
    return git.ask(walk, stdin="".join(f"{end}\n" for end in ends).encode(), globs=True)


def pre_push(git: Git, commits: bytes, report: Report | None) -> list[Finding]:
    """Send the objects that commits need to the default remote, where there is one.

    With `push = "check"` in `[hooks]` of `dslineage.toml` it is only looked whether they are there,
    with `push = "off"` nothing is done. What keeps the objects from the remote blocks; what is said
    of a remote and cannot be followed, and versions that this clone does not have whole, do not.

    Args:
        git: the repository.
        commits: from `outgoing`.
        report: called as the work goes on.
    """
    from dslineage.remotes.selection import in_documents
    from dslineage.versions.roots import documents_of

    mode = read_config(git.root).push
    versions = [] if mode == "off" else in_documents(documents_of(git, commits))
    if not versions:
        return []
    try:
        return list(_sent(git, versions, report, check=mode == "check"))
    except RemoteError as error:
        return [Finding.of(error, "")]
    except NotFoundError as error:
        return [] if "remote add" in error.hint else [Finding.of(error, "", blocks=False)]
    except UsageError as error:
        return [Finding.of(error, "", blocks=False)]


def _sent(
    git: Git, versions: Sequence[Wanted], report: Report | None, *, check: bool
) -> Iterator[Finding]:
    from dslineage.verbs.pushing import held, push
    from dslineage.verbs.remotes import opened
    from dslineage.workspace import Workspace

    work, remote = Workspace(git, git.root), opened(git, None)
    if check:
        missing = {name for one in held(work, remote, versions).versions for name in one.unsent}
        if missing:
            message = f"{len(missing):,} objects of what is pushed are not on {remote.name}"
            yield Finding("not-on-remote", "", message, "dslineage push")
        return
    partly = push(work, remote, versions, report, reread=False).partly
    if partly:
        message = (
            f"{', '.join(partly)} is not whole in this clone, so nobody looked for its objects"
        )
        yield Finding("not-whole", "", message, "dslineage fetch", blocks=False)


def _tracked(git: Git, remote: str) -> list[str]:
    """The commits that git knows a remote to have, from when it last looked."""
    if not remote or "://" in remote or remote.startswith(("-", "/", ".")):
        return []
    asked = ["for-each-ref", "--format=%(objectname)", f"refs/remotes/{remote}/"]
    return git.ask(asked).decode().split()
