"""Each form of the same chain, as a file that is read when it changes; and what every form says."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslineage.errors import UsageError
from dslineage.lineage.graph import Graph
from dslineage.standards.document import STANDARDS, Standard, document
from dslineage_cli.render import forms
from tests.lineage.world import write
from tests.standards.world import chain, described, golden, told

every_form = pytest.mark.parametrize("form", STANDARDS)
GAP = "which step changed it is not recorded"


@every_form
def test_a_document_is_the_same_every_time(gappy: Graph, form: Standard) -> None:
    assert forms.text(described(gappy, form)) == golden(form).read_text(encoding="utf-8")


@every_form
def test_a_step_that_nobody_recorded_is_a_gap_in_every_form(gappy: Graph, form: Standard) -> None:
    found = described(gappy, form)
    assert GAP in forms.text(found)
    assert any(gap.kind == "unrecorded-step" for _, gap in found.gaps)


@every_form
def test_a_chain_whose_steps_are_recorded_has_no_such_gap(whole: Graph, form: Standard) -> None:
    found = described(whole, form)
    assert "not recorded; a diff" not in forms.text(found)
    assert not any(gap.kind == "unrecorded-step" for _, gap in found.gaps)


@every_form
def test_ids_of_records_are_in_every_form(gappy: Graph, form: Standard) -> None:
    found = described(gappy, form)
    assert found.of.id.rpartition(":")[2] in forms.text(found)


def test_a_record_that_cannot_be_read_is_a_gap(tmp_path: Path) -> None:
    write(tmp_path, chain())
    [path] = tmp_path.glob(".dslineage/records/claim/tiny/evaluation-*.json")
    path.write_text(path.read_text().replace("0.71", "0.99"))
    for form in STANDARDS:
        found = described(told(tmp_path), form)
        assert "0.99" not in forms.text(found)
        assert "evaluation-" in forms.text(found).replace("\\-", "-")
        assert any(gap.kind == "damaged-record" for _, gap in found.gaps)


def test_a_form_about_models_is_refused_of_a_source(gappy: Graph) -> None:
    [source] = gappy.nodes("source")
    for form in STANDARDS:
        if form not in {"prov", "openlineage"}:
            with pytest.raises(UsageError, match="and source:gsm8k is a source"):
                document(gappy, source, form)
    assert document(gappy, source, "prov").content
