"""`sample`, `review` and `apply` as a person types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Dslineage
from tests.reviewing.sheets import edit_csv


@pytest.fixture
def here(support: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(support)
    return support


def test_a_sheet_goes_out_and_comes_home(here: Path, dslineage: Dslineage) -> None:
    ran = dslineage("sample", "v3..v4", "--n", "12", "-o", "look.csv")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("wrote look.csv  12 rows\n  added            5 of 78\n")
    assert ran.out.endswith("next: dslineage apply look.csv\n")

    def fill(rows: list[dict[str, str]]) -> None:
        answered = [row for row in rows if row["base"] and row["messages[1].content"]]
        answered[0]["messages[1].content"] = "Ask \x1b[31mus\x1b[0m."
        answered[1]["verdict"] = "drop"
        answered[2]["verdict"] = "keep"
        for row in answered[:3]:
            row["reviewer"] = "Grace"

    edit_csv(here / "look.csv", fill)
    assert dslineage("review", "import", "look.csv", "--json").json["verdicts"] == {"Grace": 2}
    assert "Grace 2" in dslineage("review", "show").out
    ran = dslineage("apply", "look.csv", "--no-metrics")
    assert ran.out.startswith("support v5 (")
    assert "  1 edited example, 1 dropped, by Grace\n" in ran.out
    again = dslineage("apply", "look.csv", "--json").json
    assert (again["version"], again["done"]) == (None, 2)
    newer = dslineage("review", "show", "support").out
    assert newer.startswith("nobody reviewed support v5 (")
    assert newer.endswith("next: dslineage review show\n")


def test_what_was_mangled_is_listed_and_the_exit_code_says_bad_data(
    here: Path, dslineage: Dslineage
) -> None:
    dslineage("sample", "--n", "5", "-o", "look.csv")

    def mangle(rows: list[dict[str, str]]) -> None:
        rows[0]["messages[0].content"] += "  "
        rows[1]["messages[0].content"] = "Edited."

    edit_csv(here / "look.csv", mangle)
    ran = dslineage("apply", "look.csv")
    assert ran.code == 3
    assert ran.err.startswith("error: 1 of the 5 rows of look.csv cannot be applied; nothing was")
    assert "look.csv:2:" in ran.err
    assert "hint: mend these cells, or apply the other rows with --partial" in ran.err
    document = dslineage("apply", "look.csv", "--json")
    assert [fault["code"] for fault in document.json["faults"]] == ["spaces"]
    ran = dslineage("apply", "look.csv", "--partial", "--no-metrics")
    assert ran.code == 0
    assert "not applied: 1 row\n  look.csv:2:" in ran.out
    assert dslineage("apply", "look.csv", "--accept", "colour").code == 2


def test_a_blind_review_is_unblinded(here: Path, dslineage: Dslineage) -> None:
    dslineage("sample", "v3", "v4", "--blind", "-o", "which.csv")

    def choose(rows: list[dict[str, str]]) -> None:
        for row in rows:
            row["verdict"] = "a"

    edit_csv(here / "which.csv", choose)
    assert dslineage("review", "import", "which.csv", "--reviewer", "Ada").code == 0
    (found,) = dslineage("review", "show", "v4", "--json").json["reviews"]
    assert found["verdicts"]["newer"] + found["verdicts"]["older"] == 8
    assert "95% interval" in dslineage("review", "show").out
    assert dslineage("apply", "which.csv").code == 2
