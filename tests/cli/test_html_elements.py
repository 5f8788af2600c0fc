"""Elements of a page: what stands in them is text, whatever it is."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage_cli.render.html.element import Markup, code, element
from dslineage_cli.sanitise import visible

HOSTILE = st.text() | st.sampled_from(
    ["<script>x</script>", "</dd>", '" onload="x', "&lt;", "<!--", "]]>", "\u202e", "'", "a\nb"]
)


class Read(HTMLParser):
    """What a parser makes of markup."""

    def __init__(self, found: Markup) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.feed(found.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(HOSTILE, HOSTILE)
def test_a_text_comes_back_as_a_text_and_an_attribute_as_an_attribute(said: str, name: str) -> None:
    read = Read(element("p", said, title=name))
    assert read.tags == [("p", [("title", visible(name))])]
    assert read.text == visible(said, newlines=True)


@given(st.lists(HOSTILE, max_size=4))
def test_elements_hold_as_many_elements_as_were_put_into_them(items: list[str]) -> None:
    read = Read(element("ul", (element("li", item) for item in items), class_="list"))
    assert [tag for tag, _ in read.tags] == ["ul", *["li"] * len(items)]


def test_attributes_that_are_false_are_left_out() -> None:
    made = element("input", type="search", hidden=True, checked=False, aria_label=None, x=0.5)
    assert made.text == '<input type="search" hidden x="0.5">'


def test_our_own_code_cannot_end_its_element_early() -> None:
    with pytest.raises(ValueError, match="script"):
        code("script", "'</script>'")
