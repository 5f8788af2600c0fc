"""A row that is written by a stencil is, to the byte, the row that it is when it is read."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dslineage.adapters import native, stencils
from dslineage.adapters.alpaca import Alpaca
from dslineage.adapters.base import Adapter
from dslineage.adapters.family import COLUMNS, Family
from dslineage.adapters.kto import KTO
from dslineage.adapters.messages import Messages
from dslineage.adapters.preference import Preference
from dslineage.adapters.prompt_completion import PromptCompletion
from dslineage.adapters.question_answer import QuestionAnswer
from dslineage.adapters.sharegpt import ShareGPT
from dslineage.adapters.stencils import Stencils
from dslineage.adapters.text import Text
from dslineage.canonical.strict import MAX_DEPTH
from dslineage.formats.base import Limits
from dslineage.formats.jsonl import JsonLines
from dslineage.versions.digesting import DigestTask, digest_rows
from tests.adapters.pressing import Pressing
from tests.adapters.strategies import ADAPTERS, chats, examples, texts

compiled = pytest.mark.skipif(not native.COMPILED, reason="there was no C compiler")
CHAT = Pressing(Messages(), "id")


def chat(*said: str, **fields: Any) -> bytes:
    roles = ["user", "assistant"] * len(said)
    turns = [{"role": role, "content": text} for role, text in zip(roles, said, strict=False)]
    return orjson.dumps({"id": "a", **fields, "messages": turns})


@compiled
def test_the_first_row_of_a_skeleton_has_a_stencil_and_so_have_the_others() -> None:
    rows = [chat("Hi", "Hello"), chat("Why?", "So."), chat("One", "Two", "Three")]
    assert CHAT.agree(rows) == 3


_extra: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(["id", "source", "score", "role", "tags", "é", "a b", "\n"]),
    st.recursive(
        texts | st.integers(-(10**17), 10**17) | st.booleans() | st.none() | st.floats(0, 1e20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["role", "content", "x"]), inner, max_size=3)
        ),
        max_leaves=5,
    ),
    max_size=4,
)
_writers: st.SearchStrategy[Callable[[Any], bytes]] = st.sampled_from(
    [
        orjson.dumps,
        lambda value: json.dumps(value).encode(),
        lambda value: json.dumps(value, ensure_ascii=False).encode(),
        lambda value: json.dumps(value, indent=1, ensure_ascii=False).encode(),
    ]
)


def with_texts(value: Any, said: Sequence[str], tag: str = "role") -> Any:
    """The value with other texts, but for roles."""
    if isinstance(value, dict):
        return {k: v if k == tag else with_texts(v, said, tag) for k, v in value.items()}
    if isinstance(value, list):
        return [with_texts(item, said, tag) for item in value]
    if type(value) is int:
        return value * 7 % 1000
    return said[hash(value) % len(said)] if isinstance(value, str) else value


@given(_extra, chats, st.lists(st.lists(texts, min_size=1, max_size=3), max_size=4), _writers)
def test_rows_are_what_they_are_by_themselves(
    extra: dict[str, Any],
    turns: list[dict[str, str]],
    said: list[list[str]],
    write: Callable[[Any], bytes],
) -> None:
    value = {**extra, "messages": turns}
    CHAT.agree([write(value), *(write(with_texts(value, one)) for one in said)])


@given(st.sampled_from(sorted(ADAPTERS)), st.lists(examples, max_size=4))
def test_rows_of_any_family_are_what_they_are_by_themselves(
    name: str, rows: list[dict[str, Any]]
) -> None:
    Pressing(ADAPTERS[name], "name").agree([json.dumps(row).encode() for row in rows])


@given(st.binary(max_size=4), st.integers(0, 200), st.integers(0, 3))
def test_a_record_that_was_damaged_is_what_it_is_by_itself(
    other: bytes, place: int, dropped: int
) -> None:
    whole = chat("Why?", 'He said "no".\n', n=17, tags=["a", {"role": "b", "c": "d"}, "e"])
    damaged = whole[:place] + other + whole[place + dropped :]
    CHAT.agree([whole, damaged, damaged])
    CHAT.agree([damaged, whole, damaged])


@compiled
@pytest.mark.parametrize(
    ("record", "why"),
    [
        (chat("Hi", "Hello").replace(b"Hi", rb"\ud800"), "half of a pair"),
        (chat("Hi", "Hello").replace(b"Hi", rb"\udc00\ud800"), "a pair the wrong way round"),
        (chat("Hi", "Hello").replace(b"Hi", rb"\ud800\n"), "half of a pair before an escape"),
        (chat("Hi", "Hello").replace(b"Hi", rb"\u00g0"), "no hexadecimal digit"),
        (chat("Hi", "Hello").replace(b"Hi", rb"\x48"), "no escape of JSON"),
        (chat("Hi", "Hello").replace(b"Hi", b"\\/\n"), "a line end after an escape"),
        (chat("Hi", "Hello").replace(b'"id"', rb'"\u0069d"'), "an escape in a name"),
        (chat("Hi", "Hello").replace(b"user", rb"us\u0065r"), "an escape in a role"),
        (chat("Hi", "Hello", n=1.5), "a double"),
        (chat("Hi", "Hello", n=10**15), "an integer of sixteen digits"),
        (chat("Hi", "Hello", n=1).replace(b"1", b"01"), "no JSON"),
        (chat("Hi", "Hello", n=1).replace(b":1", b":-0"), "written 0"),
        (chat("Hi", "Hello", n=None), "null is left out"),
        (chat("Hi", "Hello").replace(b"Hi", b"H\x01i"), "a control character"),
        (chat("Hi", "Hello").replace(b"Hi", b"H\xffi"), "no UTF-8"),
        (chat("Hi", "Hello") + b"\0", "a zero byte"),
        (chat("Hi", "Hello").replace(b'"id"', b'"id":"b","id"'), "a key twice"),
        (chat("Hi", "Hello", system="No").replace(b"user", b"system"), "two systems to compare"),
        (chat("Hi", "Hello").replace(b"user", b"humam"), "an unknown role"),
        (chat("Hi", "Hello", **{"\x7f0\x7f": "x"}), "a name like a mark"),
        (chat("Hi", "Hello", **{"876543210900000": "x"}), "another"),
        (chat("Hi", "Hello", role="876543210900003", n=876543210900003), "a role like a mark"),
        (chat("Hi", "Hello", **{"x" * 5000: "x"}), "a skeleton of more than 4096 bytes"),
        (chat(*["Hi"] * 1100), "more than 1024 leaves"),
        (chat("x" * (1 << 20)), "more than 1 MiB"),
        (b"[" * 300, "no end"),
        (b"", "nothing"),
        (b'"', "a text without an end"),
        (b'{"a":"\\', "an escape without an end"),
        (b'{"a":"\\u12', "digits without an end"),
        (b'{"a":"\\ud800\\u', "a pair without an end"),
        (b"-", "a number without digits"),
    ],
)
def test_a_row_has_no_stencil(record: bytes, why: str) -> None:
    assert CHAT.pressed(record, record) == [None, None], why


_escaped = st.lists(
    st.integers(0, 0xFFFF).map("\\u{:04x}".format)
    | st.integers(0, 0xFFFF).map("\\u{:04X}".format)
    | st.characters(min_codepoint=0x10000).map(lambda c: json.dumps(c)[1:-1])
    | st.sampled_from([r"\"", r"\\", r"\/", r"\b", r"\f", r"\n", r"\r", r"\t"])
    | st.sampled_from(["\x7f", "é", "€", "😀", "a"]),
    max_size=6,
).map(lambda parts: "".join(parts).encode())


@given(_escaped)
@example(b"".join(rb"\u%04x" % code for code in range(0x100)))
@example(rb"\ud83d\ude00\u0800\uffff\u07ff\uD7FF")
def test_a_text_is_the_same_however_it_is_escaped(text: bytes) -> None:
    rows = [chat("Hi", "Hello"), chat("Hi", "Hello").replace(b"Hi", text)]
    assert CHAT.agree(rows) == 2 * bool(native.COMPILED) - (CHAT.read(rows[1]) is None)


@compiled
def test_texts_like_marks_are_texts() -> None:
    odd = ["\x7f0\x7f", "\x7f3\x7f", "876543210900001", "0", '""']
    assert CHAT.agree([chat(a, b, n=876_543_210_900_000) for a in odd for b in odd]) == 25


@compiled
def test_what_follows_a_role_is_told_apart_as_it_is_read() -> None:
    tags = [{"role": ["a", {"x": "b"}, "c", 4]}, {"role": {"content": "d"}, "y": 5}]
    rows = [chat("Hi", "Hello", tags=tags), chat("Ho", "Hallo", tags=with_texts(tags, ["z"]))]
    assert CHAT.agree(rows) == 2


@compiled
def test_a_role_may_be_the_text_too() -> None:
    odd = Pressing(Messages(role="x", content="x"))
    odd.agree([b'{"messages":[{"x":"user","y":"%b"}]}' % text for text in (b"Hi", b"Ho")])


@compiled
def test_only_so_many_skeletons_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stencils, "MOST", 2)
    rows = [chat("Hi", **{name: "x"}) for name in "abc"]
    known = Stencils(CHAT.adapter, CHAT.key, MAX_DEPTH)
    assert [row is not None for row in CHAT.pressed(*rows * 2, stencils=known)] == [
        True, True, False, True, True, False,
    ]  # fmt: skip


_TAGS = ["a\nb", "a\\b", 'a"b', "\t", "é", "\x7f", "\x01", "", "a/b"]


@given(st.sampled_from(_TAGS), st.sampled_from(_TAGS), st.lists(texts, min_size=1, max_size=4))
def test_names_of_a_mapping_may_be_any_text(role: str, content: str, said: list[str]) -> None:
    turns = [[{role: "user", content: text}, {role: "assistant", content: "Hi"}] for text in said]
    rows = [orjson.dumps({"messages": one, role: "user"}) for one in turns]
    Pressing(Messages(role=role, content=content), "id").agree(rows)


@pytest.mark.parametrize("name", ["\x7f0\x7f", "876543210900001", "\ud800"])
def test_a_mapping_with_a_mark_in_it_gets_no_stencils(name: str) -> None:
    for adapter in (Messages(roles=(("user", name),)), Messages(role=name), Messages(tools=name)):
        assert Pressing(adapter).pressed(chat("Hi", "Hello")) == [None]


def test_a_family_that_reads_in_its_own_way_gets_no_stencils() -> None:
    for adapter in ADAPTERS.values():
        own = {"_plan", "tags", "consumed", "only_places_texts"} & vars(type(adapter)).keys()
        assert not own or type(adapter).conversation is not Family.conversation


class Careless(Messages):
    """A family that says of every text that it is only placed somewhere."""

    def only_places_texts(self, example: Mapping[str, Any]) -> bool:
        return True


@compiled
def test_a_stencil_that_does_not_give_its_own_row_is_not_used() -> None:
    tools = [chat("Hi", "Hello", tools=text) for text in ('[{"name":"f"}]', "f", '{"g":1}')]
    assert Pressing(Careless()).agree(tools[:1] * 2) == 0


@compiled
def test_what_all_stencils_take_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stencils, "MOST_PARTS", 5)
    rows = [chat("Hi", **{name: "x"}) for name in "abc"]
    assert [row is not None for row in CHAT.pressed(*rows)] == [True, False, False]


@compiled
def test_a_row_that_is_too_deep_for_where_it_is_read_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deep = b'{"a":' * 250 + b'"x"' + b"}" * 250
    assert CHAT.agree([deep, deep]) in (0, 2)
    depth = len(inspect.stack(0))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 500)
    try:
        assert CHAT.pressed(deep) == [None]
    finally:
        sys.setrecursionlimit(limit)


@compiled
def test_what_was_compiled_for_other_callers_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "COMPILED", native.COMPILED + 1)
    assert CHAT.pressed(chat("Hi", "Hello")) == [None]


def test_without_a_compiler_every_row_is_read_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "COMPILED", 0)
    assert CHAT.pressed(chat("Hi", "Hello")) == [None]


def of_family(adapter: Family, text: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Rows with what is in each column of a family where it is simple, and may be somewhat else."""
    turns = st.lists(
        st.fixed_dictionaries(
            {
                adapter.role: st.sampled_from(["system", "user", "human", "assistant", "gpt"]),
                adapter.content: text,
            }
        ),
        max_size=3,
    )
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "history": st.lists(st.lists(text, min_size=2, max_size=2), max_size=2),
        "messages": turns,
        "answers": st.lists(text, max_size=2),
        "labels": st.lists(st.booleans() | st.integers(0, 3), max_size=2),
        "label": st.booleans() | st.integers(0, 3) | text,
    }
    odd = (
        st.sampled_from(["[]", '[{"name": "f"}]', "", 3, True]) | turns | st.lists(text, max_size=2)
    )
    columns = {getattr(adapter, role): kinds.get(role, text) for role in COLUMNS}
    return st.fixed_dictionaries(
        {},
        optional={name: kind | odd for name, kind in columns.items() if name}
        | {"id": text, "source": text | st.integers(-(2**63), 2**63)},
    )


