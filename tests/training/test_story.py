"""The story of `examples/story` with a language model: TRL trains, the answers are the same."""

from __future__ import annotations

from pathlib import Path

from dslineage.repository import Repository
from tests.audit.conftest import told
from tests.audit.stories import check_audit, check_diff, check_recall, check_trace


def test_from_two_sources_to_a_resumed_training_and_back(tmp_path: Path) -> None:
    story = told(tmp_path / "told", "tune.py")
    audit = story.verified()
    check_audit(audit)
    now, before = audit.training.lines
    prepared = [use.prepared for stage in (now, before) for use in stage.uses]
    assert [(one.rows, one.kept, one.truncated) for one in prepared if one] == [
        (36, 36, 0), (37, 37, 0),
    ]  # fmt: skip
    provenance = Repository.open(story.data).provenance
    check_trace(provenance)
    check_diff(provenance)
    check_recall(provenance.recall(where=("user", "user-4")))
