"""What `examples/story` is known to have done, whichever trainer was used."""

from __future__ import annotations

from dslineage.audit.audited import Audit
from dslineage.provenance import Provenance
from dslineage.recall.recall import RecallResult


def check_audit(audit: Audit) -> None:
    """An audit of the last checkpoint, with its folder, verified."""
    assert audit.findings == ()
    assert audit.weakest is not None
    assert audit.weakest.evidence == "verified"
    now, before = audit.training.lines
    assert (now.relation, before.relation) == ("own", "earlier")
    assert now.whys == before.whys == ()
    used = [(use.role, [node.ref for node in use.versions], use.examples, use.ground.linked)
            for stage in (now, before) for use in stage.uses]  # fmt: skip
    assert used == [
        ("train", ["train@v3"], 36, "captured"),
        ("train", ["train@v2"], 37, "captured"),
    ]

    # The order is from the last to the first; of the mixture 27 are of the forum, 10 of the other.
    made = {line.record.operation: line for line in audit.steps.lines}
    assert list(made) == ["cut", "mend", "mix", "dedupe", "clean"]
    counts = {name: (line.record.counts["in"], line.record.counts["out"])
              for name, line in made.items()}  # fmt: skip
    assert counts == {"clean": (34, 31), "dedupe": (31, 27), "mix": (47, 37), "mend": (37, 37),
                      "cut": (37, 36)}  # fmt: skip
    assert [node.ref for node in made["mix"].made] == ["train@v1"]

    forum, math = (line.record for line in audit.sources.lines)
    assert forum.license is not None
    assert math.license is not None
    assert (forum.license.name, forum.license.as_of) == ("LicenseRef-forum-terms", "2026-01-02")
    assert (forum.category, forum.acquired_at) == ("user", "2026-01-05")
    assert (math.license.name, math.category, math.generator) == (
        "CC0-1.0", "synthetic", "example/doubler-1",
    )  # fmt: skip
    assert {line.ground.evidence for line in audit.sources.lines} == {"declared"}

    # One example of the exam is in the forum; one conversation of it, with another id, is in math.
    assert [(line.evaluation.ref, line.of, line.training.ref, line.examples, line.conversations)
            for line in audit.overlaps.lines] == [
        ("exam@v1", 10, "train@v3", 1, 2), ("exam@v1", 10, "train@v2", 1, 2),
    ]  # fmt: skip
    figures = {line.version.ref: line.figures or {} for line in audit.quality.lines}
    assert figures["train@v3"]["contam[exam]"]["held"] == 2
    assert not any(line.late for line in audit.quality.lines)

    gap = audit.gaps.lines[0]
    assert (gap.node.kind, gap.gap.kind) == ("run", "base-model")
    claims = {line.type: line.body for line in audit.claims.lines if not line.open}
    assert claims["evaluation"]["score"] == 0.4
    assert claims["deployment"]["to"] == "https://chat.example.org"


def check_trace(provenance: Provenance) -> None:
    """Number 9 was cut out before the training went on; number 20 was mended before it began."""
    result = provenance.trace(text="number 9 in the menu")
    models = {seen.ref: (seen.answer, seen.version) for one in result.examples for seen in one.seen}
    checkpoints = {ref: found for ref, found in models.items() if ref.startswith("tiny@")}
    assert {found[0] for found in checkpoints.values()} == {"saw"}
    assert {ref: found[1] for ref, found in checkpoints.items()} == dict.fromkeys(
        sorted(checkpoints), "train@v2"
    )
    assert "tiny@checkpoint-27" in checkpoints
    (empty,) = provenance.trace(text="number 3 ?").examples
    assert empty.seen == ()
    assert [form for form in empty.later if "train" in form.versions] == []


def check_recall(recall: RecallResult) -> None:
    """The user asked in 6 rows, twice in one of them; one of theirs was cut out as number 9."""
    assert {one.ref: one.examples for one in recall.versions} == {
        "forum@v1": 6, "clean@v1": 6, "clean@v2": 6, "train@v1": 6, "train@v2": 6, "train@v3": 5,
    }  # fmt: skip
    assert {one.seen.ref for one in recall.models} >= {"tiny@checkpoint-18", "tiny@checkpoint-27"}


def check_diff(provenance: Provenance) -> None:
    """The later checkpoint saw the version without number 9 as well, and all that the other saw."""
    found = provenance.contrast("tiny@checkpoint-18", "tiny@checkpoint-27").to_dict()
    changes = [(one["change"], (one["to"] or one["from"])["version"])
               for one in found["data"]["changes"]]  # fmt: skip
    assert sorted(changes) == [("added", "train@v3"), ("same", "train@v2")]
    different = {one["name"] for one in found["not_data"]["different"]}
    assert "resumed from" in different
