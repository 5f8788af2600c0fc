"""Laws of the graph, over random histories whose contents meet and circle by chance."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from random import Random

import networkx
from hypothesis import given, settings
from hypothesis import strategies as st

from dslineage.lineage.graph import Graph
from dslineage.lineage.node import Edge
from dslineage.records import Evidence, Record
from tests.lineage.world import graph, model, run, source, step, train, version, write
from tests.lineage.worlds import histories

CACHE = Path(".git/dslineage/cache")


def told(found: Graph, records: list[Record]) -> tuple[object, ...]:
    """All that a graph says of some records."""
    return (
        [(one.id, found.parents(one.id), found.children(one.id)) for one in records],
        found.gaps(),
        list(found.nodes()),
    )


@given(records=histories())
@settings(max_examples=60)
def test_up_and_down_are_inverse_and_between_is_where_they_meet(records: list[Record]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = graph(Path(folder), *records)
        ids = [one.id for one in records]
        up = {one: found.up(one) for one in ids}
        down = {one: found.down(one) for one in ids}
        for child in ids:
            assert child not in up[child]
            assert up[child].keys() == {one for one in ids if child in down[one]}
            for parent in up[child]:
                assert up[child][parent] == down[parent][child]
                meeting = {*(down[parent].keys() & up[child].keys()), parent, child}
                between = found.between(parent, child)
                assert set(between) == meeting
                assert between == found.between(child, parent)
                assert (between[0], between[-1]) == (parent, child)
                assert up[parent].keys() <= up[child].keys()


@given(records=histories())
@settings(max_examples=60)
def test_the_graph_is_acyclic_whatever_contents_meet(records: list[Record]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = graph(Path(folder), *records)
        edges = found.edges_up(None)
        drawn = networkx.DiGraph([(edge.child, edge.parent) for edge in edges])
        assert networkx.is_directed_acyclic_graph(drawn)
        assert edges == sorted({edge for one in records for edge in found.parents(one.id)})


@given(records=histories())
@settings(max_examples=40)
def test_the_evidence_of_a_path_is_that_of_the_best_of_all_paths(records: list[Record]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = graph(Path(folder), *records)
        by_child: dict[str, list[Edge]] = {}
        for edge in found.edges_up(None):
            by_child.setdefault(edge.child, []).append(edge)

        def worths(child: str, parent: str) -> set[tuple[Evidence, ...]]:
            if child == parent:
                return {()}
            return {
                (edge.evidence, *rest)
                for edge in by_child.get(child, ())
                for rest in worths(edge.parent, parent)
            }

        for child in (one.id for one in records):
            for parent in found.up(child):
                evidence = found.evidence(child, parent)
                assert evidence is not None
                every = [min(one.strength for one in path) for path in worths(child, parent)]
                assert evidence.evidence.strength == max(every)
                assert evidence.least.strength == min(every)
                assert min(edge.evidence.strength for edge in evidence.best) == max(every)
                assert (evidence.best[0].child, evidence.best[-1].parent) == (child, parent)


@given(records=histories(), cuts=st.lists(st.integers(0, 14), max_size=3), gone=st.randoms())
@settings(max_examples=40)
def test_a_graph_that_grew_with_its_cache_is_the_graph_read_at_once(
    records: list[Record], cuts: list[int], gone: Random
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for cut in sorted(cuts):
            graph(root, *records[:cut])
        graph(root, *records)
        for record in gone.sample(records, len(records) // 3):
            (root / record.path).unlink()
        grown = graph(root)
        again = graph(root)
        anew = Graph.of(root, root / "another")
        assert told(grown, records) == told(again, records) == told(anew, records)


@given(at=st.floats(0, 1, exclude_max=True), cut=st.booleans())
@settings(max_examples=30)
def test_a_damaged_cache_is_as_good_as_none(at: float, cut: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        records: list[Record] = [v1 := version(), training := run(train(v1)), model(training)]
        before = told(graph(root, *records), records)
        (file,) = (root / CACHE / "lineage").iterdir()
        data = bytearray(file.read_bytes())
        place = int(at * len(data))
        if cut:
            del data[place:]
        else:
            data[place] ^= 0xFF
        file.write_bytes(data)
        assert told(graph(root), records) == before


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "dslineage").write_text("in the way")
    v1 = version()
    found = graph(tmp_path, v1, training := run(train(v1)))
    assert list(found.up(training.id)) == [v1.id]


def test_two_branches_that_record_merge_in_git_and_the_graph_is_whole(git_repo: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-C", git_repo, *words], check=True, capture_output=True)

    def commit(*records: Record) -> None:
        write(git_repo, records)
        git("add", "-A")
        git("commit", "-q", "-m", "records")

    web = source("web")
    v1 = version(made_by=web)
    commit(web, v1)
    sides: list[Record] = []
    for side in ("one", "other"):
        git("checkout", "-q", "-b", side, "main")
        clean = step(v1, operation="clean", message=side)
        v2 = version(number=2, content=side, parents=(v1,), made_by=clean)
        training = run(train(v2))
        commit(clean, v2, training, final := model(training))
        sides.append(final)
        assert graph(git_repo).down(web.id).keys() == {
            v1.id,
            clean.id,
            v2.id,
            training.id,
            final.id,
        }
    git("merge", "-q", "-m", "both", "one")
    found = graph(git_repo)
    assert {one.id for one in found.impact(web.id).models} == {one.id for one in sides}
    assert len(found.down(web.id)) == 9
    assert [one.gap.kind for one in found.gaps()] == ["base-model", "base-model"]
