"""Commands that run as steps: what is recorded of them, however they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dslineage.errors import BadDataError, IntegrityError, LockedError, NotFoundError, UsageError
from dslineage.ids import Digest
from dslineage.records import Evidence
from dslineage.steps.running import operation_of
from tests.lineage.stepping import chat, examples, lines, program, run, steps
from tests.versions.support import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A repository whose data set `raw` has 30 chats, committed."""
    bench = Bench.make(tmp_path / "work")
    bench.commit("raw.jsonl", lines([chat(number, user=f"u{number}") for number in range(30)]))
    return bench


def test_a_version_names_the_step_that_made_it_and_the_step_what_it_began_with(
    bench: Bench,
) -> None:
    script = (
        "save([{k: v for k, v in row.items() if k != 'user'} for row in rows if row['id'] % 3])"
    )
    command = program(bench, script)
    bench.git("add", "clean.py")
    bench.git("commit", "-q", "-m", "code")
    result = run(
        bench,
        command,
        inputs=("raw.jsonl",),
        outputs=("train.jsonl",),
        parameters={"keep": 2, "unset": None},
        seed=7,
        message="every third goes",
    )
    step = result.record
    made = result.outputs[0].version.record
    assert made.generated_by == step.id
    assert made.message == "every third goes"
    assert step.inputs == (bench.repo.show("raw").record.id,)
    assert step.command == command
    assert (step.operation, step.dataset, step.exit_status) == ("clean", "train", 0)
    assert (step.seed, step.parameters) == (7, {"keep": 2})
    assert step.counts == {"in": 30, "out": 20, "dropped": 10, "changed": 20, "created": 0}
    assert step.code is not None
    assert (step.code.commit, step.code.dirty) == (bench.repo.git.head(), None)
    assert [(one.path, one.sha256) for one in step.files] == [
        ("clean.py", Digest.of((bench.root / "clean.py").read_bytes()))
    ]
    assert step.environment is not None
    assert step.environment.keys() >= {"python", "platform", "packages"}
    assert step.evidence is Evidence.RECORDED
    assert step.gaps == ()
    assert steps(bench) == [step]
    assert bench.problems() == []


def test_code_that_differs_from_the_commit_is_told_apart_and_records_are_no_code(
    bench: Bench,
) -> None:
    command = program(bench, "save(rows[:5])")
    bench.git("add", "clean.py")
    bench.git("commit", "-q", "-m", "code")
    bench.put("lib.py", b"")
    bench.git("add", "lib.py")
    clean = run(bench, command, inputs=("raw",), outputs=("train.jsonl",)).record.code
    program(bench, "save(rows[:6])")
    edited = run(bench, command, inputs=("raw",), outputs=("train.jsonl",)).record.code
    bench.git("config", "diff.noprefix", "true")
    again = run(bench, command, inputs=("raw",), outputs=("train.jsonl",)).record.code
    assert clean is not None
    assert edited is not None
    assert edited.dirty is not None
    assert clean.dirty != edited.dirty
    assert again == edited


def test_an_input_with_changes_is_refused_unless_it_is_added_first(bench: Bench) -> None:
    command = program(bench, "save(rows)")
    with (bench.root / "raw.jsonl").open("ab") as file:
        file.write(lines([chat(99)]))
    with pytest.raises(UsageError) as caught:
        run(bench, command, inputs=("raw",), outputs=("train.jsonl",))
    assert caught.value.kind == "unsaved-changes"
    assert not (bench.root / "train.jsonl").exists()
    result = run(bench, command, inputs=("raw",), outputs=("train.jsonl",), add=True)
    assert result.record.counts["in"] == 31
    assert bench.labels("raw") == ["v1", "v2"]


def test_a_file_that_is_in_no_version_is_no_input_and_a_setting_is(bench: Bench) -> None:
    command = program(bench, "save(rows)")
    bench.put("other.jsonl", lines([chat(1)]))
    bench.put("settings.toml", b"k = 1\n")
    with pytest.raises(UsageError, match="is in no version"):
        run(bench, command, inputs=("other.jsonl",))
    result = run(bench, command, inputs=("raw", "settings.toml"), outputs=("train.jsonl",))
    assert [one.path for one in result.record.files] == ["clean.py", "settings.toml"]