@given(st.data(), st.sampled_from(sorted(ADAPTERS)))
def test_rows_of_every_family_are_what_they_are_by_themselves(
    data: st.DataObject, name: str
) -> None:
    adapter = ADAPTERS[name]
    if isinstance(adapter, Family):
        row = data.draw(of_family(adapter, texts))
        others = [
            with_texts(row, data.draw(st.lists(texts, min_size=1)), adapter.role) for _ in "ab"
        ]
        Pressing(adapter, "id").agree([orjson.dumps(one) for one in (row, *others)])


@compiled
@pytest.mark.parametrize(
    ("name", "adapter", "share"),
    [
        ("llamafactory/alpaca_en_demo.json", Alpaca(), 1.0),
        ("llamafactory/alpaca_zh_demo.json", Alpaca(), 1.0),
        ("codealpaca/code_alpaca_2k.json", Alpaca(), 1.0),
        ("toolformer/toolformer-dedupe-only.json", Alpaca(), 1.0),
        ("gsm8k/train.jsonl", QuestionAnswer(), 1.0),
        ("t0/t0-train.jsonl", PromptCompletion(), 1.0),
        ("llamafactory/c4_demo.jsonl", Text(), 1.0),
        ("llamafactory/kto_en_demo.json", KTO(), 1.0),
        ("llamafactory/dpo_en_demo.json", Preference(), 0.0),
        ("llamafactory/glaive_toolcall_en_demo.json", ShareGPT(), 0.0),
    ],
)
def test_real_rows_are_what_they_are_by_themselves_and_most_have_a_stencil(
    shared_data: Path, name: str, adapter: Adapter, share: float
) -> None:
    data = (shared_data / name).read_bytes()
    rows = data.splitlines() if name.endswith("l") else list(map(orjson.dumps, orjson.loads(data)))
    assert Pressing(adapter).agree(rows) >= share * len(rows)


