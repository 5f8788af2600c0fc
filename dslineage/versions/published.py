"""What git's own remotes carry: the versions that everybody's clone gets from there."""

from __future__ import annotations

from collections.abc import Iterator

from dslineage.errors import IntegrityError, RemoteError, UsageError
from dslineage.versions.git import Git
from dslineage.versions.roots import Document, documents_behind


def published(git: Git) -> Iterator[Document]:
    """The records and pointers of all branches and tags that git's remotes have now.

    Raises:
        RemoteError: a remote of git does not answer.
        IntegrityError: it has branches, or a history, that are not here.
    """
    if git.ask(["rev-parse", "--is-shallow-repository"]).strip() == b"true":
        raise IntegrityError(
            f"the history in {git.root} is not whole, and nobody knows which versions it lacks",
            kind="shallow-clone",
            hint="git fetch --unshallow",
        )
    names = git.ask(["remote"]).decode(errors="surrogateescape").split()
    tips = {commit for name in names for commit in _tips(git, name)}
    yield from documents_behind(git, sorted(tips))


def _tips(git: Git, name: str) -> list[str]:
    """The commits that the branches and tags of a remote of git are at now."""
    try:
        listing = git.ask(["ls-remote", "--quiet", "--heads", "--tags", "--refs", "--", name])
    except UsageError as error:
        raise RemoteError(
            f"nobody can say which versions {name} has: {error.message}",
            kind="git-remote",
            hint=f"git ls-remote {name}; or, if it is gone: git remote remove {name}",
        ) from error
    tips = dict(line.split("\t") for line in listing.decode(errors="replace").splitlines())
    asked = "".join(f"{oid}\n{oid}^{{commit}}\n" for oid in tips).encode()
    answers = git.ask(["cat-file", "--batch-check"], stdin=asked).decode().splitlines()
    found = []
    for (oid, ref), itself, commit in zip(tips.items(), answers[::2], answers[1::2], strict=True):
        if itself.endswith(" missing"):
            raise IntegrityError(
                f"{name} has {ref} at {oid[:12]}, which is not here, and may name versions",
                kind="unfetched",
                hint=f"git fetch {name} '+refs/heads/*:refs/remotes/{name}/*' --tags",
            )
        if not commit.endswith(" missing"):
            found.append(commit.partition(" ")[0])
    return found
