"""`dslineage lineage` on one story: the tree, the lists, and pictures that other programs read."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import networkx
import pytest
from inline_snapshot import snapshot

from tests.cli.conftest import Dslineage
from tests.lineage.story import tell
from tests.lineage.world import version, write


@pytest.fixture
def story(git_repo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tell(git_repo)
    monkeypatch.chdir(git_repo)
    return git_repo


def plain(text: str) -> str:
    """The text without ids, which depend on each byte of a record."""
    return re.sub(
        r" ?\([0-9a-f]{8}\)|(?<=version )[0-9a-f]{12}|(?<=dataset:)[0-9a-f]{12}", "", text
    )


def test_a_tree_reads_from_a_model_down_to_its_sources(story: Path, dslineage: Dslineage) -> None:
    assert plain(dslineage("lineage", "tiny@checkpoint-20").out) == snapshot("""\
tiny@checkpoint-20  model  checkpoint  20 steps  may not have seen all of its data
    2026-01-02

rests on
  made by run tiny  finished  40 steps  2 epochs  2026-01-02  captured
  ? the record of dataset: is named and not there
  ? 112 rows were cut at 512 tokens
  ├ started from smol@base  base  2026-01-02  captured
  │ ? on what data it was trained is not known
  ├ scored on version   its record is not here  captured
  └ trained on mixture blend  2 versions  2026-01-02  captured
    ├ mixes math@v2  7,300 examples  2026-01-02  recorded
    │ ? which step changed it is not recorded; a diff shows what changed
    │ changed from math@v1  7,391 examples  2026-01-02  recorded
    │ made by source hub  MIT  public  2026-01-02  recorded
    └ mixes train@v2  8,800 examples  2026-01-02  review  recorded
      made by step edit  105 edited  2026-01-02  recorded
      made from train@v1  8,800 examples  2026-01-02  captured
      made by step clean  9,120 in, 8,800 out, 320 dropped  2026-01-02  recorded
      made from raw@v1  9,120 examples  2026-01-02  recorded
      comes from source web  crawled  2026-01-02  recorded
      ? its licence is not recorded

is used by
  nothing that is recorded

recorded: by content hash; captured: seen in the process that did it
""")


def test_a_tree_reads_from_a_version_to_what_was_made_of_it(
    story: Path, dslineage: Dslineage
) -> None:
    assert plain(dslineage("lineage", "train@v2", "--down").out) == snapshot("""\
train@v2  version  8,800 examples  2026-01-02
  fix answers
  claim review, 2026-01-02, by Ada Curator

is used by
  ├ mixed into mixture blend  2 versions  2026-01-02  recorded
  │ trained run tiny  finished  40 steps  2 epochs  2026-01-02  captured
  │ ? the record of dataset: is named and not there
  │ ? 112 rows were cut at 512 tokens
  │ ├ went on as run again  finished  2026-01-02  captured
  │ │ made again@final  checkpoint  60 steps  3 epochs  saw all of its data  2026-01-02
  │ │     captured
  │ │ base of small@final  quantisation  saw all of its data  2026-01-02  deployment
  │ │     captured
  │ └ made tiny@checkpoint-20  checkpoint  20 steps  may not have seen all of its data
  │       2026-01-02  captured
  └ trained run again  see above  captured

recorded: by content hash; captured: seen in the process that did it
""")


def test_without_a_reference_the_graph_is_told_at_a_glance(
    story: Path, dslineage: Dslineage
) -> None:
    assert plain(dslineage("lineage").out) == snapshot("""\
lineage  2 sources, 2 steps, 6 versions, 1 mixture, 2 runs, 4 models, 2 claims

data sets
  math@v2  rests on 1, is used by 1, the newest of 2
  raw@v1  rests on 1, is used by 1
  stray@v1  rests on 0, is used by 0
  train@v2  rests on 2, is used by 2, the newest of 2

