"""What a repository denies: the deny list of a work tree, and those that its branches have.

A branch from before an example was forgotten has no list, or a shorter one. So the lists at the
tips of all branches count that HEAD does not contain yet, of this clone and of those it fetched
from, and the lists of other work trees. Of branches that HEAD contains, its own list is the later
word, so that an example can be let back. Tags are states of the past, and have no say.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from dslineage.errors import DslineageError, IntegrityError
from dslineage.gitblobs import asked, contents
from dslineage.ids import Digest
from dslineage.records.forgotten import FORGOTTEN, DenyList, Forgotten

Ask = Callable[[Sequence[str], bytes | None], bytes]
"""Runs git with some arguments and an input in a work tree; what it answers."""
_MOST_BYTES = 64 << 20
_CHECK = ("cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)")
_HERE = ("-c", "protocol.allow=never", *_CHECK)
"""The same, of a partial clone only as far as it is here."""
_BRANCHES = ("refs/heads", "refs/remotes")


class Listed(NamedTuple):
    """A deny list in a repository: where it is, and what is on it or why that is not known."""

    where: str
    forgotten: Forgotten | None
    why: str = ""


class Denial(NamedTuple):
    """What is denied, None for nothing, and what is said of lists that could not be applied."""

    deny: DenyList | None
    unread: tuple[str, ...] = ()


def denial(
    own: DenyList | None, others: Iterable[Listed], key_of: Callable[[Digest], bytes | None]
) -> Denial:
    """What a repository denies.

    A list of a branch that is damaged, or whose key is not here, stops no work elsewhere: whoever
    can push could make one.

    Args:
        own: the list of the work tree.
        others: those of its branches and other work trees.
        key_of: gives a key by its digest, None where it is not here.
    """
    deny = own or DenyList({}, Forgotten({}))
    unread: dict[str, list[str]] = defaultdict(list)
    for where, forgotten, why in others:
        if forgotten is None:
            unread[why].append(where)
            continue
        found = {key: key_of(key) for key in forgotten.hashes}
        keys = {key: secret for key, secret in found.items() if secret is not None}
        deny = deny.joined(DenyList(keys, forgotten.under(keys)))
        if len(keys) < len(found):
            unread["its key is not here; dslineage fetch"].append(where)
    notices = (
        f"what was forgotten in {_shown(wheres)} is not known: {why}"
        for why, wheres in unread.items()
    )
    return Denial(deny if deny.forgotten else None, tuple(notices))


def others(ask: Ask, common: Path, root: Path, head: Callable[[], str | None]) -> Iterator[Listed]:
    """The deny lists of a repository besides that of a work tree.

    Where no branch has one, git is asked twice, and nothing is read.

    Args:
        ask: runs git in the work tree.
        common: the folder that all work trees share.
        root: the top of the work tree.
        head: gives the commit that it is at; None before the first.
    """
    yield from _in_work_trees(ask, common, root)
    tips = _tips(ask)
    lists = _lists(ask, _CHECK, tips)
    if lists != {} and (commit := head()):
        tips = _tips(ask, f"--no-merged={commit}")
    places: dict[str, tuple[str, int]] = {}
    for tip, where in tips.items():
        some = _lists(ask, _HERE, [tip]) if lists is None else lists
        if some is None:
            yield Listed(where, None, "git has it not here, and could not fetch it")
        elif tip in some:
            blob, _, size = some[tip]
            places.setdefault(blob, (where, int(size)))
    yield from _in_blobs(ask, places)


def _lists(ask: Ask, check: Sequence[str], tips: Iterable[str]) -> dict[str, list[str]] | None:
    """The name, type and size of the lists that some commits have, as far as they have one.

    None where git fails: in a partial clone it does at the first object that it cannot fetch.
    """
    tips = list(tips)
    try:
        found = ask(check, asked(f"{tip}:{FORGOTTEN}" for tip in tips)).decode().splitlines()
    except DslineageError as error:
        if error.kind != "git-failed":
            raise
        return None
    lines = zip(tips, found, strict=True)
    return {tip: line.split() for tip, line in lines if " blob " in line}


def _tips(ask: Ask, *which: str) -> dict[str, str]:
    """The commits at the tips of branches, and the name of a branch that each is the tip of."""
    answer = ask(["for-each-ref", "--format=%(objectname) %(refname)", *which, *_BRANCHES], None)
    lines = (line.split(" ", 1) for line in answer.decode(errors="replace").split("\n") if line)
    return {tip: name.split("/", 2)[2] for tip, name in lines}


def _in_blobs(ask: Ask, places: Mapping[str, tuple[str, int]]) -> Iterator[Listed]:
    """The lists in some of git's objects: where each is, and of how many bytes."""
    room = _MOST_BYTES
    wheres = {}
    for blob, (where, size) in sorted(places.items(), key=lambda one: one[1][1]):
        if size > room:
            yield Listed(where, None, f"it has {size:,} bytes")
            continue
        room -= size
        wheres[blob] = where
    if wheres:
        answer = ask(["cat-file", "--batch"], asked(wheres))
        for where, data in zip(wheres.values(), contents(answer, wheres), strict=True):
            yield _listed(where, data or b"")


def _in_work_trees(ask: Ask, common: Path, root: Path) -> Iterator[Listed]:
    """The lists in the files of other work trees."""
    if not (common / "worktrees").is_dir():
        return
    listing = ask(["worktree", "list", "--porcelain"], None)
    for line in listing.split(b"\n"):
        tree = Path(os.fsdecode(line.removeprefix(b"worktree ")))
        if not line.startswith(b"worktree ") or tree.resolve() == root.resolve():
            continue
        where, path = os.fsencode(tree).decode(errors="replace"), tree / FORGOTTEN
        try:
            if path.is_symlink() or not path.is_file():
                continue
            if (size := path.stat().st_size) > _MOST_BYTES:
                yield Listed(where, None, f"it has {size:,} bytes")
            else:
                yield _listed(where, path.read_bytes())
        except OSError as error:
            yield Listed(where, None, f"it cannot be read: {error.strerror}")


def _shown(wheres: Sequence[str]) -> str:
    """The first of some places, and how many others there are."""
    more = len(wheres) - 1
    return f"{wheres[0]} and {more:,} other place{'s' * (more > 1)}" if more else wheres[0]


def _listed(where: str, data: bytes) -> Listed:
    try:
        return Listed(where, Forgotten.from_bytes(data))
    except IntegrityError as error:
        return Listed(where, None, error.message)
