"""Facets: what each of them sees, and what it does not."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xxhash import xxh3_64

from dslineage.adapters.alpaca import Alpaca
from dslineage.adapters.axolotl import Axolotl
from dslineage.adapters.base import Adapter, Facets
from dslineage.adapters.facets import ABSENT, Faceter, _facets, view_of
from dslineage.adapters.fields import Fields
from dslineage.adapters.kto import KTO
from dslineage.adapters.messages import Messages
from dslineage.adapters.preference import Preference
from dslineage.adapters.prompt_completion import PromptCompletion
from dslineage.adapters.sharegpt import ShareGPT
from dslineage.adapters.text import Text
from dslineage.adapters.visible import prompt_text, response_text, visible_text
from dslineage.canonical.jcs import canonical_bytes
from tests.adapters.strategies import ADAPTERS, chats, examples, texts, values

SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "What color is the sky?"}
BLUE = {"role": "assistant", "content": "It is blue."}
CHAT = {"id": "a", "source": "web", "messages": [SYSTEM, USER, BLUE]}

_ODD_TURNS = values | st.dictionaries(
    st.sampled_from(["role", "content", "name", "from"]),
    st.sampled_from(["user", "assistant", "system", "gpt", "function_call", "", 1, True, 1.0, []]),
    max_size=3,
)


def digest(example: dict[str, Any]) -> bytes:
    return hashlib.sha256(canonical_bytes(example)).digest()


def facets(
    example: dict[str, Any], adapter: Adapter | None = None, key: str | None = "id"
) -> Facets:
    return Faceter(adapter or Messages(), key).facets(example, digest(example))


def changed(
    left: dict[str, Any],
    right: dict[str, Any],
    adapter: Adapter | None = None,
    key: str | None = "id",
) -> set[str]:
    """The facets that differ between two examples."""
    a, b = facets(left, adapter, key)._asdict(), facets(right, adapter, key)._asdict()
    return {name for name in a if a[name] != b[name]}


def test_facets_can_be_recomputed_with_standard_tools() -> None:
    found = facets(CHAT)

    def short(text: str) -> bytes:
        return xxh3_64(text.encode()).digest()

    conversation = (
        '{"messages":[{"content":"What color is the sky?","role":"user"},'
        '{"content":"It is blue.","role":"assistant"}],"system":"Be brief."}'
    )
    assert found.conversation == hashlib.sha256(conversation.encode()).digest()
    assert found.prompt == short('[{"content":"What color is the sky?","role":"user"}]')
    assert found.response == short('["It is blue."]')
    assert found.system == short('"Be brief."')
    assert found.structure == short('["user","assistant"]')
    assert found.rest == short('{"source":"web"}')
    assert found.key == short('"a"')
    assert found.unkeyed == xxh3_64(found.conversation + found.rest).digest()
    assert found.folded == short("bebrief.\0whatcoloristhesky?\0itisblue.")
    for absent in ("rejected", "tools", "label", "mask", "media", "repaired"):
        assert getattr(found, absent) == ABSENT


def test_each_change_is_seen_by_its_facet() -> None:
    visible = {"conversation", "unkeyed", "folded"}
    told = [SYSTEM, USER, {**BLUE, "content": "Blue."}]
    asked = [SYSTEM, {**USER, "content": "Sky?"}, BLUE]
    ruled = [{**SYSTEM, "content": "Be kind."}, USER, BLUE]
    masked = [SYSTEM, USER, {**BLUE, "weight": 0}]
    assert changed(CHAT, {**CHAT, "messages": told}) == visible | {"response"}
    assert changed(CHAT, {**CHAT, "messages": asked}) == visible | {"prompt"}
    assert changed(CHAT, {**CHAT, "messages": ruled}) == visible | {"system"}
    assert changed(CHAT, {**CHAT, "messages": masked}) == {"conversation", "unkeyed", "mask"}
    assert changed(CHAT, {**CHAT, "tools": [{"name": "f"}]}) == visible | {"tools"}
    assert changed(CHAT, {**CHAT, "images": ["1.png"]}) == {"conversation", "unkeyed", "media"}
    assert changed(CHAT, {**CHAT, "source": "book"}) == {"unkeyed", "rest"}
    assert changed(CHAT, {**CHAT, "id": "b"}) == {"key"}


def test_a_swapped_pair_swaps_its_facets() -> None:
    pair = {"prompt": "?", "chosen": "yes", "rejected": "no"}
    one = facets(pair, Preference())
    other = facets({**pair, "chosen": "no", "rejected": "yes"}, Preference())
    assert (one.response, one.rejected) == (other.rejected, other.response)
    assert one.prompt == other.prompt


def test_the_prompt_of_a_pair_is_the_whole_dialogue_before_it() -> None:
    earlier = [USER, BLUE, {"role": "user", "content": "Sure?"}]
    pair = {"prompt": earlier, "chosen": "yes", "rejected": "no"}
    edited = {**pair, "prompt": [USER, {**BLUE, "content": "Red."}, earlier[2]]}
    assert "prompt" in changed(pair, edited, Preference())
    assert "response" not in changed(pair, edited, Preference())


def test_labels_have_their_facet() -> None:
    judged = {"prompt": "?", "completion": "yes", "label": True}
    flipped = {**judged, "label": False}
    assert changed(judged, flipped, KTO()) == {"conversation", "unkeyed", "label"}
    ranked = Preference(chosen="", rejected="", answers="answers")
    first = {"prompt": "?", "answers": [{"answer": "a", "rank": 1}]}
    second = {"prompt": "?", "answers": [{"answer": "a", "rank": 2}]}
    assert changed(first, second, ranked) == {"conversation", "unkeyed", "label"}


def test_flags_on_parts_change_the_mask_and_not_the_response() -> None:
    part = {"type": "text", "text": "4."}
    plain = {"messages": [USER, {"role": "assistant", "content": [part]}]}
    masked = {"messages": [USER, {"role": "assistant", "content": [{**part, "train": False}]}]}
    assert changed(plain, masked, Axolotl()) == {"conversation", "unkeyed", "mask"}


def test_masked_tokens_are_the_prompt_and_the_others_the_response() -> None:
    adapter = Axolotl(messages="", tokens="input_ids")
    row = {"input_ids": [1, 2, 3], "labels": [-100, 2, 3]}
    asked = {"input_ids": [9, 2, 3], "labels": [-100, 2, 3]}
    flipped = {"input_ids": [1, 2, 3], "labels": [-100, -100, 3]}
    assert changed(row, asked, adapter) == {"conversation", "unkeyed", "prompt"}
    assert "mask" in changed(row, flipped, adapter)


def test_a_plain_text_is_a_response() -> None:
    assert changed({"text": "a"}, {"text": "b"}, Text()) == {
        "conversation", "unkeyed", "response", "folded",
    }  # fmt: skip


def test_arguments_as_text_and_as_object_are_equal() -> None:
    def call(arguments: Any) -> dict[str, Any]:
        function = {"name": "f", "arguments": arguments}
        return {"messages": [{"role": "assistant", "tool_calls": [{"function": function}]}]}

    assert changed(call({"a": 1.0}), call('{ "a": 1, "b": null }')) == set()
    assert changed(call({"a": 1}), call('{"a": 1, "a": 1}')) != set()
    assert changed(call({"a": 1}), call('{"a": 1')) != set()


def test_tools_as_text_and_as_list_are_equal() -> None:
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"x": 1}}}]
    nested = [{"type": "function", "function": {"name": "f", "parameters": '{"x": 1}'}}]
    assert changed({**CHAT, "tools": tools}, {**CHAT, "tools": json.dumps(tools)}) == set()
    assert changed({**CHAT, "tools": tools}, {**CHAT, "tools": nested}) == set()
    assert changed(CHAT, {**CHAT, "tools": "[]"}) == set()


def test_one_text_part_is_its_text() -> None:
    parts = [SYSTEM, {"role": "user", "content": [{"type": "text", "text": USER["content"]}]}, BLUE]
    assert changed(CHAT, {**CHAT, "messages": parts}) == set()


def test_two_schemas_make_two_conversations_of_one_example() -> None:
    example = {"prompt": "Why?", "completion": "So.", "text": "Why? So."}
    assert {"conversation", "response"} <= {
        name
        for name, a, b in zip(
            Facets._fields,
            facets(example, PromptCompletion()),
            facets(example, Text()),
            strict=True,
        )
        if a != b
    }


def test_white_space_case_and_unicode_form_do_not_change_the_folded_facet() -> None:
    spaced = {**CHAT, "messages": [SYSTEM, USER, {**BLUE, "content": "it\n is\u00a0 BLUE ."}]}
    assert "folded" not in changed(CHAT, spaced)
    composed = {"text": "Straße ﬁn caf\u00e9"}
    other = {"text": "STRASSE FIN cafe\u0301"}
    assert "folded" not in changed(composed, other, Text())
    moved = {"messages": [{**USER, "content": "What color is the"}, {**BLUE, "content": "sky?"}]}
    parted = {"messages": [{**USER, "content": "What color is"}, {**BLUE, "content": "the sky?"}]}
    assert "folded" in changed(moved, parted)


def test_data_of_no_family_has_the_example_digest_and_no_parts() -> None:
    example = {"id": 1, "a": "Hi"}
    found = facets(example, Fields())
    assert found.conversation == digest(example)
    assert found.prompt == found.response == found.structure == ABSENT
    assert changed(example, {"id": 2, "a": "Hi"}, Fields()) == {"conversation", "key"}
    assert changed(example, {"id": 1, "a": "Ho"}, Fields()) == {
        "conversation", "rest", "unkeyed", "folded",
    }  # fmt: skip


def by_the_long_way(example: dict[str, Any], adapter: Adapter) -> Facets:
    """The facets of an example without other columns than the conversation's, by `_view`."""
    view = view_of(adapter.conversation(example))
    whole = hashlib.sha256(view.conversation).digest()
    return _facets(view, whole, ABSENT, ABSENT, xxh3_64(whole + ABSENT).digest())


