"""Stages of a `dvc.lock`, read as steps: linked by their bytes, never by their names alone."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from dslineage.errors import BadDataError, NotFoundError
from dslineage.lineage.dvcstages import StageFile, folder_md5, read_stages
from dslineage.records import ClaimRecord, Evidence
from dslineage.steps.result import ImportResult
from tests.lineage.stepping import chat, lines, steps
from tests.versions.support import Bench

RAW = lines([chat(number) for number in range(20)])
CLEAN = lines([chat(number) for number in range(0, 20, 2)])


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def lock(raw: bytes = RAW, clean: bytes = CLEAN, script: bytes = b"pass\n") -> bytes:
    """What `dvc repro` of DVC 3.67 wrote for one stage, and another that has no data set."""
    return f"""schema: '2.0'
stages:
  clean:
    cmd: python clean.py
    deps:
    - path: clean.py
      hash: md5
      md5: {md5(script)}
      size: {len(script)}
    - path: raw.jsonl
      hash: md5
      md5: {md5(raw)}
      size: {len(raw)}
    params:
      params.yaml:
        clean.rate: 1e-3
        clean.words: null
    outs:
    - path: clean.jsonl
      hash: md5
      md5: {md5(clean)}
      size: {len(clean)}
  report:
    cmd:
    - python report.py
    - cp a b
    outs:
    - path: report.txt
      hash: md5
      md5: {md5(b"x")}
      size: 1
""".encode()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A repository with what a pipeline read and wrote, recorded as versions."""
    bench = Bench.make(tmp_path / "work")
    bench.put("clean.py", b"pass\n")
    bench.put("dvc.lock", lock())
    bench.commit("raw.jsonl", RAW)
    bench.commit("clean.jsonl", CLEAN)
    return bench


def read(bench: Bench) -> ImportResult:
    return bench.repo.provenance.import_stages("dvc.lock")


def test_a_stage_is_a_step_with_the_versions_that_it_read_and_made(bench: Bench) -> None:
    result = read(bench)
    (step,) = result.steps
    assert (step.dataset, step.operation, step.command) == ("clean", "clean", ("python clean.py",))
    assert step.inputs == (bench.repo.show("raw").record.id,)
    assert step.parameters == {"stage": "clean", "files": {"params.yaml": {"clean.rate": 0.001}}}
    assert [one.path for one in step.files] == ["clean.py"]
    assert (step.imported_from, step.exit_status) == ("dvc.lock", None)
    assert [gap.kind for gap in step.gaps] == ["code"]
    assert result.linked == {step.id: ("clean@v1",)}
    assert result.notices == ("the stage report has no data set that is recorded here",)
    assert bench.problems() == []


def test_the_version_is_linked_in_the_graph_by_a_claim(bench: Bench) -> None:
    version = bench.repo.show("clean").record.id
    unknown = {(one.node.id, one.gap.kind) for one in bench.repo.provenance.gaps().gaps}
    assert (version, "unrecorded-step") in unknown
    (step,) = read(bench).steps
    (claim,) = bench.repo.provenance.registry.every(ClaimRecord)
    made = bench.repo.show("clean").record
    assert (claim.subject, claim.type, claim.body["step"]) == (made.id, "origin", step.id)
    graph = bench.repo.provenance.registry.graph()
    (edge,) = [one for one in graph.parents(made.id) if one.role == "origin"]
    assert (edge.child, edge.parent, edge.evidence) == (made.id, step.id, Evidence.RECORDED)
    unknown = {(one.node.id, one.gap.kind) for one in bench.repo.provenance.gaps().gaps}
    assert (version, "unrecorded-step") not in unknown


def test_reading_a_lock_file_again_adds_nothing(bench: Bench) -> None:
    first, second = read(bench), read(bench)
    assert first.new == tuple(one.id for one in first.steps)
    assert second.new == ()
    assert second.steps == first.steps
    assert len(steps(bench)) == 1
    assert len(list(bench.repo.provenance.registry.every(ClaimRecord))) == 1


def test_bytes_of_an_older_version_are_found_in_the_store(bench: Bench) -> None:
    old = bench.repo.show("raw").record.id
    bench.commit("raw.jsonl", RAW + lines([chat(99)]))
    (step,) = read(bench).steps
    assert step.inputs == (old,)


def test_other_bytes_under_the_same_name_are_a_gap_and_no_link(bench: Bench) -> None:
    bench.put("dvc.lock", lock(raw=b"{}\n", script=b"other"))
    (step,) = read(bench).steps
    assert step.inputs == ()
    assert step.files == ()
    messages = [gap.message for gap in step.gaps if gap.kind == "unknown-data"]
    assert messages == [
        "clean.py is not as it was when the stage ran",
        "raw.jsonl had bytes, when the stage ran, that are in no version here",
    ]


