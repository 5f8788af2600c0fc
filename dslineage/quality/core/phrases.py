"""Texts that are known by their words: placeholders, boilerplate of assistants, refusals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.quality.core.screened import everywhere, screened
from dslineage.quality.lexicon import builtin
from dslineage.quality.metric import Found, Kind, Metric, Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.chunk import Chunk
    from dslineage.quality.example import Example
    from dslineage.quality.lexicon import Lexicon
    from dslineage.quality.values import Values

_PLACEHOLDERS = builtin("placeholder@1")
_BOILERPLATE = builtin("boilerplate@1")
_REFUSALS = builtin("refusal@1")
_AROUND = "<>()[]{}（）\"'`#:! .。"
"""What `is_placeholder` takes off at both ends, and more."""


def placeholder(example: Example, longest: int) -> Found:
    """Whether a text is nothing but a placeholder, or ends in a field that is."""
    fields = [
        "\n" + value.strip()
        for value in example.fields.values()
        if type(value) is str and len(value) <= longest and is_placeholder(value)
    ]
    spans = []
    for number, part in enumerate(example.parts):
        if part.role in ("tool", "tools"):
            continue
        text = part.text.rstrip()
        if len(part.text) <= longest and is_placeholder(text):
            spans.append(Span(number, len(text) - len(text.lstrip()), len(text)))
        elif field := next((field for field in fields if text.endswith(field)), ""):
            spans.append(Span(number, len(text) - len(field) + 1, len(text)))
    return Found(bool(spans), tuple(spans))


def is_placeholder(text: str) -> bool:
    """Whether a text is an entry of the lexicon, what stands around it apart."""
    text = text.strip()
    if len(text) > 40 and text[0] not in "[<{":
        return False
    bare = text.strip("<>()[]{}（）\"'`#:! ").rstrip(".。") or text.strip("<>()[]{} ")
    known = placeholders()
    if bare in known or bare.casefold() in known:
        return True
    patterns = _PLACEHOLDERS.phrases if text[:1] in ("[", "<", "{") else ()
    return any(phrase.pattern.fullmatch(text) for phrase in patterns if not phrase.needles)


@cache
def placeholders() -> frozenset[str]:
    """The entries of the lexicon that are no patterns."""
    return frozenset(entry for entry in _PLACEHOLDERS.entries if not entry.startswith("re:"))


def boilerplate(example: Example) -> Found:
    """Whether what the model is trained to say has assistants' boilerplate."""
    if example.target is None:
        return Found(None)
    spans = [
        Span(number, *match.span())
        for number, part in enumerate(example.parts)
        if part.target
        for match in _BOILERPLATE.find(part.text)
    ]
    return Found(bool(spans), tuple(sorted(spans)))


def refusal(example: Example, opening: int) -> Found:
    """Whether an answer opens with a refusal; the reasoning before an answer is none of it."""
    if example.target is None:
        return Found(None)
    spans = []
    for number, begin, text in openings(example, opening):
        spans += [
            Span(number, begin + match.start(), begin + match.end())
            for match in _REFUSALS.find(text)
        ]
    return Found(bool(spans), tuple(sorted(spans)))


def openings(example: Example, size: int) -> Iterator[tuple[int, int, str]]:
    """Of each answer: the part's number, where the answer begins in it, its first characters."""
    for number, part in enumerate(example.parts):
        if part.target and not part.path.endswith(".thinking"):
            _, closed, answer = part.text.partition("</think>")
            begin = len(part.text) - len(answer) if closed else 0
            yield number, begin, part.text[begin : begin + size]


