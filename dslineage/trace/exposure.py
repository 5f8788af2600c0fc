"""Which runs and models saw an example: certainly, perhaps, or not as far as records tell."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from dslineage.lineage import doubts
from dslineage.lineage.ancestry import Kind
from dslineage.records import (
    Evidence,
    MixtureRecord,
    ModelRecord,
    RunInput,
    RunRecord,
    weakest,
)
from dslineage.trace.inheritance import Heir, heirs
from dslineage.trace.threads import Reached

if TYPE_CHECKING:
    from dslineage.trace.history import History

_TRAINERS = ("run:", "model:", "mixture:", "step:")
INFERRED = "that this is its later form is inferred, not recorded"


class Feed(NamedTuple):
    """A version that a run or a model was given, in what role, and what may have been left out."""

    version: int
    role: str
    evidence: Evidence
    whys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exposure:
    """That a run or a model saw an example, or may have.

    `digest` is the form in which the version number `version` had it, `kind` how that form is known
    to be one of the example's. `whys` says why it is not certain; it saw it where there is none.
    `through` are the ids of the models and runs over which it got there, the nearest first.
    """

    digest: bytes
    kind: Kind
    version: int
    evidence: Evidence
    whys: tuple[str, ...] = ()
    through: tuple[str, ...] = ()

    @property
    def answer(self) -> str:
        """`saw` or `may have seen`."""
        return "may have seen" if self.whys else "saw"

    @property
    def rank(self) -> tuple[bool, int, int, int, int]:
        """The smaller, the more certain."""
        return bool(self.whys), self.kind, -self.evidence.strength, len(self.through), self.version

    def via(self, node: str, evidence: Evidence, *whys: str) -> Exposure:
        """What another one saw that was made of it."""
        return Exposure(
            self.digest,
            self.kind,
            self.version,
            weakest((self.evidence, evidence)),
            tuple(dict.fromkeys((*self.whys, *whys))),
            (node, *self.through),
        )


class Exposures(NamedTuple):
    """Runs and models, by id, that saw an example in training; and runs that only evaluated it."""

    trained: Mapping[str, Exposure]
    evaluated: Mapping[str, Exposure]


class Trainings:
    """The runs and models of a history, and what each was given."""

    def __init__(self, history: History) -> None:
        self._history = history
        records = [
            history.graph.record(id_)
            for id_, node in history.nodes.items()
            if node.kind in {"run", "model", "mixture"}
        ]
        self.runs = {one.id: one for one in records if isinstance(one, RunRecord)}
        self.models = {one.id: one for one in records if isinstance(one, ModelRecord)}
        self._mixtures = {one.id: one for one in records if isinstance(one, MixtureRecord)}

    def exposures(self, reached: Mapping[bytes, Reached]) -> Exposures:
        """Which runs and models saw any of some forms of an example."""
        had = _Had(reached)
        own: dict[str, Exposure] = {}
        evaluated: dict[str, Exposure] = {}
        for id_, feeds in self._feeds.items():
            trained = [had.by(feed) for feed in feeds if feed.role == "train"]
            others = [had.by(feed) for feed in feeds if feed.role != "train"]
            _keep_best(own, id_, filter(None, trained))
            _keep_best(evaluated, id_, filter(None, others))
        return Exposures(self._inherited(own), evaluated)

    def gap(self, id_: str) -> str:
        """What is not known of the data of a model, or of those it was made of; else empty."""
        seen, todo = {id_}, [id_]
        while todo:
            one = todo.pop(0)
            if one in self._gaps:
                return self._gaps[one]
            above = (edge.parent for edge in self._history.edges.get(one, ()))
            new = [one for one in above if one.startswith(_TRAINERS) and one not in seen]
            seen.update(new)
            todo += new
        return ""

    @cached_property
    def _gaps(self) -> Mapping[str, str]:
        """What is not known of the data of runs, models, mixtures and steps themselves.

        Of several gaps of one node that by which an answer is least to be relied on.
        """
        ids = [*self.runs, *self.models, *self._mixtures, *self._history.steps]
        found = self._history.graph.gaps_of(ids)
        # The graph gives bases first.
        told = {
            kind: {one.node.id: one.gap.message for one in reversed(found) if one.gap.kind == kind}
            for kind in ("unknown-data", "base-model", "missing-record")
        }
        unread = {
            id_: f"{self._history.nodes[edge.parent].ref} could not be searched"
            for id_ in ids
            for edge in self._history.edges.get(id_, ())
            if edge.parent in self._history.index.unsearched
        }
        return told["unknown-data"] | told["base-model"] | told["missing-record"] | unread

    def _inherited(self, own: Mapping[str, Exposure]) -> dict[str, Exposure]:
        """What every run and model saw: what it was given, and what it was made of saw."""
        count = itertools.count()
        todo = [(exposure.rank, next(count), id_, exposure) for id_, exposure in own.items()]
        heapq.heapify(todo)
        found: dict[str, Exposure] = {}
        while todo:
            _, _, id_, exposure = heapq.heappop(todo)
            if id_ in found:
                continue
            found[id_] = exposure
            for heir in self._heirs.get(id_, ()):
                got = exposure.via(id_, heir.evidence, *heir.whys)
                heapq.heappush(todo, (got.rank, next(count), heir.id, got))
        return dict(sorted(found.items()))

    @cached_property
    def _heirs(self) -> Mapping[str, list[Heir]]:
        return heirs(self._history, self.runs, self.models)

    @cached_property
    def _feeds(self) -> Mapping[str, list[Feed]]:
        """What each run and each model was given itself."""
        found: dict[str, list[Feed]] = {}
        given = {id_: list(self._given(run.inputs)) for id_, run in self.runs.items()}
        for id_, run in self.runs.items():
            found[id_] = [_less(feed, run.evidence, *doubts.of_run(run)) for feed in given[id_]]
        for id_, model in self.models.items():
            whys = tuple(doubts.of_model(model.consumed))
            feeds = [*given.get(model.generated_by or "", ()), *self._given(model.trained_on)]
            found[id_] = [_less(feed, model.evidence, *whys) for feed in feeds]
        return found

    def _given(self, inputs: Iterable[RunInput]) -> Iterator[Feed]:
        number = self._history.index.number
        for entry in inputs:
            whys = tuple(doubts.of_input(entry))
            mixture = self._mixtures.get(entry.subject or "")
            if mixture is not None:
                for component in mixture.components:
                    if component.subject in number:
                        taken = tuple(doubts.of_component(component))
                        place = number[component.subject]
                        yield Feed(place, entry.role, entry.evidence, (*whys, *taken))
            elif entry.subject in number:
                yield Feed(number[entry.subject or ""], entry.role, entry.evidence, whys)
            elif entry.subject is None:
                evidence = weakest((entry.evidence, Evidence.CAPTURED))
                for place in self._with_content(entry):
                    yield Feed(place, entry.role, evidence, whys)

    def _with_content(self, entry: RunInput) -> Sequence[int]:
        return self._by_content.get(str(entry.content_hash), ())

    @cached_property
    def _by_content(self) -> Mapping[str, list[int]]:
        """The numbers of versions by their content hashes."""
        ids = self._history.index.number
        found = defaultdict(list)
        for id_, facts in self._history.graph.facts(ids).items():
            found[str(facts["content_hash"])].append(ids[id_])
        return found


class _Had:
    """By what forms a version had an example, the most certain first."""

    def __init__(self, reached: Mapping[bytes, Reached]) -> None:
        worth: dict[tuple[int, int], list[Reached]] = defaultdict(list)
        for digest in sorted(reached):
            one = reached[digest]
            worth[one.kind, -one.evidence.strength].append(one)
        self._worth = []
        for _, forms in sorted(worth.items()):
            every = 0
            for one in forms:
                every |= one.form.versions
            self._worth.append((every, forms))

    def by(self, feed: Feed) -> Exposure | None:
        """What a feed gave of the example, if it did."""
        for every, forms in self._worth:
            if every >> feed.version & 1:
                one = next(one for one in forms if one.form.versions >> feed.version & 1)
                whys = (*feed.whys, *((INFERRED,) if one.inferred else ()))
                evidence = weakest((one.evidence, feed.evidence))
                return Exposure(one.form.digest, one.kind, feed.version, evidence, whys)
        return None


def _keep_best(found: dict[str, Exposure], id_: str, exposures: Iterable[Exposure]) -> None:
    best = min(exposures, key=lambda one: one.rank, default=None)
    if best is not None:
        found[id_] = best


def _less(feed: Feed, evidence: Evidence, *whys: str) -> Feed:
    """A feed of which less may have been used."""
    return feed._replace(
        evidence=weakest((feed.evidence, evidence)), whys=tuple(dict.fromkeys((*feed.whys, *whys)))
    )