def test_a_file_that_was_changed_since_is_not_taken_for_its_version(bench: Bench) -> None:
    other = lines([chat(7)])
    bench.put("clean.jsonl", other)
    bench.put("dvc.lock", lock(clean=other))
    result = read(bench)
    assert result.linked == {result.steps[0].id: ()}


def test_a_version_that_a_step_made_keeps_that_step(bench: Bench) -> None:
    from tests.lineage.stepping import program, run

    command = program(bench, "save(rows[::2], 'clean.jsonl')")
    bench.put("clean.jsonl", lines([chat(1)]))
    bench.commit("clean.jsonl")
    run(bench, command, inputs=("raw",), outputs=("clean",))
    read(bench)
    assert bench.labels("clean") == ["v1", "v2", "v3"]
    claims = list(bench.repo.provenance.registry.every(ClaimRecord))
    assert bench.repo.show("clean").record.id not in {claim.subject for claim in claims}


def test_hashes_of_dvc_2_make_line_ends_one(tmp_path: Path) -> None:
    pieces = [b'{"a": 1}\r', b'\n{"a": 2}\r\n']
    unix = md5(b'{"a": 1}\n{"a": 2}\n')
    assert StageFile("a", unix, legacy=True).is_of(pieces)
    assert not StageFile("a", unix).is_of(pieces)
    assert StageFile("a", md5(b"".join(pieces))).is_of(pieces)


def test_a_folder_is_hashed_as_dvc_does(bench: Bench) -> None:
    folder = bench.root / "set"
    bench.put("set/b/2.jsonl", lines([chat(2)]))
    bench.put("set/1.jsonl", lines([chat(1)]))
    dvc = pytest.importorskip("dvc_data.hashfile.build", reason="dvc is not installed")
    from dvc_data.hashfile.db import HashFileDB
    from dvc_objects.fs.local import LocalFileSystem

    files = LocalFileSystem()
    _, _, found = dvc.build(HashFileDB(files, str(bench.root / "odb")), str(folder), files, "md5")
    assert folder_md5(folder) == found.hash_info.value


@pytest.mark.parametrize(
    "text",
    [
        "stages: [1, 2]",
        "stages:\n  a: 1",
        "schema: '2.0'",
        "a: [",
        "stages:\n  a:\n    cmd: x\n    deps:\n    - path: p\n      md5: zz",
        "&a [*a]",
        "!!python/object/apply:os.system ['touch pwned']",
        "12",
        "stages: 2026-02-30",
        "",
    ],
)
def test_what_is_no_lock_file_is_an_error_and_runs_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "dvc.lock"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadDataError) as caught:
        read_stages(path)
    assert caught.value.kind == "no-lock-file"
    assert not Path("pwned").exists()


def test_a_lock_file_that_is_not_there_is_said_so(bench: Bench) -> None:
    (bench.root / "dvc.lock").unlink()
    with pytest.raises(NotFoundError):
        read(bench)


def test_what_dvc_itself_wrote_is_read(tmp_path: Path) -> None:
    pytest.importorskip("dvc", reason="dvc is not installed")
    from tests.lineage.stepping import program

    bench = Bench.make(tmp_path / "work")

    def dvc(*words: str) -> None:
        command = [sys.executable, "-m", "dvc", *words]
        done = subprocess.run(command, cwd=bench.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    bench.put("raw.jsonl", RAW)
    bench.put("params.yaml", b"rate: 1e-3\n")
    program(bench, "save(rows[::2], 'clean.jsonl')")
    dvc("init", "-q")
    dvc("config", "core.analytics", "false")
    stage = ["-n", "clean", "-d", "clean.py", "-d", "raw.jsonl", "-o", "clean.jsonl", "-p", "rate"]
    dvc("stage", "add", "-q", *stage, f"{sys.executable} clean.py")
    dvc("repro", "-q")
    bench.add("raw.jsonl")
    bench.add("clean.jsonl")
    result = read(bench)
    (step,) = result.steps
    assert result.linked == {step.id: ("clean@v1",)}
    assert step.inputs == (bench.repo.show("raw").record.id,)
    assert [one.path for one in step.files] == ["clean.py"]
    assert step.parameters["files"] == {"params.yaml": {"rate": 0.001}}
    assert [gap.kind for gap in step.gaps] == ["code"]
