"""Examples measured together, so that what several metrics need is computed once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.adapters.plainchat import PlainChat, from_conversation
from dslineage.adapters.reading import reader
from dslineage.quality.example import Example, normal
from dslineage.quality.folded import Folded
from dslineage.quality.lineups import Lineups
from dslineage.quality.metric import Kind, Value
from dslineage.quality.readings import Readings
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
        read = reader(adapter).read
        return cls(Readings(rows, [read(row) for row in rows]))

    def __len__(self) -> int:
        return len(self.examples)

    @cached_property
    def fields(self) -> Sequence[Mapping[str, Any]]:
        """The fields of each example."""
        if isinstance(self.examples, Readings):
            return self.examples.rows
        return [example.fields for example in self.examples]

    @cached_property
    def chats(self) -> Sequence[PlainChat | None]:
        """Each example as a plain chat; None where it is more than that."""
        if isinstance(self.examples, Readings):
            found = self.examples.readings
            return [one if isinstance(one, PlainChat) else None for one in found]
        return [from_conversation(example.conversation) for example in self.examples]

    @cached_property
    def others(self) -> Sequence[int]:
        """The examples that are no plain chats."""
        return [number for number, chat in enumerate(self.chats) if chat is None]

    @cached_property
    def lineups(self) -> Lineups:
        """Who says which part."""
        return Lineups.of(self.examples, self.chats)

    @cached_property
    def part_bounds(self) -> NDArray[np.int64]:
        """Example i has the parts `part_bounds[i]` to `part_bounds[i + 1]`."""
        return self.lineups.bounds

    @cached_property
    def example_of(self) -> NDArray[np.int64]:
        """The example of each part."""
        return np.repeat(np.arange(len(self)), np.diff(self.part_bounds))

    @property
    def texts(self) -> Sequence[str]:
        """The text of each part."""
        return self._normal[0]

    @property
    def screen(self) -> Screen:
        """The texts of all parts, as screens look at them."""
        return self._normal[1]

    @cached_property
    def part_size(self) -> NDArray[np.int64]:
        """How many characters each part has."""
        return np.array(list(map(len, self.texts)), np.int64)

    @cached_property
    def is_prompt(self) -> NDArray[np.bool_]:
        """Which parts are what users say."""
        return self.lineups.marks(lambda part: part.role == "user")

    @cached_property
    def is_target(self) -> NDArray[np.bool_]:
        """Which parts the model is trained to say."""
        return self.lineups.marks(lambda part: part.target)

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
        apart = self.lineups.marks(lambda part: part.role in APART)
        found = self.sums(np.where(apart, 0, self.screen.sizes))
        for place in self.others:
            found[place] += sum(map(text_bytes, tool_texts(self.examples[place])))
        return found

    @cached_property
    def folded(self) -> Folded:
        """The texts of all parts, casefolded."""
        return Folded.seen(self.screen)

    @cached_property
    def normalised(self) -> Sequence[bytes]:
        """The text of each part casefolded, in NFC, white space collapsed, as UTF-8."""
        return self.folded.normalised()

    @cached_property
    def words(self) -> Tokens:
        """The words of each part."""
        return tokens_in(self.folded)

    @cached_property
    def shapes(self) -> tuple[Sequence[Shape], NDArray[np.int64]]:
        """The shapes that there are, and which of them each example has.

        Plain chats of one line-up have one shape, unless a text is blank.
        """
        alone = self.any_part(self._blank)
        alone[self.others] = True
        plain, others = np.flatnonzero(~alone), np.flatnonzero(alone)
        _, firsts, known = np.unique(
            self.lineups.codes[plain], return_index=True, return_inverse=True
        )
        codes = np.empty(len(self), np.int64)
        codes[plain] = known
        codes[others] = len(firsts) + np.arange(len(others))
        places = (*plain[firsts].tolist(), *others.tolist())
        return [self.examples[place].shape for place in places], codes

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

    @cached_property
    def _normal(self) -> tuple[Sequence[str], Screen]:
        """The texts of all parts, in NFC with LF line ends, and their screen."""
        texts: list[str] = []
        for number, chat in enumerate(self.chats):
            if chat is None:
                texts += [part.text for part in self.examples[number].parts]
            else:
                texts += chat.texts
        screen = Screen.of(texts)
        odd = np.union1d(screen.wide, screen.having(b"\r")).tolist()
        changed = {number: normal(texts[number]) for number in odd}
        if all(texts[number] == text for number, text in changed.items()):
            return texts, screen
        texts = [changed.get(number, text) for number, text in enumerate(texts)]
        return texts, Screen.of(texts)

    @property
    def _blank(self) -> NDArray[np.bool_]:
        """Which parts are empty, or white space only."""
        firsts = self.screen.firsts
        blank = (firsts <= ord(" ")) | (firsts > ord("~"))
        places = np.flatnonzero(blank).tolist()
        blank[places] = [not self.texts[place].strip() for place in places]
        return blank

    def _words_of(self, parts: NDArray[np.bool_]) -> Tokens:
        ids, offsets = self.words
        counts = np.diff(offsets)
        chosen = ids[np.repeat(parts, counts)]
        ends = np.concatenate(([0], np.cumsum(np.where(parts, counts, 0))))
        return Tokens(chosen, ends[self.part_bounds])
