"""The story of `examples/story`, from two sources to a model that went on training.

Each answer is compared with what the script is known to have done. The same story with a language
model is in `tests/training`.
"""

from __future__ import annotations

import json

from dslineage.audit.audit import AuditOptions
from dslineage.recall.filing import Filing
from dslineage.records import Evidence
from dslineage.repository import Repository
from tests.audit.conftest import Told
from tests.audit.stories import check_audit, check_diff, check_recall, check_trace


def test_the_audit_says_what_trained_the_model_and_from_where(story: Told) -> None:
    check_audit(story.verified())


def test_a_line_is_verified_only_where_all_of_its_way_was_hashed_again(story: Told) -> None:
    without = story.audit(AuditOptions(verify=True))
    grounds = {use.ground.evidence for stage in without.training.lines for use in stage.uses}
    assert grounds == {"captured"}
    assert without.verification is not None
    assert without.verification.unchecked == (
        "the files of tiny@checkpoint-27: no folder of it was named",
    )
    assert {line.ground.evidence for line in story.audit().steps.lines} == {"recorded"}


def test_an_example_is_traced_to_just_the_checkpoints_that_saw_it(story: Told) -> None:
    check_trace(Repository.open(story.data).provenance)


def test_the_diff_of_the_checkpoints_names_the_version_that_only_one_saw(story: Told) -> None:
    check_diff(Repository.open(story.data).provenance)


def test_who_wants_to_be_forgotten_is_found_where_the_field_is_gone(story: Told) -> None:
    provenance = Repository.open(story.data).provenance
    check_recall(provenance.recall(where=("user", "user-4")))


def test_takedowns_fail_the_audit_until_something_is_decided_about_the_model(story: Told) -> None:
    assert "the audit fails with exit code 1" in story.said
    required = AuditOptions(require=Evidence.CAPTURED, accept=("base-model",))
    failing = story.audit(required).requirement
    assert failing is not None
    assert failing.verdict == "failed"
    decided = Filing(decisions=(("tiny@checkpoint-27", "retrain"),), reason="article 17")
    Repository.open(story.data).provenance.recall(
        where=("user", "user-4"), name="erasure-1", filing=decided
    )
    met = story.audit(required)
    assert {line.decision for line in met.claims.lines if line.type == "takedown"} == {"retrain"}
    assert met.requirement is not None
    assert met.requirement.verdict == "met"


def test_a_checkpoint_that_was_moved_and_renamed_is_recognised(story: Told) -> None:
    document = json.loads((story.root / "moved.json").read_text(encoding="utf-8"))
    assert document["subject"]["ref"] == "tiny@checkpoint-18"
    assert document["subject"]["recognised"]["by"] == "files"
    (training,) = document["training"]["lines"]
    assert [use["versions"][0]["ref"] for use in training["uses"]] == ["train@v2"]
