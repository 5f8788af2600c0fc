"""The examples that `dslineage metrics explain` works are right, and the traps of each metric."""

from __future__ import annotations

from typing import Any

import pytest

from dslineage.adapters.llamafactory import LlamaFactory
from dslineage.adapters.messages import Messages
from dslineage.adapters.registry import family
from dslineage.quality.core import length, repetition, script, structure
from dslineage.quality.example import Example
from dslineage.quality.metric import Metric

MESSAGES = Messages()
CALL = {"role": "assistant", "tool_calls": [{"name": "f", "arguments": {"x": 1}}]}


def turn(role: str, content: str = "text") -> dict[str, Any]:
    return {"role": role, "content": content}


def value(metric: Metric, *turns: dict[str, Any], **more: Any) -> Any:
    return metric.of(Example.of({"messages": list(turns), **more}, MESSAGES)).value


def said(metric: Metric, target: str, prompt: str = "Q?") -> Any:
    return value(metric, turn("user", prompt), turn("assistant", target))


ASK, ANSWER, TOOL = turn("user"), turn("assistant"), turn("tool")


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([ASK, ANSWER], True),
        ([turn("system"), ASK, ANSWER], True),
        ([turn("humam"), ANSWER], False),
        ([ASK], False),
        ([ASK, {"role": "assistant"}], False),
        ([ASK, turn("assistant", "")], True),
        ([ASK, CALL, TOOL, ANSWER], True),
        ([ASK, {"role": "assistant", "content": {"a": 1}}], False),
        ([ASK, ANSWER | {"train": False}], False),
        ([ASK, {"role": "assistant", "content": [{"type": "text", "text": "t"}]}], True),
        ([], False),
    ],
)
def test_schema_ok(turns: list[dict[str, Any]], expected: bool) -> None:
    assert value(structure.SCHEMA_OK, *turns) is expected


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([ASK, ANSWER], True),
        ([turn("system"), ASK, ANSWER, ASK, ANSWER], True),
        ([ASK, ANSWER, ASK], False),
        ([ANSWER, ASK], False),
        ([ASK, ASK, ANSWER], False),
        ([ASK, CALL, TOOL, TOOL, ANSWER], True),
        ([TOOL, ANSWER], False),
        ([ASK, turn("system"), ANSWER], False),
        ([turn("system")], None),
    ],
)
def test_turns_ok(turns: list[dict[str, Any]], expected: bool | None) -> None:
    assert value(structure.TURNS_OK, *turns) is expected


@pytest.mark.parametrize(
    ("turns", "sharegpt", "openai"),
    [
        ([ASK, ANSWER], True, True),
        ([ASK, CALL, TOOL, TOOL, ANSWER], False, True),
        ([ASK, ANSWER, TOOL], False, True),
        ([ASK, ANSWER, ASK], False, False),
        ([turn("system"), turn("developer"), ASK, ANSWER], False, False),
        ([ASK, ASK, ANSWER, ANSWER], False, False),
        ([TOOL, ANSWER], True, True),
    ],
)
def test_llama_factory_keeps_what_alternates(
    turns: list[dict[str, Any]], sharegpt: bool, openai: bool
) -> None:
    assert value(structure.effective_llamafactory(), *turns) is sharegpt
    assert value(structure.effective_llamafactory("openai"), *turns) is openai


def test_llama_factory_keeps_an_alpaca_row_without_a_prompt() -> None:
    adapter = LlamaFactory.from_entry({"columns": {"prompt": "q", "response": "a"}})
    example = Example.of({"q": "", "a": "Four."}, adapter)
    assert structure.effective_llamafactory().of(example).value is True


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([ASK, ANSWER], False),
        ([ASK, turn("assistant", " \n\u00a0")], True),
        ([ASK, turn("assistant", ""), ASK, ANSWER], True),
        ([ASK, CALL, TOOL, ANSWER], False),
        ([ASK, turn("assistant", "") | {"train": False}, ASK, ANSWER], False),
        ([ASK], None),
    ],
)
def test_empty_target(turns: list[dict[str, Any]], expected: bool | None) -> None:
    assert value(structure.EMPTY_TARGET, *turns) is expected


def test_a_preferred_answer_is_the_target_and_a_rejected_one_is_not() -> None:
    row = {"prompt": "Two words?", "chosen": "Yes, two words.", "rejected": "No."}
    example = Example.of(row, family("preference")())
    assert length.TARGET_WORDS.of(example).value == 3
    assert structure.TURNS_OK.of(example).value is True
    assert structure.TURNS.of(example).value == 2


def test_words_are_counted_over_all_turns_of_a_role() -> None:
    turns = [turn("user", "What is 2+2?"), ANSWER, turn("user", "Sure?"), ANSWER]
    assert value(length.PROMPT_WORDS, *turns) == 5
    assert value(length.TARGET_WORDS, *turns) == 2
    assert said(length.TARGET_WORDS, "It is four. 四です") == 6
    assert value(length.TARGET_WORDS, turn("user")) is None


def test_the_estimate_of_tokens_counts_bytes_of_texts_and_tools() -> None:
    metric = length.over_length(5)
    assert said(metric, "x" * 18) is False
    assert said(metric, "x" * 19) is True
    assert said(metric, "é" * 9) is False
    assert said(metric, "é" * 10) is True
    assert value(metric, turn("user", "Q?"), CALL) is True


def test_axolotl_drops_what_is_too_long_or_teaches_nothing() -> None:
    metric = length.effective_axolotl(5)
    assert said(metric, "x" * 18) is True
    assert said(metric, "x" * 19) is False
    assert said(metric, "") is False
    assert value(metric, ASK) is False


def test_rep4() -> None:
    assert said(repetition.REP4, "go on and on and on and on") == 0.4
    assert said(repetition.REP4, "one two three four five six seven") is None
    assert said(repetition.REP4, "one two three four five six seven eight") == 0
    assert said(repetition.REP4, "ha " * 13) == 0.9
    assert said(repetition.REP4, "ha " * 131) == 0.992188  # 127/128: 992,187.5, to the even one


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("yes\nno\nyes", 0.3),
        ("yes\nno", 0),
        ("yes\n\n\nno", 0),
        ("yes\n  \n  \nno", 0),
        ("```\nx\nx\n```\ny", 0),
        ("```\nx\nx", 0),
        ("x\nx\n````\nx\n```\nx\n````", 1 / 21),
        ("", None),
    ],
)
def test_dup_line_chars(text: str, share: float | None) -> None:
    found = said(repetition.DUP_LINE_CHARS, text)
    assert found == (None if share is None else pytest.approx(share, abs=5e-7))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Что такое RAM?", "Cyrillic"),
        ("2 + 2 = 4", None),
        ("四です", "Hiragana"),
        ("ДдAa", "Cyrillic"),
        ("µ", None),
        ("ＡＢ", "Latin"),
    ],
)
def test_script_mix(text: str, name: str | None) -> None:
    assert value(script.SCRIPT_MIX, turn("user", text)) == name
