"""What results look like in a notebook, in Arrow and in pandas."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dslineage.diff.options import DiffOptions
from dslineage.errors import UsageError
from dslineage.repository import Repository

HOSTILE = '<script>alert("x")</script> <img src=x onerror=y> \x1b[31m\u202eabc & "quoted"'


class Tags(HTMLParser):
    """Collects the tags and attributes that a browser would see, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def edited(repo: Repository) -> Repository:
    rows = [{"prompt": f"Question {n}?", "response": f"Answer {n}."} for n in range(4)]
    repo.write("train", rows, message=HOSTILE)
    repo.commit("first")
    rows[1] = {"prompt": "Question 1?", "response": HOSTILE}
    repo.write("train", [*rows[:3], {"prompt": "Who?", "response": "Ada."}])
    return repo


def test_a_diff_is_a_table_of_counts_and_examples(edited: Repository) -> None:
    text = Tags(edited.diff("v1", "v2")._repr_html_()).text
    assert "train: v1 → v2" in text
    assert re.search(r"edited\s*1\s*response 1", text)
    assert "response: Answer 1." in text


def test_a_diff_of_equal_versions_says_so(edited: Repository) -> None:
    assert "identical" in Tags(edited.diff("v1", "v1")._repr_html_()).text


def test_no_text_of_the_data_becomes_markup_or_is_obeyed(edited: Repository) -> None:
    for page in (
        edited.diff("v1", "v2")._repr_html_(),
        edited.log()._repr_html_(),
        edited.show("v1")._repr_html_(),
        edited.load("v1")._repr_html_(),
    ):
        seen = Tags(page)
        assert seen.tags <= {"div", "table", "tr", "th", "td"}
        assert seen.attributes <= {"style"}
        assert not seen.open
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
    assert r"\u001b[31m\u202eabc" in Tags(edited.show("v1")._repr_html_()).text


def test_no_colour_of_text_is_fixed_so_that_light_and_dark_both_work(edited: Repository) -> None:
    page = edited.diff("v1", "v2")._repr_html_()
    assert not re.search(r"[;\"]color:", page)
    assert set(re.findall(r"(?:background|solid )[:]?(\w+)\(", page)) == {"rgba"}


def test_a_long_text_is_cut(repo: Repository) -> None:
    repo.write("train", [{"text": "x" * 50_000}])
    repo.commit("first")
    repo.write("train", [{"text": "y" * 50_000}])
    assert len(repo.diff("v1", "v2")._repr_html_()) < 6_000


def test_the_changes_are_a_table_with_one_row_each(edited: Repository) -> None:
    result = edited.diff("v1", "v2", options=DiffOptions(rows=True))
    table = result.to_arrow()
    assert table.column("change").to_pylist() == ["edited", "removed", "added"]
    assert table.column("kinds").to_pylist() == [["response"], [], []]
    assert table.column("before_position").to_pylist() == [1, 3, None]
    assert json.loads(str(table.column("after")[2]))["response"] == "Ada."
    frame = result.to_pandas()
    assert frame["after"][2] == {"prompt": "Who?", "response": "Ada."}
    assert frame["before_position"].isna().tolist() == [False, False, True]


def test_an_empty_diff_is_an_empty_table(edited: Repository) -> None:
    result = edited.diff("v1", "v1", options=DiffOptions(rows=True))
    assert result.to_arrow().num_rows == 0
    assert result.to_pandas().empty


def test_a_diff_without_its_rows_says_how_to_ask_for_them(edited: Repository) -> None:
    with pytest.raises(UsageError, match="without its rows") as caught:
        edited.diff("v1", "v2").to_arrow()
    assert "rows=True" in caught.value.hint


def test_real_changes_fit_into_a_table(repo: Repository, shared_data: Path) -> None:
    folder = shared_data / "prompts"
    result = repo.diff(
        str(folder / "prompts-r03-93de120f.csv"),
        str(folder / "prompts-r04-94deb7a7.csv"),
        options=DiffOptions(rows=True),
    )
    assert result.to_arrow().num_rows == result.edited + result.removed + result.added
