"""Readers of small files that say something: notes, lists, choices, reports and states."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson

from dslineage.elsewhere.seeker import Seeker
from dslineage.elsewhere.wanted import Wanted
from dslineage.forgetting.query import ForgetQuery, asked_for
from dslineage.ids import Digest
from dslineage.launching.checkpoints import progress
from dslineage.lineage.modeladd import _start_in
from dslineage.merging.conflicts import conflict_lines, conflicts_of, read_choices
from dslineage.merging.undoing import Begun, Undo
from dslineage.quality.commandjudge import CommandJudge
from dslineage.quality.judge import Asked
from dslineage.records.forgotten import FORGOTTEN, Forgotten
from dslineage.remotes.claims import Claim, Need, claims
from dslineage.remotes.marks import marks
from dslineage.standards.frontmatter import changed_card
from dslineage.store.lock import Holder
from dslineage.trainers import torchtune
from dslineage.trainers.documents import read_values
from dslineage.training.recorder import Recorder
from dslineage.training.runfile import RunFile
from dslineage.verbs.mergeable import remembered, remembered_file
from dslineage.versions.keeping import stage_rest
from tests.fuzz import material
from tests.fuzz.remotefiles import _Remote
from tests.fuzz.target import Read, Target, always, named

_CLONE = "0123456789abcdef"
_VERSION = f"dataset:sha256:{'0' * 64}"
_NEED = Need("train@v1", frozenset({"packs/00-1-00", "layouts/00-2-00"}))
_CLAIM = Claim(_CLONE, "Ada on host", "2026-01-02T03:04:05Z", {_VERSION: _NEED})
_MARKS = material.lines(
    {
        "schema": "dslineage.marks/1",
        "at": 1767323045.5,
        "paths": ["packs/00-1-00"],
        "objects": ["packs/00-1-00"],
        "versions": {_VERSION: {"title": "train@v1", "objects": [0]}},
    }
)


def _on_remote(folder: str) -> Read:
    """A note of a remote, whose name says size and hash of its bytes."""

    def read(data: bytes, _: Path) -> None:
        path = f"{folder}/{_CLONE}-{_CLONE}-{len(data)}-{Digest.of(data).hex}"
        if folder == "claims":
            [claim] = claims(_Remote({path: data})).values()
            assert all(isinstance(key, str) for key in claim.keys)
            assert Claim.from_bytes(_CLONE, claim.to_bytes()) == claim
        else:
            [mark] = marks(_Remote({path: data})).values()
            assert all(isinstance(one, str) for one in mark.paths)
            mark.age(0.0, None)

    return read


def _holder(data: bytes, _: Path) -> None:
    """A note says who holds a lock, or nobody; who that is can be pasted into a shell."""
    found = Holder.parse(data)
    if found is not None:
        assert Holder.parse(found.to_bytes()) == found
        assert found.id.isalnum()
        found.is_of(Holder.here())


def _deny_list(data: bytes, _: Path) -> None:
    found = Forgotten.from_bytes(data)
    assert Forgotten.from_bytes(found.to_bytes()) == found


_CONTESTED = conflicts_of(
    [({"a": number}, {"a": f"ours {number}"}, None if number else {"a": [1]}) for number in (0, 1)]
)


def _choices(data: bytes, _: Path) -> None:
    chosen = read_choices(data, "conflicts.jsonl", _CONTESTED)
    assert chosen.keys() == {one.id for one in _CONTESTED}


def _choices_seeds() -> list[bytes]:
    lines = b"".join(conflict_lines(_CONTESTED))
    chosen = (b'"ours"', b'{"a": 7}')
    return [lines.replace(b'"choose": ""', b'"choose": ' + one) for one in chosen]


def _undo(path: Path) -> None:
    git = cast("Any", SimpleNamespace(own_dir=path.parents[1], root=path.parents[2] / "root"))
    begun = Undo(git).begun()
    assert begun is not None
    for one in (begun.conflict_file, *begun.paths):
        assert (git.root / one).resolve().is_relative_to(git.root.resolve())


def _waiting(data: bytes, place: Path) -> None:
    bench = material.bench().copy(place / "repo")
    (bench.root / ".git/dslineage/merge.json").write_bytes(data)
    remembered_file(bench.repo.catalog)
    list(remembered(bench.repo.catalog))


def _kept(data: bytes, place: Path) -> None:
    """Records that a killed writer kept are staged, and nothing else."""
    bench = material.bench().copy(place / "repo")
    before = bench.git("ls-files")
    (bench.root / ".git/dslineage/keeping.json").write_bytes(data)
    stage_rest(bench.repo.git)
    assert bench.git("ls-files") == before


def _kept_seeds() -> list[bytes]:
    return [orjson.dumps([material.version(ref).path for ref in material.VERSIONS])]


def _waiting_seeds() -> list[bytes]:
    ids = [material.version(ref).id for ref in ("train@v2", "train@v1")]
    return [material.lines({"dataset": "train", "ours": ids[0], "theirs": ids[1]})]


def _asked(path: Path) -> None:
    query = ForgetQuery(hashes=path) if path.suffix == ".txt" else ForgetQuery(recall=path)
    assert all(len(digits) == 64 for digits in asked_for(query).digits)


_DIGITS = Digest.of(b"one").hex
_RECALL = material.lines(
    {
        "schema": "dslineage.recall/1",
        "examples": [{"digest": f"sha256:{_DIGITS}", "kind": "same"},
                     {"digest": f"sha256:{Digest.of(b'two').hex}", "kind": "inferred"}],
    }
)  # fmt: skip


def _state_of_trainer(path: Path) -> None:
    steps, epochs = progress(path.parent)
    assert steps is None or steps >= 0
    assert epochs is None or epochs >= 0
    assert isinstance(_start_in(path), str)


_STATE = material.lines(
    {
        "global_step": 20,
        "epoch": 1.5,
        "log_history": [{"loss": 0.5}],
        "stateful_callbacks": {
            "TrainerControl": {"args": {}, "attributes": {"should_save": True}},
            "Lineage": {"attributes": {"lineage": {"start_hash": f"sha256:{_DIGITS}"}}},
        },
    }
)


def _judged(path: Path) -> None:
    judge = CommandJudge(
        "helpful", "m", "", 2, 0, "score", "higher", command=("cat", str(path)), files={}, timeout=9
    )
    asked = [Asked(_DIGITS, cast("Any", SimpleNamespace(fields={}))) for _ in range(3)]
    assert all(one is None or isinstance(one, float) for one in judge.scores(asked))


def _put_aside(path: Path) -> None:
    """The run file of another run makes room, whatever it says."""
    [run] = (RunFile(one.start) for one in material.drawn(_runs(), 1))
    Recorder(path.parent, run).write()
    assert path.read_bytes() == run.to_bytes()
    assert len(list(path.parent.iterdir())) in {1, 2}


def _runs() -> Any:
    from tests.runs.test_run_file import runs

    return runs


def _run_seeds() -> list[bytes]:
    return [one.to_bytes() for one in material.drawn(_runs())]


def _changed(data: bytes, _: Path) -> None:
    changed_card(data.decode(errors="surrogateescape"), {"license": "mit", "language": ["en"]})


_TORCHTUNE = b"""model: {_component_: torchtune.models.llama3_2.llama3_2_1b}
tokenizer: {_component_: torchtune.models.llama3.llama3_tokenizer, max_seq_len: 2048, path: /x}
checkpointer:
  _component_: torchtune.training.FullModelHFCheckpointer
  checkpoint_dir: ${output_dir}/base
  output_dir: ${output_dir}
