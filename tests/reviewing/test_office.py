"""Sheets that a real spreadsheet program opened and saved again: LibreOffice, headless."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dslineage.errors import BadDataError
from dslineage.records import StepRecord
from dslineage.repository import Repository
from dslineage.reviewing.population import SampleOptions
from tests.reviewing.sheets import ANSWER, chat, lines, xlsx_rows
from tests.versions.support import Bench

EDITS = 200


class Office:
    """LibreOffice, with a profile of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def saved(self, *sheets: Path, csv: bool = False) -> list[Path]:
        """The sheets as the program writes them, in XLSX, after it has opened them."""
        out = self.folder / "saved"
        program = shutil.which("soffice")
        assert program
        # 44, 34, 76: commas, double quotes, UTF-8; the program then guesses the types of cells.
        reading = ["--infilter=CSV:44,34,76,1"] if csv else []
        subprocess.run(
            [
                program,
                f"-env:UserInstallation={(self.folder / 'profile').as_uri()}",
                "--headless",
                *reading,
                "--convert-to",
                "xlsx:Calc MS Excel 2007 XML",
                "--outdir",
                str(out),
                *map(str, sheets),
            ],
            check=True,
            capture_output=True,
            timeout=300,
        )
        return [out / sheet.with_suffix(".xlsx").name for sheet in sheets]


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed (Debian: libreoffice-calc)")
    return Office(tmp_path_factory.mktemp("office"))


def digests(repo: Repository, ref: str) -> list[str]:
    with repo.snapshot(ref) as snapshot:
        return [digest.tobytes().hex() for digest in snapshot.digests(snapshot.rows())]


def step_of(bench: Bench) -> StepRecord:
    (path,) = (bench.root / ".dslineage/records/step/train").glob("*.json")
    return StepRecord.from_bytes(path.read_bytes(), path.name)


def test_200_rows_edited_in_a_spreadsheet_come_home_as_one_version(
    office: Office, tmp_path: Path, shared_data: Path
) -> None:
    bench = Bench.make(tmp_path / "repo")
    source = (shared_data / "gsm8k" / "test.jsonl").read_bytes()
    bench.put("train.jsonl", source)
    bench.repo.add(["train.jsonl"], measure=False)
    bench.git("commit", "-q", "-m", "data")
    sheet, edited = bench.root / "look.xlsx", bench.root / "edited.xlsx"
    resorted = bench.root / "sorted.xlsx"
    bench.repo.sample(output=sheet, options=SampleOptions(count=EDITS + 50, seed=7))
    with xlsx_rows(sheet, edited) as page:
        assert len(page) == EDITS + 50
        for row in range(1, EDITS + 1):
            page[row, "answer"] = f"{page[row, 'answer']}\nChecked: “{row}”, by hand."
            page[row, "reviewer"] = "Grace Hopper"
    with xlsx_rows(edited, resorted) as page:
        page.sort("question")
        for _ in range(20):
            unedited = next(row for row in range(1, len(page) + 1) if page[row, "reviewer"] is None)
            page.delete(unedited)
    as_saved, as_sorted = office.saved(edited, resorted)
    assert as_saved.read_bytes() != edited.read_bytes()

    twin = bench.copy(tmp_path / "twin")
    done = bench.repo.apply(as_saved, measure=False)
    assert (done.edited, done.dropped, done.editors, done.left) == (EDITS, 0, ("Grace Hopper",), ())
    assert done.version is not None
    record = done.version.record
    (change,) = record.change.values()
    counts = [change[name] for name in ("unchanged", "edited", "removed", "added")]
    assert counts == [1319 - EDITS, EDITS, 0, 0]
    step = step_of(bench)
    assert record.generated_by == step.id
    assert step.inputs == record.parents
    assert step.parameters["editors"] == ["Grace Hopper"]
    assert len(step.parents) == EDITS
    older, newer = digests(bench.repo, "v1"), digests(bench.repo, "v2")
    assert {child: of[0] for child, of in step.parents.items()} == {
        now: was for was, now in zip(older, newer, strict=True) if was != now
    }
    before, after = source.splitlines(), (bench.root / "train.jsonl").read_bytes().splitlines()
    assert sum(was != now for was, now in zip(before, after, strict=True)) == EDITS

    again = bench.repo.apply(as_saved, measure=False)
    assert (again.version, again.edited, again.done) == (None, 0, EDITS)
    assert bench.labels("train") == ["v1", "v2"]
    assert bench.problems() == []

    # The rows sorted, and some that nobody edited deleted, it is the same edit.
    other = twin.repo.apply(as_sorted, measure=False)
    assert other.version is not None
    assert other.version.record.content_hash == record.content_hash
    assert (twin.root / "train.jsonl").read_bytes() == (bench.root / "train.jsonl").read_bytes()


def test_a_sheet_that_was_only_opened_and_saved_changes_nothing(
    office: Office, tmp_path: Path
) -> None:
    texts = [
        "1-2", "007", "12345678901234567890", "MARCH1", "true", "10:30", "  spaces  ", "a\r\nb",
        "=SUM(A1)", "'=quoted", "naïve “q” 日本 😀", "\ufeffmarked", "a\tb\nc", "1.20", "1e5", "",
        "x" * 40_000, "_x0041_", "\x07bell", "-5", "@me", "50%", "a\rb", "e\u0301", "\xa0", "\n",
    ]  # fmt: skip
    bench = Bench.make(tmp_path / "repo")
    bench.put("train.jsonl", lines([chat(n, text=text) for n, text in enumerate(texts)]))
    bench.repo.add(["train.jsonl"], measure=False)
    sheet = bench.root / "look.xlsx"
    notices = bench.repo.sample(output=sheet).notices
    assert notices == ("4 texts do not fit into a cell: they are read-only, and say so",)
    done = bench.repo.apply(office.saved(sheet)[0], measure=False)
    assert (done.version, done.left, done.done) == (None, (), 0)


def test_what_the_program_guesses_about_a_csv_is_refused_row_by_row(
    office: Office, tmp_path: Path
) -> None:
    texts = {
        "007": "number", "12345678901234567890": "number", "1.20": "number", "true": "boolean",
        "50%": "number", "1,000": "number", "10:30": "date", "3/4": "date", "=1+1": "", "plain": "",
    }  # fmt: skip
    bench = Bench.make(tmp_path / "repo")
    bench.put("train.jsonl", lines([chat(n, text=text) for n, text in enumerate(texts)]))
    bench.repo.add(["train.jsonl"], measure=False)
    sheet = bench.root / "look.csv"
    bench.repo.sample(output=sheet)
    (guessed,) = office.saved(sheet, csv=True)
    with xlsx_rows(guessed) as page:
        for row in range(1, len(page) + 1):
            page[row, ANSWER] = f"Seen: {page[row, 'text']!r}"
    source = (bench.root / "train.jsonl").read_bytes()
    with pytest.raises(BadDataError, match="8 of the 10 rows") as refused:
        bench.repo.apply(guessed, measure=False)
    assert {fault.path for fault in refused.value.faults} == {"text"}
    assert sorted(fault.code for fault in refused.value.faults) == sorted(
        filter(None, texts.values())
    )
    assert (bench.root / "train.jsonl").read_bytes() == source
    done = bench.repo.apply(guessed, partial=True, measure=False)
    assert (done.edited, len(done.left)) == (2, 8)
