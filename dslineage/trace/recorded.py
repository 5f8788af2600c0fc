"""What steps recorded of examples: which they made of which, and which they dropped, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from dslineage.errors import IntegrityError

if TYPE_CHECKING:
    from dslineage.records import StepRecord
    from dslineage.store.links import Links
    from dslineage.trace.history import History


class Told(NamedTuple):
    """An example at the other end of a link, and the step that told of it."""

    digest: bytes
    step: StepRecord


class RecordedLinks:
    """The links of all steps of a history, read when they are first asked for.

    `failed` says of steps whose links could not be read, by their ids, why.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self.failed: dict[str, str] = {}

    def parents(self, digest: bytes) -> list[Told]:
        """What steps made an example of."""
        return self._both[0].get(digest, [])

    def children(self, digest: bytes) -> list[Told]:
        """What steps made of an example."""
        return self._both[1].get(digest, [])

    def reason(self, step: StepRecord, digest: bytes) -> str:
        """Why a step dropped an example; empty where it did not, or does not say."""
        links = self._objects.get(step.id)
        return (links.reason(digest) or "") if links else ""

    def derived(self, step: StepRecord) -> Mapping[bytes, tuple[bytes, ...]]:
        """The digests of the parents of each example that a step made, as it recorded them."""
        links = self._objects.get(step.id)
        return links.derived if links else step.digests

    @cached_property
    def _objects(self) -> Mapping[str, Links]:
        found = {}
        for step in self._history.steps.values():
            if step.links is not None:
                try:
                    found[step.id] = self._history.index.store.links(step.links)
                except IntegrityError as error:
                    self.failed[step.id] = error.message
        return found

    @cached_property
    def _both(self) -> tuple[Mapping[bytes, list[Told]], Mapping[bytes, list[Told]]]:
        parents, children = defaultdict(list), defaultdict(list)
        for child, parent, step in self._links():
            if child != parent:
                parents[child].append(Told(parent, step))
                children[parent].append(Told(child, step))
        return parents, children

    def _links(self) -> Iterator[tuple[bytes, bytes, StepRecord]]:
        for step in self._history.steps.values():
            for child, parents in self.derived(step).items():
                yield from ((child, parent, step) for parent in parents)
