"""The run file: written whole, read strictly."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.errors import IntegrityError
from dslineage.ids import Digest
from dslineage.records import Base, Code, Consumed, Evidence, Gap, NamedFile, Prepared, RunInput
from dslineage.training.recorder import Recorder
from dslineage.training.runfile import Outcome, RunFile, RunStart, SavedCheckpoint
from tests.runs.cluster import model, trained

names = st.text("abcxyz0189", min_size=1, max_size=6)
digests = st.binary(min_size=32, max_size=32).map(Digest)
counts = st.integers(0, 1 << 40)
epochs = st.floats(0, 1e6)
gaps = st.lists(st.builds(Gap, st.sampled_from(["code", "media"]), names), max_size=2).map(tuple)
scalars = st.booleans() | st.integers(-(2**53), 2**53) | names | epochs
parameters = st.dictionaries(names, scalars | st.lists(scalars, max_size=2), min_size=1, max_size=3)
maybe = st.none()
instants = st.sampled_from(["2026-03-01T00:00:00Z", "2026-03-01T00:00:00.000001Z"])

inputs = st.builds(
    RunInput,
    role=st.sampled_from(["train", "eval", "reference"]),
    evidence=st.sampled_from([Evidence.DECLARED, Evidence.RECORDED, Evidence.CAPTURED]),
    content_hash=maybe | digests,
    training_hash=maybe | digests,
    adapter=maybe | names,
    examples=maybe | counts,
    split=maybe | names,
    prepared=maybe | st.builds(Prepared, counts, kept=maybe | counts, packing=maybe | names),
)
starts = st.builds(
    RunStart,
    created_at=instants,
    tool=names,
    inputs=st.lists(inputs, max_size=2).map(tuple),
    base=maybe | st.builds(Base, names, weights_hash=maybe | digests),
    code=maybe | st.builds(Code, commit=names, dirty=maybe | digests),
    parameters=maybe | parameters,
    environment=maybe | parameters,
    framework=maybe | st.dictionaries(names, names, min_size=1, max_size=2),
    seed=maybe | counts,
    template_hash=maybe | digests,
    continues_start=maybe | digests,
    gaps=gaps,
)
checkpoints = st.builds(
    SavedCheckpoint,
    label=names,
    path=names | st.sampled_from([".", ""]),
    at=instants,
    files=st.lists(
        st.builds(NamedFile, names, counts, digests), max_size=2, unique_by=lambda file: file.path
    ).map(tuple),
    consumed=st.builds(
        Consumed, st.sampled_from(["exact", "unknown"]), maybe | epochs, maybe | counts
    ),
    step=counts,
    epoch=maybe | epochs,
    weights_hash=maybe | digests,
    gaps=gaps,
)
runs = st.builds(
    RunFile,
    starts,
    st.lists(checkpoints, max_size=2).map(tuple),
    maybe | st.builds(Outcome, st.sampled_from(["finished", "failed"]), instants, maybe | counts),
    gaps,
)


@given(runs)
def test_a_run_file_that_is_read_says_what_was_written(run: RunFile) -> None:
    assert RunFile.from_bytes(run.to_bytes(), "run") == run


@given(starts, starts)
def test_the_hash_of_the_start_is_that_of_all_it_says(one: RunStart, other: RunStart) -> None:
    assert (one.hash == other.hash) == (one.to_dict() == other.to_dict())


@given(starts, st.data())
def test_a_start_that_was_edited_is_refused(start: RunStart, data: st.DataObject) -> None:
    document = json.loads(RunFile(start).to_bytes())
    name = data.draw(st.sampled_from([*document["start"], "more"]))
    document["start"][name] = "edited"
    with pytest.raises(IntegrityError):
        RunFile.from_bytes(json.dumps(document).encode(), "run")


def test_a_file_that_cannot_be_written_is_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = trained(tmp_path, steps=(10,), ends=False)
    before = recorder.path.read_bytes()

    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("dslineage.disk.os.fsync", refuse)
        with pytest.raises(OSError, match="No space"):
            recorder.finish("finished")
    assert recorder.path.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"dslineage-run.json", "checkpoint-10"}


def test_the_run_file_of_another_run_is_kept_beside_it(tmp_path: Path) -> None:
    first = trained(tmp_path, steps=()).run
    second = Recorder.of(tmp_path, replace(first.start, seed=2))
    second.write()
    second.write()
    aside = tmp_path / f"dslineage-run-{first.start.hash.hex[:12]}.json"
    assert sorted(path.name for path in tmp_path.iterdir()) == [aside.name, "dslineage-run.json"]
    assert aside.read_bytes() == first.to_bytes()


def test_a_checkpoint_elsewhere_is_named_without_its_place(tmp_path: Path) -> None:
    recorder = trained(tmp_path / "out", steps=())
    folder = model(tmp_path / "else (where)", 1)
    saved = recorder.checkpoint(folder, step=1, consumed=Consumed("unknown"))
    assert (saved.path, saved.label) == ("", "else-where")
    assert RunFile.from_bytes(recorder.path.read_bytes(), "run").checkpoints == (saved,)
