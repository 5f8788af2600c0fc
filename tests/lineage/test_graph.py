"""The graph answers from both ends of each kind of edge, and says what it does not know."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from dslineage.errors import IntegrityError, NotFoundError
from dslineage.lineage.finding import find_node
from dslineage.lineage.graph import Graph
from dslineage.lineage.summary import summary
from dslineage.progress import Progress
from dslineage.records import Base, Evidence, Gap, License, NamedFile, Record, RunInput
from tests.lineage.world import (
    claim,
    digest,
    graph,
    mixture,
    model,
    run,
    source,
    step,
    train,
    version,
    write,
)

FILE = NamedFile("train.jsonl", 4, digest("bytes"))


def pairs() -> dict[str, tuple[tuple[Record, ...], str]]:
    """For each kind of edge: records, the first of which the last rests on; and its evidence."""
    v1, s = version(), source(files=(FILE,))
    checkpoint = model(None, weights="w", trained_on=(train(v1),))
    named = version(made_by=s)
    claimed = version("chat")
    stated = source("web")
    mixed, started, made = mixture(v1), run(train(v1)), step(v1)
    scorer, base = step(checkpoint, operation="judge"), model(label="base", form="base")
    return {
        "source, version that names it": ((s, named), "recorded"),
        "source, version with its file": ((s, version(file="bytes")), "recorded"),
        "source, version that is claimed to come from it": (
            (stated, claim(claimed, "origin", of="chat", source=stated.id), claimed),
            "declared",
        ),
        "source, step": ((s, step(s, operation="clean")), "recorded"),
        "version, version": ((v1, version(number=2, parents=(v1,))), "recorded"),
        "version, step": ((v1, step(v1, evidence=Evidence.CAPTURED)), "captured"),
        "step, version": ((made, version(number=2, made_by=made)), "recorded"),
        "version, mixture": ((v1, mixture(v1)), "recorded"),
        "mixture, step": ((mixed, step(mixed, operation="mix")), "recorded"),
        "mixture, run": ((mixed, run(train(mixed))), "captured"),
        "version, run": ((v1, run(train(v1, evidence=Evidence.DECLARED))), "declared"),
        "version, run that names its content": ((v1, run(train("train@1"))), "captured"),
        "version, run that was scored on it": ((v1, run(train(v1, role="eval"))), "captured"),
        "version, model": ((v1, model(trained_on=(train(v1),))), "captured"),
        "version, model that names its content": (
            (v1, model(trained_on=(train("train@1", evidence=Evidence.CAPTURED),))),
            "captured",
        ),
        "run, run that goes on": ((started, run(name="on", continues=started.id)), "captured"),
        "run, model": ((started, model(started)), "captured"),
        "step, model": ((made, model(made)), "captured"),
        "model, step": ((checkpoint, scorer), "recorded"),
        "model, run": ((base, run(base=Base("b", base.id))), "captured"),
        "model, run that names its tensors": (
            (checkpoint, run(base=Base("b", weights_hash=digest("w")))),
            "captured",
        ),
        "model, model": ((base, model(label="q", derived_from=(Base("b", base.id),))), "captured"),
        "model, model that names its tensors": (
            (checkpoint, model(label="q", derived_from=(Base("b", weights_hash=digest("w")),))),
            "captured",
        ),
    }  # fmt: skip


@pytest.mark.parametrize("pair", pairs())
def test_every_pair_of_kinds_is_linked_and_found_from_both_ends(tmp_path: Path, pair: str) -> None:
    records, evidence = pairs()[pair]
    older, younger = records[0], records[-1]
    found = graph(tmp_path, version("bystander"), *records)
    assert list(found.up(younger.id, depth=1)) == [older.id]
    assert list(found.down(older.id, depth=1)) == [younger.id]
    assert found.parents(younger.id) == found.children(older.id)
    assert [str(edge.evidence) for edge in found.parents(younger.id)] == [evidence]
    assert found.between(older.id, younger.id) == (older.id, younger.id)


def test_a_story_is_told_from_source_to_deployment_and_back(tmp_path: Path) -> None:
    web, hub = source("web"), source("hub")
    raw = version("raw", made_by=web)
    clean = step(raw, operation="clean")
    v1 = version(made_by=clean)
    chat = version("chat", made_by=hub)
    blend = mixture(v1, chat)
    training = run(train(blend))
    checkpoint = model(training, label="checkpoint-20")
    again = run(train(blend), name="again", continues=training.id)
    final = model(again, name="again")
    live = claim(final, "deployment", of="again")
    review = claim(v1, "review")
    found = graph(
        tmp_path,
        web,
        hub,
        raw,
        clean,
        v1,
        chat,
        blend,
        training,
        checkpoint,
        again,
        final,
        live,
        review,
    )
    impact = found.impact(web.id)
    assert [one.ref for one in impact.versions] == ["raw@v1", "train@v1"]
    assert [one.ref for one in (*impact.steps, *impact.mixtures)] == [
        "step:clean",
        "mixture:blend",
    ]
    assert [one.ref for one in impact.runs] == ["run:again", "run:tiny"]
    assert [one.ref for one in impact.models] == ["again@final", "tiny@checkpoint-20"]
    assert [(one.model.ref, one.claim.id) for one in impact.deployments] == [
        ("again@final", live.id)
    ]
    assert found.impact(final.id).deployments == impact.deployments
    assert [one.id for one in found.claims(v1.id)] == [review.id]
    assert found.claims(v1.id, "deployment") == ()
    assert [one.ref for one in found.roots(final.id)] == ["source:hub", "source:web"]
    assert found.record(blend.id) == blend
    assert list(found.up(final.id, depth=1)) == [again.id]
    assert found.down(web.id)[final.id] == 6
    assert chat.id not in found.between(web.id, final.id)


def test_a_path_is_worth_its_weakest_edge_and_the_best_path_is_taken(tmp_path: Path) -> None:
    v1 = version()
    declared = train(v1, evidence=Evidence.DECLARED)
    weak = run(declared, name="weak", evidence=Evidence.DECLARED)
    strong = run(train(v1), name="strong")
    of_weak, of_strong = model(weak, name="weak"), model(strong, name="strong")
    bases = (Base("a", of_weak.id), Base("b", of_strong.id))
    merged = model(name="merged", form="merge", derived_from=bases)
    found = graph(tmp_path, v1, weak, strong, of_weak, of_strong, merged)
    evidence = found.evidence(merged.id, v1.id)
    assert evidence is not None
    assert [edge.child for edge in evidence.best] == [merged.id, of_strong.id, strong.id]
    assert (evidence.evidence, evidence.least) == (Evidence.CAPTURED, Evidence.DECLARED)
    assert found.evidence(v1.id, merged.id) is None
    assert found.evidence(of_weak.id, of_strong.id) is None


def gaps(found: Graph, id_: str | None = None) -> list[tuple[str, str]]:
    return [(one.node.ref, one.gap.kind) for one in found.gaps(id_)]


def test_what_is_not_known_is_said_base_models_first(tmp_path: Path) -> None:
    unlicensed = source("web", license=None)
    v1 = version(made_by=unlicensed)
    v2 = version(number=2, parents=(v1,))
    stray = version("stray")
    said = Gap("preparation", "packing was not seen")
    training = run(
        train(v2),
        train("nobody has this", role="eval"),
        RunInput("train", Evidence.DECLARED, uri="s3://bucket/more.jsonl"),
        base=Base("org/base", weights_hash=digest("unknown")),
        gaps=(said,),
    )
    final = model(training)
    found = graph(tmp_path, unlicensed, v1, v2, stray, training, final)
    assert gaps(found, final.id) == [
        ("run:tiny", "base-model"),
        ("train@v2", "unrecorded-step"),
        ("run:tiny", "preparation"),
        ("run:tiny", "unknown-data"),
        ("run:tiny", "unknown-data"),
        ("source:web", "licence"),
    ]
    assert set(gaps(found)) - set(gaps(found, final.id)) == {("stray@v1", "unrecorded-step")}


def test_what_turns_up_later_closes_the_gap(tmp_path: Path) -> None:
    training = run(train("train@1"), base=Base("org/base", weights_hash=digest("w")))
    kinds = [kind for _, kind in gaps(graph(tmp_path, training), training.id)]
    assert kinds == ["base-model", "unknown-data"]
    origin = source(files=(FILE,))
    base = model(name="base", form="base", weights="w", trained_on=(train("train@1"),))
    found = graph(tmp_path, version(file="bytes"), base)
    assert gaps(found, training.id) == [("train@v1", "unrecorded-step")]
    assert gaps(graph(tmp_path, origin), training.id) == []


def test_one_content_under_two_names_links_to_both(tmp_path: Path) -> None:
    one, copy = version(content="same"), version("copy", content="same")
    training = run(train("same"))
    found = graph(tmp_path, one, copy, training)
    assert set(found.up(training.id)) == {one.id, copy.id}
    assert list(found.down(one.id)) == list(found.down(copy.id)) == [training.id]


def test_a_record_that_is_named_and_not_there_is_in_the_graph_as_missing(tmp_path: Path) -> None:
    v1 = version()
    training = run(train(v1), base=Base("b"))
    found = graph(tmp_path, training)
    assert list(found.up(training.id)) == [v1.id]
    assert found.node(v1.id).missing
    assert found.node(v1.id).ref == f"dataset:{v1.digits[:12]}"
    assert list(found.down(v1.id)) == [training.id]
    assert found.roots(training.id) == (found.node(v1.id),)
    assert ("run:tiny", "missing-record") in gaps(found, training.id)
    with pytest.raises(NotFoundError, match=v1.id):
        found.record(v1.id)


def test_an_edited_record_is_named_before_and_after_it_was_read_once(tmp_path: Path) -> None:
    v1, other = version(), version("other")
    training = run(train(v1))
    warm = graph(tmp_path, v1, other, training)
    path = tmp_path / v1.path
    path.write_bytes(path.read_bytes().replace(b"version 1", b"version I"))
    for found in (warm, graph(tmp_path)):
        with pytest.raises(IntegrityError, match=v1.path):
            found.facts([v1.id])
    (tmp_path / ".git" / "dslineage" / "cache" / "lineage").rename(tmp_path / "away")
    cold = graph(tmp_path)
    assert [one.path for one in cold.damaged] == [v1.path]
    with pytest.raises(IntegrityError, match=v1.path):
        cold.node(v1.id)
    assert cold.node(other.id).ref == "other@v1"
    assert [one.path for one in graph(tmp_path).damaged] == [v1.path]
    write(tmp_path, [v1])
    assert graph(tmp_path).damaged == ()


def test_an_edge_by_content_never_makes_a_circle(tmp_path: Path) -> None:
    base = model(name="base", form="base", weights="same", license=License("MIT"))
    still = run(train(version()), base=Base("b", weights_hash=digest("same")))
    unmoved = model(still, weights="same")
    found = graph(tmp_path, base, version(), still, unmoved)
    assert base.id in found.up(still.id)
    assert unmoved.id not in found.up(still.id)
    assert still.id not in found.down(unmoved.id)
    assert ("run:tiny", "circular-link") in gaps(found, unmoved.id)


def test_two_edges_by_content_that_circle_together_are_both_left_out(tmp_path: Path) -> None:
    one, other = run(train("x"), name="one"), run(train("y"), name="other")
    of_one, of_other = model(one, name="one"), model(other, name="other")
    makes_y = step(of_one, operation="synth", dataset="y")
    makes_x = step(of_other, operation="synth", dataset="x")
    x, y = version("x", content="x", made_by=makes_x), version("y", content="y", made_by=makes_y)
    found = graph(tmp_path, one, other, of_one, of_other, makes_x, makes_y, x, y)
    assert found.up(one.id) == found.up(other.id) == {}
    assert [kind for ref, kind in gaps(found) if ref.startswith("run:")].count("circular-link") == 2


def test_at_a_glance_are_the_newest_states_and_what_stands_alone(tmp_path: Path) -> None:
    at_once: dict[str, Any] = {"created_at": "2026-01-02T03:04:05Z"}
    versions = [version(number=number) for number in (9, 10, 2)]
    models = [model(label=label) for label in ("final", "checkpoint-20", "checkpoint-9")]
    used = source("used")
    loop = model(label="loop", weights="w", derived_from=(Base("b", weights_hash=digest("w")),))
    alone = [source("alone"), loop]
    states: list[Record] = [dataclasses.replace(one, **at_once) for one in versions]
    states += [dataclasses.replace(one, **at_once) for one in models]
    stated = version("chat", made_by=used)
    write(tmp_path, [*states, *alone, used, stated, claim(alone[0], "review")])
    found = summary(graph(tmp_path))
    assert [head.node.ref for head in found.datasets] == ["chat@v1", "train@v10"]
    assert [(head.states, head.parents, head.children) for head in found.datasets] == [
        (1, 1, 0),
        (3, 0, 0),
    ]
    assert found.counts["claim"] == 1
    assert {node.ref for node in found.unconnected} == {
        *("train@v9", "train@v10", "train@v2", "source:alone", "tiny@loop"),
        *("tiny@final", "tiny@checkpoint-20", "tiny@checkpoint-9"),
    }
    write(tmp_path, [mixture(states[1])])
    later = summary(graph(tmp_path))
    assert [(head.node.ref, head.children) for head in later.datasets[1:]] == [("train@v10", 1)]


def test_who_waits_for_many_records_is_told_how_many_were_read(tmp_path: Path) -> None:
    write(tmp_path, [version(), source()])
    told: list[Progress] = []
    for _ in range(2):
        Graph.of(tmp_path, tmp_path / "cache", told.append)
    assert told == [Progress("records", 1, 2), Progress("records", 2, 2)]


def test_a_step_is_found_by_what_it_did_where_one_did_it(tmp_path: Path) -> None:
    raw = version("raw")
    steps = [step(raw, operation=name) for name in ("clean", "dedupe", "dedupe")]
    found = graph(tmp_path, raw, *steps)
    assert find_node(found, "step:clean") == found.node(steps[0].id)
    assert find_node(found, f"step:{steps[1].digits[:8]}") == found.node(steps[1].id)
    assert find_node(found, "step:mix") is None
    with pytest.raises(NotFoundError, match=r"could be step:dedupe \(.*step:dedupe \("):
        find_node(found, "step:dedupe")
