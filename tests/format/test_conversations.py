"""The conversations that `docs/schemas.md` writes by hand are those that the program makes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.format.second_reader import Repository, canonical, named, sha256
from tests.versions.support import Bench

PAGE = Path(__file__).resolve().parents[2] / "docs" / "schemas.md"
_BLOCK = re.search(r"```json conversations\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
VECTORS = [json.loads(line) for line in _BLOCK[1].splitlines()] if _BLOCK else []


def test_the_page_has_vectors() -> None:
    assert len(VECTORS) >= 3


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_hash_of_a_conversation_is_that_of_its_canonical_form(vector: dict[str, Any]) -> None:
    text = vector["canonical"].encode()
    assert canonical(json.loads(text)) == text
    assert named(sha256(text)) == vector["sha256"]
    mapping = sha256(canonical(vector.get("mapping", {}))).hex()[:12]
    assert vector["adapter"].rpartition(":")[2] == mapping


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_program_makes_this_conversation(vector: dict[str, Any], tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    family = vector["adapter"].partition("@")[0]
    line = json.dumps(vector["example"]).encode() + b"\n"
    bench.add("data.jsonl", line, schema=family, columns=vector.get("mapping", {}))
    reader = Repository(bench.root)
    (record,) = reader.records()
    assert record["adapter"] == vector["adapter"]
    assert list(map(named, reader.version(record).conversations)) == [vector["sha256"]]


def chat(*turns: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"messages": list(turns)} | more


def said(content: Any, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content} | more


ASK = {"role": "user", "content": "Warm?"}
CALL = {"name": "look", "arguments": {"at": "sky"}}
TOOL = {"name": "look", "parameters": {"type": "object"}}
LOOK = {"type": "function", "function": TOOL}

EQUAL: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "tools and arguments as JSON or as text": [
        ("messages", chat(ASK, said("", tool_calls=[CALL]), tools=[LOOK])),
        (
            "messages",
            chat(
                ASK,
                said("", tool_calls=[CALL | {"arguments": '{ "at": "sky" }'}]),
                tools=json.dumps([LOOK]),
            ),
        ),
        (
            "messages",
            chat(
                ASK,
                said("", tool_calls=[CALL]),
                tools=[LOOK | {"function": TOOL | {"parameters": '{"type": "object"}'}}],
            ),
        ),
    ],
    "calls in every dialect": [
        ("messages", chat(ASK, {"role": "assistant", "tool_calls": [CALL]}, tools=[LOOK])),
        (
            "messages",
            chat(
                ASK,
                {"role": "assistant", "tool_calls": [{"type": "function", "function": CALL}]},
                tools=[LOOK],
            ),
        ),
        ("messages", chat(ASK, {"role": "assistant", "function_call": CALL}, functions=[TOOL])),
        (
            "sharegpt",
            {
                "conversations": [
                    {"from": "human", "value": "Warm?"},
                    {"from": "function_call", "value": json.dumps(CALL)},
                ],
                "tools": json.dumps([LOOK]),
            },
        ),
    ],
    "messages as a list or as text": [
        ("messages", chat(ASK, said("Yes."))),
        ("messages", {"messages": json.dumps([ASK, said("Yes.")])}),
    ],
    "names of roles": [
        ("messages", chat({"role": user, "content": "Warm?"}, {"role": model, "content": "Yes."}))
        for user, model in (("user", "assistant"), ("human", "gpt"), ("user", "chatgpt"))
    ]
    + [("messages", chat(ASK, {"role": model, "content": "Yes."})) for model in ("model", "bot")],
    "names of the tool": [
        ("messages", chat(ASK, {"role": tool, "content": "21"}))
        for tool in ("tool", "observation", "function", "function_response", "ipython")
    ],
    "one part of text, and its text": [
        ("messages", chat(ASK, said("Yes."))),
        *(
            ("messages", chat(ASK, said([{"type": "text", name: "Yes."}])))
            for name in ("text", "value", "content")
        ),
    ],
    "thoughts": [
        ("messages", chat(ASK, said("Yes.", thinking="Sun."))),
        ("messages", chat(ASK, said("Yes.", reasoning_content="Sun."))),
        (
            "messages",
            chat(
                ASK,
                said([{"type": "reasoning", "value": "Sun."}, {"type": "text", "text": "Yes."}]),
            ),
        ),
    ],
    "a system turn, a system column, and both": [
        ("messages", chat({"role": "system", "content": "Be brief."}, ASK)),
        ("messages", chat(ASK, system="Be brief.")),
        (
            "messages",
            chat({"role": "system", "content": "Be brief."}, ASK, system="Be brief."),
        ),
    ],
    "a prompt apart, repeated in both answers, or only there": [
        ("preference", {"prompt": [ASK], "chosen": [said("Yes.")], "rejected": [said("No.")]}),
        (
            "preference",
            {"prompt": [ASK], "chosen": [ASK, said("Yes.")], "rejected": [ASK, said("No.")]},
        ),
        ("preference", {"chosen": [ASK, said("Yes.")], "rejected": [ASK, said("No.")]}),
    ],
    "empty columns, and none": [
        ("alpaca", {"instruction": "Warm?", "output": "Yes."}),
        ("alpaca", {"instruction": "Warm?", "input": "", "output": "Yes.", "system": ""}),
        ("alpaca", {"instruction": "Warm?", "output": "Yes.", "tools": "", "images": []}),
    ],
    "a prompt as text, and as one user turn": [
        ("prompt-completion", {"prompt": "Warm?", "completion": "Yes."}),
        ("prompt-completion", {"prompt": [ASK], "completion": [said("Yes.")]}),
        ("messages", chat(ASK, said("Yes."))),
    ],
    "loss flags that say the default, and none": [
        ("messages", chat(ASK, said("Yes."))),
        *(
            ("messages", chat(ASK | {name: 0}, said("Yes.", **{name: 1})))
            for name in ("weight", "loss_weight", "train")
        ),
        ("messages", chat(ASK | {"train": False}, said("Yes.", train=True))),
    ],
    "segments with labels, and turns": [
        ("messages", chat(ASK, said("Yes."))),
        (
            "axolotl",
            {"segments": [{"label": False, "text": "Warm?"}, {"label": True, "text": "Yes."}]},
        ),
    ],
}
"""What section *What is equal* of the page says, written out."""


@pytest.mark.parametrize("rule", EQUAL)
def test_what_the_page_calls_equal_is_one_conversation(rule: str, tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    families = dict.fromkeys(family for family, _ in EQUAL[rule])
    for family in families:
        rows = [json.dumps(example) for name, example in EQUAL[rule] if name == family]
        bench.add(f"{family}.jsonl", "\n".join(rows).encode(), schema=family)
    reader = Repository(bench.root)
    versions = [reader.version(record) for record in reader.records()]
    assert sum(len(version.conversations) for version in versions) == len(EQUAL[rule]) > 1
    assert len({digest for version in versions for digest in version.conversations}) == 1
    assert len({digest for version in versions for digest in version.examples}) == len(EQUAL[rule])


@pytest.mark.parametrize(
    "other",
    [
        chat(ASK, said("", tool_calls=[CALL | {"arguments": '{"at": "sky", "at": "sky"}'}])),
        chat(ASK, said("", tool_calls=[CALL | {"arguments": '{"at": NaN}'}])),
        chat(ASK, said("", tool_calls=[CALL], weight=0)),
        chat(ASK | {"role": "critic"}, said("", tool_calls=[CALL])),
        chat(ASK, said("", tool_calls=[CALL]), system="Be brief."),
    ],
    ids=["a key twice", "no JSON", "not trained on", "an unknown role", "a system column"],
)
def test_what_a_model_is_shown_otherwise_is_another_conversation(
    other: dict[str, Any], tmp_path: Path
) -> None:
    bench = Bench.make(tmp_path / "repo")
    rows = (chat(ASK, said("", tool_calls=[CALL])), other)
    bench.add("data.jsonl", "\n".join(map(json.dumps, rows)).encode(), schema="messages")
    reader = Repository(bench.root)
    (version,) = map(reader.version, reader.records())
    assert len(set(version.conversations)) == 2
