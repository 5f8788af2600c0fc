"""Pages are safe, fit their width, and read without colour."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from dslineage_cli.page import Page, Span, bold, columns, elide, red
from tests.cli.results import obeyed, texts

SPANS = st.builds(Span, texts(), st.sampled_from(["", "1", "31"]))


@given(st.lists(SPANS), st.integers(20, 60), st.integers(0, 6))
def test_a_page_obeys_nothing_and_wraps_within_its_width(
    spans: list[Span], width: int, hanging: int
) -> None:
    page = Page(width)
    page.wrap(*spans, indent=2, hanging=hanging)
    coloured = page.text(colour=True)
    plain = re.sub("\x1b\\[(?:0|1|31)m", "", coloured)
    assert not obeyed(plain)
    assert plain == page.text()
    assert all(columns(line) <= width for line in plain.splitlines())


@given(st.text(st.sampled_from("ab "), max_size=200), st.integers(20, 60))
def test_wrapping_loses_no_word(text: str, width: int) -> None:
    page = Page(width)
    page.wrap(text)
    assert page.text().replace("\n", "").replace(" ", "") == text.replace(" ", "")


def test_a_long_paragraph_is_cut_where_asked_and_says_so() -> None:
    page = Page(20)
    page.wrap("one two three four five six seven eight nine ten", most=2)
    assert page.text() == "one two three four\nfive six seven …\n"


def test_colour_is_only_there_where_asked_for() -> None:
    page = Page()
    page.add(bold("train"), " ", red("gone"))
    assert page.text() == "train gone\n"
    assert page.text(colour=True) == "\x1b[1mtrain\x1b[0m \x1b[31mgone\x1b[0m\n"


def test_a_blank_line_is_never_doubled_and_never_first() -> None:
    page = Page()
    page.blank()
    page.add("a")
    page.blank()
    page.blank()
    page.add("b")
    assert page.text() == "a\n\nb\n"


@given(texts(), st.integers(2, 40))
def test_an_elided_text_fits(text: str, width: int) -> None:
    assert columns(elide(text, width)) <= width


def test_wide_characters_take_two_columns() -> None:
    assert columns("日本語 abc") == 10
    assert elide("日本語日本語", 7) == "日本語…"
