"""Git's objects: every blob, commit and tag that it has, and where those that were found stand."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from dslineage.elsewhere.place import Place
from dslineage.errors import IntegrityError

if TYPE_CHECKING:
    from dslineage.elsewhere.seeker import Seeker, Sight
    from dslineage.versions.git import Git

_AS_MADE = "--no-replace-objects"
_EVERY = [_AS_MADE, "cat-file", "--batch-all-objects", "--unordered", "--buffer", "--batch"]
_CHANGES = [_AS_MADE, "diff-tree", "--stdin", "-r", "-m", "--root", "--raw", "-z", "--no-abbrev",
            "--no-renames", "--no-ext-diff"]  # fmt: skip
_TIPS = ["--exclude=refs/stash", "--all"]
_PIECE = 1 << 20
_FORGET = "git reflog expire --expire=now --expire-unreachable=now --all && git gc --prune=now"
_REWRITE = (
    "git filter-repo --sensitive-data-removal --strip-blobs-with-ids <(printf '%s\\n' {blobs})"
)
_SHORT = 8


def in_git(trees: Sequence[Git], seeker: Seeker) -> Iterator[Place]:
    """What git has of forgotten examples, by path where a commit or an index has it.

    Args:
        trees: the work trees of a repository.
        seeker: knows the examples.

    Raises:
        IntegrityError: git cannot read its own objects.
    """
    git = trees[0]
    found, messages = _seen(git, seeker)
    for object_, (sight, kind) in sorted(messages.items()):
        where = f"what the {kind} {object_[:_SHORT]} says"
        yield Place("git", where, *sight, "git filter-repo --replace-message EXPRESSIONS")
    left = dict(found)
    for title, commits, removal in _ways(git):
        for path, stands in sorted(_standing(git, commits, left).items()):
            for blob in stands.blobs:
                left.pop(blob, None)
            where = f"{path} in {title}: {_several(stands.commits)}"
            sight = _surest(found[blob] for blob in stands.blobs)
            yield Place("git", where, *sight, removal.format(blobs=" ".join(stands.blobs)))
    for tree in trees:
        for path, blob in _staged(tree):
            if blob in left:
                sight = left.pop(blob)
                removal = f"git -C {shlex.quote(str(tree.root))} rm --cached -- {shlex.quote(path)}"
                yield Place("git", f"{path}, staged in {tree.root}", *sight, removal)
    if left:
        where = f"objects that no branch or tag has: {_several(sorted(left))}"
        yield Place("git", where, *_surest(left.values()), _FORGET)


def _seen(git: Git, seeker: Seeker) -> tuple[dict[str, Sight], dict[str, tuple[Sight, str]]]:
    """The blobs that have examples in them, reachable or not, and the commits and tags."""
    found, messages = {}, {}
    with git.reading(_EVERY) as output:
        while header := output.readline():
            if len(facts := header.decode().split()) != 3:
                raise _stopped()
            object_, kind, size = facts
            content = _Content(output, int(size))
            sight = None if kind == "tree" else seeker.in_stream(content, int(size))
            content.skip()
            if sight is not None and kind == "blob":
                found[object_] = sight
            elif sight is not None:
                messages[object_] = sight, kind
    return found, messages


class _Content:
    """The bytes of one object, in a stream of many."""

    def __init__(self, output: IO[bytes], size: int) -> None:
        self._output = output
        self._left = size

    def __iter__(self) -> Iterator[bytes]:
        while self._left:
            piece = self._output.read(min(_PIECE, self._left))
            if not piece:
                raise _stopped()
            self._left -= len(piece)
            yield piece

    def skip(self) -> None:
        """Go on to the end of the object, and over the line feed behind it."""
        for _ in self:
            pass
        self._output.read(1)


def _stopped() -> IntegrityError:
    message = "git cannot read all of its objects"
    return IntegrityError(message, kind="missing-object", hint="git fsck")


@dataclass
class _Stands:
    """Blobs that stand at one path, and the commits that put them there, the newest first."""

    blobs: dict[str, None] = field(default_factory=dict)
    commits: dict[str, None] = field(default_factory=dict)


def _ways(git: Git) -> Iterator[tuple[str, list[str], str]]:
    """What keeps commits: its name, the revisions that lead to them, and how it forgets a path."""
    yield "the history", _TIPS, _REWRITE
    stashes = git.ask(["stash", "list", "--format=%H"]).decode().split()
    if stashes:
        yield "a stash", [*stashes, "--not", *_TIPS], f"git stash list; git stash drop; {_FORGET}"
    yield "a reflog", ["--reflog", "--not", *_TIPS, *stashes], _FORGET


def _standing(
    git: Git, revisions: Sequence[str], wanted: Mapping[str, Sight]
) -> dict[str, _Stands]:
    """The paths at which commits put some blobs."""
    found: dict[str, _Stands] = {}
    if not wanted:
        return found
    with tempfile.TemporaryFile() as listing:
        with git.reading([_AS_MADE, "rev-list", *revisions]) as commits:
            shutil.copyfileobj(commits, listing)
        listing.seek(0)
        with git.reading(_CHANGES, listing) as changes:
            commit = ""
            fields = _fields(changes)
            for one in fields:
                if not one.startswith(b":"):
                    commit = one.decode()
                    continue
                blob, path = one.split()[3].decode(), os.fsdecode(next(fields))
                if blob in wanted:
                    stands = found.setdefault(path, _Stands())
                    stands.blobs[blob] = stands.commits[commit] = None
    return found


def _fields(stream: IO[bytes]) -> Iterator[bytes]:
    """What is written with a NUL behind each."""
    rest = b""
    while piece := stream.read(_PIECE):
        *whole, rest = (rest + piece).split(b"\0")
        yield from whole


def _staged(tree: Git) -> Iterator[tuple[str, str]]:
    """The path and the blob of every entry of an index, all sides of a conflict."""
    for line in filter(None, tree.ask(["ls-files", "--stage", "-z"]).split(b"\0")):
        facts, _, path = line.partition(b"\t")
        yield os.fsdecode(path), facts.split()[1].decode()


def _surest(sights: Iterable[Sight]) -> Sight:
    order = ("sure", "likely", "unknown")
    return min(sights, key=lambda sight: order.index(sight.certainty))


def _several(ids: Iterable[str]) -> str:
    """The first of some ids, shortened, and how many more there are."""
    first, *more = list(ids)
    return f"{first[:_SHORT]} and {len(more):,} more" if more else first[:_SHORT]
