"""What a chunk says of all its examples at once is what each says of itself."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dslineage.adapters.base import Adapter
from dslineage.adapters.messages import Messages
from dslineage.quality.chunk import Chunk
from dslineage.quality.core.repetition import DUP_LINE_CHARS
from dslineage.quality.example import Example
from dslineage.quality.folded import Folded
from dslineage.quality.measurer import values_of
from dslineage.quality.sets.texts import normalised
from dslineage.quality.values import Values
from tests.adapters.strategies import ADAPTERS, chats, examples

ROWS = st.lists(examples | chats.map(lambda turns: {"messages": turns, "id": 7}), max_size=6)
LINES = st.sampled_from(
    ["", " ", "a", "b", "```", "yes", "12345678", "12345678 12345678", "12345678.12345678"]
)


@given(ROWS, st.sampled_from(list(ADAPTERS.values())))
def test_a_chunk_has_the_parts_and_shapes_of_its_examples(
    rows: list[dict[str, Any]], adapter: Adapter
) -> None:
    chunk = Chunk.of(rows, adapter)
    alone = [Example.of(row, adapter) for row in rows]
    parts = [(place, part) for place, one in enumerate(alone) for part in one.parts]
    assert list(chunk.texts) == [part.text for _, part in parts]
    assert chunk.example_of.tolist() == [place for place, _ in parts]
    assert chunk.is_prompt.tolist() == [part.role == "user" for _, part in parts]
    assert chunk.is_target.tolist() == [part.target for _, part in parts]
    shapes, codes = chunk.shapes
    assert [shapes[code] for code in codes.tolist()] == [one.shape for one in alone]
    assert list(chunk.examples) == alone


@given(st.lists(st.lists(LINES, max_size=8).map("\n".join), max_size=4))
def test_lines_that_only_begin_and_end_alike_are_no_repetition(answers: list[str]) -> None:
    turns = [{"role": "assistant", "content": answer} for answer in answers]
    chunk = Chunk.of([{"messages": turns}, {"messages": turns[:1]}], Messages())
    alone = [DUP_LINE_CHARS.of(example).value for example in chunk.examples]
    expected = Values.of(DUP_LINE_CHARS.kind, alone)
    assert values_of(DUP_LINE_CHARS, chunk).data.tolist() == expected.data.tolist()


@given(
    st.lists(st.text() | st.text("aÉ’é\u0301ßİ \u2003\u1680\u3000가\u1100\u1161\ud800"), max_size=5)
)
def test_texts_are_normalised_together_as_each_by_itself(texts: list[str]) -> None:
    together = [data.decode("utf-8", "surrogatepass") for data in Folded.of(texts).normalised()]
    assert together == [normalised(text) for text in texts]
