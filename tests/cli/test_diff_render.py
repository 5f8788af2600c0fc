"""A diff as text, Markdown, CSV and JSON: readable, complete, and never obeyed."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import given
from inline_snapshot import snapshot

from dslineage.diff.result import DiffResult, RowChange, SchemaChange
from dslineage_cli.page import Page
from dslineage_cli.render import diff_csv, diff_markdown, diff_text, wording
from dslineage_cli.render.document import document
from dslineage_cli.render.numbers import percent
from tests.cli.results import HOSTILE, added, chat, edited, obeyed, removed, result, results, side

LONG = (
    "Open the note, choose Export in the menu on the top right, and pick Markdown. "
    "Your images are put into a folder beside the text. It takes a minute at most."
)
EDIT = edited(
    chat("h-0012", "How do I export?", LONG),
    chat("h-0012", "How do I export?", LONG.replace("a minute at most", "a few seconds")),
    "response",
)


def text(shown: DiffResult, width: int = 90) -> str:
    """The diff as a person reads it in a pipe."""
    return diff_text.page(shown, Page(width)).text()


def test_the_summary_comes_first_then_examples_then_the_next_command() -> None:
    shown = result(
        EDIT,
        removed(chat("h-0040", "Why did the toolbar move?", "Right-click it.")),
        added(chat("f-0001", "is there a python client", LONG)),
        related=3,
        reordered=True,
        schema_changes=(SchemaChange("renamed", "output", 296, "response"),),
        notices=("the key id was found, not named",),
    )
    assert text(shown) == snapshot("""\
train  v3 → v4

296 → 355 examples
    290 unchanged   98.0% of v3
  ~   5 edited       1.7% of v3
  -   1 removed      0.3% of v3
  +  60 added       16.9% of v4

  schema     field output renamed to response, in 296 examples
  edits      response 4 · formatting 1
  paired by  the same key 4 · similar text 1
  related    3 near misses, counted as removed and added
  order      what both sides have stands in another order
  note       the key id was found, not named

edited  1 of 5
  ~ row 12 → 14  3fa2c1d9 → 77aa01c2  id h-0012  response  paired by the same key
      messages[1].content (assistant)
        … put into a folder beside the text. It takes a [-minute at most-]{+few
        seconds+}.

removed
  - row 40  aaaa1111  id h-0040
      source helpdesk
      user       Why did the toolbar move?
      assistant  Right-click it.

added  1 of 60
  + row 300  bbbb1111  id f-0001
      source helpdesk
      user       is there a python client
      assistant  Open the note, choose Export in the menu on the top right, and pick
                 Markdown. Your images are put into a folder beside the text. It takes
                 a…

next: dslineage export train@v3 train@v4 --only added -o added.jsonl
""")


def test_the_most_edited_kind_is_what_comes_next() -> None:
    assert (
        wording.next_command(result(added=1))
        == "dslineage diff train@v3 train@v4 --rows --kind response"
    )
    assert (
        wording.next_command(result(edits={}, edited=0, added=0))
        == "dslineage diff train@v3 train@v4 --rows"
    )
    assert wording.next_command(result(edited=0, removed=0, added=0)) == ""


def test_a_version_with_an_odd_name_is_quoted_in_the_next_command() -> None:
    shown = result(to=side("./my file.jsonl", 355))
    assert "'./my file.jsonl'" in wording.next_command(shown)


def test_equal_versions_are_said_to_be_equal() -> None:
    same = result(
        identical=True, reordered=True, unchanged=296, edited=0, removed=0, added=0,
        edits={}, pairing={}, to=side("v4", 296),
    )  # fmt: skip
    assert text(same) == snapshot("""\
train  v3 → v4

the same 296 examples

  order      what both sides have stands in another order
""")


def test_shares_are_never_rounded_to_nothing_or_to_all() -> None:
    assert [percent(*of) for of in ((0, 9), (1, 10**6), (999_999, 10**6), (1, 3))] == [
        "0.0%", "<0.1%", ">99.9%", "33.3%",
    ]  # fmt: skip
    assert percent(0, 0) == ""


def test_white_space_and_control_characters_that_changed_can_be_seen() -> None:
    row = edited(chat("a", "q", "one  two"), chat("a", "q", "one two\x1b[2J"), "response")
    assert "one[-  -]{+ +}two{+␛[2J+}" in text(result(row))


def test_of_a_long_change_both_sides_are_seen_also_in_wide_characters() -> None:
    row = edited(chat("a", "q", "長い文章" * 200), chat("a", "q", "別の答え" * 200), "response")
    for width in (40, 60, 100):
        shown = text(result(row), width)
        assert "[-長い" in shown
        assert "{+別の" in shown.replace("\n        ", "")


def test_an_added_turn_is_one_change_named_by_who_speaks() -> None:
    before = chat("a", "q", "r")
    after = before | {"messages": [*before["messages"], {"role": "user", "content": "thanks"}]}
    assert "messages[2] (user)" in text(result(edited(before, after, "turns")))


def test_a_field_that_is_an_object_or_a_number_is_shown_as_json() -> None:
    row = edited({"meta": {"n": 1, "tags": ["x"]}}, {"meta": {"n": 2, "tags": ["x"]}}, "field")
    assert "meta.n\n        [-1-]{+2+}" in text(result(row))


def test_a_very_long_text_is_elided_around_the_change() -> None:
    row = edited(
        chat("a", "q", "x " * 50_000), chat("a", "q", "x " * 25_000 + "y " + "x " * 24_999)
    )
    lines = text(result(row)).splitlines()
    assert len(lines) < 30
    assert any("{+y+}" in line for line in lines)


def test_markdown_shows_data_only_in_code() -> None:
    row = edited(chat("a", "How?", "It takes a minute."), chat("a", "How?", "At once."), "response")
    shown = result(row, dataset="my|set", notices=("ask @ada about <b>",))
    assert diff_markdown.text(shown) == snapshot("""\
