"""`exact_dup` and `target_conflict`: examples that are there twice, or contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dslineage.quality.setmetric import Cause, Figure, Figures
from dslineage.quality.sets.grouping import members, repeated
from dslineage.quality.sets.keys import PROMPT, TARGET
from dslineage.quality.sets.kinds import Kinds
from dslineage.quality.sets.shingles import mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.setmetric import Places, Population


def exact_duplicates(population: Population) -> Figures:
    """The share of examples that have to go until no two have one conversation."""
    kinds = Kinds(population.conversations())

    def figure(places: Places, *, error: bool = False) -> Figure:
        counts = kinds.counts(places)
        examples, distinct = int(counts.sum()), len(counts)
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
    """The different pairs of prompt and target of a population, where a prompt is there twice.

    `pair` has the number of each example's pair: -1 where its prompt is there once and so cannot
    have two answers.
    """

    def __init__(self, population: Population) -> None:
        prompts, targets = population.values(PROMPT), population.values(TARGET)
        self.applies = prompts.applies & targets.applies
        twice = repeated(prompts.data)
        keys = prompts.data[twice]
        _, first, pair = np.unique(
            mixed(keys + mixed(targets.data[twice])), return_index=True, return_inverse=True
        )
        self.pair = np.full(len(prompts.data), -1)
        self.pair[twice] = pair
        self.pair[~self.applies] = -1
        _, self.prompt_of = np.unique(keys[first], return_inverse=True)

    def torn(self, places: Places) -> NDArray[np.int64]:
        """The pairs of those of some examples whose prompt has two targets or more among them."""
        pairs = self.pair[places]
        pairs = pairs[pairs >= 0]
        present = np.bincount(pairs, minlength=len(self.prompt_of)) > 0
        targets = np.bincount(self.prompt_of[present], minlength=1)
        torn: NDArray[np.int64] = pairs[targets[self.prompt_of[pairs]] > 1]
        return torn


def target_conflicts(population: Population) -> Figures:
    """The share of examples to whose prompt another example has another target."""
    answers = _Answers(population)

    def figure(places: Places, *, error: bool = False) -> Figure:
        examples = int(answers.applies[places].sum())
        if not examples:
            return Figure(None)
        torn = answers.torn(places)
        prompts = int(np.count_nonzero(np.bincount(answers.prompt_of[torn])))
        return Figure(len(torn) / examples, {"examples": examples, "prompts_in_conflict": prompts})

    return figure


def why_target_conflicts(population: Population) -> list[Cause]:
    """The examples with one prompt and different targets."""
    answers = _Answers(population)
    places = np.flatnonzero(np.isin(answers.pair, answers.torn(slice(None))))
    keys = population.values(PROMPT).data[places]
    found = [tuple(places[list(group)].tolist()) for group in members(keys)]
    influence = 1 / max(1, int(answers.applies.sum()))
    return [
        Cause(group, influence, f"{len(set(answers.pair[list(group)]))} different targets")
        for group in found
    ]