def _placeholders(chunk: Chunk, longest: int) -> Values:
    short = np.flatnonzero(chunk.part_size <= longest).tolist()
    given = chain.from_iterable(fields.values() for fields in chunk.fields)
    texts = {value for value in given if type(value) is str and len(value) <= longest}
    texts |= {chunk.texts[place] for place in short}
    found = {text for text in texts if _may_be_placeholder(text) and is_placeholder(text)}
    rows = chunk.example_of[[place for place in short if chunk.texts[place] in found]]
    if found:
        rows = np.append(rows, np.flatnonzero([_has(fields, found) for fields in chunk.fields]))
    find = partial(placeholder, longest=longest)
    return screened(PLACEHOLDER, find, chunk, rows, everywhere(chunk))


def _may_be_placeholder(text: str) -> bool:
    """Whether a text may be one, seen sooner than by `is_placeholder`."""
    text = text.strip()
    return text[:1] in ("[", "<", "{") or text.strip(_AROUND).casefold() in _bare_placeholders()


@cache
def _bare_placeholders() -> frozenset[str]:
    return frozenset(entry.strip(_AROUND).casefold() for entry in placeholders())


def _has(fields: Mapping[str, Any], texts: set[str]) -> bool:
    """Whether a field is one of some texts."""
    return not texts.isdisjoint([value for value in fields.values() if type(value) is str])


def _boilerplates(chunk: Chunk) -> Values:
    rows = _with_target_holding(_BOILERPLATE, chunk)
    return screened(BOILERPLATE, boilerplate, chunk, rows, chunk.has_target)


def _refusals(chunk: Chunk, opening: int) -> Values:
    rows = _with_target_holding(_REFUSALS, chunk)
    return screened(REFUSAL, partial(refusal, opening=opening), chunk, rows, chunk.has_target)


def _with_target_holding(lexicon: Lexicon, chunk: Chunk) -> NDArray[np.int64]:
    """The examples with a target that holds a needle of a lexicon."""
    found = chunk.screen.holding(_needles())
    parts = [part for part, needle in found if needle in lexicon.needles]
    return chunk.example_of[[part for part in parts if chunk.is_target[part]]]


@cache
def _needles() -> frozenset[bytes]:
    """What is sought for any metric, so that it is sought once."""
    return _BOILERPLATE.needles | _REFUSALS.needles


PLACEHOLDER = Metric(
    "placeholder",
    Kind.FLAG,
    unit="share",
    better="lower",
    function=placeholder,
    params={"longest": 100},
    uses=(is_placeholder, placeholders),
    lexicons=(_PLACEHOLDERS,),
    batch=_placeholders,
    formula="a text, or a field that ends one, is as a whole an entry of the lexicon, such as "
    "noinput, N/A, null, TODO or [...]; results of tools are not looked at",
    source="AlpacaDataCleaned: empty outputs, N/A, <noinput> variants",
    worked="the output `N/A` -> true; `N/A is short for not available` -> false",
)

BOILERPLATE = Metric(
    "boilerplate",
    Kind.FLAG,
    unit="share",
    better="lower",
    function=boilerplate,
    lexicons=(_BOILERPLATE,),
    batch=_boilerplates,
    formula="R has a phrase of the lexicon: that it is an AI model, who made it, where its "
    "knowledge ends; not applicable without a target",
    source="filters of open instruction data sets, such as those of Open-Instruct and Vicuna",
    worked="`As an AI language model, I like Rome.` -> true; `Rome.` -> false",
)

REFUSAL = Metric(
    "refusal",
    Kind.FLAG,
    unit="share",
    better="neutral",
    function=refusal,
    params={"opening": 200},
    uses=(openings,),
    lexicons=(_REFUSALS,),
    batch=_refusals,
    formula="the first 200 characters of an answer, after its reasoning, have a phrase of the "
    "lexicon; not applicable without a target",
    source="refusal prefixes of AdvBench (arXiv 2307.15043) and XSTest (arXiv 2308.01263)",
    worked="`I'm sorry, but I can't help with that.` -> true; `I'm sorry to hear that.` -> false",
)

METRICS = (PLACEHOLDER, BOILERPLATE, REFUSAL)
