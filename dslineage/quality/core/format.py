"""Broken format: fences, reasoning tags, template tokens, cut-off answers, bad characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from dslineage.quality.core.screened import everywhere, screened
from dslineage.quality.lexicon import builtin
from dslineage.quality.metric import Found, Kind, Metric, Rate, Span
from dslineage.quality.values import Values
from dslineage.quality.words import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.chunk import Chunk
    from dslineage.quality.example import Example
    from dslineage.quality.screen import Marks, Octets

_CONTROL_TOKENS = builtin("control_token@1")
_MOJIBAKE = builtin("mojibake@1")
_MARKS = (
    *(b"<|", b"</", b"<s", b"<t", b"<S", b"<e", b"<\xef"),
    *(b"[I", b"[A", b"[T", b"[/"),
    b"``",
)
"""What begins each control token and each tag of reasoning, and any fence."""


def broken_format(example: Example, least: int) -> Found:
    """Which defects of form the texts have; each is a function of one text."""
    found: list[tuple[str, Span]] = []
    answer = None
    for number, part in enumerate(example.parts):
        tokens = control_tokens(part.text) if part.role not in ("text", "field") else []
        found += [("control_token", Span(number, *token)) for token in tokens]
        if part.target and (fence := odd_fence(part.text)):
            found.append(("fence", Span(number, *fence)))
        if part.target and not part.path.endswith(".thinking"):
            if tag := unbalanced_think(part.text):
                found.append(("think", Span(number, *tag)))
            if part.role == "assistant":
                answer = number, before_token(part.text, tokens)
    if answer and (word := unfinished(answer[1], least)):
        found.append(("unfinished", Span(answer[0], *word)))
    spans = tuple(sorted(span for _, span in found))
    return Found(frozenset(reason for reason, _ in found), spans)


def control_tokens(text: str) -> list[tuple[int, int]]:
    """Where tokens of chat templates stand in a text."""
    if "<" not in text and "[" not in text:
        return []
    return [match.span() for match in _CONTROL_TOKENS.pattern.finditer(text)]


def before_token(text: str, tokens: list[tuple[int, int]]) -> str:
    """A text without white space and control tokens at its end."""
    text = text.rstrip()
    for start, stop in reversed(tokens):
        if len(text) > stop:
            break
        text = text[:start].rstrip()
    return text


def odd_fence(text: str) -> tuple[int, int] | None:
    """The last code fence (three or more backticks) where their number is odd."""
    fences = [match.span() for match in re.finditer("`{3,}", text)]
    return fences[-1] if len(fences) % 2 else None


def unbalanced_think(text: str) -> tuple[int, int] | None:
    """The first `<think>` or `</think>` that has no other half."""
    opened = None
    for match in re.finditer("</?think>", text):
        if (match[0] == "<think>") == (opened is not None):
            return opened or match.span()
        opened = match.span() if opened is None else None
    return opened


def unfinished(text: str, least: int) -> tuple[int, int] | None:
    """The last word of a text of more than so many words that stops in the middle of prose.

    It does where the last line is prose and its last word is followed by nothing, or by a comma, a
    colon, a dash or an opening bracket. A line is no prose if it has fewer than five words; if it
    is an item of a list, a heading, a quotation or a row of a table; if it holds marks of code or
    of formulas, or names whom it quotes; or if its last word is none, but a number or an address.
    """
    line = text[text.rfind("\n") + 1 :]
    if (
        not stops_short(text[-1:])
        or re.match(r"\s*(?:[-+*•·–—>|#]|\(?\w{1,3}[.):]\s|\t| {4})", line)
        or re.search(r"[={}\\$<>|^~;]|\w\(|//|->|::|[)\]]\s*#|[\"”’']\s*[-–—]", line)
    ):
        return None
    word = re.search(
        r"(?:^|[\s\"'“‘«(（，。、；：！？…」』》—–])([^\W\d_][^\W\d_'’\-]*)[,:、，：(\[«“—–\-]{0,2}\Z",
        line[-64:],
    )
    if not word or len(words(line)) < 5 or len(words(text)) <= least:
        return None
    return len(text) - len(line[-64:]) + word.start(1), len(text)


def stops_short(char: str) -> bool:
    """Whether a text that ends in this character lacks a terminal mark.

    Thai, Lao, Tibetan, Burmese and Khmer do without them.
    """
    if not char or char in ",:、，：—–-":
        return bool(char)
    if unicodedata.category(char)[0] == "L":
        return not re.match("[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff]", char)
    return unicodedata.category(char) in ("Ps", "Pi", "Mn", "Mc")


def bad_chars(example: Example) -> Found:
    """How many characters of all texts are no text, of how many."""
    spans = [
        Span(number, *span)
        for number, part in enumerate(example.parts)
        for span in bad_sequences(part.text)
    ]
    return Found(Rate(len(spans), sum(len(part.text) for part in example.parts)), tuple(spans))


def bad_sequences(text: str) -> Iterator[tuple[int, int]]:
    """Where mojibake stands in a text, and characters that are no text."""
    for run in re.finditer(r"[^\t\n\x20-\x7e]+", text):
        for match in bad_pattern().finditer(text, *run.span()):
            yield match.span()


@cache
def bad_pattern() -> re.Pattern[str]:
    """Mojibake, or a character that is a control, a lone surrogate or U+FFFD."""
    bad = "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffd]"
    return re.compile(f"{_MOJIBAKE.pattern.pattern}|{bad}")


def _broken_formats(chunk: Chunk, least: int) -> Values:
    passed = [
        chunk.screen.with_pairs(_MARKS),
        _perhaps_unfinished(chunk, least),
    ]
    rows = chunk.example_of[np.concatenate(passed)]
    find = partial(broken_format, least=least)
    return screened(BROKEN_FORMAT, find, chunk, rows, everywhere(chunk))


def _perhaps_unfinished(chunk: Chunk, least: int) -> NDArray[np.int64]:
    """The targets that do not end in a figure or in an ASCII mark that may end a text.

    A word and what separates it from the next take two bytes or more.
    """
    octets, stops = chunk.screen.octets, chunk.screen.stops
    sizes = chunk.screen.sizes
    long = np.flatnonzero(chunk.is_target & (sizes > 2 * least))
    ends = np.frombuffer(b"0123456789.!?\"')]}*_`|~%$&+=/\\#@;^", np.uint8)
    return long[~np.isin(octets[stops[long] - 1], ends)]


def _bad_chars(chunk: Chunk) -> Values:
    whole = np.minimum(chunk.sums(chunk.part_size), 0xFFFFFFFF).astype("<u4")
    part = np.zeros(len(chunk), "<u4")
    for row in np.unique(chunk.example_of[_perhaps_bad(chunk)]).tolist():
        found = BAD_CHARS.of(chunk.examples[row]).value
        part[row] = found.part if isinstance(found, Rate) else 0
    return Values(Kind.RATE, part, whole)


def _perhaps_bad(chunk: Chunk) -> NDArray[np.int64]:
    """The parts with a control, a surrogate, U+FFFD, or a Latin letter before a foreign sign."""
    screen = chunk.screen
    low = screen.where(_is_control)
    high = screen.where(lambda octets: octets - np.uint8(0xC2) < 0x33)
    first, second, third = (screen.octets.take(high + i, mode="clip") for i in range(3))
    bad = (
        ((first == 0xC2) & (second < 0xA0))
        | ((first == 0xC3) & (third >= 0xC2) & (third < 0xFF))
        | ((first == 0xED) & (second >= 0xA0))
        | ((first == 0xEF) & (second == 0xBF) & (third == 0xBD))
    )
    return screen.texts_at(np.concatenate((low, high[bad])))


def _is_control(octets: Octets) -> Marks:
    """Marks controls of ASCII but tab and line feed."""
    marks: Marks = (octets < 0x20) & (octets != 0x09) & (octets != 0x0A)
    marks |= octets == 0x7F
    return marks


BROKEN_FORMAT = Metric(
    "broken_format",
    Kind.REASONS,
    unit="share",
    better="lower",
    function=broken_format,
    params={"least": 20},
    labels=("fence", "think", "control_token", "unfinished"),
    uses=(
        control_tokens,
        before_token,
        odd_fence,
        unbalanced_think,
        unfinished,
        stops_short,
        words,
    ),
    lexicons=(_CONTROL_TOKENS,),
    batch=_broken_formats,
    formula="any of: fence, a target has an odd number of ``` fences; think, its <think> and "
    "</think> do not alternate; control_token, a message or a definition of a tool has a token of "
    "a chat template; unfinished, the last answer has more than 20 words and its last line is "
    "prose that ends without a terminal mark, closing bracket or fence",
    source="quality.md row 18; the tokenizers of the model families for their control tokens",
    worked="the target of three lines, ```` ```py ````, `x = 1` and nothing more -> fence",
)

BAD_CHARS = Metric(
    "bad_chars",
    Kind.RATE,
    unit="ppm",
    better="lower",
    function=bad_chars,
    uses=(bad_sequences, bad_pattern),
    lexicons=(_MOJIBAKE,),
    batch=_bad_chars,
    formula="(U+FFFD + controls but tab and line feed + lone surrogates + sequences of UTF-8 that "
    "was read as Windows-1252 or Latin-1) / characters of all texts, in millionths",
    source="Unicode 15, category Cc; the sequences follow from the tables of both encodings",
    worked="`5 mÂ²` -> 1 of 5 characters, 200,000 ppm; `5 m²` -> 0 of 4",
)

METRICS = (BROKEN_FORMAT, BAD_CHARS)
