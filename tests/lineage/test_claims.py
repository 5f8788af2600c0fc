"""Statements about nodes: checked when they are made, listed, and shown beside versions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dslineage.errors import NotFoundError, UsageError
from dslineage.lineage.checking import check_records
from dslineage.lineage.claims import BODIES, checked_body
from dslineage.records import Base, Record
from tests.cli.conftest import Dslineage
from tests.lineage.world import mixture, model, run, source, start_clock, train, version, write
from tests.versions.support import Bench

GOOD: dict[str, dict[str, Any]] = {
    "licence": {"name": "MIT", "as_of": "2026-01-31", "url": "https://e.org/l"},
    "pii": {"found": False, "scanner": "presidio@2.2", "examples": 0},
    "contamination": {"set": "gsm8k", "examples": 3},
    "takedown": {"what": "rows of user 7", "received": "2026-01-31"},
    "deployment": {"to": "https://api.example.org", "since": "2026-01-31"},
    "decision": {"decision": "retrain", "recall": "3fa2c1d9"},
    "evaluation": {"evaluation": "gsm8k", "score": 0.71, "shots": 5, "harness": "lm-eval@0.4"},
    "origin": {"source": f"source:sha256:{'0' * 64}"},
    "gap": {"kind": "sampling", "message": "the sampler is not known"},
}
BAD: list[tuple[str, dict[str, Any]]] = [
    ("licence", {"name": " "}),
    ("licence", {"name": "MIT", "as_of": "2026"}),
    ("licence", {"name": "MIT", "url": "a b"}),
    ("pii", {"found": "perhaps"}),
    ("contamination", {"set": "x", "examples": -1}),
    ("deployment", {"to": "x", "until": "soon"}),
    ("decision", {"decision": "forget"}),
    ("evaluation", {"evaluation": "x", "score": float("nan")}),
    ("evaluation", {"evaluation": "x", "score": True}),
    ("evaluation", {"evaluation": "x", "score": 1, "set": "train@v1"}),
    ("evaluation", {"evaluation": "x", "score": 1, "shots": "many"}),
    ("origin", {"source": "gsm8k"}),
    ("gap", {"kind": "No Kind", "message": "x"}),
    ("free", {"x": None}),
    ("No Type", {}),
    ("review", {}),
    ("waiver", {}),
]
ABOUT = {"deployment": "model", "evaluation": "model", "origin": "dataset"}


@pytest.fixture
def bench(git_repo: Path) -> Bench:
    start_clock()
    return Bench(git_repo)


def kept(bench: Bench, *records: Record) -> None:
    write(bench.root, records)


@pytest.mark.parametrize("type_", BODIES)
def test_each_type_says_what_it_must_and_no_more(type_: str) -> None:
    body, about = GOOD[type_], ABOUT.get(type_, "run")
    assert checked_body(type_, body | {"reason": "r"}, about) == body | {"reason": "r"}
    for name in BODIES[type_].must:
        with pytest.raises(UsageError, match=name):
            checked_body(type_, {key: body[key] for key in body.keys() - {name}}, about)
    with pytest.raises(UsageError, match="not colour"):
        checked_body(type_, body | {"colour": "red"}, about)


@pytest.mark.parametrize(("type_", "body"), BAD)
def test_what_a_type_does_not_say_is_refused(type_: str, body: Mapping[str, Any]) -> None:
    with pytest.raises(UsageError) as refusal:
        checked_body(type_, body, ABOUT.get(type_, "run"))
    assert refusal.value.kind == "bad-claim"


@pytest.mark.parametrize(("type_", "about"), [("deployment", "dataset"), ("origin", "model")])
def test_some_types_are_about_some_kinds_only(type_: str, about: str) -> None:
    with pytest.raises(UsageError, match="is about a"):
        checked_body(type_, GOOD[type_], about)


def test_texts_stand_for_numbers_and_truths() -> None:
    assert checked_body("pii", {"found": "yes", "examples": "12"}, "dataset") == {
        "found": True, "examples": 12,
    }  # fmt: skip


def test_anything_can_be_claimed_about(bench: Bench) -> None:
    web, rows = source("web"), version("train")
    trained = run(train(rows), name="fit")
    final = model(trained, name="tiny")
    kept(bench, web, rows, trained, final)
    provenance = bench.repo.provenance
    for ref in ("source:web", "train@v1", "run:fit", "tiny@final"):
        done = provenance.claim(ref, "pii", {"found": False}, message="scanned")
        assert done.about.ref == ref
        assert done.record.body == {"found": False, "reason": "scanned"}
    [first, *_] = provenance.claims("tiny@final").claims
    again = provenance.claim(first[0].id, "gap", {"kind": "coverage", "message": "half of it"})
    assert again.record.subject == first[0].id
    assert len(provenance.claims().claims) == 5
    assert [about.ref for _, about in provenance.claims("run:fit").claims] == ["run:fit"]
    assert len(provenance.claims(type="gap").claims) == 1
    assert check_records(bench.repo.git).problems == ()
    with pytest.raises(NotFoundError):
        provenance.claim("train@v9", "pii", {"found": False})


def test_a_type_of_ones_own_is_kept_and_said_to_be_unknown(bench: Bench) -> None:
    kept(bench, version("train"))
    done = bench.repo.provenance.claim("train@v1", "legal-review", {"ticket": 12, "by": ["a"]})
    assert done.record.body == {"ticket": 12, "by": ["a"]}
    assert done.notices == ("legal-review is no type that dslineage knows: it is kept as it is",)


def test_scores_stand_beside_the_versions_that_trained_the_model(bench: Bench) -> None:
    direct, mixed, evaluated, other = (version(name) for name in ("a", "b", "test", "other"))
    blend = mixture(mixed)
    trained = run(train(direct), train(blend), train(evaluated, role="eval"), name="fit")
    resumed = run(name="on", continues=trained.id)
    final = model(resumed, name="tiny")
    quantised = model(name="small", label="q4", derived_from=(Base("tiny", final.id),))
    kept(bench, direct, mixed, evaluated, other, blend, trained, resumed, final, quantised)
    provenance = bench.repo.provenance
    said = {"evaluation": "gsm8k", "score": "0.71", "set": "test@v1"}
    assert provenance.claim("tiny@final", "evaluation", said).record.body["set"] == evaluated.id
    provenance.claim("small@q4", "evaluation", {"evaluation": "gsm8k", "score": 0.7})
    scores = {
        one.record.dataset: [(score.of, score.score) for score in one.beside.scores]
        for one in bench.repo.log().versions
    }
    both = [("small@q4", 0.7), ("tiny@final", 0.71)]
    assert scores == {"a": both, "b": both, "test": [], "other": []}


def test_a_damaged_claim_does_not_keep_log_from_working(bench: Bench) -> None:
    rows = version("train")
    kept(bench, rows)
    path = bench.root / ".dslineage/records/claim/tiny/evaluation-000000000000.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"{")
    assert len(bench.repo.log().versions) == 1


def test_the_commands(bench: Bench, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = version("train")
    trained = run(train(rows), name="fit")
    kept(bench, rows, trained, model(trained, name="tiny"))
    monkeypatch.chdir(bench.root)
    scored = ["claim", "add", "tiny@final", "--evaluation", "gsm8k", "--score", "0.71"]
    assert dslineage(*scored, "--metric", "accuracy", "--shots", "5").code == 0
    assert dslineage("claim", "add", "tiny@final", "--to", "api", "-m", "first").code == 0
    decided = ["claim", "add", "train@v1", "--decision", "accept", "--recall", "r"]
    assert dslineage(*decided).code == 0
    odd = ["claim", "add", "train@v1", "--type", "free", "--body", "n:=[1]", "--body", "t=x=y"]
    assert dslineage(*odd, "--json").json["claim"]["body"] == {"n": [1], "t": "x=y"}
    listed = dslineage("claim", "list", "tiny@final").out
    assert "tiny@final  deployment: to api, reason first" in listed
    assert "evaluation gsm8k, metric accuracy, score 0.71, shots 5" in listed
    assert "scored gsm8k accuracy 0.71  tiny@final" in dslineage("log").out
    assert dslineage("claim", "add", "train@v1").code == 2
    assert dslineage("claim", "add", "train@v1", "--to", "x", "--decision", "accept").code == 2
    assert dslineage("claim", "add", "train@v1", "--type", "pii", "--body", "found").code == 2
    assert dslineage("claim", "add", "nothing", "--to", "x").code == 6