def test_data_sets_that_a_command_changes_are_seen(bench: Bench) -> None:
    command = program(bench, "save(rows[:10], 'raw.jsonl'); save(rows, 'new.jsonl')")
    before = bench.repo.show("raw").record
    result = run(bench, command)
    assert [one.version.title.split(" (")[0] for one in result.outputs] == ["raw v2"]
    assert result.record.inputs == (before.id,)
    assert [gap.kind for gap in result.record.gaps] == ["undeclared-inputs"]
    assert result.record.counts["dropped"] == 20
    assert bench.repo.catalog.pointer_of("new") is None


def test_a_command_may_write_several_data_sets_and_read_what_it_writes(bench: Bench) -> None:
    script = "save(rows[:20], 'raw.jsonl'); save(rows[20:28], 'out/raw.jsonl')"
    command = program(bench, f"import os; os.makedirs('out', exist_ok=True)\n{script}")
    outputs = ("raw", "test=out/raw.jsonl")
    result = run(bench, command, name="split", inputs=("raw",), outputs=outputs)
    records = {one.version.record.dataset: one.version.record for one in result.outputs}
    assert {name: one.examples for name, one in records.items()} == {"raw": 20, "test": 8}
    assert {one.generated_by for one in records.values()} == {result.record.id}
    assert result.record.counts == {"in": 30, "out": 28, "dropped": 2, "changed": 0, "created": 0}
    assert len(steps(bench)) == 1


def test_a_name_that_is_taken_is_refused_before_anything_runs(bench: Bench) -> None:
    command = program(bench, "save(rows, 'ran.jsonl')")
    with pytest.raises(UsageError, match="stands at"):
        run(bench, command, inputs=("raw",), outputs=("out/raw.jsonl",))
    assert not (bench.root / "ran.jsonl").exists()


def test_a_command_that_writes_nothing_leaves_a_step(bench: Bench) -> None:
    result = run(bench, program(bench, "pass"), inputs=("raw",))
    assert result.outputs == ()
    assert steps(bench) == [result.record]
    assert result.record.exit_status == 0
    assert result.record.counts == {}, "what only reads drops nothing"


def test_outputs_that_come_out_the_same_make_no_version(bench: Bench) -> None:
    command = program(bench, "save(rows)")
    first = run(bench, command, inputs=("raw",), outputs=("train.jsonl",))
    bench.git("commit", "-q", "-m", "data")
    second = run(bench, command, inputs=("raw",), outputs=("train.jsonl",))
    assert [one.unchanged for one in second.outputs] == [True]
    assert second.outputs[0].version.record == first.outputs[0].version.record
    assert second.record in steps(bench)


def test_an_output_that_was_not_written_is_an_error_that_is_recorded(bench: Bench) -> None:
    bench.put("stale.jsonl", lines([chat(1)]))
    for path in ("nowhere.jsonl", "stale.jsonl"):
        with pytest.raises(NotFoundError, match=f"did not write {path}"):
            run(bench, program(bench, "pass"), inputs=("raw",), outputs=(path,))
    assert [one.gaps[-1].kind for one in steps(bench)] == ["failed"] * 2
    assert bench.labels("raw") == ["v1"]


def test_an_output_that_was_recorded_and_is_deleted_is_not_written(bench: Bench) -> None:
    command = program(bench, "import os; os.remove('raw.jsonl')")
    with pytest.raises(NotFoundError, match=r"did not write raw\.jsonl"):
        run(bench, command, inputs=("raw",), outputs=("raw.jsonl",))
    [step] = steps(bench)
    assert (step.gaps[-1].kind, step.counts) == ("failed", {})


def test_a_failed_command_leaves_a_record_and_no_version(bench: Bench) -> None:
    command = program(bench, "save(rows[:3], 'raw.jsonl'); save(rows); sys.exit(3)")
    result = run(bench, command, inputs=("raw",), outputs=("train.jsonl",))
    assert result.status == 3
    assert result.outputs == ()
    assert result.left == ("raw.jsonl", "train.jsonl")
    assert steps(bench) == [result.record]
    assert "left raw.jsonl, train.jsonl changed" in result.record.gaps[-1].message
    assert len(examples(bench.root / "raw.jsonl")) == 3
    assert bench.repo.catalog.names() == ["raw"]


