"""How long prompts, targets and whole examples are."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from dslineage.quality.metric import Kind, Metric
from dslineage.quality.shape import Content, Shape, shape_of
from dslineage.quality.size import shown_bytes, shown_texts, text_bytes, tool_texts
from dslineage.quality.values import Values
from dslineage.quality.words import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.chunk import Chunk
    from dslineage.quality.example import Example

_BYTES_PER_TOKEN = 4
_SIZE = (shown_bytes, shown_texts, text_bytes, tool_texts)
Number = TypeVar("Number", int, "NDArray[np.int64]")


def prompt_words(example: Example) -> int | None:
    """Words of what users say."""
    return None if example.prompt is None else len(words(example.prompt))


def target_words(example: Example) -> int | None:
    """Words of what the model is trained to say."""
    return None if example.target is None else len(words(example.target))


def over_len(example: Example, tokens: int) -> bool:
    """Whether the example would be cut or dropped at so many tokens, by the estimate."""
    return estimated_tokens(shown_bytes(example)) > tokens


def axolotl_keeps(example: Example, sequence_len: int, min_sample_len: int) -> bool:
    """Whether Axolotl trains on the example rather than drop it, by the estimate of its length."""
    fits = min_sample_len <= estimated_tokens(shown_bytes(example)) <= sequence_len
    return fits and teaches(example.shape)


def teaches(shape: Shape) -> bool:
    """Whether anything counts in the loss."""
    nothing = (Content.BLANK, Content.NONE)
    if shape.text is not None:
        return shape.text not in nothing
    return any(turn.calls or turn.content not in nothing for turn in shape.targets)


def estimated_tokens(size: Number) -> Number:
    """An estimate of the tokens of so many bytes: one for each four, the last maybe fewer."""
    return -(-size // _BYTES_PER_TOKEN)


def _prompt_words(chunk: Chunk) -> Values:
    return Values.where(Kind.COUNT, chunk.prompt_words.counts, chunk.has_prompt)


def _target_words(chunk: Chunk) -> Values:
    return Values.where(Kind.COUNT, chunk.target_words.counts, chunk.has_target)


def _over_len(chunk: Chunk, tokens: int) -> Values:
    return _flags(estimated_tokens(chunk.shown_bytes) > tokens)


def _axolotl_keeps(chunk: Chunk, sequence_len: int, min_sample_len: int) -> Values:
    length = estimated_tokens(chunk.shown_bytes)
    taught = chunk.by_shape(Kind.FLAG, teaches).data != 0
    return _flags((length >= min_sample_len) & (length <= sequence_len) & taught)


def _flags(data: NDArray[np.bool_]) -> Values:
    return Values.where(Kind.FLAG, data, np.ones(len(data), bool))


PROMPT_WORDS = Metric(
    name="prompt_words",
    kind=Kind.COUNT,
    unit="words",
    better="neutral",
    function=prompt_words,
    uses=(words,),
    batch=_prompt_words,
    formula="|W(P)|: words of all user messages",
    source="Self-Instruct keeps instructions of 4 to 150 words; neutral, for neither long nor "
    "short is better by itself",
    worked='"What is 2+2?": what, is, 2, 2: 4.',
)

TARGET_WORDS = Metric(
    name="target_words",
    kind=Kind.COUNT,
    unit="words",
    better="neutral",
    function=target_words,
    uses=(words,),
    batch=_target_words,
    formula="|W(R)|: words of all messages that are trained on",
    source="Long Is More for Alignment (ICML 2024): the longest answers beat curated sets; neutral,"
    " for length is no quality by itself",
    worked='"It is four. 四です": it, is, four, 四, で, す: 6.',
)


def over_length(tokens: int = 2048) -> Metric:
    """The share of examples of more than so many tokens; 2,048 is LLaMA-Factory's `cutoff_len`."""
    return Metric(
        name=f"over_len[{tokens}]",
        kind=Kind.FLAG,
        unit="share",
        better="lower",
        function=over_len,
        params={"tokens": tokens},
        uses=(estimated_tokens, *_SIZE),
        batch=_over_len,
        formula="estimate > L, the estimate being the UTF-8 bytes of all texts, tools and tool "
        "calls, divided by 4 and rounded up; rejected and judged answers and the template's own "
        "tokens are not counted",
        source="estimate: about four bytes of English a token; exact tokens: extra `tokens`",
        worked="9,000 bytes of English are estimated as 2,250 tokens: over 2,048.",
    )


def effective_axolotl(sequence_len: int, min_sample_len: int = 2) -> Metric:
    """The share that Axolotl keeps, under two members of its configuration."""
    return Metric(
        name="effective[axolotl]",
        kind=Kind.FLAG,
        unit="share",
        better="higher",
        function=axolotl_keeps,
        params={"sequence_len": sequence_len, "min_sample_len": min_sample_len},
        uses=(teaches, estimated_tokens, shape_of, *_SIZE),
        batch=_axolotl_keeps,
        formula="min_sample_len <= estimate <= sequence_len (the estimate of over_len), and some "
        "message that is trained on has a content or calls a tool",
        source="Axolotl, utils/trainer.py: filter_sequences_by_length, drop_no_trainable_tokens; "
        "excess_length_strategy drop, which is its default",
        worked="With sequence_len 2048, an example of 9,000 bytes (2,250 tokens) is dropped.",
    )


METRICS = (PROMPT_WORDS, TARGET_WORDS)