@given(chat=chats, system=st.none() | texts)
def test_the_short_ways_for_plain_turns_give_the_same_facets(
    chat: list[Any], system: str | None
) -> None:
    told = {"messages": chat} if system is None else {"messages": chat, "system": system}
    for adapter in (Messages(), Messages(roles=(("user", "assistant"),)), Messages(trained=())):
        assert facets(told, adapter, None) == by_the_long_way(told, adapter)
    renamed = [{{"role": "from", "content": "value"}.get(n, n): t[n] for n in t} for t in chat]
    written = {"conversations": renamed}
    assert facets(written, ShareGPT(), None) == by_the_long_way(written, ShareGPT())


@given(chat=st.lists(_ODD_TURNS, max_size=4))
def test_turns_that_are_only_nearly_plain_take_the_long_way(chat: list[Any]) -> None:
    example = {"messages": chat}
    assert facets(example, None, None) == by_the_long_way(example, Messages())


def test_a_key_field_that_is_a_column_of_the_conversation_hides_no_other_column() -> None:
    for key in ("messages", "tools"):
        found = facets({**CHAT, "tools": [{"name": "f"}]}, None, key)
        assert found.tools != ABSENT
        assert found.conversation == facets({**CHAT, "tools": [{"name": "f"}]}).conversation


