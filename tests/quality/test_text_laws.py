"""Screens lose nothing, definitions take linear time, and lexicons say what they match."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslineage.adapters.alpaca import Alpaca
from dslineage.adapters.messages import Messages
from dslineage.adapters.text import Text
from dslineage.quality import screen
from dslineage.quality.chunk import Chunk
from dslineage.quality.core import format as form
from dslineage.quality.core import phrases, privacy
from dslineage.quality.example import Example
from dslineage.quality.lexicon import Lexicon, builtin
from dslineage.quality.measurer import values_of
from dslineage.quality.metric import Metric
from dslineage.quality.screen import Screen, folded
from dslineage.quality.values import Values
from tests.quality.material import SETS, chunk_of
from tests.quality.planting import JWT, PEM

METRICS = (*phrases.METRICS, *form.METRICS, *privacy.METRICS)
PHRASES = [
    p.pattern.pattern for name in ("boilerplate@1", "refusal@1") for p in builtin(name).phrases
]

PIECES = st.sampled_from(
    """
    I'm sorry,|but I|can't|CANNOT|assist|with that.|as an|AI|language model|lo siento, pero|No puedo
    désolé, mais je ne peux|très|извините, но я не|могу|抱歉，但|我无法|回答|knowledge cutoff|date
    noinput|N/A|<noinput>|[insert name here]|TODO|...|null|```|````|<think>|</think>|<|im_end|>
    [INST]|<<SYS>>|</s>|<s>|Â|²|Ã|©|â|€|™|»|Ð|¿|\u0080|\x00|\x07|\x7f|\r\n|\u2028|\ufffd|\ud800|a@b.co|@
    ada@example.com|x@2x.png|8.8.4.40|10.0.0.1|1.2.3.4|v|+1 415|+49 30|(415) 555|-2671|555-867-5309
    4111 1111 1111 1111|378282246310005|DE89 3704 0044 0532 0130 00|GB82WEST12345698765432|0|7|12
    eyJhbGciOiJIUzI1NiIsInR|.|-----BEGIN |PRIVATE KEY-----|xoxb-|AKIA|gh|p_|ABCDEFGHIJKLMNOP12345678
    a|é|ß|ſ|K|İ|，|。|？|สวัสดี|\U0001f600|word|and then,|:|(|{|=|https://a.b/c
    """.replace("|im_end|", "\x01")
    .strip()
    .replace("\n    ", "|")
    .split("|")
).map(lambda piece: piece.replace("\x01", "|im_end|"))
GAPS = st.sampled_from(["", " ", "\n", "  ", ", ", "\t"])
TEXTS = st.lists(
    st.tuples(PIECES | st.characters(), GAPS).map("".join) | st.from_regex("|".join(PHRASES)),
    max_size=24,
).map("".join)
ROWS = st.one_of(
    st.fixed_dictionaries({"instruction": TEXTS, "input": TEXTS, "output": TEXTS}).map(
        lambda row: Example.of(row, Alpaca())
    ),
    st.fixed_dictionaries({"text": TEXTS}).map(lambda row: Example.of(row, Text())),
    st.lists(st.tuples(st.sampled_from(["system", "user", "assistant", "tool"]), TEXTS)).map(
        lambda turns: Example.of(
            {"messages": [{"role": role, "content": text} for role, text in turns]}, Messages()
        )
    ),
)


def agrees(metric: Metric, chunk: Chunk) -> bool:
    """Whether a chunk gives the values that each example gives."""
    got = values_of(metric, chunk)
    values = [metric.of(example).value for example in chunk.examples]
    expected = Values.of(metric.kind, values, metric.labels)
    wholes = got.whole is None or np.array_equal(got.whole, expected.whole)  # type: ignore[arg-type]
    return (
        wholes and np.array_equal(got.data, expected.data) and got.data.dtype == expected.data.dtype
    )


@settings(max_examples=150)
@given(st.lists(ROWS, max_size=8))
def test_a_chunk_has_the_values_of_its_examples(examples: list[Example]) -> None:
    for metric in METRICS:
        assert agrees(metric, Chunk(examples)), metric.name


@settings(max_examples=100)
@given(st.lists(ROWS, max_size=8), st.sampled_from([32, 64, 128]))
def test_a_chunk_that_is_looked_at_in_pieces_has_the_same_values(
    examples: list[Example], size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screen, "_PIECE", size)
        for metric in METRICS:
            assert agrees(metric, Chunk(examples)), metric.name


@pytest.mark.parametrize(
    "text",
    [
        "8.8.8.40",
        "81.8.8.8",
        "+49 30 1234567",
        "212-555-2671",
        "212.555.2671",
        "4111 1111 1111 1111",
        "4111111111111111",
        "3782-822463-10005",
        "DE89 3704 0044 0532 0130 00",
        "a@b.co",
        "AKIAABCDEFGHIJKLMNOP",
        "I'm sorry, but I can't help with that",
        "as an AI language model",
        "```",
        "</think>",
        "Ã©",
    ],
)
def test_wherever_something_stands_in_a_chunk_it_is_seen(text: str) -> None:
    seen = Example.of({"text": text}, Text())
    assert any(metric.of(seen).spans for metric in METRICS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screen, "_PIECE", 32)
        for before in range(70):
            chunk = Chunk([Example.of({"text": "x" * before}, Text()), seen])
            assert all(agrees(metric, chunk) for metric in METRICS), before