models
  again@final  rests on 1, is used by 1
  small@final  rests on 1, is used by 0
  smol@base  rests on 0, is used by 1
  tiny@checkpoint-20  rests on 1, is used by 0

unconnected  nothing is recorded of what these rest on or serve
  stray@v1

6 gaps  1 base-model, 1 licence, 1 missing-record, 1 preparation, 2 unrecorded-step
next: dslineage lineage --gaps
""")


def test_impact_names_what_would_be_hurt_and_what_is_in_use(
    story: Path, dslineage: Dslineage
) -> None:
    assert plain(dslineage("lineage", "source:web", "--impact").out) == snapshot("""\
source:web

3 versions
  raw@v1  2026-01-02
  train@v1  2026-01-02
  train@v2  2026-01-02

2 steps
  step clean  2026-01-02
  step edit  2026-01-02

1 mixture
  mixture blend  2026-01-02

2 runs
  run again  2026-01-02
  run tiny  2026-01-02

3 models
  again@final  2026-01-02
  small@final  2026-01-02
  tiny@checkpoint-20  2026-01-02

1 deployment
  small@final  claimed 2026-01-02
""")
    found = dslineage("lineage", "source:web", "--impact", "--json").json
    assert found["schema"] == "dslineage.impact/1"
    assert [one["ref"] for one in found["models"]] == [
        "again@final",
        "small@final",
        "tiny@checkpoint-20",
    ]
    assert [one["ref"] for one in found["deployments"]] == ["small@final"]


def test_gaps_are_listed_base_models_first(story: Path, dslineage: Dslineage) -> None:
    assert plain(dslineage("lineage", "small", "--gaps").out) == snapshot("""\
5 gaps  about small@final and all that it rests on

base-model
  smol@base  on what data it was trained is not known

unrecorded-step
  math@v2  which step changed it is not recorded; a diff shows what changed

missing-record
  run tiny  the record of dataset: is named and not there

preparation
  run tiny  112 rows were cut at 512 tokens

licence
  source web  its licence is not recorded
""")
    every = dslineage("lineage", "--gaps", "--json").json["gaps"]
    assert {one["kind"] for one in every} >= {"base-model", "licence", "missing-record"}
    assert "stray@v1" in {one["ref"] for one in every}


def test_a_name_alone_is_a_model_before_the_run_that_made_it(
    story: Path, dslineage: Dslineage
) -> None:
    assert dslineage("lineage", "tiny").out.startswith("tiny@checkpoint-20 ")
    assert dslineage("lineage", "run:tiny").out.startswith("run tiny ")


def test_between_two_nodes_only_the_paths_are_shown(story: Path, dslineage: Dslineage) -> None:
    shown = plain(dslineage("lineage", "--between", "source:web", "small").out)
    assert "source web" in shown
    assert "math" not in shown
    assert dslineage("lineage", "--between", "small", "source:web").out.count("\n") == shown.count(
        "\n"
    )
    apart = dslineage("lineage", "--between", "stray@v1", "small")
    assert (apart.code, "neither rests on the other" in apart.out) == (0, True)


def test_the_document_has_each_node_once_and_edges_among_them(
    story: Path, dslineage: Dslineage
) -> None:
    found = dslineage("lineage", "train@v2", "--json").json
    assert (found["schema"], found["scope"]) == ("dslineage.lineage/1", "around")
    ids = [node["id"] for node in found["nodes"]]
    assert (ids[0], len(ids)) == (found["focus"][0], len(set(ids)))
    assert all(edge["child"] in ids and edge["parent"] in ids for edge in found["edges"])
    assert found["nodes"][0]["claims"][0]["type"] == "review"
    near = dslineage("lineage", "train@v2", "--depth", "1", "--json").json
    assert len(near["nodes"]) + near["beyond"] == len(ids)


def test_networkx_reads_the_graphml(story: Path, dslineage: Dslineage) -> None:
    found = dslineage("lineage", "tiny@checkpoint-20", "--json").json
    graph = networkx.parse_graphml(
        dslineage("lineage", "tiny@checkpoint-20", "--format", "graphml").out,
        force_multigraph=True,
    )
    assert set(graph) == {node["id"] for node in found["nodes"]}
    assert {(a, b, role) for a, b, role in graph.edges(keys=True)} == {
        (edge["parent"], edge["child"], edge["role"]) for edge in found["edges"]
    }
    assert networkx.is_directed_acyclic_graph(graph)
    focus = graph.nodes[found["focus"][0]]
    assert (focus["ref"], focus["kind"], focus["step"]) == ("tiny@checkpoint-20", "model", 20)


def test_a_step_between_two_versions_stands_for_the_edge_in_a_picture(
    story: Path, dslineage: Dslineage
) -> None:
    chart = dslineage("lineage", "train@v2", "--up", "--format", "mermaid").out
    assert chart == snapshot("""\
