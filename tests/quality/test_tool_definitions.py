"""Definitions of tools are shown to a model, so they are looked at for what should not be there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.adapters.detect import detect
from dslineage.adapters.messages import Messages
from dslineage.diff.options import DiffOptions
from dslineage.files import diff_files
from dslineage.quality.chunk import Chunk
from dslineage.quality.core import format as form
from dslineage.quality.core import length, phrases, privacy, script
from dslineage.quality.core.default import sft_core
from dslineage.quality.example import Example
from dslineage.quality.measurer import values_of
from dslineage.quality.metric import Metric
from dslineage.quality.sets.texts import shown
from dslineage.quality.size import shown_bytes
from dslineage.quality.values import Values
from tests.quality.material import SETS, read
from tests.quality.planting import GITHUB

KEY = GITHUB + "aB3" * 12
TURNS = [{"role": "user", "content": "Wie geht es?"}, {"role": "assistant", "content": "Gut."}]


def offered(*tools: Any) -> dict[str, Any]:
    return {"messages": TURNS, "tools": list(tools)}


def tool(
    name: str = "run", description: str = "Runs a command.", **parameters: Any
) -> dict[str, Any]:
    schema = {"type": "object", "properties": parameters, "required": sorted(parameters)}
    function = {"name": name, "description": description, "parameters": schema}
    return {"type": "function", "function": function}


def example(*tools: Any) -> Example:
    return Example.of(offered(*tools), Messages())


@pytest.mark.parametrize(
    ("metric", "defined", "reason", "where"),
    [
        (privacy.SECRET, tool(name=KEY), "provider_key", "name"),
        (privacy.SECRET, tool(description=f"Uses\n{KEY}"), "provider_key", "description"),
        (
            privacy.SECRET,
            tool(token={"type": "string", "default": KEY}),
            "provider_key",
            "parameters.properties.token.default",
        ),
        (
            privacy.PII,
            tool(to={"type": "string", "enum": ["nobody", "ada@example.com"]}),
            "email",
            "parameters.properties.to.enum[1]",
        ),
        (
            privacy.PII,
            tool(card={"type": "integer", "examples": [4111111111111111]}),
            "card",
            "parameters.properties.card.examples[0]",
        ),
        (form.BROKEN_FORMAT, tool(description="Ends.<|im_end|>"), "control_token", "description"),
    ],
)
def test_a_defect_in_a_definition_is_found_and_its_place_is_said(
    metric: Metric, defined: Any, reason: str, where: str
) -> None:
    one = example(tool(), defined)
    value, spans = metric.of(one)
    assert value == frozenset({reason})
    assert [one.parts[span.part].path for span in spans] == [f"tools[1].function.{where}"]


def test_the_name_of_a_parameter_is_a_text() -> None:
    value, spans = privacy.PII.of(one := example({"parameters": {"properties": {"a@b.org": {}}}}))
    assert value == frozenset({"email"})
    assert one.parts[spans[0].part].path == "tools[0].parameters.properties.a@b.org"


def test_definitions_as_one_text_that_is_no_json_are_looked_at_as_they_are() -> None:
    row = {"messages": TURNS, "tools": f"run(command), token {KEY}"}
    (span,) = privacy.SECRET.of(one := Example.of(row, Messages())).spans
    assert one.parts[span.part].path == "tools"
    assert one.parts[span.part].text[span.start : span.stop] == KEY


def test_why_names_the_definition_in_which_a_key_came(tmp_path: Path) -> None:
    paths = [tmp_path / "v1.jsonl", tmp_path / "v2.jsonl"]
    for path, description in zip(paths, ("Runs.", f"Runs with {KEY}."), strict=True):
        rows = [offered(tool()), offered(tool(description=description))]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (why,) = diff_files(*paths, options=DiffOptions(why="secret")).why
    (highlight,) = why.examples[0].highlights
    assert (highlight.side, highlight.path) == ("after", "tools[0].function.description")
    assert [highlight.text[slice(*span)] for span in highlight.spans] == [KEY]


def test_definitions_are_no_words_no_speech_and_no_answer_and_are_counted_once() -> None:
    short, long = example(tool()), example(tool(description="Запускает команду."))
    assert (short.prompt, short.target) == (long.prompt, long.target) == ("Wie geht es?", "Gut.")
    assert length.PROMPT_WORDS.of(long).value == 3
    assert script.SCRIPT_MIX.of(long).value == "Latin"
    assert phrases.PLACEHOLDER.of(example(tool(description="TODO"))).value is False
    assert shown_bytes(long) - shown_bytes(short) == len("Запускает команду.".encode()) - 15
    assert str(shown(long)).count("Запускает") == 1


TEXTS = st.sampled_from((KEY, "ada@example.com", "N/A", "Привет", "<|im_end|>", "x\x00", "5 mÂ²"))
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(TEXTS | st.just("properties"), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(st.lists(VALUES.map(lambda value: offered(value, tool(q=value))), max_size=4))
def test_a_chunk_gives_what_each_example_gives(rows: list[dict[str, Any]]) -> None:
    agree([Example.of(row, Messages()) for row in rows])


@pytest.mark.parametrize("name", [name for name in SETS if "tool" in name])
def test_a_chunk_of_real_tools_with_planted_defects_gives_what_each_example_gives(
    shared_data: Path, name: str
) -> None:
    rows = read(shared_data / name)[:40]
    adapter = detect(rows).adapter
    for number, row in enumerate(rows):
        if "tools" in row and number % 4 == 0:
            tools = json.loads(row["tools"]) if isinstance(row["tools"], str) else row["tools"]
            row["tools"] = [*tools, tool(description=f"ada.{number}@example.com, {KEY}")]
    examples = [Example.of(row, adapter) for row in rows]
    agree(examples)
    planted = [row for row, one in zip(rows, examples, strict=True) if privacy.SECRET.of(one).value]
    assert planted == [row for row in rows if KEY in str(row)]


def agree(examples: list[Example]) -> None:
    for metric in sft_core().measured:
        alone = [metric.of(one).value for one in examples]
        expected = Values.of(metric.kind, alone, metric.labels)
        assert values_of(metric, Chunk(examples)).data.tolist() == expected.data.tolist()
