"""What a model is trained to call tools with is looked at like any text, and is no words of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dslineage.adapters.messages import Messages
from dslineage.quality.chunk import Chunk
from dslineage.quality.core import format as form
from dslineage.quality.core import length, privacy
from dslineage.quality.core.default import sft_core
from dslineage.quality.example import Example
from dslineage.quality.measurer import values_of
from dslineage.quality.metric import Metric, Rate
from dslineage.quality.size import shown_bytes
from dslineage.quality.values import Values
from tests.quality.planting import GITHUB

KEY = GITHUB + "aB3" * 12


def calling(arguments: Any) -> Example:
    call = {"type": "function", "function": {"name": "run", "arguments": arguments}}
    turns = [
        {"role": "user", "content": "Go on."},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "content": "done"},
        {"role": "assistant", "content": "It is done."},
    ]
    return Example.of({"messages": turns}, Messages())


@pytest.mark.parametrize(
    ("metric", "arguments", "expected"),
    [
        (privacy.SECRET, {"env": {"lines": [f"export\n{KEY}"]}}, frozenset({"provider_key"})),
        (privacy.SECRET, f"not JSON: {KEY}", frozenset({"provider_key"})),
        (privacy.PII, {"to": "ada@example.com"}, frozenset({"email"})),
        (privacy.PII, {"number": 4111111111111111}, frozenset({"card"})),
        (form.BAD_CHARS, {"q": "5 mÂ²"}, Rate(1, 6 + 5 + 4 + 11)),
        (form.BROKEN_FORMAT, {"q": "Yes.<|im_end|>"}, frozenset({"control_token"})),
    ],
)
def test_a_defect_among_the_arguments_is_found(
    metric: Metric, arguments: Any, expected: object
) -> None:
    written = arguments if type(arguments) is str else json.dumps(arguments)
    example = calling(written)
    value, spans = metric.of(example)
    assert value == expected
    assert {example.parts[span.part].role for span in spans} == {"tool_call"}


def test_the_place_of_a_text_is_said() -> None:
    (part,) = [p for p in calling('{"a":{"b":[1.5,true,"x"]}}').parts if p.role == "tool_call"]
    assert (part.text, part.target) == ("x", False)
    assert part.path == "messages[1].tool_calls[0].arguments.a.b[2]"


def test_arguments_are_no_words_and_are_counted_once_in_the_length() -> None:
    short, long = calling('{"q":"one"}'), calling('{"q":"one two three"}')
    assert short.target == long.target == "It is done."
    assert length.TARGET_WORDS.of(long).value == 3
    assert short.prompt == long.prompt == "Go on."
    assert shown_bytes(long) - shown_bytes(short) == len(" two three")


def test_a_chunk_gives_what_each_example_gives() -> None:
    examples = [calling(json.dumps({"a": one})) for one in (KEY, "N/A", "привет", 7, ["x\x00"])]
    for metric in sft_core().measured:
        alone = [metric.of(one).value for one in examples]
        expected = Values.of(metric.kind, alone, metric.labels)
        assert values_of(metric, Chunk(examples)).data.tolist() == expected.data.tolist()
