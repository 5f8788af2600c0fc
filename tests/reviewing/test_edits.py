"""Edits that come home: what changes, what stays byte for byte, and what is refused."""

from __future__ import annotations

import datetime
import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from dslineage.errors import BadDataError, Fault, NotFoundError, ResourceError, UsageError
from dslineage.reviewing.population import SampleOptions
from dslineage.store.files import write_file
from tests.reviewing.sheets import ANSWER, Row, chat, edit_csv, lines, xlsx_rows
from tests.versions.support import Bench


def sampled(bench: Bench, name: str = "look.csv", count: int = 10, *refs: str) -> Path:
    path = bench.root / name
    bench.repo.sample(*refs, output=path, options=SampleOptions(count=count))
    return path


def edited(rows: list[Row]) -> None:
    for row in rows:
        row[ANSWER] += " Indeed."


def faults(bench: Bench, sheet: Path, **options: Any) -> list[Fault]:
    before = (bench.root / "train.jsonl").read_bytes()
    with pytest.raises(BadDataError, match="nothing was changed") as refused:
        bench.repo.apply(sheet, measure=False, **options)
    assert (bench.root / "train.jsonl").read_bytes() == before
    assert len(bench.labels("train")) == len({*bench.labels("train")})
    return list(refused.value.faults)


def test_only_the_edited_texts_change_in_the_file(bench: Bench) -> None:
    source = (bench.root / "train.jsonl").read_bytes()
    sheet = sampled(bench)
    edit_csv(sheet, edited)
    done = bench.repo.apply(sheet, editor="Grace", message="sure", measure=False)
    assert done.version is not None
    assert (done.edited, done.editors, done.version.record.message) == (10, ("Grace",), "sure")
    now = (bench.root / "train.jsonl").read_bytes()
    assert now.replace(b" Indeed.", b"") == source
    assert now.count(b" Indeed.") == 10
    assert bench.problems() == []


def test_drop_removes_the_row_and_no_other(bench: Bench) -> None:
    source = (bench.root / "train.jsonl").read_bytes().splitlines()
    sheet = sampled(bench)
    dropped = []

    def drop(rows: list[Row]) -> None:
        for row in rows[:3]:
            row["verdict"] = " Drop "
            dropped.append(row["id"])
        rows[3]["verdict"] = "keep"

    edit_csv(sheet, drop)
    done = bench.repo.apply(sheet, measure=False)
    assert (done.edited, done.dropped) == (0, 3)
    kept = [line for line in source if json.loads(line)["id"] not in dropped]
    assert (bench.root / "train.jsonl").read_bytes().splitlines() == kept
    assert bench.repo.apply(sheet, measure=False).done == 3


def test_the_same_sheet_twice_does_nothing_even_to_a_twin_of_an_edited_example(
    tmp_path: Path,
) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.put("train.jsonl", lines([chat(1), chat(2), chat(1), chat(1)]))
    bench.repo.add(["train.jsonl"], measure=False)
    sheet = sampled(bench, "look.csv", 2)

    def one(rows: list[Row]) -> None:
        row = next(row for row in rows if row["id"] == "q1")
        row[ANSWER] = "Two."

    edit_csv(sheet, one)
    assert bench.repo.apply(sheet, measure=False).edited == 1
    again = bench.repo.apply(sheet, measure=False)
    assert (again.version, again.done) == (None, 1)
    text = (bench.root / "train.jsonl").read_text()
    assert (text.count('"Two."'), text.count("1 and 1 make 2.")) == (1, 2)


