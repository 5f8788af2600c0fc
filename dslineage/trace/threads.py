"""The law of parents: which examples are earlier and later forms of which.

An example's parent is the example with the same digest upstream; else the one with the same
conversation; else the one that a step recorded; else, inferred, the one that the diff pairs it
with. So an example is one form in all versions that have it, and forms are linked.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dslineage.lineage.ancestry import Kind
from dslineage.lineage.rowindex import Form, bits
from dslineage.records import Evidence, weakest
from dslineage.trace.pairs import Pairs
from dslineage.trace.recorded import RecordedLinks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.trace.history import History

_MANY = 8
"""More examples than this are looked up at once."""


@dataclass(frozen=True, slots=True)
class Link:
    """That one form was made of another.

    `by` is the id of the step that recorded it, or the rule of the diff that inferred it; `version`
    the number of the version in which the child begins, None where it is in none.
    """

    child: bytes
    parent: bytes
    kind: Kind
    evidence: Evidence
    version: int | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """A form that was reached from an example: by which links, and what the path is worth.

    `kind` and `evidence` are the weakest on the path.
    """

    form: Form
    kind: Kind
    evidence: Evidence
    path: tuple[Link, ...]

    @property
    def inferred(self) -> bool:
        """Whether somebody guessed on the way."""
        return self.kind is Kind.INFERRED


class Threads:
    """Forms of examples, followed up and down the versions.

    Args:
        history: the versions.
        infer: whether the diff is asked, where nothing else says what became of an example.
    """

    def __init__(self, history: History, *, infer: bool = True) -> None:
        self._history = history
        self._index = history.index
        self._recorded = RecordedLinks(history)
        self._pairs = Pairs(history, self._recorded) if infer else None
        self._forms: dict[bytes, Form] = {}
        self._alike: dict[bytes, Sequence[Form]] = {}

    @property
    def undecided(self) -> Iterator[str]:
        """A sentence for each step, and each two versions, of which too little could be read."""
        for step, why in sorted(self._recorded.failed.items()):
            yield f"what {self._history.nodes[step].ref} made of which could not be read: {why}"
        for before, after, why in self._pairs.failed if self._pairs else ():
            ref, parent = self._history.node(after).ref, self._history.node(before).ref
            yield f"whether {ref} has edited examples of {parent} could not be looked for: {why}"

    def form(self, digest: bytes) -> Form:
        """An example by its digest, with the versions that have it."""
        if digest not in self._forms:
            self._forms[digest] = self._index.form(digest)
        return self._forms[digest]

    def alike(self, digest: bytes) -> Sequence[Form]:
        """The other examples with the same conversation, wherever they are."""
        if digest not in self._alike:
            self._look_up([digest])
        return self._alike[digest]

    def preload(self, digests: Iterable[bytes]) -> None:
        """Look many examples up at once, and those with the same conversations."""
        first = sorted(set(digests) - self._alike.keys())
        self._look_up(first)
        others = {form.digest for one in first for form in self._alike[one]}
        self._look_up(sorted(others - self._alike.keys()))

    def _look_up(self, digests: Sequence[bytes]) -> None:
        families = self._index.families(_column(digests))
        every = sorted({*digests, *itertools.chain(*families.values())} - self._forms.keys())
        found = self._index.forms(_column(every))
        self._forms |= {one: found.get(one, Form(one, 0)) for one in every}
        for one in digests:
            forms = (self._forms[other] for other in sorted(families.get(one, ())) if other != one)
            self._alike[one] = [form for form in forms if form.versions]

    def parents(self, digest: bytes) -> list[Link]:
        """The forms that an example was made of, in each version in which it begins."""
        form = self.form(digest)
        found = [
            link
            for version in self._history.begins(form.versions)
            for link in self.parents_in(digest, version)
        ]
        if not form.versions:
            found = list(self._recorded_parents(digest, None))
        return list(dict.fromkeys(found))

    def children(self, digest: bytes) -> list[Link]:
        """The forms with the same conversation, and those that were made of an example."""
        form = self.form(digest)
        alike = self.alike(digest)
        recorded = [
            Link(child, digest, Kind.RECORDED, step.evidence, self._first(child), step.id)
            for child, step in self._recorded.children(digest)
        ]
        found = [
            Link(other.digest, digest, Kind.SAME_CONVERSATION, Evidence.RECORDED,
                 self._first(other.digest))
            for other in alike
        ]  # fmt: skip
        found += recorded
        if self._pairs is None:
            return found
        for before, after in self._history.ends(form.versions):
            if not self._goes_on(before, after, alike, recorded) and not self.dropped(
                digest, after
            ):
                for child, _ in self._pairs.between(before, after).children.get(digest, ()):
                    links = self.parents_in(child, after)
                    found += [link for link in links if link.parent == digest]
        return list(dict.fromkeys(found))

    def descendants(self, digests: Iterable[bytes]) -> dict[bytes, Reached]:
        """All later forms of some examples, and the examples themselves."""
        digests = set(digests)
        if len(digests) > _MANY:
            self.preload(digests)
        return self._reached(digests, lambda at: [(link, link.child) for link in self.children(at)])

    def ancestors(self, digests: Iterable[bytes]) -> dict[bytes, Reached]:
        """All earlier forms of some examples, and the examples themselves."""
        return self._reached(digests, lambda at: [(link, link.parent) for link in self.parents(at)])

    def dropped(self, digest: bytes, version: int) -> str:
        """Why the step that made a version dropped an example; empty where it does not say."""
        step = self._history.step(version)
        return self._recorded.reason(step, digest) if step else ""

    def ends(self, reached: Mapping[bytes, Reached]) -> Iterator[tuple[bytes, int, int]]:
        """Where no form goes on: a form, the last version that has it, and the first without."""
        every = 0
        for one in reached.values():
            every |= one.form.versions
        for digest in sorted(reached):
            for before, after in self._history.ends(reached[digest].form.versions):
                if not every >> after & 1:
                    yield digest, before, after

    def parents_in(self, digest: bytes, version: int) -> list[Link]:
        """The parents of an example in a version, none where a version above has it."""
        above = self._history.above[version]
        if self.form(digest).versions & above:
            return []
        alike = [other.digest for other in self.alike(digest) if other.versions & above]
        if alike:
            evidence = Evidence.RECORDED
            return [Link(digest, one, Kind.SAME_CONVERSATION, evidence, version) for one in alike]
        recorded = list(self._recorded_parents(digest, version))
        if recorded or self._pairs is None:
            return recorded
        return [
            Link(digest, parent, Kind.INFERRED, Evidence.RECORDED, version, rule)
            for before in bits(above)
            for parent, rule in self._pairs.between(before, version).parents.get(digest, ())
        ]

    def _recorded_parents(self, digest: bytes, version: int | None) -> Iterator[Link]:
        for parent, step in self._recorded.parents(digest):
            yield Link(digest, parent, Kind.RECORDED, step.evidence, version, step.id)

    def _goes_on(
        self, before: int, after: int, alike: Sequence[Form], recorded: Sequence[Link]
    ) -> bool:
        """Whether a later version has what became of an example of an earlier one."""
        if any(form.versions >> after & 1 for form in alike):
            return True
        children = (self.form(link.child).versions for link in recorded)
        return any(one >> after & 1 and not one >> before & 1 for one in children)

    def _first(self, digest: bytes) -> int | None:
        return next(self._history.begins(self.form(digest).versions), None)

    def _reached(
        self,
        digests: Iterable[bytes],
        further: Callable[[bytes], list[tuple[Link, bytes]]],
    ) -> dict[bytes, Reached]:
        """What can be reached, each form on the path whose weakest link is the strongest."""
        found: dict[bytes, Reached] = {}
        count = itertools.count()
        todo: list[tuple[int, int, int, bytes, int, Evidence, tuple[Link, ...]]] = [
            (0, -Evidence.RECORDED.strength, 0, one, next(count), Evidence.RECORDED, ())
            for one in sorted(set(digests))
        ]
        while todo:
            rank, _, _, digest, _, evidence, path = heapq.heappop(todo)
            if digest in found:
                continue
            found[digest] = Reached(self.form(digest), Kind(rank), evidence, path)
            for link, other in further(digest):
                if other not in found:
                    worth = weakest((evidence, link.evidence))
                    heapq.heappush(
                        todo,
                        (max(rank, link.kind), -worth.strength, len(path) + 1,
                         other, next(count), worth, (*path, link)),
                    )  # fmt: skip
        return found


def _column(digests: Sequence[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)