dataset:
  _component_: torchtune.datasets.chat_dataset
  source: json
  data_files: data/train.jsonl
  packed: true
dataset_val: {source: org/other, split: test}
output_dir: out
seed: 42
epochs: 2
"""


def _sought(suffix: str) -> Read:
    """A file of a work tree in which forgotten examples are looked for."""

    def read(data: bytes, place: Path) -> None:
        path = place / f"x{suffix}"
        path.write_bytes(data)
        one = Digest.of(b"one").raw
        wanted = Wanted(frozenset({one}), frozenset({one}), frozenset({b"answer, 1234567890"}))
        with ExitStack() as stack:
            seeker = stack.enter_context(Seeker.of(wanted))
            for sight in (seeker.in_file(path), seeker.in_stream([data], len(data))):
                assert sight is None or sight.why

    return read


def _zip() -> list[bytes]:
    import io
    import zipfile

    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a/train.jsonl", material.jsonl()[0])
        file.writestr("b.txt", b"answer, 1234567890")
    return [sink.getvalue()]


TARGETS: Mapping[str, Target] = {
    "claims on a remote": Target(always(_CLAIM.to_bytes()), _on_remote("claims")),
    "marks on a remote": Target(always(_MARKS), _on_remote("marks")),
    "note of a lock": Target(lambda: [Holder.here().to_bytes()], _holder),
    "deny list": Target(lambda: [(material.forgetful().root / FORGOTTEN).read_bytes()], _deny_list),
    "choices of a merge": Target(_choices_seeds, _choices),
    "note of a merge that is written": Target(
        always(orjson.dumps(Begun("train", _VERSION, "train.conflicts.jsonl", ("a/b", "c")))),
        named(".git/dslineage/merge-undo.json", _undo),
    ),
    "note of a merge that waits": Target(_waiting_seeds, _waiting, cost=10),
    "note of records that are kept": Target(_kept_seeds, _kept, cost=10),
    "digests to forget": Target(
        always(f"# all of it\n{_DIGITS}\nsha256:{_DIGITS}\n".encode()), named("x.txt", _asked)
    ),
    "report of a recall": Target(always(_RECALL), named("recall.json", _asked)),
    "state of a trainer": Target(always(_STATE), named("trainer_state.json", _state_of_trainer)),
    "answers of a judge": Target(always(b"1\n0.5\nnull\n"), named("answers", _judged), cost=8),
    "run file of another run": Target(_run_seeds, named("out/dslineage-run.json", _put_aside)),
    "card that is written again": Target(
        always(b"---\npretty_name: x\nlicense: mit # ours\ntags: [a, b]\n---\n# A card\n"), _changed
    ),
    "configuration of torchtune": Target(
        always(_TORCHTUNE),
        named("x.yaml", lambda path: torchtune.configured(read_values(path), path.parent)),
    ),
    "lines that are searched": Target(material.jsonl, _sought(".jsonl")),
    "gzip that is searched": Target(lambda: material.compressed("gz"), _sought(".gz")),
    "zip that is searched": Target(_zip, _sought(".zip")),
    "Parquet that is searched": Target(material.parquet, _sought(".parquet"), cost=2),
}
