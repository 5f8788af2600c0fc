"""Cards: YAML that says just what was meant, and what people wrote stays byte for byte."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from dslineage.errors import BadDataError
from dslineage.lineage.cards import read_card
from dslineage.lineage.graph import Graph
from dslineage.records import License, ModelRecord
from dslineage.standards.basis import Basis
from dslineage.standards.document import Standard
from dslineage.standards.frontmatter import changed_card, front_matter, read_fields
from dslineage.standards.hfcard import Card, hub_dataset, model_card
from dslineage_cli.sanitise import visible
from tests.cli.conftest import Dslineage
from tests.standards.world import chain, described, told

HOSTILE = st.text() | st.sampled_from(
    ["no", "~", "1e3", "a: b", "- x", "---", "...", "# c", "!!python/object:os.system x", "&a *a",
     "x\n---\nlicense: mit", "{a: b}", "\u202e\u2028\x1b[31m\ud7ff\x85", "'", '"', "é", "%TAG"]
)  # fmt: skip
FIELDS = st.dictionaries(
    HOSTILE.filter(lambda text: len(text) < 100),
    st.recursive(
        HOSTILE | st.integers() | st.booleans(),
        lambda some: st.lists(some, max_size=3) | st.dictionaries(HOSTILE, some, max_size=3),
        max_leaves=6,
    ),
    min_size=1,
    max_size=4,
)
CARD = """\
---
# written by hand
license:   mit   # checked with legal
tags: [a,  b]
datasets:
- openai/gsm8k
# about the base
base_model: other/base

dslineage: {old: 1}
extra: |
  # not a comment
  --- no end
---
# tiny

Some text.
"""


def card_of(graph: Graph, form: Standard) -> Card:
    content = described(graph, form).content
    assert isinstance(content, Card)
    return content


@given(FIELDS)
@settings(max_examples=200)
def test_whatever_stands_in_records_is_read_back_as_it_is(fields: dict[str, Any]) -> None:
    text = front_matter(fields)
    assert read_fields(text) == fields
    assert visible(text, newlines=True) == text


@given(FIELDS, FIELDS)
def test_a_card_that_is_there_is_changed_in_nothing_else(
    there: dict[str, Any], ours: dict[str, Any]
) -> None:
    card = front_matter(there) + "# text\r\nthat stays\n"
    changed = changed_card(card, ours)
    assert read_fields(changed) == {**there, **ours}
    assert changed.endswith("---\n# text\r\nthat stays\n")
    assert changed_card(changed, ours) == changed


def test_what_people_wrote_stays_where_it_is(gappy: Graph) -> None:
    card = card_of(gappy, "hf-model-card")
    changed = card.into(CARD)
    before, _, after = changed.partition("dslineage:\n")
    assert before == snapshot("""\
---
# written by hand
license:   mit   # checked with legal
tags: [a,  b]
datasets:
- openai/gsm8k
# about the base
base_model:
  - other/base
  - org/smol

""")
    assert after.endswith("""\
extra: |
  # not a comment
  --- no end
base_model_relation: finetune
---
# tiny

Some text.
""")
    assert card.into(changed) == changed


def test_line_ends_of_windows_stay(gappy: Graph) -> None:
    changed = card_of(gappy, "hf-model-card").into(CARD.replace("\n", "\r\n"))
    assert "\n" not in changed.replace("\r\n", "")


def test_a_text_without_metadata_gets_it_on_top(gappy: Graph) -> None:
    card = card_of(gappy, "hf-dataset-card")
    assert card.into("# train\n") == card.text + "# train\n"


@pytest.mark.parametrize(
    "header", ["{license: mit}", "license: [", "- a", "license: mit\nlicense: x", "  a: 1"]
)
def test_a_card_that_cannot_be_changed_in_place_is_left_alone(gappy: Graph, header: str) -> None:
    with pytest.raises(BadDataError, match="cannot be changed"):
        card_of(gappy, "hf-model-card").into(f"---\n{header}\n---\n")


def test_a_licence_that_the_hub_does_not_know_is_named(tmp_path: Path) -> None:
    records = chain()
    graph = told(tmp_path, *records)
    assert card_of(graph, "hf-dataset-card").fields["license"] == "cc-by-4.0"
    mine = License("My Own: 1", url="https://example.org/l")
    [final] = [one for one in records if isinstance(one, ModelRecord)]
    named = replace(final, license=mine, label="other")
    graph = told(tmp_path, named)
    fields = model_card(Basis.of(graph, graph.node(named.id)), named).fields
    assert (fields["license"], fields["license_name"]) == ("other", "My Own: 1")


def test_a_card_can_be_added_as_a_source(gappy: Graph, tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(card_of(gappy, "hf-dataset-card").text)
    found = read_card(path)
    assert found.license == License("cc-by-4.0")
    assert found.languages == ("en",)


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("https://huggingface.co/datasets/openai/gsm8k", "openai/gsm8k"),
        ("https://huggingface.co/datasets/openai/gsm8k/tree/main", "openai/gsm8k"),
        ("hf://datasets/openai/gsm8k@main/x.parquet", "openai/gsm8k"),
        ("https://huggingface.co/openai/gsm8k", None),
        ("https://huggingface.co.evil.org/datasets/a/b", None),
        ("data/train.jsonl", None),
    ],
)
def test_addresses_on_the_hub_are_recognised(uri: str, name: str | None) -> None:
    assert hub_dataset(uri) == name


def test_the_command_keeps_the_card_and_adds_to_it(
    git_repo: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(git_repo, *chain())
    monkeypatch.chdir(git_repo)
    Path("README.md").write_text("# tiny\n\nBy hand.\n")
    ran = dslineage("document", "tiny@final", "--as", "hf-model-card", "-o", "README.md")
    assert ran.code == 0
    assert "2 things are not known" in ran.err
    assert Path("README.md").read_text().endswith("---\n# tiny\n\nBy hand.\n")
    again = dslineage("document", "tiny@final", "--as", "prov", "-o", "README.md")
    assert (again.code, "exists already" in again.err) == (2, True)
    Path("README.md").write_bytes(b"\xff")
    assert dslineage("document", "tiny", "--as", "hf-model-card", "-o", "README.md").code == 3
