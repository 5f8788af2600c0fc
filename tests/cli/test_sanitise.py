"""Text that a terminal, a page or a sheet would obey is shown instead."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dslineage_cli.sanitise import (
    cell,
    json_text,
    markdown,
    markdown_code,
    markdown_fence,
    visible,
)
from tests.cli.results import HOSTILE, obeyed, texts

COMMONMARK = MarkdownIt("gfm-like", {"linkify": False, "html": True})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("bell\x07", "bell␇"),
        ("tab\there", "tab␉here"),
        ("two\nlines", "two␊lines"),
        ("\x7f\x9b2J", "␡\\u009b2J"),
        ("abc\u202edef", "abc\\u202edef"),
        ("pay\u200bpal", "pay\\u200bpal"),
        ("hidden\U000e0041", "hidden\\U000e0041"),
        ("half \ud83d", "half \\ud83d"),
        ("Größe 日本語 👍️", "Größe 日本語 👍️"),
    ],
)
def test_what_would_be_obeyed_or_hidden_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_newlines_are_kept_only_where_asked_for() -> None:
    assert visible("a\nb\r\n", newlines=True) == "a\nb␍\n"


@given(texts())
def test_nothing_that_is_obeyed_is_left_and_cleaning_twice_changes_nothing(text: str) -> None:
    shown = visible(text)
    assert "\n" not in shown
    assert not obeyed(shown)
    assert visible(shown) == shown


@given(st.recursive(texts(), st.lists))
def test_json_is_safe_on_a_terminal_and_means_the_same(value: object) -> None:
    document = json_text(json.dumps(value, ensure_ascii=False))
    assert not obeyed(document)
    assert json.loads(document) == value


@given(texts())
def test_markdown_prose_has_no_markup_of_its_own(text: str) -> None:
    tokens = COMMONMARK.parse(f"- {markdown(text)}")
    inline = [child for token in tokens for child in token.children or ()]
    assert {token.type for token in tokens} <= {
        "bullet_list_open", "list_item_open", "paragraph_open", "inline",
        "paragraph_close", "list_item_close", "bullet_list_close",
    }  # fmt: skip
    assert {child.type for child in inline} <= {"text", "html_inline"}
    assert {c.content for c in inline if c.type == "html_inline"} <= {"<!-- -->"}
    shown = "".join(child.content for child in inline if child.type == "text")
    assert shown.split() == visible(text).split()


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("ask @ada", "ask @<!-- -->ada"),
        ("see #12", "see \\#<!-- -->12"),
        ("https://x.org", "https:<!-- -->//x.org"),
        ("www.x.org", "www<!-- -->.x.org"),
        (":tada:", ":<!-- -->tada:"),
        ("commit 0123456789", "commit 012345<!-- -->6789"),
        ("<img src=x>", "\\<img src=x\\>"),
    ],
)
def test_forges_find_no_mention_and_no_link_in_markdown(text: str, source: str) -> None:
    assert markdown(text) == source


@given(texts())
def test_a_markdown_code_span_holds_all_of_the_text(text: str) -> None:
    (inline,) = [t for t in COMMONMARK.parse(f"x {markdown_code(text)}") if t.type == "inline"]
    assert [child.type for child in inline.children or ()] == ["text", "code_inline"]


@given(texts())
def test_a_markdown_block_cannot_be_closed_from_within(text: str) -> None:
    tokens = COMMONMARK.parse(markdown_fence(text, "diff"))
    assert [token.type for token in tokens] == ["fence"]
    assert tokens[0].content == visible(text, newlines=True) + "\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "＝"])
def test_a_formula_in_a_sheet_is_shown_and_never_computed(start: str) -> None:
    assert cell(f"{start}cmd|' /C calc'!A0").startswith("'")


def test_a_plain_cell_stays_as_it_is() -> None:
    assert cell("two\nlines, 3 = 3") == "two\nlines, 3 = 3"


def test_hostile_text_in_one_look() -> None:
    assert visible(HOSTILE) == (
        "␛[31m␇\\u009b2J\\u202eevil\\u2066\\u200b\\ufeff␍␊␡\\U000e0041\\u2028[red]`|<script>@you"
    )
