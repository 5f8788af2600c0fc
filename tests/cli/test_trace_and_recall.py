"""`trace` and `recall` as a person types them."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from dslineage.records import Consumed, Evidence, ModelRecord, RunInput, RunRecord
from tests.cli.conftest import Dslineage
from tests.versions.support import Bench

WHO = ("Ada Curator", "2026-01-02T00:00:00Z", "dslineage")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Two versions, of which the second lost the field `user`, and a model of the second."""
    bench = Bench.make(tmp_path / "repo")
    monkeypatch.chdir(bench.root)
    rows = [
        {"prompt": f"What is {n}?", "completion": f"It is {n}.\x1b[2J", "user": n} for n in (7, 8)
    ]
    bench.commit("train.jsonl", b"".join(orjson.dumps(row) + b"\n" for row in rows))
    slim = [{name: row[name] for name in ("prompt", "completion")} for row in rows]
    second = bench.commit("train.jsonl", b"".join(orjson.dumps(row) + b"\n" for row in slim)).record
    given = (RunInput("train", Evidence.CAPTURED, second.id),)
    run = RunRecord("tiny", given, "finished", Evidence.CAPTURED, *WHO, epochs=1.0)
    final, other = (
        ModelRecord("tiny", label, "checkpoint", (), Evidence.CAPTURED, *WHO, generated_by=of,
                    consumed=Consumed("exact"))
        for label, of in (("final", run.id), ("other", None))
    )  # fmt: skip
    repo = bench.repo
    repo.provenance.registry.keep([run, final, other], repo.store)
    bench.git("commit", "-q", "-m", "a model")
    return bench


def test_trace_says_where_an_example_is_and_who_saw_it(here: Bench, dslineage: Dslineage) -> None:
    ran = dslineage("trace", "--key", "user=7")
    assert (ran.code, ran.err) == (0, "")
    lines = [line.strip() for line in ran.out.splitlines()]
    assert "in       train v1" in lines
    assert "since    train@v1, where it came from is not recorded" in lines
    assert any(line.startswith("later form ") and "the same conversation" in line for line in lines)
    assert any(line.startswith("tiny@final  saw it as the same conversation") for line in lines)
    assert "no exact match in what is recorded: 1 model" in lines
    assert "tiny@other  but on what data it was trained is not known" in lines
    assert "\x1b" not in ran.out
    [example] = dslineage("trace", "--key", "user=7", "--json").json["examples"]
    assert [(one["ref"], one["answer"]) for one in example["seen"]] == [
        ("run:tiny", "saw"),
        ("tiny@final", "saw"),
    ]


def test_trace_of_what_is_nowhere_says_no_more_than_that(here: Bench, dslineage: Dslineage) -> None:
    ran = dslineage("trace", "--text", "never said")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "no exact match in what is recorded\n\nsearched 2 versions\n"


def test_one_example_is_json_on_as_many_lines_as_it_may_be(
    here: Bench, dslineage: Dslineage
) -> None:
    row = {"prompt": "What is 7?", "completion": "It is 7.\x1b[2J"}
    ran = dslineage("trace", orjson.dumps(row, option=orjson.OPT_INDENT_2).decode())
    assert ran.code == 0
    assert "in       train v2" in ran.out
    for text in ('{"prompt": ', "[1]", "7", "x\udcff", '{"prompt": "\udcff"}'):
        ran = dslineage("trace", text)
        assert (ran.code, ran.out) == (2, ""), text
        assert "/tmp" not in ran.err


def test_where_not_all_could_be_searched_nobody_takes_silence_for_an_answer(
    here: Bench, dslineage: Dslineage
) -> None:
    for layout in (here.repo.store.root / "layouts").iterdir():
        layout.unlink()
    for asked in (("trace", "--text", "never said"), ("recall", "--text", "never said")):
        ran = dslineage(*asked)
        assert (ran.code, ran.err) == (10, "")
        assert "searched 0 versions" in ran.out
        assert "not searched: train@v1" in ran.out
        assert dslineage(*asked, "--json").code == 10


def test_a_field_without_a_value_is_a_fault_of_usage(here: Bench, dslineage: Dslineage) -> None:
    ran = dslineage("trace", "--key", "user")
    assert (ran.code, ran.out) == (2, "")
    assert "--key user is not FIELD=VALUE" in ran.err
    assert dslineage("recall").code == 2


def test_a_recall_is_reported_filed_and_decided(here: Bench, dslineage: Dslineage) -> None:
    asked = ("recall", "--where", "user=7", "--name", "gdpr-17")
    ran = dslineage(*asked, "-o", "report.md")
    assert ran.code == 0
    assert "to decide: 2 versions and models" in ran.out
    report = (here.root / "report.md").read_text()
    assert "| `tiny@final` | saw | `train@v2` | recorded |" in report
    assert "- `train@v2`\n- `tiny@final`" in report
    assert "What is" not in report, "a report shows no example"
    ran = dslineage(*asked, "--claim", "takedown", "--reason", "erasure", "--decide",
                    "tiny@final=retrain", "--json")  # fmt: skip
    assert ran.json["open"] == ["train@v2"]
    assert len(ran.json["filed"]) == 5, "two versions, a run, a model, and a decision"
    for path in ran.json["filed"]:
        kept = (here.root / path).read_text()
        assert "gdpr-17" in kept
        assert "It is" not in kept
    assert dslineage(*asked, "--claim", "takedown", "--json").json["filed"] == []
    here.git("commit", "-q", "-m", "takedown")
    assert dslineage("verify").code == 0
    assert dslineage(*asked, "--decide", "tiny@final=burn").code == 2
    assert dslineage(*asked, "--decide", "other@v1=accept").code == 2


@pytest.mark.parametrize(
    "asked", [("trace", "--key", "user=null"), ("recall", "--where", "user=null")]
)
def test_null_is_no_value_to_look_for(
    here: Bench, dslineage: Dslineage, asked: tuple[str, ...]
) -> None:
    ran = dslineage(*asked)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: user=null: a field that is null is one that is not there\n"
        """hint: user='"null"' for the text\n"""
    )


def test_an_empty_list_is_no_answer_and_decisions_are_named(
    here: Bench, dslineage: Dslineage
) -> None:
    Path("none.txt").write_text("# nothing\n")
    ran = dslineage("recall", "--hashes", "none.txt")
    assert ran.code == 2
    assert "none.txt lists no digest" in ran.err
    ran = dslineage("recall", "--where", "user=7", "--decide", "tiny@final=burn")
    assert ran.code == 2
    assert "decision is 'burn', and none of retrain, unlearn, suppress, accept" in ran.err


def test_what_is_no_node_is_looked_for_among_nodes(here: Bench, dslineage: Dslineage) -> None:
    ran = dslineage("lineage", "run:foo")
    assert ran.code == 6
    assert (
        ran.err == "error: 'run:foo' is unknown: no run is called 'foo'\nhint: dslineage lineage\n"
    )
