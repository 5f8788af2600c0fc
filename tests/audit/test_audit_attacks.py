"""What somebody changed behind the records' back is found by `audit --verify`, and named."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from dslineage.audit.audit import AuditOptions
from dslineage.audit.checks import Finding
from dslineage.errors import NotFoundError
from dslineage.records import Record, StepRecord
from dslineage.repository import Repository
from tests.audit.conftest import Told

LAST = "tiny@checkpoint-27"


def found(story: Told) -> Finding:
    """The only thing that is not as it was recorded."""
    (finding,) = story.verified().findings
    return finding


def also_by_verify(story: Told, *names: str) -> None:
    """`verify` finds it, too."""
    said = [one.message for one in Repository.open(story.data).verify().problems]
    assert any(all(name in message for name in names) for message in said), said


def record_of(story: Told, kind: type[Record], stem: str) -> Path:
    """The file of the one record of some kind and name."""
    (path,) = (story.data / kind.folder()).glob(f"{stem}-*.json")
    return path


def test_nothing_is_found_where_nothing_was_changed(story: Told) -> None:
    assert story.verified().findings == ()


def test_an_edited_record(story: Told) -> None:
    path = record_of(story, StepRecord, "train/cut")
    document = json.loads(path.read_bytes())
    document["message"] = "nothing of note"
    path.write_text(json.dumps(document, indent=2))
    finding = found(story)
    assert (finding.kind, finding.name) == ("record", path.relative_to(story.data).as_posix())
    assert "it was edited" in finding.message
    assert {"train@v3", "run:tiny", LAST} <= set(finding.hangs)
    also_by_verify(story, path.name)


def test_a_record_that_was_edited_with_a_new_id(story: Told) -> None:
    path = record_of(story, StepRecord, "train/cut")
    document = json.loads(path.read_bytes()) | {"message": "nothing of note"}
    forged = StepRecord._of(document)
    path.write_bytes(forged.to_bytes())
    finding = found(story)
    assert (finding.kind, finding.name) == ("record", path.relative_to(story.data).as_posix())
    assert "train@v3" in finding.hangs


def test_a_deleted_record(story: Told) -> None:
    path = record_of(story, StepRecord, "clean/dedupe")
    path.unlink()
    finding = found(story)
    assert finding.kind == "record"
    assert f"{path.relative_to(story.data)} is in git, and was deleted here" in finding.message
    assert {"clean@v2", "train@v1", LAST} <= set(finding.hangs)
    also_by_verify(story, "clean/dedupe")
    gaps = [line.gap.kind for line in story.audit().gaps.lines]
    assert "missing-record" in gaps


def test_a_renamed_record(story: Told) -> None:
    path = record_of(story, StepRecord, "train/mend")
    renamed = path.rename(path.with_name(path.name.replace("mend", "harmless")))
    old, new = (one.relative_to(story.data).as_posix() for one in (path, renamed))
    findings = {finding.name: finding for finding in story.verified().findings}
    assert set(findings) == {old, new}
    assert "its name is another" in findings[new].message
    assert {"train@v2", LAST} <= set(findings[old].hangs)
    also_by_verify(story, "harmless")


@pytest.mark.parametrize(
    ("kind", "stem", "hangs"),
    [
        ("dataset", "train/v3", "run:tiny"),  # named by its content alone
        ("source", "forum/forum", "forum@v1"),  # named by the bytes of its file
        ("mixture", "support-mix/support-mix", "train@v1"),
        ("run", "tiny/tiny", LAST),
        ("model", "tiny/checkpoint-18", "run:tiny"),  # says how much was seen before
        ("measurement", "train/v3", LAST),
    ],
)
@pytest.mark.parametrize("how", ["edited", "deleted"])
def test_a_record_of_any_kind_without_a_cache_of_the_graph(
    story: Told, kind: str, stem: str, hangs: str, how: str
) -> None:
    path = min((story.data / ".dslineage" / "records" / kind).glob(f"{stem}-*.json"))
    if how == "deleted":
        path.unlink()
    else:
        path.write_text(path.read_text().replace('"created_at": "', '"created_at": "1'))
    shutil.rmtree(story.data / ".git" / "dslineage" / "cache")
    finding = found(story)
    assert path.relative_to(story.data).as_posix() in f"{finding.name} {finding.message}"
    assert hangs in finding.hangs


def test_a_deleted_claim(story: Told) -> None:
    subprocess.run(["git", "add", ".dslineage"], cwd=story.data, check=True)
    folder = story.data / ".dslineage" / "records" / "claim" / "tiny"
    takedowns = sorted(folder.glob("takedown-*.json"))
    about_last = [path for path in takedowns if last_id(story) in path.read_text()]
    about_last[0].unlink()
    finding = found(story)
    assert finding.name == about_last[0].relative_to(story.data).as_posix()
    assert f"a takedown claim about {LAST}" in finding.message


def last_id(story: Told) -> str:
    return story.audit().subject.node.id


def test_an_edited_data_file(story: Told) -> None:
    data = story.data / "train.jsonl"
    data.write_text(data.read_text().replace("It is 4 .", "It is 5 ."))
    finding = found(story)
    assert (finding.kind, finding.name) == ("file", "train.jsonl")
    assert {"train@v3", LAST} <= set(finding.hangs)


def test_rows_that_were_changed_in_the_store(story: Told) -> None:
    packs = story.data / ".git" / "dslineage" / "packs"
    largest = max(packs.glob("*.zst"), key=lambda path: path.stat().st_size)
    bytes_ = bytearray(largest.read_bytes())
    bytes_[len(bytes_) // 3] ^= 0xFF
    largest.chmod(0o644)
    largest.write_bytes(bytes_)
    findings = story.verified().findings
    assert {finding.kind for finding in findings} == {"version"}
    assert any(finding.name == "train@v3" for finding in findings)
    assert all(largest.name in finding.message for finding in findings)
    also_by_verify(story, largest.name)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_swapped_file_of_a_checkpoint(story: Told, name: str) -> None:
    path = Path(story.last) / name
    other = Path(story.last).with_name("checkpoint-10") / name
    before = path.read_bytes()
    path.write_bytes(other.read_bytes() if name.startswith("model") else before + b" ")
    finding = found(story)
    assert (finding.kind, finding.name) == ("checkpoint", str(path))
    assert f"is not the file of {LAST}" in finding.message
    assert LAST in finding.hangs


def test_a_folder_with_other_tensors_is_no_model_and_the_error_says_what_was_hashed(
    story: Told,
) -> None:
    path = Path(story.last) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\1\1")
    with pytest.raises(NotFoundError) as caught:
        Repository.open(story.data).provenance.audit(story.last, AuditOptions())
    assert caught.value.kind == "unknown-model"
    assert "2 files were hashed (sha256:" in caught.value.message
    assert f"1 of 2 files are those of {LAST}, and model.safetensors is not" in caught.value.message


def test_a_checkpoint_that_was_saved_again_is_known_by_its_tensors(story: Told) -> None:
    path = Path(story.last) / "model.safetensors"
    saved = path.read_bytes()
    size = int.from_bytes(saved[:8], "little")
    header = json.loads(saved[8 : 8 + size]) | {"__metadata__": {"format": "pt"}}
    new = json.dumps(header).encode()
    path.write_bytes(len(new).to_bytes(8, "little") + new + saved[8 + size :])
    audit = Repository.open(story.data).provenance.audit(story.last, AuditOptions(verify=True))
    assert audit.subject.recognised is not None
    assert audit.subject.recognised.by == "weights"
    assert audit.findings == ()
    assert audit.weakest is not None
    assert audit.weakest.evidence == "verified"