def test_a_sheet_of_an_older_version_applies_where_its_examples_still_stand(bench: Bench) -> None:
    sheet = sampled(bench)
    edit_csv(sheet, edited)
    other = sampled(bench, "other.csv", 60)

    def one_of_them(rows: list[Row]) -> None:
        target = min(json.loads(line)["id"] for line in chosen)
        next(row for row in rows if row["id"] == target)[ANSWER] = "Somebody else was here."

    chosen: list[str] = []

    def remember(rows: list[Row]) -> None:
        chosen.extend(json.dumps({"id": row["id"]}) for row in rows)

    edit_csv(sheet, remember)
    edit_csv(other, one_of_them)
    bench.repo.apply(other, measure=False)
    (conflict,) = faults(bench, sheet)
    assert (conflict.code, conflict.path) == ("conflict", "base")
    assert "not in the current version any more" in conflict.message
    done = bench.repo.apply(sheet, partial=True, measure=False)
    assert (done.edited, [fault.code for fault in done.left]) == (9, ["conflict"])
    assert bench.labels("train") == ["v1", "v2", "v3"]
    rest = bench.repo.apply(sheet, partial=True, measure=False)
    assert (rest.version, rest.done, len(rest.left)) == (None, 9, 1)


def test_a_row_that_was_applied_with_one_text_conflicts_with_another(bench: Bench) -> None:
    sheet = sampled(bench)
    edit_csv(sheet, edited)
    bench.repo.apply(sheet, measure=False)
    edit_csv(sheet, lambda rows: rows[0].update({ANSWER: "On second thoughts, no."}))
    (conflict,) = faults(bench, sheet)
    assert "applied before, with another text" in conflict.message


def test_rows_may_be_sorted_and_deleted(bench: Bench) -> None:
    sheet = sampled(bench)

    def shuffle(rows: list[Row]) -> list[Row]:
        rows[0][ANSWER] = "Edited."
        rest = rows[:4]
        random.Random(3).shuffle(rest)
        return rest

    edit_csv(sheet, shuffle)
    done = bench.repo.apply(sheet, measure=False)
    assert (done.edited, done.dropped, done.version and done.version.record.examples) == (1, 0, 60)


def test_one_column_sorted_without_the_others_is_refused(bench: Bench) -> None:
    sheet = sampled(bench)

    def sort(rows: list[Row]) -> None:
        for row, text in zip(rows, sorted(row[ANSWER] for row in rows), strict=True):
            row[ANSWER] = text

    edit_csv(sheet, sort)
    found = faults(bench, sheet)
    assert {fault.code for fault in found} == {"moved"}
    assert len(found) >= 8


@pytest.mark.parametrize(
    ("text", "now", "habit"),
    [
        ("1-2", "2024-02-01", "date"),
        ("007", "7", "number"),
        ("12345678901", "1.23457E+10", "number"),
        ('say "hi"', "say “hi”", "quotes"),
        ("naïve", "naÃ¯ve", "encoding"),
        ("日本", "??", "encoding"),
        ("two  ", "two", "spaces"),
        ("a\nb", "a\r\nb", "line-ends"),
        ("true", "TRUE", "boolean"),
        ("x" * 32_000, "x" * 255, "cut"),
        ("SUM", "#NAME?", "formula"),
    ],
)
def test_what_a_program_did_by_itself_is_refused_with_its_cell(
    tmp_path: Path, text: str, now: str, habit: str
) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.put("train.jsonl", lines([chat(1, text=text), chat(2, text="other")]))
    bench.repo.add(["train.jsonl"], measure=False)
    sheet = sampled(bench)

    def mangled(rows: list[Row]) -> None:
        next(row for row in rows if row["id"] == "q1")["text"] = now
        next(row for row in rows if row["id"] == "q2")[ANSWER] = "Four."

    edit_csv(sheet, mangled)
    (fault,) = faults(bench, sheet)
    header = sheet.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    assert (fault.code, header[fault.column - 1]) == (habit, "text")
    accepted = bench.repo.apply(sheet, accept=[habit], measure=False)
    assert accepted.edited == (1 if habit == "line-ends" else 2)


