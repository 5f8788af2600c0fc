"""Each family: examples as people write them, and the conversations that they are."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from hypothesis import given, settings

from dslineage.adapters.alpaca import Alpaca
from dslineage.adapters.axolotl import Axolotl
from dslineage.adapters.base import Adapter
from dslineage.adapters.encode import encode
from dslineage.adapters.fields import Fields
from dslineage.adapters.kto import KTO
from dslineage.adapters.llamafactory import LlamaFactory
from dslineage.adapters.messages import Messages
from dslineage.adapters.multimodal import Multimodal
from dslineage.adapters.openai_preference import OpenAIPreference
from dslineage.adapters.preference import Preference
from dslineage.adapters.prompt_completion import PromptCompletion
from dslineage.adapters.prompt_only import PromptOnly
from dslineage.adapters.question_answer import QuestionAnswer
from dslineage.adapters.sharegpt import ShareGPT
from dslineage.adapters.stepwise import Stepwise
from dslineage.adapters.text import Text
from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import UsageError
from tests.adapters.strategies import ADAPTERS, examples

USER = {"role": "user", "content": "What color is the sky?"}
BLUE = {"role": "assistant", "content": "It is blue."}
GREEN = {"role": "assistant", "content": "It is green."}


def test_messages_lift_the_system_turn_and_keep_the_others() -> None:
    example = {"id": 7, "messages": [{"role": "system", "content": "Be brief."}, USER, BLUE]}
    assert Messages().conversation(example) == {"system": "Be brief.", "messages": [USER, BLUE]}


def test_messages_with_tools_calls_and_results() -> None:
    call = {
        "id": "c1",
        "type": "function",
        "function": {"name": "weather", "arguments": '{"city": "Oslo"}'},
    }
    example = {
        "messages": [
            {"role": "developer", "content": "Use tools."},
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "rain"},
            {"role": "assistant", "content": "Rain.", "weight": 0, "name": "bob"},
        ],
        "tools": [{"type": "function", "function": {"name": "weather"}}],
        "parallel_tool_calls": False,
    }
    assert Messages().conversation(example) == {
        "system": [{"role": "developer", "content": "Use tools."}],
        "messages": [
            {"role": "user", "content": "Weather?"},
            {
                "role": "assistant",
                "tool_calls": [{"id": "c1", "name": "weather", "arguments": {"city": "Oslo"}}],
            },
            {"role": "tool", "content": "rain", "tool_call_id": "c1"},
            {"role": "assistant", "content": "Rain.", "train": False, "name": "bob"},
        ],
        "tools": [{"type": "function", "function": {"name": "weather"}}],
    }


def test_functions_and_function_call_are_the_old_names_of_tools() -> None:
    example = {
        "messages": [
            {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}},
            {"role": "function", "name": "f", "content": "1"},
        ],
        "functions": [{"name": "f"}],
    }
    assert Messages().conversation(example) == {
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "messages": [
            {"role": "assistant", "tool_calls": [{"name": "f", "arguments": {}}]},
            {"role": "tool", "content": "1", "name": "f"},
        ],
    }


def test_thinking_has_two_names() -> None:
    named = [{"role": "assistant", name: "Hm.", "content": "4"} for name in _THINKING]
    conversations = [Messages().conversation({"messages": [turn]}) for turn in named]
    assert conversations == [
        {"messages": [{"role": "assistant", "content": "4", "thinking": "Hm."}]}
    ] * len(_THINKING)


_THINKING = ("thinking", "reasoning_content")


def test_openai_preference_keeps_what_else_stands_in_the_input() -> None:
    example = {
        "input": {"messages": [USER], "tools": [], "parallel_tool_calls": True},
        "preferred_output": [BLUE],
        "non_preferred_output": [GREEN],
    }
    assert OpenAIPreference().conversation(example) == {
        "messages": [USER],
        "chosen": [BLUE],
        "rejected": [GREEN],
        "fields": {"input": {"parallel_tool_calls": True}},
    }
    assert OpenAIPreference().consumed == {"input", "preferred_output", "non_preferred_output"}


PAIR = {"messages": [USER], "chosen": [BLUE], "rejected": [GREEN]}


@pytest.mark.parametrize(
    "example",
    [
        {"prompt": USER["content"], "chosen": "It is blue.", "rejected": "It is green."},
        {"prompt": [USER], "chosen": [BLUE], "rejected": [GREEN]},
        {"chosen": [USER, BLUE], "rejected": [USER, GREEN]},
        {"prompt": USER["content"], "chosen": [USER, BLUE], "rejected": [USER, GREEN]},
        {"prompt": [USER], "chosen": BLUE, "rejected": GREEN},
    ],
    ids=["texts", "messages", "implicit prompt", "prompt said twice", "single messages"],
)
def test_preference_pairs_of_all_forms_are_one_conversation(example: dict[str, Any]) -> None:
    assert Preference().conversation(example) == PAIR


def test_equal_answers_keep_their_last_turn() -> None:
    example = {"chosen": [USER, BLUE], "rejected": [USER, BLUE]}
    assert Preference().conversation(example) == {**PAIR, "rejected": [BLUE]}


def test_whole_texts_with_an_implicit_prompt_stay_whole() -> None:
    example = {"chosen": "The sky is blue.", "rejected": "The sky is green."}
    assert Preference().conversation(example) == {
        "chosen": [{"role": "assistant", "content": "The sky is blue."}],
        "rejected": [{"role": "assistant", "content": "The sky is green."}],
    }


def test_ranked_answers_carry_their_rank() -> None:
    ranked = Preference(chosen="", rejected="", answers="answers")
    example = {
        "prompt": "2+2?",
        "answers": [{"answer": "4", "rank": 1}, {"answer": "5", "rank": 2}],
    }
    assert ranked.conversation(example) == {
        "answers": [{"content": "4", "rank": 1}, {"content": "5", "rank": 2}],
        "messages": [{"role": "user", "content": "2+2?"}],
    }


def test_kto_is_an_answer_with_a_label() -> None:
    example = {"prompt": USER["content"], "completion": "It is green.", "label": False}
    assert KTO().conversation(example) == {"messages": [USER, GREEN], "label": False}


def test_kto_of_chat_messages() -> None:
    adapter = KTO(prompt="", response="", messages="messages")
    assert adapter.conversation({"messages": [USER, BLUE], "label": True}) == {
        "messages": [USER, BLUE],
        "label": True,
    }


def test_steps_carry_their_labels() -> None:
    example = {
        "prompt": "9.8 or 9.11?",
        "completions": ["0.8 > 0.11", "so 9.8"],
        "labels": [True, 0],
    }
    assert Stepwise().conversation(example) == {
        "messages": [{"role": "user", "content": "9.8 or 9.11?"}],
        "answers": [{"content": "0.8 > 0.11", "label": True}, {"content": "so 9.8", "label": 0}],
    }


def test_labels_that_do_not_match_the_steps_are_kept_apart() -> None:
    example = {"prompt": "?", "completions": ["a", "b"], "labels": [True]}
    assert Stepwise().conversation(example) == {
        "messages": [{"role": "user", "content": "?"}],
        "answers": [{"content": "a"}, {"content": "b"}],
        "fields": {"labels": [True]},
    }


def test_sharegpt_tags_and_calls() -> None:
    example = {
        "conversations": [
            {"from": "system", "value": "Be brief."},
            {"from": "human", "value": "Weather?"},
            {"from": "function_call", "value": '{"name": "w", "arguments": {"city": "Oslo"}}'},
            {"from": "observation", "value": "rain"},
            {"from": "gpt", "value": "Rain."},
            {"from": "function_call", "value": "not JSON"},
        ],
        "tools": '[{"name": "w"}]',
    }
    assert ShareGPT().conversation(example) == {
        "tools": [{"name": "w"}],
        "system": "Be brief.",
        "messages": [
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "tool_calls": [{"name": "w", "arguments": {"city": "Oslo"}}]},
            {"role": "tool", "content": "rain"},
            {"role": "assistant", "content": "Rain."},
            {"role": "assistant", "tool_calls": "not JSON"},
        ],
    }


def test_a_system_column_stands_before_a_system_turn_that_says_something_else() -> None:
    turns = [{"from": "system", "value": "A"}, {"from": "human", "value": "Hi"}]
    same = ShareGPT().conversation({"conversations": turns, "system": "A"})
    other = ShareGPT().conversation({"conversations": turns, "system": "B"})
    assert same.get("system") == "A"
    assert other.get("system") == [
        {"role": "system", "content": "B"},
        {"role": "system", "content": "A"},
    ]


def test_alpaca_joins_instruction_and_input_after_the_history() -> None:
    example = {
        "instruction": "Translate.",
        "input": "chat",
        "output": "cat",
        "system": "You translate.",
        "history": [["Hi", "Hello"]],
    }
    assert Alpaca().conversation(example) == {
        "system": "You translate.",
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Hello"},
            {"role": "user", "content": "Translate.\nchat"},
            {"role": "assistant", "content": "cat"},
        ],
    }


def test_alpaca_without_input_has_no_line_end() -> None:
    plain = Alpaca().conversation({"instruction": "Sing.", "output": "La."})
    empty = Alpaca().conversation({"instruction": "Sing.", "input": "", "output": "La."})
    assert (
        plain
        == empty
        == {
            "messages": [
                {"role": "user", "content": "Sing."},
                {"role": "assistant", "content": "La."},
            ]
        }
    )


def test_small_families() -> None:
    asked = [{"role": "user", "content": "Why?"}]
    said = [*asked, {"role": "assistant", "content": "So."}]
    assert PromptCompletion().conversation({"prompt": "Why?", "completion": "So."}) == {
        "messages": said
    }
    assert PromptCompletion().conversation({"prompt": asked, "completion": said[1:]}) == {
        "messages": said
    }
    assert QuestionAnswer().conversation({"question": "Why?", "answer": "So."}) == {
        "messages": said
    }
    assert PromptOnly().conversation({"act": "Sage", "prompt": "Why?"}) == {"messages": asked}
    assert Text().conversation({"text": "Once."}) == {"text": "Once."}
    assert Fields().conversation({"a": 1}) == {"fields": {"a": 1}}


def test_media_are_listed_by_reference() -> None:
    example = {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Who?"},
                    {"type": "image_url", "image_url": {"url": "https://x/1.png", "detail": "low"}},
                ],
            }
        ],
        "images": ["2.png"],
        "audios": "3.wav",
    }
    assert Multimodal().conversation(example) == {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Who?"},
                    {"type": "image", "media": 0, "detail": "low"},
                ],
            }
        ],
        "media": [
            {"kind": "image", "ref": "https://x/1.png"},
            {"kind": "image", "ref": "2.png"},
            {"kind": "audio", "ref": "3.wav"},
        ],
    }


def test_llamafactory_version_1_parts_become_members_of_the_message() -> None:
    adapter = LlamaFactory(messages="messages", tools="tools")
    example = {
        "messages": [
            {"role": "system", "content": [{"type": "text", "value": "S"}], "loss_weight": 0.0},
            {"role": "user", "content": [{"type": "text", "value": "Q"}], "loss_weight": 0.0},
            {
                "role": "assistant",
                "content": [
                    {"type": "reasoning", "value": "Hm."},
                    {"type": "tool_call", "value": '{"name": "f", "arguments": {}}'},
                ],
                "loss_weight": 0.5,
            },
        ],
        "tools": "[]",
    }
    assert adapter.conversation(example) == {
        "system": "S",
        "messages": [
            {"role": "user", "content": "Q"},
            {
                "role": "assistant",
                "thinking": "Hm.",
                "tool_calls": [{"name": "f", "arguments": {}}],
                "train": 0.5,
            },
        ],
    }


def test_llamafactory_reads_an_entry_of_dataset_info() -> None:
    adapter = LlamaFactory.from_entry(
        {
            "formatting": "sharegpt",
            "ranking": True,
            "columns": {"messages": "talk", "chosen": "good", "rejected": "bad", "images": "pics"},
            "tags": {
                "role_tag": "who",
                "content_tag": "what",
                "user_tag": "U",
                "assistant_tag": "A",
            },
        }
    )
    example = {
        "talk": [{"who": "U", "what": "<image>?"}],
        "good": {"who": "A", "what": "yes"},
        "bad": {"who": "A", "what": "no"},
        "pics": ["1.png"],
    }
    assert adapter.conversation(example) == {
        "messages": [{"role": "user", "content": "<image>?"}],
        "chosen": [{"role": "assistant", "content": "yes"}],
        "rejected": [{"role": "assistant", "content": "no"}],
        "media": [{"kind": "image", "ref": "1.png"}],
    }


def test_llamafactory_columns_leave_out_what_they_do_not_name() -> None:
    adapter = LlamaFactory.from_entry({"columns": {"prompt": "instruction", "response": "output"}})
    assert adapter.consumed == {"instruction", "output"}


@pytest.mark.parametrize("entry", [{"formatting": "chatml"}, {"columns": {"prompt": 1}}])
def test_llamafactory_refuses_an_entry_it_does_not_understand(entry: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"dataset_info\.json"):
        LlamaFactory.from_entry(entry)


def test_axolotl_loss_flags_of_turns_parts_and_offsets() -> None:
    detail = [{"begin_offset": 0, "end_offset": 8, "train": False}]
    parts = [
        {"type": "text", "text": "Let me think.", "train": False},
        {"type": "text", "text": " 4.", "train": True},
    ]
    example = {
        "conversations": [
            {"from": "human", "value": "2+2?", "train": False},
            {"from": "gpt", "value": parts},
            {"from": "human", "value": "Sure?", "train": True},
            {"from": "gpt", "value": "Quite sure.", "train_detail": detail},
        ]
    }
    adapter = Axolotl(messages="conversations", role="from", content="value")
    assert adapter.conversation(example) == {
        "messages": [
            {"role": "user", "content": "2+2?"},
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "Let me think."},
                    {"type": "text", "text": " 4."},
                ],
                "train": {"turn": True, "parts": [False, True]},
            },
            {"role": "user", "content": "Sure?", "train": True},
            {
                "role": "assistant",
                "content": "Quite sure.",
                "train": {"turn": True, "detail": detail},
            },
        ]
    }


def test_axolotl_roles_to_train_move_the_default_of_the_mask() -> None:
    adapter = Axolotl(trained=())
    example = {"messages": [USER, {**BLUE, "train": True}, BLUE]}
    assert adapter.conversation(example) == {"messages": [USER, BLUE, {**BLUE, "train": False}]}


def test_axolotl_segments_and_tokens() -> None:
    segments = Axolotl(messages="", segments="segments")
    example = {"segments": [{"label": False, "text": "<s>Hi"}, {"label": True, "text": "Yo</s>"}]}
    assert segments.conversation(example) == {
        "messages": [
            {"role": "user", "content": "<s>Hi"},
            {"role": "assistant", "content": "Yo</s>"},
        ]
    }
    tokens = Axolotl(messages="", tokens="input_ids")
    rows = {"input_ids": [1, 2], "attention_mask": [1, 1], "labels": [-100, 2]}
    assert tokens.conversation(rows) == {"tokens": rows}
    assert tokens.consumed >= {"input_ids", "attention_mask", "labels"}


@pytest.mark.parametrize("adapter", [Messages(), Multimodal(), Axolotl()])
def test_messages_stored_as_json_text_are_the_same_conversation(adapter: Adapter) -> None:
    text = json.dumps([USER, BLUE])
    assert adapter.conversation({"messages": text}) == adapter.conversation(
        {"messages": [USER, BLUE]}
    )


def test_what_has_an_unexpected_shape_is_kept() -> None:
    assert Messages().conversation({"messages": 5, "id": 1}) == {"fields": {"messages": 5}}
    assert Messages().conversation({"messages": ["Hi", {"role": 1}], "id": 1}) == {
        "messages": ["Hi", {"role": 1}]
    }
    assert Messages().conversation({"other": 1}) == {"fields": {"other": 1}}


@settings(deadline=None)
@given(example=examples)
def test_no_example_makes_an_adapter_fail_or_is_changed_by_it(example: dict[str, Any]) -> None:
    before = canonical_bytes(example)
    for adapter in ADAPTERS.values():
        conversation = adapter.conversation(example)
        assert conversation
        assert encode(conversation) == canonical_bytes(conversation)
    assert canonical_bytes(example) == before


@pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS)
def test_adapters_can_be_hashed_and_pickled_after_use(adapter: Adapter) -> None:
    adapter.conversation({"messages": [USER], "prompt": "Hi"})
    again = pickle.loads(pickle.dumps(adapter))
    assert again == adapter
    assert hash(again) == hash(adapter)
    assert again.mapping == adapter.mapping