def test_an_output_that_cannot_be_read_is_an_error_that_is_recorded(bench: Bench) -> None:
    command = program(bench, "open('train.jsonl', 'w').write('{broken\\n')")
    with pytest.raises(BadDataError):
        run(bench, command, inputs=("raw",), outputs=("train.jsonl",))
    (step,) = steps(bench)
    assert step.gaps[-1].kind == "failed"
    assert step.exit_status == 0


@pytest.mark.parametrize(("program_", "status"), [("no-such-program", 127), ("./data.txt", 126)])
def test_what_cannot_be_run_is_recorded_as_a_shell_would_say_it(
    bench: Bench, program_: str, status: int
) -> None:
    bench.put("data.txt", b"no program")
    result = run(bench, (program_, "--fast"), name="gone")
    assert result.status == status
    assert [one.exit_status for one in steps(bench)] == [status]


def test_no_shell_reads_a_command(bench: Bench) -> None:
    command = (*program(bench, "save([dict(rows[0], id=sys.argv[1])])"), "$(touch pwned); `id`")
    run(bench, command, inputs=("raw",), outputs=("train.jsonl",))
    assert examples(bench.root / "train.jsonl")[0]["id"] == "$(touch pwned); `id`"
    assert not (bench.root / "pwned").exists()


@pytest.mark.parametrize(
    "asked",
    [
        {"command": ("touch", "ran\udcff")},
        {"command": ("touch", "ran"), "message": "\udcff"},
        {"command": ("touch", "ran"), "parameters": {"k": float("nan")}},
        {"command": ("touch", "ran"), "outputs": ("link.jsonl",)},
        {"command": ("touch", "ran"), "outputs": ("../out.jsonl",)},
        {"command": ("touch", "ran"), "inputs": ("nothing",)},
    ],
    ids=["word", "message", "parameter", "link", "outside", "input"],
)
def test_what_no_record_can_say_is_refused_before_anything_runs(
    bench: Bench, asked: dict[str, Any]
) -> None:
    (bench.root / "link.jsonl").symlink_to("raw.jsonl")
    with pytest.raises((UsageError, NotFoundError)):
        run(bench, **asked)
    assert not (bench.root / "ran").exists()
    assert steps(bench) == []


def test_an_input_or_output_that_is_named_twice_counts_once(bench: Bench) -> None:
    command = program(bench, "save(rows[:9], 'raw.jsonl')")
    result = run(bench, command, inputs=("raw", "raw.jsonl"), outputs=("raw.jsonl", "raw"))
    assert len(result.record.inputs) == len(result.outputs) == 1
    assert result.record.counts["in"] == 30


def test_an_output_that_somebody_else_recorded_meanwhile_is_refused(bench: Bench) -> None:
    add = [sys.executable, "-m", "dslineage_cli", "add", "raw.jsonl", "--no-metrics"]
    body = f"save(rows[:9], 'raw.jsonl')\nimport subprocess; subprocess.run({add!r})"
    with pytest.raises(LockedError):
        run(bench, program(bench, body + "\nsave(rows[:8], 'raw.jsonl')"), inputs=("raw",))
    assert bench.labels("raw") == ["v1", "v2"]
    assert [one.gaps[-1].kind for one in steps(bench)] == ["failed"]


def test_changes_from_before_are_a_gap_of_the_step(bench: Bench) -> None:
    command = program(bench, "save(rows[:9])")
    run(bench, command, inputs=("raw",), outputs=("train.jsonl",))
    bench.put("train.jsonl", lines([chat(1)]))
    result = run(bench, command, inputs=("raw",), outputs=("train.jsonl",))
    assert result.outputs[0].unchanged
    bench.put("train.jsonl", lines([chat(1)]))
    program(bench, "save(rows[:8])")
    result = run(bench, command, inputs=("raw",), outputs=("train.jsonl",))
    assert [gap.kind for gap in result.record.gaps if gap.kind == "unrecorded-step"]
    assert bench.labels("train") == ["v1", "v2"]


