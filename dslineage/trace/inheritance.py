"""Who has seen what another model saw: what it was made of, went on from, or is the same as."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from dslineage.records import Evidence, ModelRecord, RunRecord, weakest

if TYPE_CHECKING:
    from dslineage.trace.history import History


class Heir(NamedTuple):
    """A run or a model that saw all that another one saw; or may have, for the reasons given."""

    id: str
    evidence: Evidence
    whys: tuple[str, ...] = ()


Heirs = Mapping[str, list[Heir]]


def heirs(
    history: History, runs: Mapping[str, RunRecord], models: Mapping[str, ModelRecord]
) -> Heirs:
    """The heirs of each run and model, by its id."""
    made = defaultdict(list)
    for model in models.values():
        made[model.generated_by or ""].append(model)
    found = defaultdict(list)
    for run in runs.values():
        begun: tuple[RunRecord | ModelRecord, ...] = (run, *made[run.id])
        for start in _starts(history, run, runs, made):
            for one in begun:
                weak = weakest((start.evidence, one.evidence))
                found[start.id].append(Heir(one.id, weak, start.whys))
    for model in models.values():
        for parent, evidence in _made_of(history, model.id):
            found[parent].append(Heir(model.id, evidence))
    for parent, child in _same_tensors(models.values()):
        found[parent].append(Heir(child, Evidence.RECORDED))
    return found


def _starts(
    history: History,
    run: RunRecord,
    runs: Mapping[str, RunRecord],
    made: Mapping[str, Sequence[ModelRecord]],
) -> Iterator[Heir]:
    """The models, or else the runs, that a run went on from."""
    for edge in history.edges.get(run.id, ()):
        if edge.role == "base":
            yield Heir(edge.parent, edge.evidence)
    earlier = runs.get(run.continues or "")
    if earlier is None:
        return
    name = PurePosixPath(run.resumed_from or "").name
    resumed = [model for model in made.get(earlier.id, ()) if name and model.label == name]
    for model in resumed:
        yield Heir(model.id, run.evidence)
    if not resumed:
        why = "from which checkpoint it went on is not recorded"
        yield Heir(earlier.id, run.evidence, (why,))
        yield from _starts(history, earlier, runs, made)


def _made_of(history: History, model: str) -> Iterator[tuple[str, Evidence]]:
    """The models that a model names, or the step that made it."""
    for edge in history.edges.get(model, ()):
        if edge.role == "base":
            yield edge.parent, edge.evidence
        elif edge.role == "generated-by":
            for part in history.edges.get(edge.parent, ()):
                if part.parent.startswith("model:") and part.role == "input":
                    yield part.parent, weakest((edge.evidence, part.evidence))


def _same_tensors(models: Iterable[ModelRecord]) -> Iterator[tuple[str, str]]:
    """Each two models that hold the same tensors."""
    by_weights = defaultdict(list)
    for model in models:
        if model.weights_hash is not None:
            by_weights[model.weights_hash].append(model.id)
    for same in by_weights.values():
        yield from itertools.permutations(same, 2)
