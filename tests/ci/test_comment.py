"""The comment: nothing of the data acts in it, and it is never too long."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dslineage.pullrequest.gateedits import GateEdit
from dslineage.records import ClaimRecord
from dslineage_cli.render.ci import markdown
from dslineage_cli.render.ci.budget import MOST, Block, fitted, listed
from dslineage_hooks.finding import Finding
from dslineage_hooks.review import Review
from tests.ci.reviews import MARKDOWN, dataset_changes, reviews
from tests.cli.results import HOSTILE, obeyed

if TYPE_CHECKING:
    from markdown_it.token import Token

GITHUB = MarkdownIt("gfm-like", {"linkify": False, "html": True})
FORMAT = {
    "text", "softbreak", "strong_open", "strong_close", "code_inline", "html_inline",
}  # fmt: skip
BLOCKS = {
    "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "html_block",
    "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "fence",
    "table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close",
    "tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close",
}  # fmt: skip
OUR_HTML = re.compile(
    r"<!-- dslineage review -->|</details>"
    r"|<details><summary>Changed examples: [0-9,]+( of [0-9,]+)?</summary>"
)
LINKS = re.compile(r"@\w|#\d|://|\bGH-\d|\bwww\.|:[\w+-]+:|mailto:", re.IGNORECASE)
HUGE = "".join(MARKDOWN) * 3 + HOSTILE * 3


def inline(tokens: list[Token]) -> list[Token]:
    return [child for token in tokens for child in token.children or ()]


def check_harmless(text: str) -> None:
    assert not obeyed(text.replace("\n", ""))
    tokens = GITHUB.parse(text)
    assert {token.type for token in tokens} <= BLOCKS
    for token in tokens:
        if token.type == "html_block":
            assert all(OUR_HTML.fullmatch(line) for line in token.content.split("\n") if line)
    children = inline(tokens)
    assert {child.type for child in children} <= FORMAT
    for child in children:
        if child.type == "html_inline":
            assert child.content == "<!-- -->" or OUR_HTML.fullmatch(child.content), child
        if child.type == "text":
            assert not LINKS.search(child.content), child.content


@given(reviews())
@settings(max_examples=40)
def test_no_link_html_image_mention_or_markup_of_the_data_acts(review: Review) -> None:
    check_harmless(markdown.text(review))


@given(reviews())
@settings(max_examples=20)
def test_a_table_has_as_many_cells_in_each_row_as_in_its_head(review: Review) -> None:
    tokens = [token.type for token in GITHUB.parse(markdown.text(review))]
    tables = " ".join(tokens).split("table_open")[1:]
    for table in tables:
        rows = table.split("table_close")[0].split("tr_open")[1:]
        assert len({row.count("th_open") + row.count("td_open") for row in rows}) == 1


@given(reviews(), st.sampled_from([1, 15]))
@settings(max_examples=15)
def test_it_is_below_64_kb_however_much_there_is_to_say(review: Review, times: int) -> None:
    change = review.change
    many = replace(
        review,
        findings=review.findings * times,
        change=replace(
            change,
            datasets=change.datasets * times,
            gate_edits=change.gate_edits * times,
            added=change.added * times,
            removed=change.removed * times,
            notices=change.notices * times,
        ),
    )
    text = markdown.text(many)
    assert len(text.encode()) <= MOST < 1 << 16


def _huge(change: Any) -> Review:
    who = {"author": HUGE, "created_at": "2026-01-02T03:04:05Z", "tool": "t"}
    claim = ClaimRecord("dataset:sha256:" + "0" * 64, HUGE, HUGE, {HUGE: HUGE}, **who)
    finding = Finding(HUGE, HUGE, HUGE, HUGE)
    edit = GateEdit(HUGE, HUGE, HUGE, HUGE, looser=True)
    full = replace(
        change,
        gate_edits=(edit,) * 999,
        added=(claim,) * 999,
        removed=(HUGE,) * 999,
        broken_settings=HUGE,
        notices=(HUGE,) * 999,
    )
    return Review(HUGE, HUGE, full, (finding,) * 999)


@given(reviews())
@settings(max_examples=2)
def test_what_does_not_fit_is_named_with_the_command_that_shows_it(review: Review) -> None:
    text = markdown.text(_huge(review.change))
    assert len(text.encode()) <= MOST
    check_harmless(text)
    assert re.search(r"- and 9\d\d more like these", text)
    assert re.search(r"- and 9\d\d more edits", text)
    if "Cut to fit" in text:
        assert "` dslineage ci --base 111111111111 --head 333333333333 --format json `" in text


@given(st.lists(dataset_changes().filter(lambda one: one.gates), min_size=1, max_size=2))
@settings(max_examples=2)
def test_of_many_data_sets_the_first_are_told_and_the_rest_is_counted(found: list[Any]) -> None:
    from dslineage.pullrequest.ends import Ends
    from dslineage.pullrequest.result import PullRequest

    many = PullRequest(Ends("1" * 40, "2" * 40, "3" * 40), tuple(found * 900))
    text = markdown.text(Review("main", "HEAD", many, ()))
    assert len(text.encode()) <= MOST
    assert f"### {900 * len(found):,} data sets changed" in text
    assert re.search(r"- and [0-9,]+ more data sets", text)
    assert "**Cut to fit into 64 KB.** Left out: " in text


blocks = st.lists(
    st.builds(Block, st.text(max_size=40), st.integers(0, 3), st.just("x")), max_size=9
)


@given(blocks, st.integers(0, 300))
@example([Block("a", 0), Block("b" * 99, 1), Block("c", 2)], 9)
def test_blocks_keep_their_order_and_those_of_rank_0_never_go(
    found: list[Block], room: int
) -> None:
    kept, cut = fitted(found, room)
    assert sorted([*kept, *cut]) == sorted(found)
    assert [block for block in found if block in kept] == kept or len(set(found)) < len(found)
    assert all(block.rank for block in cut)
    always = sum(len(block.text.encode()) + 2 for block in found if not block.rank)
    assert sum(len(block.text.encode()) + 2 for block in kept) <= max(room, always)


@given(st.lists(st.text(alphabet="ab", max_size=9)), st.integers(0, 60))
def test_a_list_says_how_many_lines_it_leaves_out(lines: list[str], room: int) -> None:
    shown = listed(lines, str, room, "lines").split("\n") if lines else []
    told = re.fullmatch(r"- and (\d+) more lines", shown[-1]) if shown else None
    kept = shown[:-1] if told else shown
    assert kept == lines[: len(kept)]
    assert sum(len(line) + 1 for line in kept) <= room
    assert len(kept) + (int(told[1]) if told else 0) == len(lines)
