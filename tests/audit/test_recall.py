"""What `recall` finds to be affected, and what it says is still to decide."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from dslineage.errors import BadDataError, NotFoundError, UsageError
from dslineage.lineage.ancestry import Kind
from dslineage.recall.filing import Filing
from dslineage.recall.recall import RecallResult
from dslineage.records import (
    ClaimRecord,
    Consumed,
    DatasetRecord,
    Evidence,
    ModelRecord,
    RunInput,
    RunRecord,
    SourceRecord,
)
from dslineage.repository import Repository
from tests.audit.world import digest_of
from tests.versions.support import Bench

WHO = ("Ada Curator", "2026-01-02T00:00:00Z", "dslineage")
ROWS = [
    {"prompt": f"Where is the {what}?", "completion": f"The {what} is {where}.", "user": user}
    for what, where, user in (
        ("lamp", "on the desk", 7), ("coat", "behind the door", 8), ("cup", "in the sink", 7),
    )
]  # fmt: skip


def lines(*rows: Mapping[str, Any]) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def slim(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "user"}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench.make(tmp_path / "repo")


def trained(bench: Bench, name: str, version: DatasetRecord) -> ModelRecord:
    run = RunRecord(
        name, (RunInput("train", Evidence.CAPTURED, version.id),), "finished",
        Evidence.CAPTURED, *WHO, epochs=1.0,
    )  # fmt: skip
    model = ModelRecord(
        name, "final", "checkpoint", (), Evidence.CAPTURED, *WHO, generated_by=run.id,
        consumed=Consumed("exact"),
    )  # fmt: skip
    bench.repo.provenance.registry.keep([run, model], bench.repo.store)
    return model


def versions(result: RecallResult) -> dict[str, int]:
    return {one.ref: one.examples for one in result.versions}


def test_rows_that_lost_the_field_are_found_by_their_ancestors(bench: Bench) -> None:
    bench.commit("train.jsonl", lines(*ROWS))
    clean = bench.commit("train.jsonl", lines(*map(slim, ROWS))).record
    trained(bench, "tiny", clean)
    none = bench.commit("train.jsonl", lines(slim(ROWS[1]))).record
    trained(bench, "clean", none)
    result = bench.repo.provenance.recall(where=("user", "7"))
    assert versions(result) == {"train@v1": 2, "train@v2": 2}
    assert result.forms[digest_of(ROWS[0]).hex()] is Kind.SAME
    assert result.forms[digest_of(slim(ROWS[2])).hex()] is Kind.SAME_CONVERSATION
    assert [one.seen.ref for one in result.models] == ["tiny@final"]
    assert [one.ref for one in result.unmatched] == ["clean@final"]
    assert result.open == ("tiny@final",), "v3 has none of it any more"


def test_hashes_of_examples_and_of_lines_are_found_and_unknown_ones_are_listed(
    bench: Bench,
) -> None:
    bench.commit("train.jsonl", lines(*ROWS))
    line = hashlib.sha256(orjson.dumps(ROWS[1])).hexdigest()
    unknown = hashlib.sha256(b"nobody has it").hexdigest()
    listed = f"# partner list\n{digest_of(ROWS[0]).hex()}\nsha256:{line}  # a line\n\n{unknown}\n"
    bench.put("list.txt", listed.encode())
    result = bench.repo.provenance.recall(hashes="list.txt")
    assert versions(result) == {"train@v1": 2}
    assert result.missing == (unknown,)
    assert result.to_dict()["asked"]["hashes"]["count"] == 3
    with pytest.raises(NotFoundError, match="there is no file"):
        bench.repo.provenance.recall(hashes="lost.txt")
    bench.put("list.bin", b"\xff\xfe")
    with pytest.raises(BadDataError, match="no list of digests"):
        bench.repo.provenance.recall(hashes="list.bin")


def test_a_source_is_recalled_with_all_that_came_of_it(bench: Bench) -> None:
    forum, wiki = (
        SourceRecord(name, f"https://example.org/{name}", *WHO) for name in ("forum", "wiki")
    )
    first = bench.commit("forum.jsonl", lines(*ROWS[:2])).record
    second = bench.commit("wiki.jsonl", lines(ROWS[2])).record
    origins = [
        ClaimRecord(one.id, one.dataset, "origin", {"source": of.id}, *WHO)
        for one, of in ((first, forum), (second, wiki))
    ]
    registry = bench.repo.provenance.registry
    registry.keep([forum, wiki, *origins], bench.repo.store)
    bench.commit("train.jsonl", lines(*map(slim, ROWS)))
    result = bench.repo.provenance.recall(source="forum")
    assert versions(result) == {"forum@v1": 2, "train@v1": 2}
    with pytest.raises(NotFoundError, match="nowhere"):
        bench.repo.provenance.recall(source="nowhere")


def test_ways_to_ask_add_up_and_one_is_needed(bench: Bench) -> None:
    bench.commit("train.jsonl", lines(*ROWS))
    result = bench.repo.provenance.recall(where=("user", "8"), text="lamp")
    assert versions(result) == {"train@v1": 2}
    with pytest.raises(UsageError, match="which examples are recalled"):
        bench.repo.provenance.recall()


def test_a_model_that_is_deployed_is_named_with_where(bench: Bench) -> None:
    model = trained(bench, "tiny", bench.commit("train.jsonl", lines(*ROWS)).record)
    claim = ClaimRecord(
        model.id, "tiny", "deployment", {"to": "eu-west", "since": "2026-01-01"}, *WHO
    )
    bench.repo.provenance.registry.keep([claim], bench.repo.store)
    [affected] = bench.repo.provenance.recall(text="lamp").models
    assert affected.deployments == ("since 2026-01-01, to eu-west",)


def test_a_decision_counts_for_the_recall_that_it_names_and_the_last_one_counts(
    bench: Bench,
) -> None:
    trained(bench, "tiny", bench.commit("train.jsonl", lines(*ROWS)).record)
    recall = bench.repo.provenance.recall
    once = recall(text="lamp", name="r1", filing=Filing(decisions=(("tiny@final", "suppress"),)))
    assert once.open == ("train@v1",)
    later = Repository.open(bench.root, clock=lambda: datetime(2026, 2, 3, tzinfo=UTC))
    decided = Filing(decisions=(("tiny@final", "retrain"), ("train@v1", "accept")), reason="why")
    done = later.provenance.recall(text="lamp", name="r1", filing=decided)
    assert done.open == ()
    [decision] = [one.decision for one in done.models if one.decision]
    assert (decision.decision, decision.created_at[:10]) == ("retrain", "2026-02-03")
    assert recall(text="lamp", name="r2").open == ("train@v1", "tiny@final")


def test_the_name_of_a_recall_is_that_of_the_question_and_no_text_of_it_is_filed(
    bench: Bench,
) -> None:
    bench.commit("train.jsonl", lines(*ROWS))
    recall = bench.repo.provenance.recall
    first, again = recall(text="lamp"), recall(text="lamp")
    assert first.name == again.name != recall(text="coat").name
    filed = recall(text="lamp", filing=Filing("recall")).filed
    [path] = filed
    claim = ClaimRecord.from_bytes((bench.root / path).read_bytes(), path)
    said = {"recall": first.name, "what": "has examples found by text", "examples": 1}
    assert claim.body == said
    assert not recall(text="lamp", filing=Filing("recall")).filed, "it was filed before"
    with pytest.raises(UsageError, match="no recall is filed as"):
        recall(text="lamp", filing=Filing("gossip"))


def test_what_could_not_be_read_is_named_and_nothing_is_called_clean(bench: Bench) -> None:
    bench.commit("train.jsonl", lines(*ROWS))
    [text] = (bench.objects / "packs").glob("*.zst")
    text.unlink()
    result = bench.repo.provenance.recall(text="lamp")
    assert not result.forms
    assert list(result.unsearched) == ["train@v1"]
    assert "missing object" in result.unsearched["train@v1"]


def test_many_examples_are_followed_as_one_would_be(bench: Bench) -> None:
    rows = [
        {"prompt": f"Number {n}?", "completion": f"{n} squared is {n * n}.", "user": n % 3}
        for n in range(60)
    ]
    bench.commit("train.jsonl", lines(*rows))
    bench.commit("train.jsonl", lines(*map(slim, rows[:45])))
    result = bench.repo.provenance.recall(where=("user", "1"))
    assert versions(result) == {"train@v1": 20, "train@v2": 15}
