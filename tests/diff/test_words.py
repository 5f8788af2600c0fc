"""Word-level changes of texts, and changes of nested fields."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dslineage.diff.words import (
    WordChange,
    sentence_changes,
    word_changes,
)

_TEXTS = st.text(st.sampled_from("ab \n.,é你"), max_size=40)


def test_changed_words_stand_between_equal_stretches() -> None:
    assert word_changes("He has 3 apples.", "He had 3 red apples.") == [
        WordChange("equal", "He ", "He "),
        WordChange("replace", "has", "had"),
        WordChange("equal", " 3", " 3"),
        WordChange("insert", "", " red"),
        WordChange("equal", " apples.", " apples."),
    ]


@given(_TEXTS, _TEXTS)
def test_the_stretches_give_both_texts_back(before: str, after: str) -> None:
    for changes in (word_changes(before, after), sentence_changes(before, after)):
        assert "".join(change.before for change in changes) == before
        assert "".join(change.after for change in changes) == after
        assert all((change.op == "equal") == (change.before == change.after) for change in changes)


def test_whole_sentences_can_be_compared() -> None:
    assert sentence_changes("One. Two?\nThree", "One. 2?\nThree") == [
        WordChange("equal", "One. ", "One. "),
        WordChange("replace", "Two?\n", "2?\n"),
        WordChange("equal", "Three", "Three"),
    ]


def test_a_long_text_that_differs_in_many_places_is_one_replacement() -> None:
    before = " ".join(f"a{n}" for n in range(3000))
    after = " ".join(f"b{n}" for n in range(3000))
    assert [c.op for c in word_changes("x " + before + " y", "x " + after + " y")] == [
        "equal", "replace", "equal",
    ]  # fmt: skip


def test_long_texts_are_aligned_by_sentences_and_those_by_words() -> None:
    lines = [f"Line {n}: the cat and the dog and the bird and the fish.\n" for n in range(200)]
    edited = [
        line.replace("cat", "cow") if n in {20, 170} else line for n, line in enumerate(lines)
    ]
    changes = [c for c in word_changes("".join(lines), "".join(edited)) if c.op != "equal"]
    assert changes == [WordChange("replace", "cat", "cow")] * 2


def test_what_is_too_much_to_compare_is_one_coarse_replacement() -> None:
    before, after = "a b " * 400, "b b a " * 400
    (change,) = [c for c in word_changes(before, after) if c.op != "equal"]
    assert change.coarse
    assert change.op == "replace"
