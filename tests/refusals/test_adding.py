"""A forgotten example that comes back is refused, in whatever file, by whatever command."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dslineage.errors import BadDataError, IntegrityError
from dslineage.records.forgotten import FORGOTTEN
from dslineage.steps.running import CommandStep
from tests.refusals.denial import OTHERS, SECRET, deny, lines
from tests.versions.support import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench.make(tmp_path / "work")
    deny(bench.root, SECRET)
    return bench


def refused(bench: Bench, name: str, data: bytes | None = None, **options: Any) -> BadDataError:
    before = bench.files()
    with pytest.raises(BadDataError) as error:
        bench.add(name, data, **options)
    assert error.value.kind == "forgotten"
    assert {path for path in bench.files() if "/cache/" not in path} == (
        {path for path in before if "/cache/" not in path}
    )
    return error.value


def test_the_line_the_digest_and_what_to_do_are_said(bench: Bench) -> None:
    error = refused(bench, "train.jsonl", lines(*OTHERS[:2], SECRET, OTHERS[2], SECRET))

    assert str(error).replace(f"{bench.root}/", "") == (
        "2 examples that were forgotten came back; nothing was recorded\n"
        "  train.jsonl:3:1: forgotten example 45d70e191ea8\n"
        "  train.jsonl:5:1: forgotten example 45d70e191ea8"
    )
    assert error.hint == "take these records out of the file, and out of where they came from"


@pytest.mark.parametrize(
    "row",
    [
        dict(reversed(SECRET.items())),
        SECRET | {"id": "900", "source": "another file"},
        {"messages": [
            {"role": "user", "content": SECRET["prompt"]},
            {"role": "assistant", "content": SECRET["completion"]},
        ]},
    ],
    ids=["other key order", "other metadata", "another record schema"],
)  # fmt: skip
def test_what_a_model_is_shown_is_recognised_in_another_dress(
    bench: Bench, row: dict[str, Any]
) -> None:
    error = refused(bench, "new.jsonl", lines(*[row] * 3))

    assert [fault.line for fault in error.faults] == [1, 2, 3]


def test_every_format_is_judged(bench: Bench) -> None:
    rows = [*OTHERS, SECRET]
    refused(bench, "a.jsonl.gz", gzip.compress(lines(*rows)))
    refused(bench, "b.json", json.dumps(rows, indent=2).encode())
    cells = "".join(f'"{r["id"]}","{r["prompt"]}","{r["completion"]}"\n' for r in rows)
    assert refused(bench, "c.csv", b"id,prompt,completion\n" + cells.encode()).faults[0].line == 11
    pq.write_table(pa.Table.from_pylist(rows), bench.root / "d.parquet")
    assert refused(bench, "d.parquet").faults[0].line == len(rows)


def test_a_quarantine_is_no_way_in(bench: Bench) -> None:
    refused(bench, "train.jsonl", b"{broken\n" + lines(SECRET), quarantine=True)


def test_what_was_stored_before_it_was_denied_is_refused_in_the_next_version(
    tmp_path: Path,
) -> None:
    bench = Bench.make(tmp_path / "work")
    bench.commit("train.jsonl", lines(*OTHERS, SECRET))
    deny(bench.root, SECRET)

    refused(bench, "train.jsonl", lines(SECRET, *OTHERS))
    assert bench.add("train.jsonl", lines(*OTHERS)).record.label == "v2"
    deny(bench.root, OTHERS[3])
    refused(bench, "train.jsonl", lines(*OTHERS, {"prompt": "New?", "completion": "Yes."}))


def test_commit_refuses_it_and_nothing_is_committed(bench: Bench) -> None:
    bench.commit("train.jsonl", lines(*OTHERS))
    head = bench.git("rev-parse", "HEAD")
    bench.put("train.jsonl", lines(*OTHERS, SECRET))

    with pytest.raises(BadDataError, match="was forgotten came back"):
        bench.repo.commit("more")
    assert (bench.git("rev-parse", "HEAD"), bench.labels("train")) == (head, ["v1"])


def test_a_merge_that_brings_it_back_is_refused_and_the_file_is_as_it_was(bench: Bench) -> None:
    shutil.move(bench.root / FORGOTTEN, bench.root / "list")
    bench.commit("train.jsonl", lines(*OTHERS))
    bench.git("checkout", "-qb", "side")
    bench.commit("train.jsonl", lines(SECRET, *OTHERS))
    bench.git("checkout", "-q", "main")
    ours = lines(*OTHERS, {"id": "10", "prompt": "New?", "completion": "Yes."})
    bench.commit("train.jsonl", ours)
    shutil.move(bench.root / "list", bench.root / FORGOTTEN)
    bench.merge_conflict("side")

    with pytest.raises(BadDataError, match="was forgotten came back"):
        bench.repo.merge()
    assert (bench.root / "train.jsonl").read_bytes() == ours


def test_rows_from_memory_and_what_a_step_makes_are_refused(bench: Bench) -> None:
    bench.commit("train.jsonl", lines(*OTHERS))
    with pytest.raises(BadDataError, match="was forgotten came back"):
        bench.repo.write("train", [*OTHERS, SECRET])
    assert (bench.root / "train.jsonl").read_bytes() == lines(*OTHERS)

    bench.put("more.txt", lines(SECRET))
    command = ("sh", "-c", "cat train.jsonl more.txt > all.jsonl")
    asked = CommandStep(command, inputs=("train",), outputs=("all.jsonl",), measure=False)
    with pytest.raises(BadDataError, match="was forgotten came back"):
        bench.repo.provenance.step(asked)
    assert bench.labels("train") == ["v1"]


def test_without_the_key_nobody_can_say_and_add_does_not_guess(bench: Bench) -> None:
    shutil.rmtree(bench.objects / "keys")

    with pytest.raises(IntegrityError) as error:
        bench.add("train.jsonl", lines(*OTHERS))
    assert (error.value.kind, error.value.hint) == ("missing-key", "dslineage fetch")


def test_rows_are_judged_once_for_a_list(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from dslineage.versions.denied import DenyList

    judged: list[int] = []
    examples = DenyList.examples

    def counted(self: DenyList, digests: Any) -> Any:
        judged.append(len(digests))
        return examples(self, digests)

    monkeypatch.setattr(DenyList, "examples", counted)
    bench.commit("train.jsonl", lines(*OTHERS))
    bench.add("train.jsonl", lines(*OTHERS, {"id": "10", "prompt": "New?", "completion": "Yes."}))

    assert judged == [len(OTHERS), 1]
