"""Which data set is which: each is paired once, and renaming is no deletion."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from dslineage.ids import Digest
from dslineage.pullrequest.pairing import paired
from dslineage.records import Pointer
from dslineage.versions.catalog import PointerFile


def file(path: str, name: str, content: str = "") -> PointerFile:
    digest = Digest.of((content or path + name).encode())
    id_ = f"dataset:sha256:{hashlib.sha256((name + content).encode()).hexdigest()}"
    return PointerFile(f"{path}.dsl.json", Pointer(name, "v1", id_, digest, 1, ()))


letters = st.sampled_from("abc")
sides = st.dictionaries(letters, st.tuples(letters, letters)).map(
    lambda found: [file(path, name, content) for path, (name, content) in found.items()]
)


@given(sides, sides)
def test_each_data_set_is_told_of_once(before: list[PointerFile], after: list[PointerFile]) -> None:
    pairs = paired(before, after)
    assert sorted(str(old) for old, _ in pairs if old) == sorted(map(str, before))
    assert sorted(str(new) for _, new in pairs if new) == sorted(map(str, after))


@given(sides)
def test_what_is_as_it_was_is_paired_with_itself(files: list[PointerFile]) -> None:
    assert all(old == new for old, new in paired(files, list(reversed(files))))


def test_a_name_counts_for_more_than_a_path_and_a_path_for_more_than_content() -> None:
    before = [file("a", "train", "x"), file("b", "eval", "y"), file("c", "old", "z")]
    after = [file("d", "train", "1"), file("b", "test", "2"), file("e", "new", "z")]
    pairs = {
        old.pointer.dataset: new.pointer.dataset
        for old, new in paired(before, after)
        if old and new
    }
    assert pairs == {"train": "train", "eval": "test", "old": "new"}


def test_of_two_with_equal_content_none_is_guessed() -> None:
    before, after = [file("a", "one", "x"), file("b", "two", "x")], [file("c", "three", "x")]
    assert sorted(bool(old) + bool(new) for old, new in paired(before, after)) == [1, 1, 1]
