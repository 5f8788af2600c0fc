"""Drafts: what they say of themselves, which boxes are empty, and texts that would be markup."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dslineage.lineage.graph import Graph
from dslineage.records import License
from dslineage.standards.document import Standard
from dslineage.standards.draft import Draft
from dslineage_cli.render import forms
from tests.lineage.world import claim, model, train
from tests.standards.world import chain, described, told

DRAFTS: tuple[Standard, ...] = ("eu-summary", "ab-2013")
every_draft = pytest.mark.parametrize("form", DRAFTS)
HOSTILE = st.text(min_size=1).filter(str.strip) | st.sampled_from(
    ["<script>alert(1)</script>", "a | b", "# title", "![x](https://example.org/p.png)", "x\n\n- y",
     "<img src=x onerror=y>", "[a](javascript:x)", "@everyone", "`code", "<!-- c"]
)  # fmt: skip


def draft(graph: Graph, form: Standard) -> Draft:
    content = described(graph, form).content
    assert isinstance(content, Draft)
    return content


def states(found: Draft) -> dict[str, str]:
    return {box.number: box.state for box in found.boxes}


@every_draft
def test_it_says_that_it_is_a_draft_and_lists_its_empty_boxes(gappy: Graph, form: Standard) -> None:
    found = described(gappy, form)
    text = forms.text(found)
    assert text.startswith("# DRAFT: ")
    assert "not legal advice" in text
    assert isinstance(found.content, Draft)
    _, _, listed = text.partition("## Empty boxes")
    for box in found.content.boxes:
        number = box.number.replace(".", "\\.")
        assert (f"\n- {number} " in listed) == (box.state == "empty")
        assert box.state != "empty" or box.fill


def test_nothing_is_said_not_to_apply_while_data_is_not_known(gappy: Graph) -> None:
    found = states(draft(gappy, "eu-summary"))
    assert [found[f"2.{number}"] for number in range(1, 7)] == ["recorded", *["empty"] * 5]
    assert states(draft(gappy, "ab-2013"))["12"] == "empty"


def test_what_no_source_is_does_not_apply_where_all_is_recorded(tmp_path: Path) -> None:
    records = [one for one in chain(unrecorded=False) if one.kind not in {"run", "model"}]
    known = records[:-2]
    final = model(trained_on=(train(known[-1]),))
    found = told(tmp_path, *known, final)
    assert not found.gaps(final.id)
    eu = states(draft(found, "eu-summary"))
    assert [eu[f"2.{number}"] for number in range(1, 7)] == ["recorded", *["not applicable"] * 5]
    assert states(draft(found, "ab-2013"))["12"] == "not applicable"
    assert "N/A: no source of the data has the category" in forms.text(
        described(found, "eu-summary")
    )


def test_a_deployment_without_a_day_does_not_fill_the_box_for_the_day(tmp_path: Path) -> None:
    records = chain()
    [final] = [one for one in records if one.kind == "model"]
    live = claim(final, "deployment", of="tiny", to="https://chat.example.org")
    assert states(draft(told(tmp_path, *records, live), "eu-summary"))["1.2c"] == "empty"
    dated = claim(final, "deployment", of="tiny", to="app", since="2026-02-01")
    assert states(draft(told(tmp_path, dated), "eu-summary"))["1.2c"] == "recorded"


def test_only_what_records_say_fills_a_box(tmp_path: Path) -> None:
    bare: dict[str, Any] = {
        "license": None, "category": None, "modality": None, "languages": (), "acquired_at": None,
        "personal_data": None, "statements": None, "revision": None, "title": "",
    }  # fmt: skip
    graph = told(tmp_path, *chain(**bare))
    filled = {number for number, state in states(draft(graph, "eu-summary")).items()
              if state == "recorded"}  # fmt: skip
    assert filled == {"1.2a", "1.2b", "1.3b", "2.x", "3.3"}
    filled = {number for number, state in states(draft(graph, "ab-2013")).items()
              if state == "recorded"}  # fmt: skip
    assert filled == {"1", "3", "4", "5", "9", "11"}


@given(HOSTILE)
@settings(max_examples=40)
def test_whatever_records_say_no_markup_comes_of_it(text: str) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        plain = told(Path(one), *chain(**saying("x")))
        hostile = told(Path(other), *chain(**saying(text)))
        for form in DRAFTS:
            assert outline(hostile, form) == outline(plain, form)


def saying(text: str) -> dict[str, Any]:
    """A text in all members of a source that hold one."""
    return {
        "title": text, "license": License(text), "consent": text, "generator": text,
        "modality": text, "languages": (text,), "creators": (text,),
    }  # fmt: skip


def outline(graph: Graph, form: Standard) -> list[tuple[str, str]]:
    """The structure of a draft as a browser would see it: its tokens, without texts."""
    text = forms.text(described(graph, form))
    kinds = []
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text):
        for one in [token, *(token.children or ())]:
            html = one.type.startswith("html") and one.content not in {"<!-- -->", "<br>"}
            if html or one.type not in {"text", "html_inline", "text_special", "softbreak"}:
                kinds.append((one.type, one.tag))
    return kinds