@pytest.mark.parametrize("name", SETS)
def test_a_chunk_of_real_examples_has_the_values_of_its_examples(
    shared_data: Path, name: str
) -> None:
    chunk = chunk_of(shared_data / name, SETS[name])
    for metric in METRICS:
        assert agrees(metric, chunk), metric.name


@given(st.lists(ROWS, max_size=3))
def test_spans_lie_in_the_texts_and_are_there_where_something_is_found(
    examples: list[Example],
) -> None:
    for metric in METRICS:
        for example in examples:
            value, spans = metric.of(example)
            assert bool(spans) == bool(value[0] if isinstance(value, tuple) else value)
            for part, start, stop in spans:
                assert 0 <= start < stop <= len(example.parts[part].text)


@pytest.mark.parametrize("name", ["boilerplate@1", "refusal@1"])
@given(data=st.data())
def test_every_text_that_an_entry_matches_holds_one_of_its_needles(
    name: str, data: st.DataObject
) -> None:
    phrase = data.draw(st.sampled_from(builtin(name).phrases))
    text = data.draw(st.from_regex(phrase.pattern))
    held = folded(text.encode())
    assert any(needle in held for needle in phrase.needles)
    assert {number for number, _ in Screen.of(["", text, "x"]).holding(phrase.needles)} == {1}


@given(st.lists(st.text(), max_size=6), st.text(min_size=11))
def test_a_screen_finds_every_text_that_holds_a_needle(texts: list[str], needle: str) -> None:
    short = folded(needle.encode())
    if len(short) >= 11:
        texts = [*texts, needle, "a" + needle, "bc" + needle + "d"]
        found = list(Screen.of(texts).holding(frozenset([short])))
        assert found == [
            (i, short) for i, text in enumerate(texts) if short in folded(text.encode())
        ]


def test_a_lexicon_with_a_needle_too_short_is_refused_not_missed() -> None:
    with pytest.raises(ValueError, match="shorter than"):
        Screen.of(["as an AI"]).holding(Lexicon("short@1", "as an AI").needles)


@pytest.mark.parametrize(
    ("entry", "matches", "others"),
    [
        (
            "I (can't|cannot) help",
            ["I can't help", "i CAN’T\nhelp", "I cannot help"],
            ["I can help"],
        ),
        ("as an (AI)? model", ["as an AI model", "as an model", "As, an model"], ["was an model"]),
        ("(very)? sorry", ["sorry", "very sorry"], ["sorrys"]),
        ("desolé", ["desolé", "Desolé", "DESOLÉ"], ["dEsolé"]),
        ("抱歉(，)?(但)?我", ["很抱歉，但我说", "抱歉我"], ["抱歉你"]),
    ],
)
def test_what_an_entry_matches(entry: str, matches: list[str], others: list[str]) -> None:
    pattern = Lexicon("one@1", entry).pattern
    assert [text for text in [*matches, *others] if pattern.search(text)] == matches


BIG = 1_000_000
HOSTILE = {
    "emails": "a@" * (BIG // 2),
    "domains": "@" + "a." * (BIG // 2),
    "local part": "a" * BIG + "@",
    "digits": "7" * BIG,
    "digits apart": "4 1-" * (BIG // 4),
    "dots": "1." * (BIG // 2),
    "plus": "+1 (1) " * (BIG // 7),
    "account numbers": "DE89 3704 " * (BIG // 10),
    "capitals": "AB12" * (BIG // 4),
    "pem": "-----BEGIN " * (BIG // 11),
    "pem words": "-----BEGIN " + "A" * BIG,
    "tokens": (JWT[:20] + ".") * (BIG // 21),
    "one token": JWT[:20] + "a" * BIG,
    "keys": "-" + PEM[:5] * (BIG // 5),
    "backticks": "`" * BIG,
    "tags": "<think>" * (BIG // 7),
    "tokens of templates": "<|" * (BIG // 2),
    "mojibake": "Ã" * BIG,
    "cyrillic mojibake": "Ð¿" * (BIG // 2) + "Ð",
    "white space": " " * BIG + "x",
    "line ends": "\n" * BIG + "</s" + "\n" * BIG,
    "one line of words": "word'" * (BIG // 5),
    "words": "aaa " * (BIG // 4) + "end",
    "brackets": "[insert " * (BIG // 8),
    "sorry": "I'm sorry, but I " * (BIG // 17),
    "as an": "as an AI " * (BIG // 9),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_takes_time_that_grows_with_its_length_only(name: str) -> None:
    """A quadratic pattern would take hours for a text of a million characters."""
    row = {"instruction": "Q", "output": HOSTILE[name]}
    example = Example.of(row, Alpaca())
    began = time.process_time()
    for metric in METRICS:
        metric.of(example)
    assert time.process_time() - began < 10
