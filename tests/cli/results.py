"""Hand-made results for tests of renderers, also with hostile text in every place."""

from __future__ import annotations

import unicodedata
from typing import Any

from hypothesis import strategies as st

from dslineage.diff.result import KINDS, RULES, DiffResult, RowChange, SchemaChange, SideInfo

HOSTILE = (
    "\x1b[31m\x07\x9b2J\u202eevil\u2066\u200b\ufeff\r\n\x7f\U000e0041\u2028[red]`|<script>@you"
)


def side(version: str, examples: int, key: str | None = "id") -> SideInfo:
    """One side of a diff, with made-up hashes."""
    return SideInfo(
        version, "sha256:" + "0" * 64, "sha256:" + "1" * 64, examples, 0, "messages@1:ab", key
    )


def chat(name: str, question: str, answer: str) -> dict[str, Any]:
    """A chat example."""
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"id": name, "source": "helpdesk", "messages": turns}


def edited(before: dict[str, Any], after: dict[str, Any], *kinds: str) -> RowChange:
    """An edited example that a key paired."""
    return RowChange("edited", before, after, "3fa2c1d9" * 8, "77aa01c2" * 8, 11, 13, kinds, "key")


def removed(example: dict[str, Any]) -> RowChange:
    """A removed example."""
    return RowChange("removed", example, None, "aaaa1111" * 8, "", 39, None)


def added(example: dict[str, Any]) -> RowChange:
    """An added example."""
    return RowChange("added", None, example, "", "bbbb1111" * 8, None, 299)


def result(*samples: RowChange, **changes: Any) -> DiffResult:
    """A diff of 296 with 355 examples, of which some members may be told otherwise."""
    facts: dict[str, Any] = {
        "dataset": "train",
        "from_": side("v3", 296),
        "to": side("v4", 355),
        "identical": False,
        "reordered": False,
        "bytes_only": 0,
        "unchanged": 290,
        "edited": 5,
        "removed": 1,
        "added": 60,
        "edits": {"response": 4, "formatting": 1},
        "pairing": {"key": 4, "similar": 1},
        "related": 0,
        "samples": samples,
    }
    return DiffResult(**facts | changes)


def texts() -> st.SearchStrategy[str]:
    """Any text, and text made of what terminals and pages obey."""
    obeyed = st.sampled_from(
        [*HOSTILE, "\t", "\u200d", "\ufe0f", "ﾠ", "=", "`", "\ud800", "*", "www."]
    )
    return st.one_of(st.text(st.characters()), st.lists(obeyed).map("".join), st.just(HOSTILE))


def values() -> st.SearchStrategy[Any]:
    """Any JSON value, null members left out."""
    leaves = st.one_of(texts(), st.integers(), st.booleans(), st.floats(allow_nan=False))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(texts(), inner, max_size=3)
        ),
        max_leaves=6,
    )


def examples() -> st.SearchStrategy[dict[str, Any]]:
    """Any example, often a chat."""
    turn = st.fixed_dictionaries({"role": texts(), "content": values()})
    chats = st.fixed_dictionaries({"id": texts(), "messages": st.lists(turn, max_size=3)})
    return st.one_of(chats, st.dictionaries(texts(), values(), max_size=4))


def results() -> st.SearchStrategy[DiffResult]:
    """Any diff, with hostile text wherever data or names stand."""
    rows = st.one_of(
        st.builds(
            RowChange,
            st.just("edited"),
            examples(),
            examples(),
            *[st.just("3fa2c1d9" * 8)] * 2,
            *[st.integers(0, 10**6)] * 2,
            st.lists(st.sampled_from(KINDS), max_size=2).map(tuple),
            st.sampled_from(RULES),
            st.floats(0, 1),
        ),
        st.builds(removed, examples()),
        st.builds(added, examples()),
    )
    schema = st.builds(
        SchemaChange,
        st.sampled_from(["added", "removed", "renamed", "retyped"]),
        texts(),
        st.integers(0, 9),
        texts(),
    )
    return st.builds(
        result,
        *[rows] * 2,
        dataset=texts(),
        from_=st.builds(side, texts(), st.integers(0, 9), texts()),
        notices=st.lists(texts(), max_size=2).map(tuple),
        schema_changes=st.lists(schema, max_size=2).map(tuple),
        reordered=st.booleans(),
        bytes_only=st.integers(0, 3),
    )


# Arabic, Syriac and Kaithi signs that are written before a number, and seen.
_SEEN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}


def obeyed(text: str) -> set[str]:
    """What a terminal would obey or hide in a text, by Unicode category; newlines are fine."""
    return {
        char
        for char in set(text) - {"\n"}
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and ord(char) not in _SEEN
    }