def test_a_version_that_a_step_began_with_is_no_draft(bench: Bench) -> None:
    bench.add("raw.jsonl", lines([chat(number) for number in range(5)]))
    run(bench, program(bench, "save(rows)"), inputs=("raw",), outputs=("train.jsonl",))
    bench.add("raw.jsonl", lines([chat(number) for number in range(6)]))
    assert bench.labels("raw") == ["v1", "v2", "v3"]
    assert bench.problems() == []


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("python", "-u", "code/clean.py", "--min", "5"), "clean"),
        (("sh", "-c", "mkdir -p sub; head -4 raw.jsonl > sub/out.jsonl"), "sh"),
        (("./2_Filter.sh",), "filter"),
        (("python", "-m", "tools.dedupe"), "dedupe"),
    ],
)
def test_a_step_is_called_after_its_script_or_its_program(
    command: tuple[str, ...], name: str
) -> None:
    assert operation_of("", command) == name


def test_an_interrupted_command_is_recorded_and_what_it_wrote_is_left(bench: Bench) -> None:
    script = "save(rows[:2], 'raw.jsonl'); print('ready', flush=True)\nimport time; time.sleep(60)"
    command = program(bench, script)
    own = [sys.executable, "-m", "dslineage_cli", "step", "-i", "raw", "--no-metrics", "--"]
    ran = subprocess.Popen(
        [*own, *command],
        cwd=bench.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert ran.stdout is not None
    assert ran.stdout.readline() == "ready\n"
    time.sleep(0.2)
    os.killpg(ran.pid, signal.SIGINT)
    _, said = ran.communicate(timeout=60)
    assert "raw.jsonl was changed, and is in no version" in said
    (step,) = steps(bench)
    assert ran.returncode == step.exit_status == 128 + signal.SIGINT
    assert bench.labels("raw") == ["v1"]


def test_a_command_that_was_interrupted_and_ends_well_may_have_ended_early(bench: Bench) -> None:
    script = "save(rows[:2])\nimport os, signal; os.kill(os.getppid(), signal.SIGINT)"
    result = run(bench, program(bench, script), inputs=("raw",), outputs=("train.jsonl",))
    assert bench.labels("train") == ["v1"]
    assert [gap.kind for gap in result.record.gaps] == ["interrupted"]
    assert "may have ended early" in result.notices[0]


def test_a_request_to_end_is_passed_on(bench: Bench) -> None:
    command = program(bench, "print('ready', flush=True)\nimport time; time.sleep(60)")
    own = [sys.executable, "-m", "dslineage_cli", "step", "-i", "raw", "--no-metrics", "--"]
    ran = subprocess.Popen(
        [*own, *command], cwd=bench.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert ran.stdout is not None
    assert ran.stdout.readline() == "ready\n"
    time.sleep(0.2)
    ran.terminate()
    _, said = ran.communicate(timeout=60)
    assert "was ended by SIGTERM" in said
    assert [one.exit_status for one in steps(bench)] == [128 + signal.SIGTERM] == [ran.returncode]


def test_environment_variables_are_in_no_record(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_TOKEN", "sk-very-secret-value")
    bench.git("remote", "add", "origin", "https://ada:sk-very-secret-value@example.org/repo.git")
    result = run(bench, program(bench, "save(rows)"), inputs=("raw",), outputs=("train.jsonl",))
    text = json.dumps(result.to_dict())
    assert "sk-very-secret-value" not in text
    assert result.record.code is not None
    assert result.record.code.repository == "https://example.org/repo.git"


def test_an_edited_step_is_found_with_the_version_that_it_made(bench: Bench) -> None:
    result = run(bench, program(bench, "save(rows)"), inputs=("raw",), outputs=("train.jsonl",))
    path = bench.root / result.record.path
    path.write_text(path.read_text().replace('"seed"', '"sed"').replace('"out": 30', '"out": 31'))
    problems = bench.repo.verify().problems
    assert {one.name for one in problems} == {result.record.path}
    assert all("train@v1" in one.needed_by for one in problems)
    with pytest.raises(IntegrityError):
        bench.repo.provenance.registry.get(result.record.id)
