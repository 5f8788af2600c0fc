"""What an audit says of trainings of every kind, from records alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslineage.audit.audit import AuditOptions
from dslineage.audit.audited import Audit
from dslineage.errors import NotFoundError, UsageError
from dslineage.records import (
    Base,
    Component,
    Consumed,
    Evidence,
    Gap,
    MixtureRecord,
    Prepared,
    Record,
)
from dslineage.repository import Repository
from tests.lineage.world import (
    claim,
    digest,
    mixture,
    model,
    run,
    source,
    start_clock,
    step,
    train,
    version,
    when,
    write,
)


@pytest.fixture(autouse=True)
def _clock() -> None:
    start_clock()


def audit(root: Path, target: str, *records: Record, options: AuditOptions | None = None) -> Audit:
    write(root, records)
    return Repository.open(root).provenance.audit(target, options)


def uses(found: Audit) -> list[tuple[str, str, str]]:
    """Each use of data: the training, the version, and how it is known."""
    return [
        (stage.node.ref, ", ".join(node.ref for node in use.versions), str(use.ground.evidence))
        for stage in found.training.lines
        for use in stage.uses
    ]


def required(root: Path, *records: Record, bar: Evidence, accept: tuple[str, ...] = ()) -> Audit:
    return audit(
        root, "tiny@final", *records, options=AuditOptions(require=bar, accept=accept)
    )  # fmt: skip


def test_data_that_somebody_only_declared_stays_declared(git_repo: Path) -> None:
    data = version()
    declared = (train(data, evidence=Evidence.DECLARED),)
    tiny = model(trained_on=declared, evidence=Evidence.RECORDED)
    found = audit(git_repo, "tiny", data, tiny, options=AuditOptions(verify=True))
    assert uses(found) == [("tiny@final", "train@v1", "declared")]
    assert found.weakest is not None
    assert found.weakest.weak == "tiny@final → train@v1"


def test_a_mixture_is_told_by_its_parts_with_cap_repeats_and_weight(git_repo: Path) -> None:
    one, two = version("one"), version("two")
    parts = (Component(one.id, 10, weight=0.7), Component(two.id, 10, cap=4, repeats=2.0))
    mix = MixtureRecord("mix", parts, 0, "mix.toml", digest("mix"), "", **when())
    training = run(train(mix))
    found = audit(git_repo, "tiny", one, two, mix, training, model(training))
    (stage,) = found.training.lines
    taken = [use.part for use in stage.uses if use.part]
    assert [(part.weight, part.cap, part.repeats) for part in taken] == [
        (0.7, None, 1.0), (None, 4, 2.0),
    ]  # fmt: skip
    assert uses(found) == [
        ("run:tiny", "one@v1", "recorded"), ("run:tiny", "two@v1", "recorded"),
    ]  # fmt: skip
    assert stage.uses[1].whys == ("the mixture took at most 4 of 10 examples",)


def test_data_is_known_by_its_content_and_every_version_that_has_it_is_named(
    git_repo: Path,
) -> None:
    one, copy = version("one", content="same"), version("copy", content="same")
    training = run(train("same"), train("lost", uri="hf://datasets/lost"))
    found = audit(git_repo, "tiny", one, copy, training, model(training))
    known, lost = found.training.lines[0].uses
    assert {node.ref for node in known.versions} == {"one@v1", "copy@v1"}
    assert known.ground.evidence == "captured"
    assert (lost.versions, lost.uri) == ((), "hf://datasets/lost")


def test_a_model_answers_for_what_trained_the_models_it_was_made_of(git_repo: Path) -> None:
    early, late = version("early"), version("late")
    pretraining = run(train(early), name="base", base=Base("org/unknown"))
    base = model(pretraining, name="base", weights="w")
    tuning = run(train(late), base=Base("elsewhere", weights_hash=digest("w")))
    tiny = model(tuning)
    small = model(name="small", form="quantisation", derived_from=(Base("tiny", tiny.id),))
    found = audit(git_repo, "small", early, late, pretraining, base, tuning, tiny, small)
    assert uses(found) == [
        ("run:tiny", "late@v1", "captured"),
        ("run:base", "early@v1", "captured"),
    ]
    assert [line.relation for line in found.training.lines] == ["base", "base"]
    assert [line.named.uri for line in found.bases.lines] == ["tiny", "elsewhere", "org/unknown"]
    assert found.bases.lines[-1].node is None
    first = found.gaps.lines[0]
    assert first.gap.kind == "base-model"
    assert "org/unknown" in first.gap.message


def test_a_model_that_was_saved_again_has_the_data_of_the_other(git_repo: Path) -> None:
    data = version()
    training = run(train(data))
    tiny, again = model(training, weights="w"), model(name="again", weights="w")
    found = audit(git_repo, "again", data, training, tiny, again)
    assert [line.relation for line in found.training.lines] == ["same"]
    assert uses(found) == [("run:tiny", "train@v1", "recorded")]


def test_a_resumed_run_answers_for_what_the_checkpoint_had_seen(git_repo: Path) -> None:
    one, two = version("one"), version("two")
    first = run(train(one), epochs=3.0)
    partly = Consumed("upper-bound", epochs=0.5)
    saved = model(first, label="checkpoint-5", consumed=partly)
    second = run(train(two), continues=first.id, resumed_from="out/checkpoint-5", epochs=1.0)
    found = audit(git_repo, "tiny@final", one, two, first, saved, second, model(second))
    own, earlier = found.training.lines
    assert own.whys == ()
    assert (earlier.relation, earlier.consumed) == ("earlier", partly)
    assert earlier.whys == ("it was saved after 0.5 epochs",)


def test_what_the_trainer_dropped_and_cut_is_told(git_repo: Path) -> None:
    data = version()
    seen = Prepared(rows=10, kept=9, masked=1, truncated=2, max_length=64)
    training = run(train(data, prepared=seen))
    found = audit(git_repo, "tiny", data, training, model(training))
    assert found.training.lines[0].uses[0].whys == (
        "the trainer dropped 1 of 10 rows", "the trainer cut 2 of 10 rows at 64 tokens",
    )  # fmt: skip


def test_a_step_that_was_not_recorded_is_a_gap(git_repo: Path) -> None:
    raw = version("raw", made_by=(web := source("web")))
    clean = version("clean", parents=(raw,))
    train_ = version(made_by=(mixed := step(clean)))
    training = run(train(train_))
    found = audit(git_repo, "tiny", web, raw, clean, mixed, train_, training, model(training))
    assert [(line.node.ref, line.gap.message) for line in found.gaps.lines
            if line.gap.kind == "unrecorded-step"] == [
        ("clean@v1", "which step changed it is not recorded; a diff shows what changed"),
    ]  # fmt: skip
    assert [line.node.ref for line in found.sources.lines] == ["source:web"]


def test_what_is_not_here_is_said_to_be_not_checked(git_repo: Path) -> None:
    data, exam = version(), version("exam")
    (git_repo / "dslineage.toml").write_text('[roles]\neval = ["exam", "nowhere"]\n')
    training = run(train(data), train(exam, role="eval"))
    found = audit(git_repo, "tiny", data, exam, training, model(training))
    assert found.overlaps.lines == ()
    assert found.overlaps.checked == (
        "0 pairs of an evaluation set and a version, by their digests",
    )
    unchecked = " ".join(found.overlaps.unchecked)
    assert "exam@v1: missing object" in unchecked
    assert "nowhere: dslineage.toml names it, and it has no version" in unchecked
    assert found.quality.unchecked[0] == "train@v1: nothing was measured"


def test_a_bar_is_met_missed_or_undecided(git_repo: Path) -> None:
    data = version()
    base = model(name="smol", form="base", consumed=None)
    training = run(train(data), base=Base("smol", base.id))
    records = (data, base, training, model(training))
    unknown = required(git_repo, *records, bar=Evidence.CAPTURED).requirement
    assert unknown is not None
    assert unknown.verdict == "undecided"
    assert unknown.missed == ("smol@final: on what data it was trained is not known",)
    accepted = required(git_repo, bar=Evidence.CAPTURED, accept=("base-model",)).requirement
    assert accepted is not None
    assert (accepted.verdict, accepted.accepted) == ("met", unknown.missed)
    weak = run(train(data, evidence=Evidence.DECLARED), name="other", continues=training.id)
    found = audit(
        git_repo, "other", weak, model(weak, name="other"),
        options=AuditOptions(require=Evidence.RECORDED, accept=("base-model",)),
    ).requirement  # fmt: skip
    assert found is not None
    assert found.missed == ("train@v1 in run:other is declared (run:other → train@v1)",)


def test_data_that_is_no_recorded_version_leaves_a_bar_undecided(git_repo: Path) -> None:
    training = run(train("lost", uri="hf://datasets/lost"), base=Base("none"))
    found = required(
        git_repo, training, model(training), bar=Evidence.DECLARED, accept=("base-model",)
    ).requirement
    assert found is not None
    assert found.missed == (
        "training data of run:tiny (hf://datasets/lost) is no recorded version",
    )


def test_a_claim_is_open_until_a_decision_closes_it(git_repo: Path) -> None:
    data = version()
    training = run(train(data), base=Base("none"))
    tiny = model(training)
    plain = claim(data, "takedown", what="a letter")
    recall = claim(data, "recall", recall="r-1", examples=3)
    nothing = claim(data, "pii", found=False)
    records = (data, training, tiny, plain, recall, nothing)
    found = required(git_repo, *records, bar=Evidence.DECLARED, accept=("base-model",))
    assert [(line.type, line.open) for line in found.claims.lines] == [
        ("recall", True), ("takedown", True), ("pii", False),
    ]  # fmt: skip
    assert found.requirement is not None
    assert found.requirement.verdict == "failed"
    decided = (
        claim(data, "decision", decision="accept"),
        claim(tiny, "decision", of="tiny", decision="retrain", recall="r-1"),
    )
    closed = audit(git_repo, "tiny@final", *decided)
    assert {line.type: line.decision for line in closed.claims.lines} == {
        "recall": "retrain", "takedown": "accept", "pii": None,
    }  # fmt: skip


def test_an_older_decision_closes_no_newer_claim(git_repo: Path) -> None:
    data = version()
    training = run(train(data))
    decision = claim(data, "decision", decision="accept")
    found = audit(
        git_repo, "tiny", data, training, model(training), decision,
        claim(data, "takedown", what="a letter"),
    )  # fmt: skip
    assert [line.open for line in found.claims.lines] == [True]


def test_what_a_record_itself_says_it_lacks_is_told(git_repo: Path) -> None:
    data = version()
    training = run(train(data), gaps=(Gap("preparation", "nobody looked"),))
    found = audit(git_repo, "run:tiny", data, training)
    assert found.subject.node.kind == "run"
    assert "nobody looked" in [line.gap.message for line in found.gaps.lines]


@pytest.mark.parametrize(
    ("target", "error", "kind"),
    [
        ("train@v1", UsageError, "no-model"),
        ("nowhere", NotFoundError, "unknown-reference"),
        ("./nowhere", NotFoundError, "unknown-reference"),
    ],
)
def test_only_models_and_runs_are_audited(
    git_repo: Path, target: str, error: type[UsageError] | type[NotFoundError], kind: str
) -> None:
    with pytest.raises(error) as caught:
        audit(git_repo, target, version())
    assert caught.value.kind == kind


def test_an_audit_is_the_same_each_time(git_repo: Path) -> None:
    one, two = version("one"), version("two")
    mix = mixture(one, two)
    training = run(train(mix))
    first = audit(git_repo, "tiny", one, two, mix, training, model(training))
    assert first.to_dict() == audit(git_repo, "tiny").to_dict()
