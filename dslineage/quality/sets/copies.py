"""`exact_dup` and `target_conflict`: examples that are there twice, or contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dslineage.quality.setmetric import Cause, Figure, Figures
from dslineage.quality.sets.grouping import members
from dslineage.quality.sets.keys import PROMPT, TARGET
from dslineage.quality.sets.shingles import mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.setmetric import Places, Population


def exact_duplicates(population: Population) -> Figures:
    """The share of examples that have to go until no two have one conversation."""
    _, code = np.unique(population.conversations(), return_inverse=True)

    def figure(places: Places, *, error: bool = False) -> Figure:
        counts = np.bincount(code[places])
        examples, distinct = int(counts.sum()), int(np.count_nonzero(counts))
        share = (examples - distinct) / examples if examples else None
        return Figure(share, {"examples": examples, "distinct": distinct})

    return figure


def why_exact_duplicates(population: Population) -> list[Cause]:
    """The examples with one conversation."""
    groups = members(population.conversations())
    return [
        Cause(group, (1 - 1 / len(group)) / len(population.rows), f"{len(group)} times the same")
        for group in groups
    ]


class _Answers:
    """The different prompts and pairs of prompt and target of a population."""

    def __init__(self, population: Population) -> None:
        prompts, targets = population.values(PROMPT), population.values(TARGET)
        self.applies = prompts.applies & targets.applies
        _, first, self.pair = np.unique(
            mixed(prompts.data + mixed(targets.data)), return_index=True, return_inverse=True
        )
        _, self.prompt_of = np.unique(prompts.data[first], return_inverse=True)

    def targets(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many different targets the prompt of each pair has among the pairs given."""
        present = np.bincount(pairs, minlength=len(self.prompt_of)) > 0
        return np.bincount(self.prompt_of[present])[self.prompt_of[pairs]]


def target_conflicts(population: Population) -> Figures:
    """The share of examples to whose prompt another example has another target."""
    answers = _Answers(population)

    def figure(places: Places, *, error: bool = False) -> Figure:
        pairs = answers.pair[places][answers.applies[places]]
        if not len(pairs):
            return Figure(None)
        torn = answers.targets(pairs) > 1
        prompts = len(np.unique(answers.prompt_of[pairs[torn]]))
        share = int(torn.sum()) / len(pairs)
        return Figure(share, {"examples": len(pairs), "prompts_in_conflict": prompts})

    return figure


def why_target_conflicts(population: Population) -> list[Cause]:
    """The examples with one prompt and different targets."""
    answers = _Answers(population)
    places = np.flatnonzero(answers.applies)
    pairs = answers.pair[places]
    torn = answers.targets(pairs) > 1
    keys = population.values(PROMPT).data[places[torn]]
    found = [tuple(places[torn][list(group)].tolist()) for group in members(keys)]
    return [
        Cause(group, 1 / len(pairs), f"{len(set(answers.pair[list(group)]))} different targets")
        for group in found
    ]
