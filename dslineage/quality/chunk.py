"""Examples measured together, so that what several metrics need is computed once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.quality.example import Example, Part
from dslineage.quality.folded import Folded
from dslineage.quality.metric import Kind, Value
from dslineage.quality.screen import Screen
from dslineage.quality.shape import Shape
from dslineage.quality.size import APART, text_bytes, tool_texts
from dslineage.quality.values import Values
from dslineage.quality.words import Tokens, tokens_in

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from dslineage.adapters.base import Adapter


@dataclass(frozen=True)
class Chunk:
    """Some examples, and what is derived from all of them at once.

    Arrays over parts have one item for each text of each example, in order.
    """

    examples: Sequence[Example]

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], adapter: Adapter) -> Chunk:
        """The examples of parsed rows."""
        return cls([Example.of(row, adapter) for row in rows])

    def __len__(self) -> int:
        return len(self.examples)

    @cached_property
    def parts(self) -> Sequence[Part]:
        """The parts of all examples."""
        return [part for example in self.examples for part in example.parts]

    @cached_property
    def texts(self) -> Sequence[str]:
        """The text of each part."""
        return [part.text for part in self.parts]

    @cached_property
    def part_bounds(self) -> NDArray[np.int64]:
        """Example i has the parts `part_bounds[i]` to `part_bounds[i + 1]`."""
        counts = [len(example.parts) for example in self.examples]
        return np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))

    @cached_property
    def example_of(self) -> NDArray[np.int64]:
        """The example of each part."""
        return np.repeat(np.arange(len(self)), np.diff(self.part_bounds))

    @cached_property
    def screen(self) -> Screen:
        """The texts of all parts, as screens look at them."""
        return Screen.of(self.texts)

    @cached_property
    def part_size(self) -> NDArray[np.int64]:
        """How many characters each part has."""
        return np.array(list(map(len, self.texts)), np.int64)

    @cached_property
    def is_prompt(self) -> NDArray[np.bool_]:
        """Which parts are what users say."""
        return np.array([part.role == "user" for part in self.parts], bool)

    @cached_property
    def is_target(self) -> NDArray[np.bool_]:
        """Which parts the model is trained to say."""
        return np.array([part.target for part in self.parts], bool)

    @cached_property
    def has_prompt(self) -> NDArray[np.bool_]:
        """Which examples have a prompt: where not, `Example.prompt` is None."""
        return self.any_part(self.is_prompt)

    @cached_property
    def has_target(self) -> NDArray[np.bool_]:
        """Which examples have a target: where not, `Example.target` is None."""
        return self.any_part(self.is_target)

    @cached_property
    def shown_bytes(self) -> NDArray[np.int64]:
        """`size.shown_bytes` of each example."""
        apart = np.array([part.role in APART for part in self.parts], bool)
        found = self.sums(np.where(apart, 0, self.screen.sizes))
        calling = self.by_shape(Kind.FLAG, _calls).data
        for place, example in enumerate(self.examples):
            if calling[place] or "tools" in example.conversation:
                found[place] += sum(map(text_bytes, tool_texts(example)))
        return found

    @cached_property
    def folded(self) -> Folded:
        """The texts of all parts, casefolded."""
        return Folded.of(self.texts)

    @cached_property
    def normalised(self) -> Sequence[bytes]:
        """The text of each part casefolded, in NFC, white space collapsed, as UTF-8."""
        return self.folded.normalised()

    @cached_property
    def words(self) -> Tokens:
        """The words of each part."""
        return tokens_in(self.folded)

    @cached_property
    def targets(self) -> Sequence[str | None]:
        """The target of each example."""
        return [example.target for example in self.examples]

    @cached_property
    def shapes(self) -> tuple[Sequence[Shape], NDArray[np.int64]]:
        """The shapes that there are, and which of them each example has."""
        shapes = [example.shape for example in self.examples]
        known: dict[int, int] = {}
        codes = [known.setdefault(id(shape), len(known)) for shape in shapes]
        firsts = dict(zip(reversed(codes), reversed(shapes), strict=True))
        return [firsts[code] for code in range(len(known))], np.array(codes, np.int64)

    def by_shape(self, kind: Kind, value: Callable[[Shape], Value]) -> Values:
        """The values of a metric that follows from an example's shape alone."""
        shapes, codes = self.shapes
        return Values.of(kind, [value(shape) for shape in shapes]).take(codes)

    @cached_property
    def prompt_words(self) -> Tokens:
        """The words of the prompt of each example."""
        return self._words_of(self.is_prompt)

    @cached_property
    def target_words(self) -> Tokens:
        """The words of the target of each example."""
        return self._words_of(self.is_target)

    def any_part(self, parts: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The examples that have any of some parts."""
        found = np.zeros(len(self), bool)
        found[self.example_of[parts]] = True
        return found

    def sums(self, numbers: ArrayLike) -> NDArray[np.int64]:
        """The sum over the parts of each example of a number that each part has."""
        sums = np.concatenate(([0], np.cumsum(numbers, dtype=np.int64)))
        return np.diff(sums[self.part_bounds])

    def _words_of(self, parts: NDArray[np.bool_]) -> Tokens:
        ids, offsets = self.words
        counts = np.diff(offsets)
        chosen = ids[np.repeat(parts, counts)]
        ends = np.concatenate(([0], np.cumsum(np.where(parts, counts, 0))))
        return Tokens(chosen, ends[self.part_bounds])


def _calls(shape: Shape) -> bool:
    return any(turn.calls for turn in shape.dialogue)
