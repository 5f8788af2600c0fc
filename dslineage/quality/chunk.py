"""Examples measured together, so that what several metrics need is computed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dslineage.quality.example import Example
from dslineage.quality.words import Tokens, tokens

if TYPE_CHECKING:
    from dslineage.adapters.base import Adapter


@dataclass(frozen=True)
class Chunk:
    """Some examples, and what is derived from all of them at once."""

    examples: Sequence[Example]

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], adapter: Adapter) -> Chunk:
        """The examples of parsed rows."""
        return cls([Example.of(row, adapter) for row in rows])

    def __len__(self) -> int:
        return len(self.examples)

    @cached_property
    def prompt_words(self) -> Tokens:
        """The words of the prompts."""
        return tokens(example.prompt for example in self.examples)

    @cached_property
    def target_words(self) -> Tokens:
        """The words of the targets."""
        return tokens(example.target for example in self.examples)
