"""What nobody needs any more on a remote, judged from what was seen there. Nothing is done here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dslineage.errors import IntegrityError, NotFoundError, UsageError
from dslineage.remotes.claims import Claim, Need, united
from dslineage.remotes.copies import Holding
from dslineage.remotes.marks import Marks

DAY = 86_400.0
QUIET_SECONDS = 3_600.0
"""How long nobody collected before it is certain that nobody is about to delete anything."""
_ALWAYS = "keys/"
"""Keys of deny lists stay: without one, nobody can say what was forgotten."""


@dataclass(frozen=True)
class Roots:
    """What this clone knows of versions, by id.

    `here` is what versions need that are whole here, in the encoding that they have here;
    `layouts` the names of the layouts of the others; `known` the versions that git, an index or a
    work tree names; `published` those that every clone gets from git's own remotes; `content` what
    they need that is named by its content.
    """

    here: Mapping[str, Need]
    layouts: Mapping[str, Collection[str]]
    known: frozenset[str]
    published: frozenset[str]
    content: frozenset[str]


@dataclass(frozen=True)
class Seen:
    """What was seen on a remote: marks first, then claims, then files.

    `litter` are files that are no whole copy, with their bytes: cut off, or never renamed.
    `time` is what its clock said, in seconds since 1970, where that is known.
    """

    marks: Mapping[str, Marks]
    claims: Mapping[str, Claim]
    holding: Holding
    litter: Mapping[str, int]
    time: float | None

    @cached_property
    def marked(self) -> frozenset[str]:
        """All files that are marked."""
        return frozenset().union(*(one.paths for one in self.marks.values()))

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """The bytes of each file that can go, by path."""
        return {copy.path: copy.size for copy in self.holding.copies} | dict(self.litter)

    @cached_property
    def claimed(self) -> frozenset[str]:
        """All keys that somebody claims."""
        return _keys(claim.versions for claim in self.claims.values())

    def revived(self, roots: Roots) -> dict[str, Need]:
        """Versions of which files were marked, and that are known now."""
        said = united(one.versions for one in self.marks.values())
        return {id_: need for id_, need in said.items() if id_ in roots.known}


@dataclass(frozen=True)
class Verdict:
    """What garbage collection says of a remote.

    `claim` is what this clone claims from now on, and `ended` are the claims that it is put in
    place of; `given_up` are versions of these that nobody needs any more. `dead` are files that are
    to be marked, `unclaimed` copies of which nobody ever said whose they are: each a path with its
    bytes. `others` are the clones whose claims stay.
    """

    claim: Mapping[str, Need]
    ended: frozenset[str]
    given_up: Mapping[str, Need]
    dead: Mapping[str, int]
    unclaimed: Mapping[str, int]
    others: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """Another clone that claims something: who works there, and since when it says so.

    `unknown` are versions that it needs and nobody here knows, `bytes` what would go without it.
    """

    clone: str
    by: str
    at: str
    versions: int
    unknown: tuple[str, ...]
    bytes: int

    def to_dict(self) -> dict[str, Any]:
        """The clone as a JSON object."""
        return {
            "clone": self.clone,
            "by": self.by,
            "at": self.at,
            "versions": self.versions,
            "unknown": list(self.unknown),
            "bytes": self.bytes,
        }


def judge(
    seen: Seen, roots: Roots, clone: str, released: Collection[str], *, unclaimed: bool
) -> Verdict:
    """Say what nobody needs any more.

    A claim ends if it is this clone's, if a person released it, or if all its versions are in what
    git's remotes carry. What it says of versions that are known goes into this clone's claim.

    Args:
        seen: what was seen on the remote, before `roots` were asked for.
        roots: what this clone knows.
        clone: which clone this is.
        released: clones whose claims a person ends.
        unclaimed: whether what nobody ever claimed goes, too.

    Raises:
        UsageError: nothing would be left.
        IntegrityError: unclaimed objects may be those of versions that are not here.
    """
    ended = {
        path
        for path, one in seen.claims.items()
        if one.clone in {clone, *released} or one.versions.keys() <= roots.published
    }
    said = united(
        [
            seen.revived(roots),
            *(seen.claims[path].versions for path in ended),
        ]
    )
    claim = _claim(seen, roots, said)
    staying = {path: one for path, one in seen.claims.items() if path not in ended}
    needed = _keys([claim, roots.here, *(one.versions for one in staying.values())])
    needed |= roots.content
    evidence = seen.claimed | {copy.key for copy in seen.holding.copies if copy.path in seen.marked}
    dead, unknown, kept = dict(seen.litter), {}, 0
    for copy in seen.holding.copies:
        if copy.key in needed or copy.key.startswith(_ALWAYS):
            kept += 1
        elif unclaimed or copy.key in evidence:
            dead[copy.path] = copy.size
        else:
            unknown[copy.path] = copy.size
    if unclaimed:
        _refuse_unread(seen, roots, said.keys() | united(o.versions for o in staying.values()))
    if seen.holding.copies and not kept and not unknown:
        raise UsageError(
            "every object on the remote would go: no version that is known here, and no other "
            "clone, needs any of them",
            kind="nothing-kept",
            hint="if that is meant: delete its folder dslineage/",
        )
    given_up = {id_: need for id_, need in said.items() if id_ not in claim}
    others = tuple(_holders(seen, roots, staying, _keys([claim, roots.here]) | roots.content))
    new = {path: size for path, size in dead.items() if path not in seen.marked}
    return Verdict(claim, frozenset(ended), given_up, new, unknown, others)


def due(seen: Seen, roots: Roots, grace_days: float, now: float) -> set[str]:
    """Which marked files can be deleted.

    Nothing goes that anybody claims, whoever that is, or that versions need that are known here.

    Args:
        seen: what was seen on the remote.
        roots: what this clone knows.
        grace_days: what was marked less long ago stays, and litter at least a day.
        now: the time here.
    """
    free = _free(seen, roots)
    files: set[str] = set()
    for marks in seen.marks.values():
        days = marks.age(now, seen.time) / DAY
        if days >= grace_days:
            files |= marks.paths & free
        if days >= max(grace_days, 1.0):
            files |= marks.paths & seen.litter.keys()
    return files


def settled(
    seen: Seen, roots: Roots, grace_days: float, now: float, there: float | None
) -> set[str]:
    """Which notes of marks can go: nothing is left of what they name but what is needed.

    Where somebody collected not long ago, they stay: he may be about to delete what they name, and
    nobody may send anything under those names until he has.

    Args:
        seen: what was seen on the remote, before this clone said there what time it is.
        roots: what this clone knows.
        grace_days: what was marked less long ago stays.
        now: the time here.
        there: the time there, now.
    """
    if seen.time is None or there is None or there - seen.time < QUIET_SECONDS:
        return set()
    left = _free(seen, roots) | seen.litter.keys()
    return {
        note
        for note, marks in seen.marks.items()
        if marks.age(now, there) >= grace_days * DAY and left.isdisjoint(marks.paths)
    }


def _free(seen: Seen, roots: Roots) -> frozenset[str]:
    """The whole copies that nobody needs, or of which there is another that is not marked."""
    needed = seen.claimed | _keys([roots.here, seen.revived(roots)]) | roots.content
    sound = {(copy.name, copy.digest) for copy in seen.holding.without(seen.marked).copies}
    return frozenset(
        copy.path
        for copy in seen.holding.copies
        if not copy.key.startswith(_ALWAYS)
        and (copy.key not in needed or (copy.name, copy.digest) in sound)
    )


def clones_like(seen: Seen, names: Collection[str]) -> frozenset[str]:
    """The clones that the beginnings of their names name.

    Raises:
        NotFoundError: one names none, or several.
    """
    clones = {claim.clone for claim in seen.claims.values()}
    found = set()
    for name in names:
        like = sorted(one for one in clones if name and one.startswith(name))
        if len(like) != 1:
            raise NotFoundError(
                f"{len(like)} clones that claim something have names that begin with {name!r}",
                kind="no-clone",
                hint=f"one of: {', '.join(like or sorted(clones))}",
            )
        found.update(like)
    return frozenset(found)


def _claim(seen: Seen, roots: Roots, said: Mapping[str, Need]) -> dict[str, Need]:
    """What is known and on the remote: as it is here where all that is there, else as was said."""
    there = seen.holding.without(seen.marked).keys
    claim = {id_: need for id_, need in said.items() if id_ in roots.known}
    whole = {id_: need for id_, need in roots.here.items() if need.keys <= there}
    return claim | whole


def _refuse_unread(seen: Seen, roots: Roots, claimed: Collection[str]) -> None:
    for id_, layouts in sorted(roots.layouts.items()):
        if id_ not in claimed and not seen.holding.whole.keys().isdisjoint(layouts):
            raise IntegrityError(
                f"the remote has objects of {id_}, which is not whole here, and nobody said which "
                "they are: nothing was marked",
                kind="unread-version",
                hint="dslineage fetch --all; dslineage push --all",
            )


def _holders(
    seen: Seen, roots: Roots, staying: Mapping[str, Claim], ours: frozenset[str]
) -> Iterator[Holder]:
    """The clones whose claims stay, by name; what they say of known versions stays in any case."""
    said = united(claim.versions for claim in staying.values())
    ours |= _keys([{id_: need for id_, need in said.items() if id_ in roots.known}])
    by_clone: dict[str, list[Claim]] = {}
    for claim in staying.values():
        by_clone.setdefault(claim.clone, []).append(claim)
    keys = {clone: _keys(one.versions for one in some) for clone, some in by_clone.items()}
    for clone, some in sorted(by_clone.items()):
        rest = ours.union(*(found for other, found in keys.items() if other != clone))
        alone = keys[clone] - rest
        last = max(some, key=lambda one: one.at)
        versions = united(one.versions for one in some)
        unknown = sorted(n.title for id_, n in versions.items() if id_ not in roots.known)
        size = sum(copy.size for copy in seen.holding.copies if copy.key in alone)
        yield Holder(clone, last.by, last.at, len(versions), tuple(unknown), size)


def _keys(said: Iterable[Mapping[str, Need]]) -> frozenset[str]:
    """All that versions need."""
    return frozenset().union(*(need.keys for versions in said for need in versions.values()))
