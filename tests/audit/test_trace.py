"""What `trace` says of an example: where it is, where it came from, where it went, who saw it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from dslineage.errors import ResourceError, UsageError
from dslineage.lineage import rowfile
from dslineage.lineage.ancestry import Kind
from dslineage.records import (
    Base,
    Component,
    Consumed,
    Evidence,
    Prepared,
    RunInput,
)
from dslineage.trace.query import by_digest, containing, having
from dslineage.trace.traced import ExampleTrace
from tests.audit.world import World, digest_of, train
from tests.audit.world import by_content as fed
from tests.versions.support import Bench

A, B, C = (
    {"instruction": f"Tell me of the {what}.", "output": f"A {what} is a thing that {does}."}
    for what, does in (("kettle", "boils"), ("ladder", "leans"), ("magnet", "pulls hard"))
)
ASK = digest_of(A)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def as_messages(row: Mapping[str, Any]) -> dict[str, Any]:
    turns = (("user", row["instruction"]), ("assistant", row["output"]))
    return {"messages": [{"role": role, "content": text} for role, text in turns]}


def answers(trace: ExampleTrace) -> dict[str, str]:
    return {one.ref: one.answer for one in trace.seen}


def test_an_example_is_found_in_each_version_that_has_it_since_its_source(world: World) -> None:
    first = world.version("raw", [A, B], by=world.source("forum"))
    second = world.version("raw", [A, C], [first])
    world.version("raw", [C], [second])
    trace = world.tracer().trace(ASK)
    assert trace.form.versions == {"raw": ("v1", "v2")}
    [begin] = trace.form.begins
    assert (begin.version, begin.sources, begin.step) == ("raw@v1", ("source:forum",), "")
    [end] = trace.form.ends
    assert (end.version, end.last, end.reason) == ("raw@v3", "raw@v2", "")
    assert trace.example == A


def test_an_example_that_left_and_came_back_begins_twice(world: World) -> None:
    first = world.version("raw", [A, B])
    second = world.version("raw", [B], [first])
    world.version("raw", [B, A], [second])
    trace = world.tracer().trace(ASK)
    assert trace.form.versions == {"raw": ("v1", "v3")}
    assert [begin.version for begin in trace.form.begins] == ["raw@v1", "raw@v3"]


def test_a_converted_example_is_the_same_conversation_without_a_recorded_step(
    world: World,
) -> None:
    raw = world.version("raw", [{**row, "user_id": 7} for row in (A, B)], by=world.source("forum"))
    world.version("train", [as_messages(A), as_messages(B)], [raw])
    trace = world.tracer().trace(digest_of(as_messages(A)))
    [earlier] = trace.earlier
    assert earlier.kind is Kind.SAME_CONVERSATION
    assert earlier.begins[0].sources == ("source:forum",)
    assert trace.form.begins[0].parents[0].parent.hex() == earlier.digest


@pytest.mark.parametrize("as_object", [False, True])
def test_an_edit_that_a_step_recorded_leads_back_and_forth(world: World, as_object: bool) -> None:
    edited = {**A, "output": "Something quite other than what stood here before."}
    raw = world.version("raw", [A, B])
    step = world.step([raw], parents={digest_of(edited): [ASK]}, as_object=as_object)
    world.version("train", [edited, B], by=step)
    [later] = world.tracer().trace(ASK).later
    assert (later.digest, later.kind) == (digest_of(edited).hex(), Kind.RECORDED)
    [earlier] = world.tracer().trace(digest_of(edited)).earlier
    assert (earlier.digest, earlier.versions) == (ASK.hex(), {"raw": ("v1",)})


def test_an_edit_that_nobody_recorded_is_inferred_and_never_certain(world: World) -> None:
    edited = {**A, "output": "Something quite other than what stood here before."}
    raw = world.version("raw", [A, B, C])
    after = world.version("raw", [edited, B, C], [raw])
    run = world.run([train(after)], epochs=1.0)
    trace = world.tracer().trace(ASK)
    [later] = trace.later
    assert (later.kind, later.inferred_by) == (Kind.INFERRED, ("prompt",))
    assert answers(trace) == {"run:run1": "may have seen"}
    assert not world.tracer(infer=False).trace(ASK).later
    [earlier] = world.tracer().trace(digest_of(edited)).earlier
    assert earlier.digest == ASK.hex()
    assert run.name == "run1"


def test_a_dropped_field_of_data_of_no_family_is_inferred_by_the_schema(world: World) -> None:
    rows = [{"colour": f"shade {i}", "size": i, "owner": f"person {i}"} for i in range(6)]
    first = world.version("things", rows)
    world.version("things", [{**row, "owner": None} for row in rows], [first])
    [later] = world.tracer().trace(digest_of(rows[2])).later
    assert (later.kind, later.inferred_by) == (Kind.INFERRED, ("schema",))


def test_the_reason_for_which_a_step_dropped_an_example_is_told(world: World) -> None:
    raw = world.version("raw", [A, B])
    world.version("train", [B], by=world.step([raw], dropped={ASK: "refusal"}))
    [end] = world.tracer().trace(ASK).form.ends
    assert (end.version, end.last, end.reason) == ("train@v1", "raw@v1", "refusal")


def test_a_model_saw_what_it_used_wholly_and_may_have_seen_what_it_used_in_part(
    world: World,
) -> None:
    data = world.version("train", [A, B])
    run = world.run([train(data)], epochs=1.0)
    world.model("tiny", "checkpoint-1", run, consumed=Consumed("upper-bound", epochs=0.5))
    world.model("tiny", "final", run, consumed=Consumed("exact"))
    world.model("tiny", "lost", run)
    assert answers(world.tracer().trace(ASK)) == {
        "run:run1": "saw",
        "tiny@checkpoint-1": "may have seen",
        "tiny@final": "saw",
        "tiny@lost": "may have seen",
    }


@pytest.mark.parametrize(
    ("prepared", "why"),
    [
        (Prepared(2, kept=1), "the trainer dropped 1 of 2 rows"),
        (Prepared(2, masked=1), "the trainer dropped 1 of 2 rows"),
        (Prepared(2, truncated=1, max_length=64), "the trainer cut 1 of 2 rows at 64 tokens"),
        (Prepared(2, packing="bfd"), "the trainer packed the rows (bfd)"),
    ],
)
def test_what_a_trainer_did_to_the_rows_makes_an_answer_uncertain(
    world: World, prepared: Prepared, why: str
) -> None:
    world.run([train(world.version("train", [A, B]), prepared=prepared)], epochs=1.0)
    [seen] = world.tracer().trace(ASK).seen
    assert (seen.answer, seen.whys) == ("may have seen", (why,))


@pytest.mark.parametrize(
    ("component", "whys"),
    [
        ({"cap": 2}, ()),
        ({"cap": 1}, ("the mixture took at most 1 of 2 examples",)),
        ({"weight": 0.5}, ("the mixture drew examples by weight",)),
        ({"repeats": 0.5}, ("the mixture took each example 0.5 times",)),
        ({"repeats": 2.0}, ()),
    ],
)
def test_a_mixture_gives_all_of_a_version_or_some_of_it(
    world: World, component: dict[str, Any], whys: tuple[str, ...]
) -> None:
    data = world.version("train", [A, B])
    world.run([train(world.mixture([Component(data.id, 2, **component)]))], epochs=1.0)
    [seen] = world.tracer().trace(ASK).seen
    assert seen.whys == whys


def test_data_that_a_cluster_knew_by_content_alone_is_every_version_with_it(world: World) -> None:
    data = world.version("train", [A, B])
    other = world.version("copy", [B, A])
    assert other.content_hash == data.content_hash
    world.run([fed(data)], epochs=1.0)
    [seen] = world.tracer().trace(ASK).seen
    assert (seen.answer, seen.evidence) == ("saw", "recorded")


def test_data_that_somebody_declared_is_declared_in_the_answer(world: World) -> None:
    data = world.version("train", [A])
    given = RunInput("train", Evidence.DECLARED, data.id)
    world.model("theirs", "v1", consumed=Consumed("exact"), trained_on=(given,))
    [seen] = world.tracer().trace(ASK).seen
    assert (seen.answer, seen.evidence) == ("saw", "declared")


def test_what_a_model_saw_all_models_made_of_it_saw(world: World) -> None:
    run = world.run([train(world.version("train", [A, B]))], epochs=1.0)
    tiny = world.model("tiny", "final", run, consumed=Consumed("exact"))
    merged = world.model("merged", "v1", form="merge", derived_from=[tiny])
    world.model("small", "q4", form="quantisation", derived_from=[merged])
    other = world.version("other", [B])
    tuned = world.run([train(other)], base=Base("tiny", tiny.id), epochs=1.0)
    world.model("tuned", "final", tuned, consumed=Consumed("exact"))
    trace = world.tracer().trace(ASK)
    assert answers(trace) == {
        "merged@v1": "saw",
        "run:run1": "saw",
        "run:run2": "saw",
        "small@q4": "saw",
        "tiny@final": "saw",
        "tuned@final": "saw",
    }
    through = {one.ref: one.through for one in trace.seen}
    assert through["small@q4"] == ("merged@v1", "tiny@final")
    assert through["tuned@final"] == ("tiny@final",)


def test_a_resumed_run_saw_what_its_checkpoint_saw(world: World) -> None:
    run = world.run([train(world.version("train", [A, B]))], epochs=1.0)
    world.model(run.name, "checkpoint-1", run, consumed=Consumed("upper-bound"))
    world.model(run.name, "checkpoint-2", run, consumed=Consumed("exact"))
    later = world.version("other", [B])
    more = {"continues": run.id, "epochs": 1.0}
    for number, resumed in enumerate(["out/checkpoint-1", "out/checkpoint-2", None], start=2):
        resuming = world.run([train(later)], resumed_from=resumed, **more)
        world.model(f"run{number}", "final", resuming, consumed=Consumed("exact"))
    seen = {one.ref: one for one in world.tracer().trace(ASK).seen}
    assert seen["run2@final"].answer == "may have seen"
    assert seen["run3@final"].answer == "saw"
    assert seen["run4@final"].whys == ("from which checkpoint it went on is not recorded",)


def test_a_model_with_the_same_tensors_is_the_same_model(world: World) -> None:
    run = world.run([train(world.version("train", [A]))], epochs=1.0)
    weights = world.version("any", [B]).content_hash
    world.model("tiny", "final", run, consumed=Consumed("exact"), weights_hash=weights)
    world.model("found-again", "v1", weights_hash=weights)
    assert answers(world.tracer().trace(ASK))["found-again@v1"] == "saw"


def test_a_model_evaluated_on_an_example_did_not_see_it_in_training(world: World) -> None:
    tested, data = world.version("test", [A]), world.version("train", [B])
    run = world.run([train(data), RunInput("eval", Evidence.CAPTURED, tested.id)], epochs=1.0)
    world.model("tiny", "final", run, consumed=Consumed("exact"))
    trace = world.tracer().trace(ASK)
    assert answers(trace) == {
        "run:run1": "was evaluated on it",
        "tiny@final": "was evaluated on it",
    }
    assert [one.ref for one in trace.unmatched] == ["tiny@final"]


def test_a_model_of_unknown_data_has_no_exact_match_and_says_what_is_not_known(
    world: World,
) -> None:
    world.version("train", [A])
    run = world.run([], base=Base("https://example.org/base"))
    world.model("tiny", "final", run)
    [unmatched] = world.tracer().trace(ASK).unmatched
    assert unmatched.ref == "tiny@final"
    assert "base model https://example.org/base" in unmatched.gap


def test_a_version_whose_objects_are_missing_was_not_searched_and_is_named(world: World) -> None:
    first = world.version("train", [A, B])
    second = world.version("train", [A, C], [first])
    name = f"{second.files[0].sha256.hex}.*"
    [layout] = (world.root / "objects" / "layouts").glob(name)
    layout.rename(world.root / "away")
    tracer = world.tracer()
    assert list(tracer.unsearched) == ["train@v2"]
    assert tracer.trace(ASK).form.versions == {"train": ("v1",)}
    (world.root / "away").rename(layout)
    assert world.tracer().trace(ASK).form.versions == {"train": ("v1", "v2")}


def test_a_model_whose_data_were_not_searched_or_whose_records_are_lost_says_so(
    world: World,
) -> None:
    seen, hidden = world.version("train", [A]), world.version("other", [B, C])
    mixed = world.mixture([Component(hidden.id, 2), Component(seen.id, 1)])
    lost = world.run([train(seen)])
    model = world.model("lost", "final", lost)
    for name, given in (("plain", train(hidden)), ("bound", fed(hidden))):
        world.model(name, "final", world.run([given]))
    world.model("mixed", "final", world.run([RunInput("train", Evidence.CAPTURED, mixed.id)]))
    world.model("tuned", "final", derived_from=[model])
    world.forget(lost)
    (layout,) = (world.root / "objects" / "layouts").glob(f"{hidden.files[0].sha256.hex}.*")
    layout.unlink()
    gaps = {one.ref: one.gap for one in world.tracer().trace(ASK).unmatched}
    assert gaps["plain@final"] == gaps["bound@final"] == "other@v1 could not be searched"
    assert "is named and not there" in gaps["lost@final"]
    assert gaps["tuned@final"] == gaps["lost@final"]
    assert "mixed@final" not in gaps, "the mixture has a version that was searched and has it"


# Ways to ask


def test_examples_are_found_by_digest_by_its_beginning_and_by_their_bytes(world: World) -> None:
    world.version("train", [A, B])
    index = world.tracer().history.index
    line = orjson.dumps(A)
    for text in (ASK.hex(), f"sha256:{ASK.hex()}", ASK.hex()[:9].upper()):
        assert by_digest(index, [text]).digests == {ASK}
    [conversation] = index.conversations(index.form(ASK))
    for text in (conversation.hex(), conversation.hex()[:7]):
        assert by_digest(index, [text]).digests == {ASK}
    assert by_digest(index, [hashlib.sha256(line).hexdigest()]).digests == {ASK}
    unknown = hashlib.sha256(b"?").hexdigest()
    assert by_digest(index, [unknown, "00000000"]).missing == ["00000000", unknown]
    with pytest.raises(UsageError, match="is no digest"):
        by_digest(index, ["xyz"])


@pytest.mark.parametrize(
    "line",
    [
        b'{"prompt": "Gr\xc3\xbc\xc3\x9fe, <b>R&D</b>", "completion": "a"}',
        b'{"prompt": "Gr\\u00fc\\u00dfe, \\u003cb>R\\u0026D\\u003c/b>", "completion": "a"}',
        b'{"prompt": "\\u0047r\\u00fc\\u00dfe, <b>\\u0052&D</b>", "completion": "a"}',
    ],
)
@pytest.mark.parametrize("text", ["Grüße", "R&D", "Grüße, <b>R&D</b>", "ü", "<b>"])
def test_a_text_is_found_however_it_was_escaped(tmp_path: Path, line: bytes, text: str) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.add("train.jsonl", line + b'\n{"prompt": "Hi", "completion": "prompt"}\n')
    result = bench.repo.provenance.trace(text=text)
    assert [one.example for one in result.examples] == [orjson.loads(line)]
    assert not bench.repo.provenance.trace(text="completion").examples


@pytest.mark.parametrize(
    ("field", "value", "matches"),
    [
        ("id", "7", True),
        ("id", "7.0", True),
        ("id", "70", False),
        ("name", "Ada", True),
        ("name", "ada", False),
        ("meta.user", "u-1", True),
        ("tags", "new", True),
        ("ok", "true", True),
        ("ok", "1", False),
        ("name", '"Ada"', True),
    ],
)
def test_a_field_is_compared_as_text_or_as_json(field: str, value: str, matches: bool) -> None:
    row = {"id": 7, "name": "Ada", "meta": {"user": "u-1"}, "tags": ["old", "new"], "ok": True}
    assert having(field, value).matches(row) == matches


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(UsageError, match="in every example"):
        containing("")


def test_examples_of_a_file_in_another_format_are_found_by_their_conversations(
    tmp_path: Path,
) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.add("train.jsonl", b"".join(orjson.dumps(as_messages(row)) + b"\n" for row in (A, B)))
    listed = f"instruction,output\n{A['instruction']},{A['output']}\nAnything?,No.\n"
    bench.put("suspects.csv", listed.encode())
    result = bench.repo.provenance.trace(file="suspects.csv")
    assert [one.example for one in result.examples] == [as_messages(A)]
    gone = digest_of({"instruction": "Anything?", "output": "No."})
    assert result.missing == (f"sha256:{gone.hex()}",)
    [one] = bench.repo.provenance.trace(orjson.dumps(A).decode()).examples
    assert one.example == as_messages(A)


def test_one_way_to_ask_is_asked_for(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    with pytest.raises(UsageError, match="in one way"):
        bench.repo.provenance.trace()
    with pytest.raises(UsageError, match="in one way"):
        bench.repo.provenance.trace(text="a", digest="abcd")


# The index


def test_the_index_follows_drafts_branches_and_merges_of_a_git_repository(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    rows = {name: orjson.dumps(row) + b"\n" for name, row in (("a", A), ("b", B), ("c", C))}

    def versions() -> Mapping[str, tuple[str, ...]]:
        found = bench.repo.provenance.trace(digest=ASK.hex()).examples
        return found[0].form.versions if found else {}

    bench.commit("train.jsonl", rows["b"])
    assert versions() == {}
    bench.add("train.jsonl", rows["a"] + rows["b"])
    assert versions() == {"train": ("v2",)}
    bench.add("train.jsonl", rows["b"] + rows["c"])
    assert versions() == {}, "the draft was replaced"
    bench.git("commit", "-q", "-m", "data")
    bench.git("checkout", "-q", "-b", "side", "HEAD~1")
    bench.repo.checkout(force=True)
    bench.commit("train.jsonl", rows["a"] + rows["b"])
    bench.commit("train.jsonl", rows["a"])
    assert versions() == {"train": ("v2", "v3")}
    bench.git("checkout", "-q", "main")
    assert versions() == {}, "another branch has it"
    bench.merge_conflict("side")
    bench.git("checkout", "-q", "--theirs", "train.jsonl.dsl.json")
    bench.git("add", "train.jsonl.dsl.json")
    bench.git("commit", "-q", "-m", "merged")
    assert versions() == {"train": ("v2", "v3")}


def test_a_damaged_or_missing_or_unwritable_index_changes_no_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.version("train", [A, B])
    world.version("train", [A, C], [first])
    expected = world.tracer().trace(ASK).to_dict()
    [path] = (world.root / "objects" / "cache" / "rows").iterdir()
    whole = path.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 20)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert world.tracer().trace(ASK).to_dict() == expected
    path.unlink()

    def refuse(*_: object, **__: object) -> None:
        raise ResourceError("the file system is read-only")

    monkeypatch.setattr(rowfile, "write_columns", refuse)
    assert world.tracer().trace(ASK).to_dict() == expected
    assert not path.exists()


def test_an_add_does_not_pay_for_the_index(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.add("train.jsonl", orjson.dumps(A) + b"\n")
    assert not (bench.objects / "cache" / "rows").exists()


def test_digests_that_begin_alike_are_told_apart(world: World) -> None:
    """Eight equal bytes are no match: a row is confirmed by all thirty-two."""
    world.version("train", [A])
    index = world.tracer().history.index
    other = ASK[:8] + bytes(24)
    assert index.form(other).versions == 0
    assert index.form(ASK).versions == 1
    assert not by_digest(index, [other.hex()]).digests
