"""Texts that are known by their words: placeholders, boilerplate of assistants, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from dslineage.quality.core.screened import everywhere, screened
from dslineage.quality.lexicon import builtin
from dslineage.quality.metric import Found, Kind, Metric, Span
from dslineage.quality.screen import Screen

if TYPE_CHECKING:
    from dslineage.quality.chunk import Chunk
    from dslineage.quality.example import Example
    from dslineage.quality.values import Values

_PLACEHOLDERS = builtin("placeholder@1")
_BOILERPLATE = builtin("boilerplate@1")
_REFUSALS = builtin("refusal@1")


def placeholder(example: Example, longest: int) -> Found:
    """Whether a text is nothing but a placeholder, or ends in a field that is."""
    fields = [
        "\n" + value.strip()
        for value in example.fields.values()
        if type(value) is str and len(value) <= longest and is_placeholder(value)
    ]
    spans = []
    for number, part in enumerate(example.parts):
        if part.role == "tool":
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
    passed = [place for place in short if is_placeholder(chunk.parts[place].text)]
    passed += [
        int(chunk.part_bounds[row])
        for row, example in enumerate(chunk.examples)
        for value in example.fields.values()
        if type(value) is str and len(value) <= longest and is_placeholder(value)
    ]
    find = partial(placeholder, longest=longest)
    return screened(PLACEHOLDER, find, chunk, np.array(passed, np.int64), everywhere(chunk))


def _boilerplates(chunk: Chunk) -> Values:
    targets = np.flatnonzero(chunk.is_target)
    screen = Screen.of(chunk.parts[place].text for place in targets.tolist())
    passed = targets[screen.holding(_BOILERPLATE.needles)]
    return screened(BOILERPLATE, boilerplate, chunk, passed, chunk.has_target)


def _refusals(chunk: Chunk, opening: int) -> Values:
    targets = np.flatnonzero(chunk.is_target)
    reasoned = set(chunk.screen.having(b"</think>").tolist())
    screen = Screen.of(
        chunk.parts[place].text[: None if place in reasoned else opening]
        for place in targets.tolist()
    )
    passed = targets[screen.holding(_REFUSALS.needles)]
    return screened(REFUSAL, partial(refusal, opening=opening), chunk, passed, chunk.has_target)


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