### ` my|set ` v3 → v4

| | examples | share |
|---|--:|--:|
| v3 | 296 | |
| unchanged | 290 | 98.0% |
| edited | 5 | 1.7% |
| removed | 1 | 0.3% |
| added | 60 | 16.9% |
| v4 | 355 | |

- Edits: response 4 · formatting 1
- Paired by: the same key 4 · similar text 1
- ask @<!-- -->ada about \\<b\\>

#### edited: 1 of 5

**row 12 → 14** ` 3fa2c1d9 → 77aa01c2 ` response; paired by the same key

` messages[1].content (assistant) `

```diff
- It takes a minute.
+ At once.
```
""")


def test_markdown_shows_the_sentences_that_changed_and_what_stands_beside_them() -> None:
    before = LONG[LONG.index("Your images") :]
    after = before.replace("a minute at most", "a few seconds")
    row = edited(chat("a", "How?", before), chat("a", "How?", f"{after}\n"), "response")
    shown = diff_markdown.text(result(row))
    assert shown[shown.index("```diff") :] == snapshot("""\
```diff
  Your images are put into a folder beside the text.
- It takes a minute at most.
+ It takes a few seconds.
```
""")


def test_white_space_that_changed_can_be_seen_in_markdown() -> None:
    row = edited(chat("a", "q", "one\ntwo"), chat("a", "q", "one\n\ntwo"), "response")
    assert "- one␊\n+ one␊\n+ ␊\n  two\n" in diff_markdown.text(result(row))


def test_what_a_schema_change_did_to_every_example_is_said_once() -> None:
    changes = (
        SchemaChange("added", "for_devs", 355),
        SchemaChange("renamed", "output", 296, "response"),
        SchemaChange("retyped", "score", 296, "number"),
    )
    row = edited(
        {"id": "a", "output": "one", "score": "5", "rank": "1"},
        {"id": "a", "response": "two", "score": 5, "rank": 2, "for_devs": True},
    )
    shown = text(result(row, schema_changes=changes))
    assert "response\n        [-one-]{+two+}\n" in shown
    assert shown.count("for_devs") == shown.count("score") == 1
    only = edited({"id": "a"}, {"id": "a", "for_devs": True})
    assert text(result(only, schema_changes=changes)).count("for_devs") == 2


def test_two_files_are_called_by_what_tells_them_apart() -> None:
    def names(before: str, after: str) -> tuple[str, str]:
        return wording.side_names(result(from_=side(before, 296), to=side(after, 355)))

    assert names("/data/old/a.csv", "/data/new/b.csv") == ("a.csv", "b.csv")
    assert names("/data/old/a.csv", "/data/new/a.csv") == ("old/a.csv", "new/a.csv")
    assert names("old/shards/", "new/shards/") == ("old/shards", "new/shards")
    assert names("HEAD~1:data/a.csv", "data/a.csv") == ("HEAD~1:data/a.csv", "data/a.csv")
    assert names("v3", "data/a.csv") == ("v3", "a.csv")
    assert names("a.csv", "a.csv") == ("a.csv", "a.csv")
    files = result(from_=side("/data/old/a.csv", 296), to=side("/data/b.csv", 355))
    assert text(files).startswith("a.csv → b.csv\n")
    assert "% of a.csv\n" in text(files)
    assert diff_markdown.text(files).startswith("### a.csv → b.csv\n")
    assert "/data/old/a.csv /data/b.csv --" in wording.next_command(files)


def test_csv_has_one_line_for_each_changed_example() -> None:
    sheet = list(csv.DictReader(io.StringIO(diff_csv.text(result(EDIT, removed({"a": "=1+1"}))))))
    assert [row["change"] for row in sheet] == ["edited", "removed"]
    assert sheet[0]["fields"] == "messages[1].content"
    assert json.loads(sheet[0]["after"]) == EDIT.after
    assert (sheet[1]["before_position"], sheet[1]["after_position"]) == ("39", "")


def test_json_keeps_integers_of_any_size() -> None:
    row = added({"n": 10**30})
    assert json.loads(document(result(rows=(row,))))["rows"][0]["after"]["example"] == {"n": 10**30}


@given(results())
def test_no_renderer_lets_data_command_a_terminal(shown: DiffResult) -> None:
    for written in (
        text(shown, width=60),
        diff_markdown.text(shown),
        diff_csv.text(shown),
        document(shown),
    ):
        assert not obeyed(written)


def test_hostile_names_values_and_keys_are_shown_on_one_line_each() -> None:
    rows: tuple[RowChange, ...] = (added({HOSTILE: HOSTILE}), removed({"id": HOSTILE}))
    shown = text(result(*rows, dataset=HOSTILE, notices=(HOSTILE,)))
    assert "\\u202eevil" in shown
    assert not obeyed(shown)
