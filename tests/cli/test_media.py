"""What commands say of pictures that changed under their names."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import orjson
import pytest

from tests.cli.conftest import Dslineage
from tests.cli.results import HOSTILE, obeyed

EVIL = "".join(char for char in HOSTILE if char not in "/\0")
"""A name that a file can have."""


@pytest.fixture
def cats(git_repo: Path, monkeypatch: pytest.MonkeyPatch, dslineage: Dslineage) -> Path:
    """Two versions of three examples: a picture with a hostile name changed between them."""
    monkeypatch.chdir(git_repo)
    turns = [{"role": "user", "content": "<image>?"}, {"role": "assistant", "content": "A cat."}]
    names = [[f"img/{EVIL}.png"], ["img/1.png"], ["https://example.org/2.png"]]
    rows = [{"messages": turns, "images": images} for images in names]
    (git_repo / "img").mkdir()
    (git_repo / "cats.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    for picture in (b"old", b"new"):
        (git_repo / f"img/{EVIL}.png").write_bytes(picture)
        (git_repo / "img/1.png").write_bytes(b"same")
        dslineage("init")
        assert dslineage("add", "cats.jsonl", "--no-metrics").code == 0
        assert dslineage("commit", "-m", picture.decode(), "--no-metrics").code == 0
    return git_repo


def test_a_diff_says_how_many_examples_show_other_media(cats: Path, dslineage: Dslineage) -> None:
    said = "1 example shows other media under the same names"
    shown = dslineage("diff", "v1", "v2")
    assert said in shown.out
    assert "dslineage diff cats@v1 cats@v2 --rows" in shown.out
    assert said in dslineage("diff", "v1", "v2", "--format", "md").out
    assert dslineage("diff", "v1", "v2", "--json").json["media_changed"] == 1
    assert dslineage("diff", "v1", "v2", "--exit-code").code == 1
    assert dslineage("diff", "v2", "v2", "--exit-code").code == 0


def test_the_examples_are_listed_with_names_that_nobody_obeys(
    cats: Path, dslineage: Dslineage
) -> None:
    for form in ("text", "md"):
        shown = dslineage("diff", "v1", "v2", "--rows", "--format", form)
        assert "other media" in shown.out
        assert "row 1" in shown.out
        assert not obeyed(shown.out)
    sheet = list(csv.DictReader(io.StringIO(dslineage("diff", "v1", "v2", "--format", "csv").out)))
    assert [(row["change"], row["kinds"], row["before_position"]) for row in sheet] == [
        ("media", "media", "0")
    ]
    (row,) = dslineage("diff", "v1", "v2", "--rows", "--json").json["media_rows"]
    assert [medium["name"] for medium in row["media"]] == [f"img/{EVIL}.png"]


def test_status_show_and_add_say_what_changed_and_what_was_not_read(
    cats: Path, dslineage: Dslineage
) -> None:
    assert dslineage("show", "v2").out.count("2 read, 1 not read (1 url)") == 1
    media = dslineage("show", "v2", "--json").json["media"]
    assert (media["read"], media["unread"]) == (2, {"url": 1})
    (cats / "img/1.png").unlink()
    shown = dslineage("status")
    assert "modified  1 media changed" in shown.out
    assert dslineage("status", "--json").json["datasets"][0]["media_changed"] == 1
    said = " ".join(dslineage("add", "cats.jsonl", "--no-metrics").out.split())
    assert (
        "2 of 3 media were not read (1 missing, 1 url), such as https://example.org/2.png" in said
    )


def test_media_begin_where_the_option_says(cats: Path, dslineage: Dslineage) -> None:
    (cats / "data").mkdir()
    (cats / "data/others.jsonl").write_bytes((cats / "cats.jsonl").read_bytes())
    added = dslineage("add", "data/others.jsonl", "--media-dir", ".", "--no-metrics", "--json")
    assert added.json["version"]["media"]["folder"] == ".."
    assert added.json["version"]["media"]["read"] == 2
