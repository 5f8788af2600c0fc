"""Detection: what is seen, what is said, and what decides where several families fit."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslineage.adapters.base import Adapter
from dslineage.adapters.detect import detect, detect_key
from dslineage.adapters.fields import Fields
from dslineage.adapters.llamafactory import LlamaFactory
from dslineage.adapters.messages import Messages
from dslineage.adapters.prompt_only import PromptOnly
from dslineage.adapters.registry import FAMILIES, adapter_id, from_id_parts
from dslineage.errors import UsageError
from tests.adapters.strategies import ADAPTERS, examples

TURNS = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
FROM = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]


def load(path: Path) -> list[dict[str, Any]]:
    """The examples of a file, ragged CSV rows left out."""
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return [row for row in rows if None not in row and None not in row.values()]
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return list(json.loads(text))
    return [json.loads(line) for line in text.split("\n") if line]


SHARED = {
    "codealpaca/code_alpaca_2k.json": ("alpaca", {}),
    "gsm8k/test.jsonl": ("question-answer", {}),
    "gsm8k/train.jsonl": ("question-answer", {}),
    "llamafactory/alpaca_en_demo.json": ("alpaca", {}),
    "llamafactory/alpaca_zh_demo.json": ("alpaca", {}),
    "llamafactory/c4_demo.jsonl": ("text", {}),
    "llamafactory/dpo_en_demo.json": ("preference", {"prompt": "conversations"}),
    "llamafactory/glaive_toolcall_en_demo.json": ("sharegpt", {}),
    "llamafactory/identity.json": ("alpaca", {}),
    "llamafactory/kto_en_demo.json": (
        "kto",
        {"messages": "messages", "prompt": "", "response": ""},
    ),
    "llamafactory/mllm_demo.json": ("multimodal", {}),
    "llamafactory/reason_tool_use_demo_50.jsonl": (
        "llamafactory",
        {"messages": "messages", "tools": "tools"},
    ),
    "llamafactory/v1_dpo_demo.jsonl": (
        "llamafactory",
        {"chosen": "chosen_messages", "rejected": "rejected_messages", "tools": "tools"},
    ),
    "llamafactory/v1_sft_demo.jsonl": (
        "llamafactory",
        {"messages": "messages", "tools": "tools"},
    ),
    "prompts/prompts-r01-def06dca.csv": ("prompt-only", {}),
    "prompts/prompts-r04-94deb7a7.csv": ("prompt-only", {}),
    "prompts/prompts-r08-6e18e224.csv": ("prompt-only", {}),
    "selfinstruct_seed_tasks.jsonl": ("fields", {}),
    "t0/t0-train.jsonl": ("prompt-completion", {}),
    "toolformer/toolformer-dedupe-only.json": ("alpaca", {"response": "response"}),
    "toolformer/toolformer-similarity-0.6.json": ("alpaca", {"response": "response"}),
}


@pytest.mark.parametrize("name", SHARED)
def test_every_shared_file_is_of_the_family_it_was_written_in(name: str, shared_data: Path) -> None:
    found = detect(load(shared_data / name)[:500])
    assert (found.adapter.name, dict(found.adapter.mapping)) == SHARED[name]
    assert found.notices == ()


def test_dataset_info_maps_the_files_of_llamafactory(shared_data: Path) -> None:
    folder = shared_data / "llamafactory"
    entries = json.loads((folder / "dataset_info.json").read_text())
    mapped = {
        name: entry for name, entry in entries.items() if (folder / _file_name(entry)).is_file()
    }
    assert len(mapped) >= 8
    for entry in mapped.values():
        rows = load(folder / entry["file_name"])
        told, seen = detect(rows, info=entry), detect(rows)
        assert told.adapter.name == "llamafactory"
        assert told.notices == ()
        for row in rows[:50]:
            assert told.adapter.conversation(row) == seen.adapter.conversation(row)


def _file_name(entry: dict[str, Any]) -> str:
    return str(entry.get("file_name", "absent"))


EXAMPLES: dict[str, tuple[dict[str, Any], str]] = {
    "OpenAI chat": ({"messages": TURNS}, "messages"),
    "roles under conversations": ({"conversations": TURNS}, "messages"),
    "sharegpt": ({"conversations": FROM}, "sharegpt"),
    "OpenAI preference": (
        {"input": {"messages": []}, "preferred_output": [], "non_preferred_output": []},
        "openai-preference",
    ),
    "preference": ({"prompt": "a", "chosen": "b", "rejected": "c"}, "preference"),
    "implicit prompt": ({"chosen": TURNS, "rejected": TURNS}, "preference"),
    "intel pairs": ({"system": "s", "question": "a", "chosen": "b", "rejected": "c"}, "preference"),
    "argilla pairs": (
        {"instruction": "a", "chosen_response": "b", "rejected_response": "c"},
        "preference",
    ),
    "ranked": ({"prompt": "a", "answers": [{"answer": "b", "rank": 1}]}, "preference"),
    "kto": ({"prompt": "a", "completion": "b", "label": True}, "kto"),
    "kto from a CSV": ({"prompt": "a", "completion": "b", "label": "True"}, "kto"),
    "kto tag": ({"instruction": "a", "input": "", "output": "b", "kto_tag": True}, "kto"),
    "stepwise": ({"prompt": "a", "completions": ["b"], "labels": [True]}, "stepwise"),
    "prompt and completion": ({"prompt": TURNS[:1], "completion": TURNS[1:]}, "prompt-completion"),
    "prompt and response": ({"prompt": "a", "response": "b"}, "prompt-completion"),
    "alpaca": ({"instruction": "a", "input": "", "output": "b"}, "alpaca"),
    "gpteacher": ({"instruction": "a", "input": "", "response": "b"}, "alpaca"),
    "question": ({"question": "a", "answer": "b"}, "question-answer"),
    "query": ({"query": "a", "response": "b"}, "question-answer"),
    "input and output": ({"input": "a", "output": "b"}, "question-answer"),
    "context": ({"context": "a", "question": "b", "answer": "c"}, "axolotl"),
    "oasst": ({"INSTRUCTION": "a", "RESPONSE": "b"}, "axolotl"),
    "camel": ({"message_1": "a", "message_2": "b"}, "axolotl"),
    "tokens": ({"input_ids": [1], "attention_mask": [1], "labels": [-100]}, "axolotl"),
    "segments": ({"segments": [{"label": True, "text": "a"}]}, "axolotl"),
    "train flags": ({"messages": [{**TURNS[0], "train": False}]}, "axolotl"),
    "image columns": ({"messages": TURNS, "images": ["1.png"]}, "multimodal"),
    "image parts": (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}]},
        "multimodal",
    ),
    "text": ({"text": "a"}, "text"),
    "prompt": ({"prompt": "a"}, "prompt-only"),
    "nothing known": ({"a": 1}, "fields"),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_one_example_of_each_form_is_recognised(name: str) -> None:
    example, family = EXAMPLES[name]
    found = detect([{**example, "id": 1, "source": "web"}])
    assert found.adapter.name == family
    assert found.notices == ()
    strict = detect([example], strict=True)
    assert strict.adapter == found.adapter


def test_detection_says_what_it_saw() -> None:
    rows: list[dict[str, Any]] = [*[{"messages": TURNS}] * 499, {"other": 1}]
    assert detect(rows).saw == "messages[] with role and content in 499 of 500 examples"


@pytest.mark.parametrize(
    ("example", "family", "candidates"),
    [
        ({"prompt": "a", "messages": TURNS, "chosen": TURNS, "rejected": TURNS}, "preference",
         ("messages",)),
        ({"messages": TURNS, "conversations": FROM}, "messages", ("sharegpt",)),
        ({"messages": TURNS, "text": "a"}, "messages", ("text",)),
        ({"instruction": "a", "output": "b", "text": "c"}, "alpaca", ("text",)),
    ],
    ids=["prompt, messages, chosen", "two containers", "messages and text", "alpaca and text"],
)  # fmt: skip
def test_where_two_families_fit_precedence_decides_and_one_notice_says_so(
    example: dict[str, Any], family: str, candidates: tuple[str, ...]
) -> None:
    found = detect([example] * 3)
    assert found.adapter.name == family
    assert found.candidates == candidates
    (notice,) = found.notices
    assert f"read as {family}" in notice
    assert all(name in notice for name in (*candidates, "--schema"))
    with pytest.raises(UsageError, match="read as") as error:
        detect([example] * 3, strict=True)
    assert "--schema" in error.value.hint


def test_a_family_whose_fields_are_all_read_anyway_is_no_rival() -> None:
    assert detect([{"prompt": "a", "completion": "b", "label": True}]).candidates == ()


def test_mixed_schemas_are_said_with_their_counts() -> None:
    rows: list[dict[str, Any]] = [*[{"messages": TURNS}] * 6, *[{"text": "a"}] * 3, {"a": 1}]
    found = detect(rows)
    assert found.adapter == Messages()
    assert found.notices == (
        "mixed schemas in 10 of 10 examples (messages 6, text 3, none 1); read as messages, the "
        "others are kept by their fields",
    )
    with pytest.raises(UsageError, match="mixed schemas"):
        detect(rows, strict=True)


def test_where_no_family_covers_half_the_fields_are_compared() -> None:
    rows: list[dict[str, Any]] = [
        {"messages": TURNS},
        {"text": "a"},
        {"question": "a", "answer": "b"},
    ]
    found = detect(rows)
    assert found.adapter == Fields()
    assert "none fits half of them" in found.notices[0]


def test_a_named_schema_overrides_what_is_seen() -> None:
    example = {"messages": TURNS, "text": "a"}
    assert detect([example], schema="text", strict=True).adapter.name == "text"
    gpteacher = detect([{"instruction": "a", "response": "b"}], schema="alpaca")
    assert gpteacher.adapter.mapping == {"response": "response"}
    odd = detect([example], schema="kto")
    assert odd.adapter.name == "kto"
    assert odd.notices == ("schema kto fits 0 of 1 examples; the others are kept by their fields",)


def test_an_unknown_schema_gets_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="unknown schema 'sharegtp'") as error:
        detect([], schema="sharegtp")
    assert error.value.hint == "did you mean sharegpt?"


def test_a_column_mapping_overrides_the_names_of_columns() -> None:
    rows = [{"act": "Sage", "prompt": "Be wise.", "n": 1}]
    found = detect(rows, columns={"prompt": "act", "response": "prompt"})
    assert found.adapter.name == "prompt-completion"
    assert found.adapter.mapping == {"prompt": "act", "response": "prompt"}
    assert found.adapter.conversation(rows[0]) == {
        "messages": [
            {"role": "user", "content": "Sage"},
            {"role": "assistant", "content": "Be wise."},
        ]
    }
    named = detect(rows, schema="alpaca", columns={"instruction": "act", "output": "prompt"})
    assert named.adapter.name == "alpaca"
    assert named.adapter.consumed >= {"act", "prompt"}


def test_a_column_mapping_is_checked() -> None:
    rows = [{"act": "a", "prompt": "b"}]
    with pytest.raises(UsageError, match="unknown role 'promt'") as role:
        detect(rows, columns={"promt": "act"})
    assert role.value.hint == "did you mean prompt?"
    with pytest.raises(UsageError, match="no example has a field 'acts'") as column:
        detect(rows, columns={"prompt": "acts"})
    assert column.value.hint == "did you mean act?"
    with pytest.raises(UsageError, match="two columns for the role response"):
        detect(rows, columns={"output": "act", "answer": "prompt"})
    with pytest.raises(UsageError, match="no schema has a use for"):
        detect(rows, columns={"text": "act", "chosen": "prompt"})


def test_no_examples_are_of_no_family() -> None:
    assert detect([]).adapter == Fields()
    assert detect([], schema="messages").adapter == Messages()


def test_key_detection_prefers_names_like_id() -> None:
    rows = [{"id": i, "title": f"T{i}", "prompt": "a", "kind": "x"} for i in range(20)]
    assert detect_key(rows, PromptOnly()) == "id"
    titled = [{name: row[name] for name in row if name != "id"} for row in rows]
    assert detect_key(titled, PromptOnly()) == "title"
    assert detect_key([{"prompt": "a", "kind": "x"}] * 20, PromptOnly()) is None


def test_a_key_must_be_there_in_every_example_distinct_and_scalar() -> None:
    rows: list[dict[str, Any]] = [{"prompt": str(i), "id": i} for i in range(20)]
    assert detect_key(rows, PromptOnly()) == "id"
    assert detect_key([*rows, {"prompt": "a"}], PromptOnly()) is None
    assert detect_key([{"prompt": "a", "id": i // 2} for i in range(20)], PromptOnly()) is None
    assert detect_key([{"prompt": "a", "id": i / 2} for i in range(20)], PromptOnly()) is None
    assert detect_key([{"prompt": "a", "ok": bool(i)} for i in range(2)], PromptOnly()) is None
    assert detect_key([], PromptOnly()) is None


def test_the_title_of_a_prompt_looks_like_its_key(shared_data: Path) -> None:
    rows = load(shared_data / "prompts" / "prompts-r04-94deb7a7.csv")
    assert detect_key(rows, detect(rows).adapter) == "act"
    tasks = load(shared_data / "selfinstruct_seed_tasks.jsonl")
    assert detect_key(tasks, Fields()) == "id"


@settings(max_examples=50, deadline=None)
@given(sample=st.lists(examples, max_size=4))
def test_no_sample_makes_detection_fail(sample: list[dict[str, Any]]) -> None:
    found = detect(sample)
    detect_key(sample, found.adapter)
    for name in FAMILIES:
        assert detect(sample, schema=name).adapter.name == name


@pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS)
def test_adapters_are_rebuilt_from_their_record(adapter: Adapter) -> None:
    mapping = json.loads(json.dumps(dict(adapter.mapping)))
    again = from_id_parts(adapter.name, adapter.version, mapping)
    assert again == adapter
    assert adapter_id(again) == adapter_id(adapter)


def test_an_adapter_id_names_family_version_and_mapping() -> None:
    assert adapter_id(Messages()) == "messages@1:44136fa355b3"
    tagged = LlamaFactory.from_entry({"formatting": "sharegpt", "tags": {"user_tag": "U"}})
    assert from_id_parts("llamafactory", 1, dict(tagged.mapping)) == tagged


def test_a_record_of_another_version_or_mapping_is_refused() -> None:
    with pytest.raises(UsageError, match="version 2 of schema messages") as newer:
        from_id_parts("messages", 2, {})
    assert "newer" in newer.value.hint
    with pytest.raises(UsageError, match="no mapping of schema messages"):
        from_id_parts("messages", 1, {"colour": "blue"})
