"""Exports: a version in another format, a part of a diff, a version with changes undone."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dslineage.diff.options import DiffOptions
from dslineage.diff.result import KINDS
from dslineage.errors import UsageError
from dslineage.repository import Repository

Rows = Sequence[Mapping[str, Any]]

BEFORE: Rows = [
    {"prompt": "Name a colour.", "response": "Red is a colour that many people like."},
    {"prompt": "Name a planet.", "response": "Saturn is the planet with the widest rings."},
    {"prompt": "Name a river.", "response": "The Danube runs through ten countries."},
    {"prompt": "Name a metal.", "response": "Copper is a metal that conducts well."},
]
AFTER: Rows = [
    {"prompt": "Name a metal.", "response": "Copper is a metal that conducts  well."},
    {"prompt": "Name a planet.", "response": "Saturn has rings, and Titan for a moon."},
    {"prompt": "Name a tree.", "response": "The larch drops its needles in autumn."},
    {"prompt": "Name a colour.", "response": "Red is a colour that many people like."},
]


def record(repo: Repository, *states: Rows) -> None:
    """Record and commit states of the data set `train`."""
    for rows in states:
        repo.write("train", rows)
        repo.commit("a state")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def prompts(path: Path) -> list[str]:
    return [row["prompt"] for row in lines(path)]


@pytest.mark.parametrize("name", ["t.jsonl", "t.json", "t.csv", "t.tsv", "t.parquet", "t.arrow"])
def test_a_version_written_in_any_format_and_added_again_has_its_content_hash(
    repo: Repository, name: str
) -> None:
    record(repo, BEFORE)
    result = repo.export("v1", output=name)
    again = repo.add([name], name="again").version.record
    assert result.examples == 4
    assert result.bytes == (repo.root / name).stat().st_size
    assert again.content_hash == result.content_hash == repo.show("train@v1").record.content_hash
    assert again.order_hash == repo.show("train@v1").record.order_hash


@pytest.mark.parametrize(
    "name",
    [
        "gsm8k/test.jsonl",
        "toolformer/toolformer-similarity-0.6.json",
        "prompts/prompts-r04-94deb7a7.csv",
        "selfinstruct_seed_tasks.jsonl",
        "llamafactory/glaive_toolcall_en_demo.json",
        "llamafactory/dpo_en_demo.json",
        "llamafactory/kto_en_demo.json",
        "llamafactory/v1_sft_demo.jsonl",
        "llamafactory/mllm_demo.json",
    ],
)
@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_real_files_keep_their_content_hash_through_an_export(
    repo: Repository, shared_data: Path, name: str, suffix: str
) -> None:
    result = repo.export(str(shared_data / name), output=f"out.{suffix}")
    again = repo.add([f"out.{suffix}"]).version.record
    with repo.snapshot(str(shared_data / name)) as source:
        assert again.content_hash == source.content_hash == result.content_hash


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner),
    max_leaves=6,
)
examples = st.lists(
    st.dictionaries(st.sampled_from(["id", "prompt", "response", "meta"]), json_values),
    min_size=1,
    max_size=6,
)


@given(rows=examples, suffix=st.sampled_from(["jsonl", "json", "parquet", "arrow"]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_examples_are_an_export_read_again_is_the_same_set(
    rows: Rows, suffix: str
) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        subprocess.run(["git", "init", "-q", str(root)], check=True)
        repo = Repository.open(root)
        recorded = repo.write("train", rows).version.record
        result = repo.export("train", output=f"out.{suffix}")
        with repo.snapshot(f"./out.{suffix}") as again:
            assert again.content_hash == recorded.content_hash == result.content_hash


def test_only_what_was_added_removed_or_edited_is_written_in_file_order(repo: Repository) -> None:
    record(repo, BEFORE, AFTER)
    for only, expected in {
        "added": ["Name a tree."],
        "removed": ["Name a river."],
        "edited": ["Name a metal.", "Name a planet."],
    }.items():
        repo.export("v1", "v2", output=f"{only}.jsonl", only=only)  # type: ignore[arg-type]
        assert prompts(repo.root / f"{only}.jsonl") == expected
    repo.export("v1", "v2", output="older.jsonl", only="edited", side="from")
    assert lines(repo.root / "older.jsonl") == [BEFORE[1], BEFORE[3]]


def test_without_a_kind_of_edit_the_older_text_stands_in_its_place(repo: Repository) -> None:
    record(repo, BEFORE, AFTER)
    repo.export("v1", "v2", output="out.jsonl", without=["formatting"])
    assert lines(repo.root / "out.jsonl") == [BEFORE[3], *AFTER[1:]]


def test_without_added_leaves_out_and_without_removed_puts_back_at_the_end(
    repo: Repository,
) -> None:
    record(repo, BEFORE, AFTER)
    repo.export("v1", "v2", output="out.jsonl", without=["added", "removed"])
    assert lines(repo.root / "out.jsonl") == [AFTER[0], AFTER[1], AFTER[3], BEFORE[2]]


rows = st.lists(
    st.fixed_dictionaries(
        {"prompt": st.text("abcd ", min_size=1), "response": st.text("wxyz ", min_size=1)}
    ),
    min_size=1,
    max_size=12,
)


@given(before=rows, after=rows)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_with_every_change_undone_the_newer_version_is_the_older_one(
    before: Rows, after: Rows
) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        subprocess.run(["git", "init", "-q", str(root)], check=True)
        repo = Repository.open(root)
        (root / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in before))
        (root / "b.jsonl").write_text("".join(json.dumps(row) + "\n" for row in after))
        everything = ["edited", "added", "removed"]
        result = repo.export("./a.jsonl", "./b.jsonl", output="c.jsonl", without=everything)
        with repo.snapshot("./a.jsonl") as older, repo.snapshot("./c.jsonl") as undone:
            assert undone.content_hash == older.content_hash == result.content_hash


def test_the_wrong_decodings_of_a_real_filter_step_can_be_taken_back(
    repo: Repository, shared_data: Path
) -> None:
    older, newer = (
        str(shared_data / "toolformer" / f"toolformer-{name}.json")
        for name in ("dedupe-only", "similarity-0.9")
    )
    result = repo.export(older, newer, output="sound.jsonl", without=["encoding"])
    assert result.examples == 5959
    assert not any("undone as well" in notice for notice in result.notices)
    left = repo.diff(older, "./sound.jsonl")
    assert (left.unchanged, left.edited, left.removed, left.added) == (5959, 0, 1714, 0)


def test_what_is_undone_keeps_the_newer_schema(repo: Repository, shared_data: Path) -> None:
    folder = shared_data / "prompts"
    older, newer = (
        str(folder / "prompts-r03-93de120f.csv"),
        str(folder / "prompts-r04-94deb7a7.csv"),
    )
    repo.export(older, newer, output="out.jsonl", without=["edited", "removed"])
    found = lines(repo.root / "out.jsonl")
    assert {tuple(sorted(row)) for row in found} == {("act", "for_devs", "prompt")}
    left = repo.diff(older, "./out.jsonl")
    assert (left.unchanged, left.edited, left.removed, left.added) == (176, 0, 0, 36)


def test_a_renamed_field_keeps_its_newer_name_where_an_answer_is_undone(repo: Repository) -> None:
    renamed = [{"prompt": row["prompt"], "answer": row["response"]} for row in BEFORE]
    renamed[0]["answer"] = "Ultramarine was once dearer than gold."
    record(repo, BEFORE, renamed)
    repo.export("v1", "v2", output="out.jsonl", without=["edited"])
    assert lines(repo.root / "out.jsonl")[0] == {
        "prompt": "Name a colour.",
        "answer": "Red is a colour that many people like.",
    }


def test_edits_that_were_undone_along_with_others_are_counted(repo: Repository) -> None:
    keyed = [{"id": number, **row, "source": "web"} for number, row in enumerate(BEFORE)]
    newer = [dict(row) for row in keyed]
    newer[2]["response"], newer[2]["source"] = "The Rhine ends in a wide delta.", "book"
    record(repo, keyed, newer)
    result = repo.export("v1", "v2", output="out.jsonl", without=["response"])
    assert "an edit is undone as a whole, so these were undone as well: metadata 1" in (
        result.notices
    )


def test_older_examples_of_another_family_are_not_mixed_in(repo: Repository) -> None:
    chats = [
        {
            "messages": [
                {"role": "user", "content": row["prompt"]},
                {"role": "assistant", "content": row["response"]},
            ]
        }
        for row in AFTER
    ]
    record(repo, BEFORE, chats)
    with pytest.raises(UsageError, match="schemas of different families"):
        repo.export("v1", "v2", output="out.jsonl", without=["response"])
    assert not (repo.root / "out.jsonl").exists()


def test_a_file_that_is_there_is_replaced_only_by_force(repo: Repository) -> None:
    record(repo, BEFORE)
    (repo.root / "out.jsonl").write_text("mine\n")
    with pytest.raises(UsageError, match=r"out\.jsonl exists already"):
        repo.export("v1", output="out.jsonl")
    assert (repo.root / "out.jsonl").read_text() == "mine\n"
    repo.export("v1", output="out.jsonl", force=True)
    assert lines(repo.root / "out.jsonl") == list(BEFORE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"output": "out.xml"}, "does not say a format"),
        ({"output": "out.jsonl.gz"}, "does not say a format"),
        ({"output": "out.jsonl", "format": "xml"}, "unknown format 'xml'"),
        ({"output": "out.jsonl", "neutralise": True}, "only CSV and TSV need that"),
        ({"output": "out.jsonl", "newer": "v2"}, "of two states, say what to write"),
        ({"output": "out.jsonl", "newer": "v2", "only": "moved"}, "no examples are 'moved'"),
        ({"output": "out.jsonl", "newer": "v2", "without": ["typos"]}, "unknown kind 'typos'"),
        (
            {"output": "out.jsonl", "newer": "v2", "without": ["prompt"], "only": "added"},
            "do not fit together",
        ),
    ],
)
def test_a_call_that_makes_no_sense_writes_nothing(
    repo: Repository, arguments: dict[str, Any], message: str
) -> None:
    record(repo, BEFORE, AFTER)
    before = sorted(path.name for path in repo.root.iterdir())
    with pytest.raises(UsageError, match=message):
        repo.export(*[ref for ref in ("v1", arguments.pop("newer", None)) if ref], **arguments)
    assert sorted(path.name for path in repo.root.iterdir()) == before


def test_a_data_set_and_a_version_are_one_reference(repo: Repository) -> None:
    record(repo, BEFORE, AFTER)
    repo.export("train", "v1", output="out.jsonl")
    assert lines(repo.root / "out.jsonl") == list(BEFORE)


def test_one_reference_with_only_is_compared_with_the_working_file(repo: Repository) -> None:
    record(repo, BEFORE)
    (repo.root / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in AFTER))
    repo.export("train@v1", output="new.jsonl", only="added")
    assert prompts(repo.root / "new.jsonl") == ["Name a tree."]


def test_quarantined_lines_are_not_exported_and_that_is_said(
    repo: Repository, shared_data: Path
) -> None:
    from dslineage.versions.options import ReadOptions

    shutil.copyfile(shared_data / "prompts" / "prompts-r02-f8fef2d0.csv", repo.root / "p.csv")
    recorded = repo.add(["p.csv"], options=ReadOptions(quarantine=True)).version.record
    result = repo.export("p", output="out.csv")
    assert (result.examples, recorded.quarantined) == (recorded.examples, 3)
    assert result.notices == ("3 quarantined spans are no examples, and are not in the file",)


def test_cells_that_a_spreadsheet_would_run_are_defused_on_request(repo: Repository) -> None:
    record(repo, [{"prompt": "=1+1", "response": "two"}])
    result = repo.export("v1", output="out.csv", neutralise=True)
    assert (repo.root / "out.csv").read_text() == "prompt,response\n'=1+1,two\n"
    assert result.notices == ("1 cells have a ' in front so that no spreadsheet runs them",)


def test_the_key_of_the_comparison_decides_what_counts_as_edited(repo: Repository) -> None:
    one = [{"name": "a", "text": "An owl hunts at night."}]
    other = [{"name": "a", "text": "Glaciers calve into the sea in summer."}]
    record(repo, one, other)
    keyed = DiffOptions(key="name")
    edited = repo.export("v1", "v2", output="e.jsonl", only="edited", options=keyed)
    unkeyed = repo.export("v1", "v2", output="f.jsonl", only="edited")
    assert (edited.examples, unkeyed.examples) == (1, 0)


def test_every_kind_of_edit_can_be_undone_by_its_name(repo: Repository) -> None:
    record(repo, BEFORE, AFTER)
    for kind in KINDS:
        repo.export("v1", "v2", output=f"{kind}.jsonl", without=[kind])
    same = {kind for kind in KINDS if lines(repo.root / f"{kind}.jsonl") == list(AFTER)}
    assert set(KINDS) - same == {"response", "formatting"}


def test_a_plain_file_is_converted_without_a_version(repo: Repository) -> None:
    def rows() -> Iterator[str]:
        yield "prompt,response\n"
        yield from (f'{row["prompt"]},"{row["response"]}"\n' for row in BEFORE)

    (repo.root / "plain.csv").write_text("".join(rows()))
    repo.export("./plain.csv", output="out.jsonl")
    assert lines(repo.root / "out.jsonl") == list(BEFORE)
    assert repo.log().versions == ()
