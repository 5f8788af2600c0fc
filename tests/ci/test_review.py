"""What a review says of data sets, gates, records and faults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dslineage.config import Config
from dslineage.repository import Repository
from dslineage.verbs.pullrequest import SETTINGS
from dslineage_cli.render.ci import markdown
from tests.ci.pulls import (
    DATA,
    GATE,
    ONE,
    POINTER,
    TWO,
    Work,
    clone,
    commit,
    document,
    lines,
    pull,
    reviewed,
    settle,
    texts_in,
)

BLANK = lines("a", "b", "c", "")


def test_counts_and_kinds_are_those_of_the_whole_way_and_each_version_is_named(work: Work) -> None:
    work.add(TWO)
    commit(work)
    work.add(lines("a", "b", "changed", "d"))
    commit(work)
    (change,) = document(reviewed(work))["datasets"]
    counts = change["diff"]["examples"]
    assert [counts[name] for name in ("added", "removed", "edited")] == [1, 0, 1]
    assert change["diff"]["edits"] == {"response": 1}
    assert [one["version"] for one in change["versions"]] == ["v2", "v3"]
    assert {row["change"] for row in change["rows"]} == {"added", "edited"}


def test_without_objects_records_are_read_and_what_is_missing_is_said(
    work: Work, tmp_path: Path
) -> None:
    work.add(TWO, measure=True)
    commit(work)
    ci = clone(work, tmp_path / "ci")
    (change,) = pull(ci, "origin/main").datasets
    assert change.without_examples
    assert change.diff is not None
    assert change.diff.to_dict()["examples"]["added"] == 1
    text = markdown.text(reviewed(ci, "origin/main"))
    assert "| train | v1 → v2 | 3 → 4 | 1 | 0 | 0 | none |" in text
    assert "from records alone" in text
    assert "they come with ` dslineage fetch `" in text
    work.add(lines("a", "b", "c", "d", "e"))
    commit(work)
    ci.git("pull", "-q")
    assert "| train | v1 → v3 | 3 → 5 | ? | ? | ? | none |" in markdown.text(
        reviewed(ci, "origin/main")
    )


def test_new_moved_renamed_and_deleted_data_sets_are_told_as_such(work: Work) -> None:
    for name in ("gone", "moves", "old"):
        work.add(lines(name), f"{name}.jsonl")
    work.git("checkout", "-q", "main")
    commit(work)
    work.git("checkout", "-q", "-B", "topic")
    work.git("rm", "-q", "--cached", "gone.jsonl.dsl.json", "old.jsonl.dsl.json")
    (work.root / "gone.jsonl.dsl.json").unlink()
    (work.root / "old.jsonl.dsl.json").unlink()
    work.git("mv", "moves.jsonl.dsl.json", "data/moves.jsonl.dsl.json")
    work.add(lines("old"), "new.jsonl")
    work.add(TWO, "fresh.jsonl")
    commit(work)
    found = pull(work)
    assert {one.name: one.how for one in found.datasets} == {
        "moves": "moved",
        "fresh": "added",
        "gone": "deleted",
        "new": "renamed",
    }
    text = markdown.text(reviewed(work))
    assert "| fresh | v1 \\(new\\) | 4 |  |  |  | none |" in text
    assert "| gone | v1 \\(deleted\\) | 1 |  |  |  |  |" in text
    assert "| new | v1 → v1 \\(was old\\) | 1 | 0 | 0 | 0 | none |" in text
    assert "Moved: moves.jsonl.dsl.json → data/moves.jsonl.dsl.json" in text


def test_a_gate_that_the_pull_request_loosens_still_counts(work: Work) -> None:
    work.git("checkout", "-q", "main")
    work.add(ONE, measure=True)
    settle(work, GATE.format(bound="1pp"))
    work.git("checkout", "-q", "-B", "topic")
    work.add(BLANK, measure=True)
    settle(work, GATE.format(bound="50pp"))
    found = reviewed(work)
    assert found.failed
    told = document(found)
    assert told["gates_changed"] == [
        {
            "dataset": None,
            "metric": "empty_target",
            "from": "max_increase 1pp",
            "to": "max_increase 50pp",
            "looser": True,
        }
    ]
    gates = {gate["by"]: gate["verdict"] for gate in told["datasets"][0]["gates"]}
    assert gates == {"head": "pass", "base": "fail"}
    text = markdown.text(found)
    assert "**the gate empty\\_target is loosened from max\\_increase 1pp to" in text
    repo = Repository.open(work.root)
    repo.waive("empty_target", reason="wanted", until="2999-01-01")
    commit(work)
    found = reviewed(work)
    assert not found.failed
    (waived,) = [one for one in found.change.datasets[0].gates if one.result.waiver]
    assert waived.waived_here
    assert "in this pull request: wanted" in markdown.text(found)


def test_ratchets_count_from_the_merge_base_however_many_versions_lie_between(work: Work) -> None:
    work.git("checkout", "-q", "main")
    work.add(lines(*"abcdefgh"), measure=True)
    settle(work, GATE.format(bound="15pp"))
    work.git("checkout", "-q", "-B", "topic")
    for blank in (1, 2):
        work.add(lines(*"abcdefgh"[blank:], *[""] * blank), measure=True)
        commit(work)
    (gate,) = pull(work).datasets[0].gates
    assert (gate.result.verdict, gate.result.before, gate.result.value) == ("fail", 0, 0.25)
    assert not Repository.open(work.root).check().failed


def test_a_new_name_rids_a_data_set_of_no_gate(work: Work) -> None:
    work.git("checkout", "-q", "main")
    work.add(ONE, measure=True)
    settle(work, GATE.format(bound="1pp") + 'dataset = "train"\n')
    work.git("checkout", "-q", "-B", "topic")
    work.git("rm", "-q", "--cached", POINTER)
    (work.root / POINTER).unlink()
    work.write(DATA, BLANK)
    Repository.open(work.root).add(DATA, name="other")
    commit(work)
    (change,) = pull(work).datasets
    assert change.how == "renamed"
    assert [(gate.by, gate.result.verdict) for gate in change.gates] == [("base", "fail")]


def test_what_was_not_measured_cannot_be_judged(work: Work) -> None:
    settle(work, GATE.format(bound="1pp"))
    work.add(BLANK)
    commit(work)
    found = reviewed(work)
    assert (found.failed, found.undecided) == (False, True)


@pytest.mark.parametrize("text", ["gates = 1", "[ci]\nsample = true", "\x00"])
def test_settings_that_are_not_understood_are_a_fault_and_the_old_gates_hold(
    work: Work, text: str
) -> None:
    work.git("checkout", "-q", "main")
    work.add(ONE, measure=True)
    settle(work, GATE.format(bound="1pp"))
    work.git("checkout", "-q", "-B", "topic")
    work.add(BLANK, measure=True)
    settle(work, text)
    found = reviewed(work)
    assert found.failed
    assert found.change.broken_settings.startswith("dslineage.toml")
    assert [gate.result.verdict for gate in found.change.datasets[0].gates] == ["fail"]


def test_texts_are_shown_only_where_both_ends_ask_for_them(work: Work) -> None:
    secret = lines("a", "b", "c", "the answer xyzzy")
    samples = "[ci]\nsamples = true\n"
    work.add(secret)
    settle(work, samples)
    for text in [markdown.text(reviewed(work)), *texts_in(document(reviewed(work)))]:
        assert "xyzzy" not in text
    work.git("checkout", "-q", "main")
    settle(work, samples)
    work.git("checkout", "-q", "topic")
    work.git("merge", "-q", "--no-edit", "main")
    assert "xyzzy" in markdown.text(reviewed(work))
    assert any("xyzzy" in text for text in texts_in(document(reviewed(work))))
    work.write("dslineage.toml", "")
    commit(work)
    assert "xyzzy" not in markdown.text(reviewed(work))


def test_faults_that_the_hooks_would_have_stopped_are_in_it(work: Work) -> None:
    record = work.add(TWO)
    work.git("rm", "-q", "--cached", "--", record.path)
    work.git("add", "-f", DATA)
    work.git("commit", "-qm", "half, and raw data")
    found = reviewed(work)
    assert found.failed
    assert {one.kind for one in found.faults} == {"missing-record", "ignored-data"}
    assert "its record is not in the commit" in found.change.datasets[0].problem
    assert "**not judged**" in markdown.text(found)


def test_a_pointer_with_merge_markers_is_a_fault_and_no_deletion(work: Work) -> None:
    pointer = (work.root / POINTER).read_bytes()
    work.write(POINTER, b"<<<<<<< ours\n" + pointer)
    commit(work)
    found = reviewed(work)
    assert found.change.datasets == ()
    assert [one.kind for one in found.faults] == ["conflicted-pointer"]


def test_sources_and_claims_that_came_and_records_that_went_are_named(work: Work) -> None:
    repo = Repository.open(work.root)
    from dslineage.lineage.description import Description
    from dslineage.records import License

    repo.provenance.add_source(
        "web", Description(uri="https://example.org/set", license=License("MIT"))
    )
    repo.provenance.claim("train@v1", "pii", {"found": False})
    old = next((work.root / ".dslineage/records/dataset/train").iterdir())
    work.add(TWO)
    work.git("add", "-A")
    work.git("rm", "-q", "--cached", str(old))
    work.git("commit", "-qm", "records")
    found = reviewed(work)
    text = markdown.text(found)
    assert "- source web: https:<!-- -->//example.org/set, MIT" in text
    assert "- claim pii about train, by Ada Curator: found False" in text
    assert [Path(path).name for path in found.change.removed] == [old.name]
    assert "this record is taken away" in text


def test_a_model_that_was_trained_on_what_is_replaced_is_named(work: Work, tmp_path: Path) -> None:
    from dslineage.lineage.modeladd import Declared

    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    repo = Repository.open(work.root)
    repo.provenance.add_model(folder, Declared(name="tiny", trained_on=("train@v1",)))
    work.add(TWO)
    commit(work)
    text = markdown.text(reviewed(work))
    assert "Rests on v1, without this change: tiny@" in text


def test_figures_that_are_none_are_a_fault_and_no_crash(work: Work) -> None:
    from dataclasses import replace

    from dslineage.records import MeasurementRecord, Pointer

    record = work.add(TWO, measure=True)
    folder = work.root / MeasurementRecord.folder() / "train"
    (path,) = folder.glob("v2-*.json")
    measured = MeasurementRecord.from_bytes(path.read_bytes(), path.name)
    forged = {
        id_: {**told, "figure": "<b>", "better": "x"} for id_, told in measured.metrics.items()
    }
    path.unlink()
    hostile = replace(measured, metrics=forged)
    work.write(hostile.path, hostile.to_bytes())
    work.git("checkout", "-q", "main")
    work.git("add", "-A", ".dslineage")
    odd = replace(record, change={record.parents[0]: {"unchanged": "3", "edited": {}}})
    work.write(odd.path, odd.to_bytes())
    work.write(POINTER, Pointer.to(odd).to_bytes())
    work.git("checkout", "-q", "-B", "topic")
    commit(work)
    found = reviewed(work)
    assert found.failed
    assert "what is recorded of train" in found.change.datasets[0].problem


def test_every_setting_is_told_of() -> None:
    assert set(SETTINGS) | {"digest", "gates"} == set(Config.__dataclass_fields__)


def test_the_document_is_json_and_says_which_schema_it_has(work: Work) -> None:
    work.add(TWO, measure=True)
    commit(work)
    told = json.loads(json.dumps(reviewed(work).to_dict()))
    assert told["schema"] == "dslineage.ci/1"
    assert told["datasets"][0]["from"]["version"] == "v1"
