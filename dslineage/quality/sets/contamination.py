"""`contam[E]`: the share of an evaluation set that is among the training examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.quality.example import Example
from dslineage.quality.setmetric import Cause, Figure, Figures, SetMetric
from dslineage.quality.sets.evaluation import Evaluation, asked
from dslineage.quality.sets.texts import visible, visible_words
from dslineage.quality.words import ngram_id, word_id, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.setmetric import Places, Population

_HIGH = np.uint64(32)
_LISTED = 100


def contamination(
    name: str, items: Sequence[Example], *, size: int = 8, above: float = 0.5
) -> SetMetric:
    """The metric of one evaluation set.

    Args:
        name: of the evaluation set, such as `gsm8k/test.jsonl`.
        items: its examples, in order.
        size: words in a row that an item and an example must share.
        above: the share of an item's words that must be in such runs.
    """
    evaluation = Evaluation.of(items, size, above)
    search = _Search(name, evaluation)
    return SetMetric(
        f"contam[{name}]",
        unit="share of the evaluation set",
        better="lower",
        prepare=search.prepare,
        params={"items": str(evaluation.digest), "size": size, "above": above},
        uses=(Evaluation, asked, visible, visible_words, words, word_id, ngram_id),
        why=search.why,
        formula="items held / items; an example holds an item if more than half of the words of "
        "the item's prompt are in runs of 8 words that the example's W(P), W(R) have too; an item "
        "of fewer than 8 words, if W(P) is the same",
        source="Lambert et al., Tulu 3, 2024, section 3.2 (8-grams, half of the words of the item)",
        worked="of an item of 20 words an example quotes 11 in a row: 11 / 20 > 0.5, held",
    )


@dataclass(frozen=True, eq=False)
class _Search:
    name: str
    evaluation: Evaluation

    def prepare(self, population: Population, **_: object) -> Figures:
        """The share of items that some examples of a population hold."""
        found = self._held(population)

        def figure(places: Places, *, error: bool = False) -> Figure:
            if not len(self.evaluation):
                return Figure(None)
            there = np.zeros(len(population.rows), bool)
            there[places] = True
            items = np.unique(found.items[there[found.places]])
            listed = (items[:_LISTED] + 1).tolist()
            detail = {"items": len(self.evaluation), "held": len(items), "first_held": listed}
            return Figure(len(items) / len(self.evaluation), detail)

        return figure

    def why(self, population: Population, **_: object) -> list[Cause]:
        """For each item that is held, the examples that hold it, the most of it first."""
        places, items, covered = self._held(population)
        sizes = self.evaluation.items.counts
        order = np.lexsort((places, -covered, items))
        groups = np.split(order, np.flatnonzero(np.diff(items[order])) + 1) if len(order) else []
        causes = []
        for group in groups:
            item = int(items[group[0]])
            share = int(covered[group[0]]) / int(sizes[item])
            reason = f"{share:.0%} of the words of item {item + 1} of {self.name}"
            influence = 1 / len(self.evaluation) / len(group)
            causes.append((-share, Cause(tuple(places[group].tolist()), influence, reason)))
        return [cause for _, cause in sorted(causes, key=lambda pair: pair[0])]

    def _held(self, population: Population) -> _Held:
        evaluation = self.evaluation
        rows, number = np.unique(population.rows, return_inverse=True)
        name = f"contam@1/{evaluation.digest}/{evaluation.size}/{evaluation.above}"
        values, offsets = population.ragged(name, evaluation.ready().held, rows)
        counts = np.diff(offsets)[number]
        places = np.repeat(np.arange(len(number)), counts)
        within = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
        found = values[offsets[number[places]] + within]
        low = found & np.uint64(0xFFFFFFFF)
        return _Held(places, (found >> _HIGH).astype(np.int64), low.astype(np.int64))


class _Held(NamedTuple):
    """Places of examples, the items that they hold, and how many words of each."""

    places: NDArray[np.int64]
    items: NDArray[np.int64]
    covered: NDArray[np.int64]