def test_cells_that_a_program_typed_anew_are_told_from_edits(bench: Bench) -> None:
    sheet = sampled(bench, "look.xlsx")
    with xlsx_rows(sheet) as page:
        page[1, ANSWER] = datetime.date(2024, 2, 1)
        page[2, ANSWER] = "=1+1"
        page[3, ANSWER] = True
        page[4, ANSWER] = 12
        page[5, "messages[0].content"] = None
    found = faults(bench, sheet)
    assert [(fault.line, fault.code) for fault in found] == [
        (2, "date"), (3, "formula"), (4, "boolean"),
    ]  # fmt: skip
    done = bench.repo.apply(sheet, partial=True, measure=False)
    assert done.edited == 2
    contents = [one["messages"][1]["content"] for one in bench.repo.load("train")]
    assert contents.count("12") == 1


def test_a_file_saved_in_a_code_page_loses_no_character_silently(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.put("train.jsonl", lines([chat(1, text="naïve"), chat(2, text="plain")]))
    bench.repo.add(["train.jsonl"], measure=False)
    sheet = sampled(bench)
    text = sheet.read_text(encoding="utf-8-sig").replace("make 4.", "make four.")
    sheet.write_bytes(text.encode("cp1252"))
    (fault,) = faults(bench, sheet)
    assert (fault.code, fault.path) == ("encoding", "text")
    sheet.write_bytes(text.encode("utf-16"))
    assert bench.repo.apply(sheet, measure=False).edited == 1


def test_crlf_and_formulas_and_texts_too_long_for_a_cell_survive_an_edit(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    long = "x" * 40_000
    row = {"a": "one\r\ntwo", "b": "=1+1", "c": long, "d": "'=kept", "e": "plain"}
    bench.put("train.jsonl", lines([row]))
    bench.repo.add(["train.jsonl"], measure=False)
    for name in ("look.csv", "look.xlsx"):
        sampled(bench, name)
    edit_csv(
        bench.root / "look.csv",
        lambda rows: rows[0].update({"a": "one\n2", "b": "'=2+2", "e": "'=also"}),
    )
    assert bench.repo.apply("look.csv", measure=False).edited == 1
    assert list(bench.repo.load("train")) == [row | {"a": "one\r\n2", "b": "=2+2", "e": "=also"}]
    with xlsx_rows(bench.root / "look.xlsx") as page:
        page[1, "c"] = "shorter"
    (fault,) = faults(bench, bench.root / "look.xlsx")
    assert fault.code == "read-only"


@pytest.mark.parametrize("name", ["t.json", "t.csv", "t.tsv", "t.parquet", "t.arrow"])
def test_every_format_that_can_be_written_takes_edits(tmp_path: Path, name: str) -> None:
    bench = Bench.make(tmp_path / "repo")
    rows = [{"prompt": f"Say {n}, please.", "response": f"{n}\nit is"} for n in range(12)]
    bench.repo.write("t", rows, path=name, measure=False)
    source = (bench.root / name).read_bytes()
    sheet = sampled(bench, "look.csv", 12)

    def change(found: list[Row]) -> None:
        by_prompt = sorted(found, key=lambda row: str(row["prompt"]))
        for row in by_prompt[:2]:
            row["response"] = 'Yes, "really"\nso'
        for row in (*by_prompt[-2:], by_prompt[5]):
            row["verdict"] = "drop"

    edit_csv(sheet, change)
    done = bench.repo.apply(sheet, measure=False)
    assert (done.edited, done.dropped) == (2, 3)
    ordered = sorted(row["prompt"] for row in rows)
    gone = {*ordered[-2:], ordered[5]}
    expected = [
        row | ({"response": 'Yes, "really"\nso'} if row["prompt"] in ordered[:2] else {})
        for row in rows
        if row["prompt"] not in gone
    ]
    assert list(bench.repo.load("t")) == expected
    assert bench.repo.diff("t", "v1", "v2").pairing == {"parent": 2}
    bench.repo.checkout("v1")
    assert (bench.root / name).read_bytes() == source
    assert bench.problems() == []


def test_records_set_apart_and_odd_line_ends_stay_where_they_are(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    one, two, three = lines([chat(1), chat(2), chat(3)]).splitlines()
    bench.put("train.jsonl", one + b"\r\n{broken\n" + two + b" \n\n" + three)
    bench.add("train.jsonl", quarantine=True)
    sheet = sampled(bench)

    def change(rows: list[Row]) -> None:
        for row in rows:
            row["verdict"] = "drop" if row["id"] in ("q1", "q3") else ""

    edit_csv(sheet, change)
    assert bench.repo.apply(sheet, measure=False).dropped == 2
    assert (bench.root / "train.jsonl").read_bytes() == b"{broken\n" + two + b" \n\n"


def test_shards_are_edited_where_they_are(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.put("s/a.jsonl", lines([chat(1), chat(2)]))
    bench.put("s/b.jsonl", lines([chat(3), chat(4)]))
    bench.repo.add(["s"], measure=False)
    untouched = (bench.root / "s/a.jsonl").stat().st_ino
    sheet = sampled(bench)
    edit_csv(
        sheet, lambda rows: next(r for r in rows if r["id"] == "q4").update({ANSWER: "Eight."})
    )
    bench.repo.apply(sheet, measure=False)
    assert "Eight." in (bench.root / "s/b.jsonl").read_text()
    assert (bench.root / "s/a.jsonl").stat().st_ino == untouched


def test_an_example_without_texts_is_edited_as_json(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.put("n.jsonl", b'{ "a" : 1.50, "b" : [2] }\n{"a": 2}\n')
    bench.repo.add(["n.jsonl"], measure=False)
    sheet = sampled(bench)

    def change(rows: list[Row]) -> None:
        row = next(row for row in rows if "[2]" in row["(example)"])
        row["(example)"] = '{"a": 3, "b": "text"}'

    edit_csv(sheet, change)
    bench.repo.apply(sheet, measure=False)
    assert (bench.root / "n.jsonl").read_bytes() == b'{"a": 3, "b": "text"}\n{"a": 2}\n'
    sheet = sampled(bench, "again.csv")
    edit_csv(sheet, lambda rows: next(r for r in rows if r["(example)"]).update({"(example)": "{"}))
    with pytest.raises(BadDataError) as refused:
        bench.repo.apply(sheet, measure=False)
    assert refused.value.faults[0].code == "truncated"


def test_a_changed_data_file_is_no_place_for_edits(bench: Bench) -> None:
    sheet = sampled(bench)
    edit_csv(sheet, edited)
    mine = (bench.root / "train.jsonl").read_bytes() + lines([chat(99)])
    (bench.root / "train.jsonl").write_bytes(mine)
    with pytest.raises(UsageError, match="has changes that are in no version"):
        bench.repo.apply(sheet, measure=False)
    assert (bench.root / "train.jsonl").read_bytes() == mine
    (bench.root / "train.jsonl").unlink()
    with pytest.raises(UsageError, match="is not there") as missing:
        bench.repo.apply(sheet, measure=False)
    assert missing.value.hint == "dslineage checkout train@latest"


def test_what_cannot_be_applied_is_said(bench: Bench, tmp_path: Path) -> None:
    sheet = sampled(bench)

    def spoil(rows: list[Row]) -> None:
        rows[0]["verdict"] = "kep"
        rows[1]["base"] = "7"
        rows[2]["_cells"] = ""
        rows[3]["row"] = rows[4]["row"]

    edit_csv(sheet, spoil)
    found = [(fault.line, fault.code) for fault in faults(bench, sheet)]
    assert found == [(2, "verdict"), (3, "no-example"), (4, "no-example"), (5, "repeated"),
                     (6, "repeated")]  # fmt: skip
    (tmp_path / "no.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BadDataError, match="no column row, verdict"):
        bench.repo.apply(tmp_path / "no.csv")
    with pytest.raises(NotFoundError):
        bench.repo.apply("missing.xlsx")
    (tmp_path / "no.ods").write_bytes(b"")
    with pytest.raises(UsageError, match="no sheet that can be read"):
        bench.repo.apply(tmp_path / "no.ods")


def test_compressed_files_are_read_and_not_written(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.put("train.jsonl.gz", gzip.compress(lines([chat(1), chat(2)])))
    bench.repo.add(["train.jsonl.gz"], measure=False)
    sheet = sampled(bench)
    edit_csv(sheet, edited)
    with pytest.raises(UsageError, match="can be read but not written"):
        bench.repo.apply(sheet, measure=False)


def test_a_draft_that_edits_began_with_is_kept_and_so_are_the_edits(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.put("train.jsonl", lines([chat(1), chat(2)]))
    draft = bench.repo.add(["train.jsonl"], measure=False).version
    sheet = sampled(bench)
    edit_csv(sheet, edited)
    applied = bench.repo.apply(sheet, measure=False).version
    assert applied is not None
    assert applied.record.parents == (draft.record.id,)
    bench.put("train.jsonl", lines([chat(1), chat(2), chat(3)]))
    bench.repo.add(["train.jsonl"], measure=False)
    assert bench.labels("train") == ["v1", "v2", "v3"]
    assert bench.problems() == []


def test_edits_that_cannot_be_recorded_leave_the_file_as_it_was(bench: Bench) -> None:
    sheet = sampled(bench, "look.jsonl")
    rows = [json.loads(line) for line in sheet.read_text().splitlines()]
    source = (bench.root / "train.jsonl").read_bytes()
    sheet.write_text("".join(json.dumps(row | {"verdict": "drop"}) + "\n" for row in rows[:10]))
    bench.put("train.jsonl", b"".join(source.splitlines(keepends=True)))
    assert bench.repo.apply(sheet, measure=False).dropped == 10
    everything = sampled(bench, "all.jsonl", 60)
    rows = [json.loads(line) | {"verdict": "drop"} for line in everything.read_text().splitlines()]
    everything.write_text("".join(json.dumps(row) + "\n" for row in rows))
    before = (bench.root / "train.jsonl").read_bytes()
    with pytest.raises(UsageError, match="every example of"):
        bench.repo.apply(everything, measure=False)
    assert (bench.root / "train.jsonl").read_bytes() == before


def test_a_file_of_which_only_an_index_is_kept_is_edited_in_place(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    source = lines([chat(1), chat(2)])
    bench.add("train.jsonl", source, store="index")
    sheet = sampled(bench)
    edit_csv(sheet, edited)
    done = bench.repo.apply(sheet, measure=False)
    assert done.edited == 2
    assert done.version is not None
    assert done.version.record.store == "index"
    assert (bench.root / "train.jsonl").read_bytes().replace(b" Indeed.", b"") == source


def test_a_writer_that_is_stopped_leaves_no_step_and_the_file_as_it_was(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = sampled(bench)
    edit_csv(sheet, edited)
    before = bench.files()
    source = (bench.root / "train.jsonl").read_bytes()

    def stopped(path: Path, data: bytes, **options: Any) -> None:
        if path.name.endswith(".dsl.json"):
            raise ResourceError("no space left")
        write_file(path, data, **options)

    monkeypatch.setattr("dslineage.versions.publishing.write_file", stopped)
    with pytest.raises(ResourceError):
        bench.repo.apply(sheet, measure=False)
    monkeypatch.undo()
    assert (bench.root / "train.jsonl").read_bytes() == source
    records = {name for name in bench.files() - before if name.startswith(".dslineage")}
    assert records == set()
    assert bench.repo.apply(sheet, measure=False).edited == 10
    assert bench.problems() == []