flowchart LR
  n0["train@v2, 8,800 examples"]
  n1["train@v1, 8,800 examples"]
  n2[["step edit, 105 edited"]]
  n3[["step clean, 9,120 in, 8,800 out, 320 dropped"]]
  n4["raw@v1, 9,120 examples"]
  n5[("source web, crawled, 1 not known")]
  n2 -->|"made, recorded"| n0
  n3 -->|"made, recorded"| n1
  n1 -->|"went into, captured"| n2
  n4 -->|"went into, recorded"| n3
  n5 -->|"origin of, recorded"| n4
  classDef gap stroke-dasharray: 4 3
  class n5 gap
""")


def test_the_tree_needs_none_of_the_slow_libraries(story: Path) -> None:
    slow = "{'networkx', 'pyarrow', 'numpy', 'pandas', 'deepdiff'}"
    program = (
        "import sys; from dslineage_cli.main import main; "
        f"code = main(['lineage', 'small']); sys.exit(code or len({slow} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_long_chain_is_cut_where_nobody_asks_for_all_of_it(
    git_repo: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(git_repo)
    chain = [version()]
    for number in range(2, 102):
        chain.append(version(number=number, parents=(chain[-1],)))
    write(git_repo, chain)
    assert "60 nodes more" in dslineage("lineage", "train@v101").out
    whole = dslineage("lineage", "train@v101", "--depth", "200").out
    assert whole.count("changed from") == 100
    assert "more" not in whole
    page = dslineage("lineage", "train@v101", "--format", "html").out
    assert page.count("<article") == 101


def test_a_damaged_record_is_named_wherever_it_may_belong(
    story: Path, dslineage: Dslineage
) -> None:
    (path,) = (story / ".dslineage/records/dataset/stray").glob("*.json")
    path.write_bytes(b"{}")
    for words in (["source:web", "--impact"], [], ["--gaps"], ["small"]):
        ran = dslineage("lineage", *words)
        assert ran.code == 0
        assert path.name in ran.out
    ran = dslineage("lineage", "stray@v1")
    assert (ran.code, path.name in ran.err) == (4, True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["nobody"], 6),
        (["run:nobody"], 6),
        (["--impact"], 2),
        (["--up"], 2),
        (["small", "--gaps", "--impact"], 2),
        (["small", "--gaps", "--format", "dot"], 2),
        (["small", "--between", "small", "again"], 2),
        (["v1"], 6),
    ],
)
def test_questions_that_cannot_be_answered_are_refused(
    story: Path, dslineage: Dslineage, words: list[str], code: int
) -> None:
    ran = dslineage("lineage", *words)
    assert (ran.code, ran.out) == (code, "")


def test_a_file_that_is_there_is_replaced_only_where_that_was_said(
    story: Path, dslineage: Dslineage
) -> None:
    assert dslineage("lineage", "small", "--format", "dot", "-o", "a.dot").code == 0
    assert dslineage("lineage", "run:tiny", "--format", "dot", "-o", "a.dot").code == 2
    assert dslineage("lineage", "run:tiny", "--format", "dot", "-o", "a.dot", "--force").code == 0
