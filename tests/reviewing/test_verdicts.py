"""Verdicts as claims: who said what of which example, kept once, and how far people agree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.errors import BadDataError, IntegrityError, UsageError
from dslineage.records import ClaimRecord
from dslineage.reviewing.agreement import cohen_kappa, wilson_interval
from dslineage.reviewing.population import SampleOptions
from dslineage.reviewing.sampling import newer_is_a
from tests.reviewing.sheets import Row, chat, edit_csv, lines
from tests.reviewing.test_sampling import changed, rows_of
from tests.versions.support import Bench


def sheet_of(bench: Bench, *refs: str, blind: bool = False) -> Path:
    path = bench.root / "look.csv"
    bench.repo.sample(*refs, output=path, options=SampleOptions(count=10, seed=3, blind=blind))
    return path


def claims(bench: Bench) -> list[ClaimRecord]:
    folder = bench.root / ".dslineage/records/claim/train"
    return [ClaimRecord.from_bytes(path.read_bytes(), path.name) for path in folder.glob("*.json")]


def judged(path: Path, verdicts: str, reviewer: str = "") -> None:
    """Give the rows, in order, the verdicts that letters stand for."""
    words = {"k": "keep", "f": "fix", "d": "drop", "A": "A", "B": "B", "s": "same", " ": ""}

    def fill(rows: list[Row]) -> None:
        for row, letter in zip(rows, verdicts, strict=True):
            row["verdict"], row["reviewer"] = words[letter], reviewer

    edit_csv(path, fill)


def test_a_claim_names_reviewer_seed_sample_and_each_example(bench: Bench) -> None:
    sheet = sheet_of(bench)
    judged(sheet, "kkkfd     ", "Grace")
    edit_csv(sheet, lambda rows: rows[3].update(note="who says so?"))
    done = bench.repo.review_import(sheet)
    assert (done.verdicts, done.known) == ({"Grace": 5}, 0)
    (claim,) = claims(bench)
    assert claim.subject == bench.repo.show("v1").record.id
    rows = rows_of(sheet)
    assert claim.body == {
        "reviewer": "Grace",
        "sample": rows[0]["row"].partition("-")[0],
        "seed": 3,
        "blind": False,
        "verdicts": [
            {"row": row["row"], "example": row["base"], "verdict": row["verdict"]}
            | ({"note": row["note"]} if row["note"] else {})
            for row in rows[:5]
        ],
    }
    assert bench.git("status", "--short", "--", ".dslineage").startswith("A ")
    assert bench.problems() == []


def test_importing_a_sheet_again_adds_only_what_is_new_in_it(bench: Bench) -> None:
    sheet = sheet_of(bench)
    judged(sheet, "kkkk      ")
    bench.repo.review_import(sheet, reviewer="Ada")
    again = bench.repo.review_import(sheet, reviewer="Ada")
    assert (again.verdicts, again.known, again.claims) == ({}, 4, ())
    judged(sheet, "kkkdf     ")
    more = bench.repo.review_import(sheet, reviewer="Ada")
    assert (more.verdicts, more.known) == ({"Ada": 2}, 3)
    (opinion,) = bench.repo.reviews().opinions
    assert opinion.counts == {"keep": 3, "fix": 1, "drop": 1}
    judged(sheet, "kkkk      ")
    assert bench.repo.review_import(sheet, reviewer="Ada").verdicts == {"Ada": 1}


def test_agreement_is_that_of_each_pair_on_what_both_judged(bench: Bench) -> None:
    sheet = sheet_of(bench)
    for name, verdicts in {"Ada": "kkkkkddddd", "Bo": "kkkkdddd  ", "Cy": "kkkkkkkkkk"}.items():
        judged(sheet, verdicts, name)
        bench.repo.review_import(sheet)
    (opinion,) = bench.repo.reviews("v1").opinions
    assert opinion.reviewers == {"Ada": 10, "Bo": 8, "Cy": 10}
    ada_bo, ada_cy, bo_cy = opinion.agreements
    assert (ada_bo.examples, ada_bo.agreed) == (8, 7)
    assert ada_bo.kappa == pytest.approx(0.75)
    assert (ada_cy.examples, ada_cy.agreed, ada_cy.kappa) == (10, 5, 0)
    assert (bo_cy.examples, bo_cy.agreed, bo_cy.kappa) == (8, 4, 0)
    assert (opinion.counts, opinion.split) == ({"keep": 5, "fix": 0, "drop": 3}, 2)


def test_a_blind_review_says_which_side_won(bench: Bench) -> None:
    changed(bench)
    sheet = sheet_of(bench, "v1..v2", blind=True)
    rows = rows_of(sheet)
    newer = ["A" if newer_is_a(3, row["A"], row["B"]) else "B" for row in rows]
    older = ["B" if side == "A" else "A" for side in newer]
    judged(sheet, "".join([*newer[:6], *older[6:9], "s"]), "Grace")
    edit_csv(sheet, lambda found: found.reverse())
    bench.repo.review_import(sheet)
    (opinion,) = bench.repo.reviews().opinions
    assert opinion.counts == {"newer": 6, "older": 3, "same": 1}
    assert opinion.share == wilson_interval(6, 9)
    (claim,) = claims(bench)
    assert claim.body["from_version"] == bench.repo.show("v1").record.id
    with bench.repo.snapshot("v2") as after:
        digests = {f"sha256:{one.tobytes().hex()}" for one in after.digests(after.rows())}
    assert all(verdict["example"] in digests for verdict in claim.body["verdicts"])
    assert not any(verdict["before"] in digests for verdict in claim.body["verdicts"])
    with pytest.raises(UsageError, match="blind sheet"):
        bench.repo.apply(sheet)


def test_a_verdict_that_is_none_keeps_nothing(bench: Bench) -> None:
    sheet = sheet_of(bench)
    judged(sheet, "kkkkkkkkkk")
    edit_csv(sheet, lambda rows: rows[2].update(verdict="good"))
    with pytest.raises(BadDataError, match="no verdict was kept") as refused:
        bench.repo.review_import(sheet)
    assert [(fault.line, fault.path) for fault in refused.value.faults] == [(4, "verdict")]
    judged(sheet, " " * 10)
    with pytest.raises(UsageError, match="has a verdict"):
        bench.repo.review_import(sheet)
    assert bench.repo.reviews().opinions == ()


def test_a_claim_that_was_edited_is_refused(bench: Bench) -> None:
    sheet = sheet_of(bench)
    judged(sheet, "kkkkkkkkkk")
    bench.repo.review_import(sheet)
    (path,) = (bench.root / ".dslineage/records/claim/train").glob("*.json")
    document = json.loads(path.read_text())
    document["body"]["verdicts"][0]["verdict"] = "drop"
    path.write_text(json.dumps(document))
    with pytest.raises(IntegrityError, match="it was edited"):
        bench.repo.reviews()
    assert bench.problems() == [path.relative_to(bench.root).as_posix()]


def test_a_draft_that_was_reviewed_is_kept(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.put("train.jsonl", lines([chat(number) for number in range(10)]))
    bench.repo.add(["train.jsonl"], measure=False)
    sheet = sheet_of(bench)
    judged(sheet, "kkkkkkkkkk")
    bench.repo.review_import(sheet)
    bench.put("train.jsonl", lines([chat(1)]))
    bench.repo.add(["train.jsonl"], measure=False)
    assert bench.labels("train") == ["v1", "v2"]
    assert bench.problems() == []


def test_a_step_that_is_missing_is_missed(bench: Bench) -> None:
    sheet = sheet_of(bench)
    judged(sheet, "d         ")
    bench.repo.apply(sheet, measure=False)
    (path,) = (bench.root / ".dslineage/records/step/train").glob("*.json")
    path.unlink()
    (problem,) = bench.repo.verify().problems
    assert problem.message.startswith("missing record .dslineage/records/step/train/apply-")
    assert problem.needed_by == ("train@v2",)


def test_kappa_is_that_of_the_textbook() -> None:
    # Cohen's kappa of 50 cases: both yes 20, both no 15, yes/no 5, no/yes 10.
    pairs = [("y", "y")] * 20 + [("n", "n")] * 15 + [("y", "n")] * 5 + [("n", "y")] * 10
    assert cohen_kappa(pairs) == pytest.approx(0.4)
    assert cohen_kappa([]) is None
    assert cohen_kappa([("y", "y")] * 3) is None


@given(pairs=st.lists(st.tuples(st.sampled_from("kfd"), st.sampled_from("kfd")), min_size=1))
def test_kappa_is_at_most_one_and_symmetric(pairs: list[tuple[str, str]]) -> None:
    kappa = cohen_kappa(pairs)
    assert kappa == cohen_kappa([(b, a) for a, b in pairs])
    assert kappa is None or (-1 <= kappa <= 1 and (kappa == 1) == all(a == b for a, b in pairs))


@given(count=st.integers(0, 500), more=st.integers(0, 500))
def test_an_interval_holds_the_share_and_is_mirrored(count: int, more: int) -> None:
    found = wilson_interval(count, count + more)
    if found is None:
        assert count + more == 0
        return
    low, high = found
    assert 0 <= low <= count / (count + more) + 1e-12
    assert count / (count + more) <= high + 1e-12 <= 1 + 1e-12
    mirrored = wilson_interval(more, count + more)
    assert mirrored is not None
    assert (1 - high, 1 - low) == pytest.approx(mirrored)


def test_the_wilson_interval_is_the_published_one() -> None:
    assert wilson_interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=5e-5)
    assert wilson_interval(0, 10) == pytest.approx((0, 0.2775), abs=5e-5)