@pytest.mark.parametrize("key", ["id", None])
def test_a_task_gives_the_same_columns_with_stencils_and_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    import numpy as np

    said = ["Hi", "Caf\u00e9", "na\u00c3\u00afve", "x" * 99, 'a\\b\n"c"']
    rows = [chat(a, b, id=f"{n}", **({"n": n / 2} if n % 3 else {"n": n})) for n, (a, b) in
            enumerate((a, b) for a in said for b in said)]  # fmt: skip
    rows[7] = b"{"
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"".join(row + b"\n" for row in rows))
    stop = np.cumsum([len(row) + 1 for row in rows]) - 1
    start = np.append(0, stop[:-1] + 1)
    task = DigestTask(path, JsonLines(), Limits(), Messages(), key, start, stop, None)
    quick = digest_rows(task)
    monkeypatch.setattr(native, "COMPILED", 0)
    slow = digest_rows(task)
    assert quick.digests.tolist() == slow.digests.tolist()
    assert (quick.shape.tolist(), quick.shapes) == (slow.shape.tolist(), slow.shapes)
    assert {k: v.tolist() for k, v in quick.facets.items()} == {
        k: v.tolist() for k, v in slow.facets.items()
    }
    assert quick.faulty.rows == slow.faulty.rows
    assert [place for place, _ in quick.faulty.told] == [7]
