"""The case file says who asked, what was deleted and what was decided, and nothing of the text."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from dslineage.audit.audit import AuditOptions
from dslineage.errors import UsageError
from dslineage.forgetting.casefile import Case, file_case, receipt
from dslineage.forgetting.result import ForgetResult
from dslineage.lineage.modeladd import Declared
from dslineage.lineage.registry import Registry
from dslineage.records import Evidence
from dslineage.records.forgotten import keyed_example
from tests.forgetting.support import OTHERS, SECRET, WORD, digest, lines
from tests.versions.support import Bench

CASE = Case("gdpr-17", request="ticket 4711", requested_by="user 1204", received="2026-01-01")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A version with the example, a model that was trained on it, and a version without."""
    bench = Bench.make(tmp_path / "work")
    bench.commit("train.jsonl", lines(*OTHERS[:9], SECRET))
    bench.put("model/model.safetensors", (2).to_bytes(8, "little") + b"{}")
    declared = Declared(name="helper", trained_on=("train@v1",), base="none")
    bench.repo.provenance.add_model(bench.root / "model", declared)
    bench.commit("train.jsonl", lines(*OTHERS[:9]))
    return bench


def forgotten(bench: Bench) -> ForgetResult:
    return bench.repo.forget(digest(SECRET), delete=True)


def filed(bench: Bench, case: Case, result: ForgetResult) -> tuple[str, ...]:
    repo = bench.repo
    assert repo.deny_list is not None
    version = repo.show("train@v1").record
    return file_case(
        Registry(repo.catalog),
        repo.store,
        case,
        repo.deny_list,
        result,
        {version.id: [bytes.fromhex(digest(SECRET))]},
        repo.stamp("article 17"),
    )


def test_the_request_the_search_the_deletion_and_the_receipt_are_kept(bench: Bench) -> None:
    result = forgotten(bench)
    paths = filed(bench, CASE, result)

    claims = {about.kind: one for one, about in bench.repo.provenance.claims().claims}
    about = claims["dataset"].body
    assert repo_key(bench) in about["keyed"]
    assert {name: about[name] for name in about if name != "keyed"} == {
        "what": "examples were forgotten, and their bytes deleted",
        "examples": 1,
        "objects": len(result.rewritten) + len(result.removed),
        "elsewhere": sum(place.remains for place in result.places),
        "recall": "gdpr-17",
        "request": "ticket 4711",
        "requested_by": "user 1204",
        "received": "2026-01-01",
        "reason": "article 17",
        "receipt": str(receipt(result)),
    }
    assert claims["model"].body["what"] == "may have seen examples that were forgotten"
    assert {*paths} <= {*bench.git("diff", "--cached", "--name-only").split()}

    said = "".join((bench.root / path).read_text() for path in paths)
    assert WORD.decode() not in said
    assert digest(SECRET) not in said


def repo_key(bench: Bench) -> str:
    denied = bench.repo.deny_list
    assert denied is not None
    return keyed_example(denied.key, bytes.fromhex(digest(SECRET))).hex()


def test_what_was_filed_is_not_filed_again(bench: Bench) -> None:
    result = forgotten(bench)
    assert len(filed(bench, CASE, result)) == 2
    assert filed(bench, CASE, result) == ()


def test_an_audit_shows_the_case_and_fails_until_something_is_decided_about_the_model(
    bench: Bench,
) -> None:
    result = forgotten(bench)
    filed(bench, CASE, result)
    required = AuditOptions(require=Evidence.DECLARED, accept=("base-model",))

    open_ = bench.repo.provenance.audit("helper@final", required)
    assert [(line.about.kind, line.open, line.decision) for line in open_.claims.lines] == [
        ("model", True, None),
        ("dataset", False, "deleted"),
    ]
    assert open_.requirement is not None
    assert open_.requirement.verdict == "failed"

    decided = Case("gdpr-17", decisions=(("helper@final", "retrain"),))
    filed(bench, decided, result)
    closed = bench.repo.provenance.audit("helper@final", required)
    assert {line.decision for line in closed.claims.lines if line.about.kind == "model"} == {
        "retrain"
    }


def test_a_decision_is_about_a_model_that_saw_it(bench: Bench) -> None:
    result = forgotten(bench)
    with pytest.raises(UsageError, match="is no model that saw the examples"):
        filed(bench, Case("gdpr-17", decisions=(("other", "retrain"),)), result)
    with pytest.raises(UsageError, match="cannot name a case"):
        filed(bench, Case("no name!"), result)
    with pytest.raises(UsageError):
        filed(bench, Case("gdpr-17", received="yesterday"), result)


def test_forget_files_the_case_and_a_wrong_one_deletes_nothing(bench: Bench) -> None:
    before = bench.listing()
    for case in (Case("gdpr-17", received="soon"), Case("gdpr-17", decisions=(("x", "accept"),))):
        with pytest.raises(UsageError):
            bench.repo.forget(digest(SECRET), delete=True, case=case)
    with pytest.raises(UsageError, match="when examples are deleted"):
        bench.repo.forget(digest(SECRET), case=CASE)
    assert bench.listing() == before

    result = bench.repo.forget(digest(SECRET), delete=True, case=CASE)
    kinds = [path.split("/")[3] for path in result.filed]
    assert kinds == ["train", "helper"]


def test_a_receipt_is_the_hash_of_the_names_of_what_was_changed(bench: Bench) -> None:
    result = forgotten(bench)
    told = {
        "remotes": [],
        "removed": sorted(result.removed),
        "rewritten": sorted(result.rewritten),
    }
    plain = json.dumps(told, separators=(",", ":")).encode()
    assert receipt(result).hex == hashlib.sha256(plain).hexdigest()