@settings(max_examples=50, deadline=None)
@given(example=examples, edit=examples)
def test_conversations_differ_only_where_some_facet_or_an_odd_column_does(
    example: dict[str, Any], edit: dict[str, Any]
) -> None:
    other = example | edit
    for adapter in ADAPTERS.values():
        one, two = facets(example, adapter), facets(other, adapter)
        odd = "fields" in adapter.conversation(example) or "fields" in adapter.conversation(other)
        parts = [name for name in Facets._fields if name not in ("conversation", "unkeyed", "key")]
        same = all(getattr(one, name) == getattr(two, name) for name in parts)
        assert odd or not same or one.conversation == two.conversation


@pytest.mark.parametrize("side", ["chosen", "rejected"])
def test_an_empty_answer_says_as_much_as_none(side: str) -> None:
    example = {"prompt": "Why?", side: []}
    assert Preference().conversation(example) == Preference().conversation({"prompt": "Why?"})


@settings(max_examples=30, deadline=None)
@given(example=examples, order=st.randoms(use_true_random=False))
def test_facets_do_not_depend_on_the_order_of_members(example: dict[str, Any], order: Any) -> None:
    names = list(example)
    order.shuffle(names)
    turned = {name: example[name] for name in names}
    for adapter in ADAPTERS.values():
        assert facets(example, adapter) == facets(turned, adapter)


@given(text=texts)
def test_shown_texts_say_what_the_turns_say(text: str) -> None:
    conversation = Messages().conversation({"messages": [SYSTEM, {**USER, "content": text}, BLUE]})
    assert prompt_text(conversation) == text
    assert response_text(conversation) == "It is blue."
    assert visible_text(conversation) == f"Be brief.\0{text}\0It is blue."


def test_another_tool_definition_is_another_text() -> None:
    def tool(says: str) -> dict[str, Any]:
        return {**CHAT, "tools": [{"type": "function", "function": {"description": says}}]}

    assert changed(tool("the weather"), tool("delete all files")) >= {"tools", "folded"}


def test_the_text_of_a_part_that_is_no_text_is_all_of_it_but_its_reference() -> None:
    def visible(part: dict[str, Any]) -> str:
        turn = {"role": "user", "content": [{"type": "text", "text": "See:"}, part]}
        return visible_text(Messages().conversation({"messages": [turn]}))

    assert visible({"type": "image_url", "image_url": {"url": "a.png"}}) == "See:\n<image>"
    part = '{"content":"It rains.","type":"tool_result"}'
    assert visible(json.loads(part)) == f"See:\n{part}"


def test_wrongly_decoded_texts_are_linked_to_their_originals(shared_data: Path) -> None:
    """The step from dedupe-only to 0.9 changed 17 texts, all by reading UTF-8 as Latin-1."""
    folder = shared_data / "toolformer"
    before = json.loads((folder / "toolformer-dedupe-only.json").read_text())
    after = json.loads((folder / "toolformer-similarity-0.9.json").read_text())
    old, new = Counter(map(digest, before)), Counter(map(digest, after))
    adapter = Alpaca(response="response")
    gone = {facets(e, adapter, None).folded for e in before if digest(e) not in new}
    come = [facets(e, adapter, None) for e in after if digest(e) not in old]
    assert len(come) == 17
    assert all(found.repaired in gone and found.folded not in gone for found in come)


def test_well_decoded_texts_are_not_repaired(shared_data: Path) -> None:
    folder = shared_data / "llamafactory"
    for name in ("alpaca_en_demo.json", "alpaca_zh_demo.json"):
        for example in json.loads((folder / name).read_text())[:300]:
            assert facets(example, Alpaca(), None).repaired == ABSENT
