"""Where rows come from: said by people and documents, and nothing invented."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslineage.errors import BadDataError, NotFoundError, UsageError
from dslineage.lineage.cards import read_card
from dslineage.lineage.croissant import read_croissant
from dslineage.lineage.description import Description
from dslineage.records import Gap, License
from tests.cli.conftest import Dslineage
from tests.versions.support import Bench

ROWS = b'{"prompt":"a","completion":"b"}\n'
CARD = """\
---
license: cc-by-4.0
language: [en, no]
pretty_name: Grade School Math
tags:
- math
---
# GSM8K, MIT licensed
"""
CROISSANT: dict[str, Any] = {
    "@context": {"@vocab": "https://schema.org/"},
    "@type": "sc:Dataset",
    "name": "faq",
    "url": "https://example.org/faq",
    "license": "https://spdx.org/licenses/MIT.html",
    "version": "1.2.0",
    "datePublished": "2025-03-04T00:00:00",
    "creator": [{"@type": "Person", "name": "Ada"}, {"@type": "Organization", "name": "Org"}],
    "rai:personalSensitiveInformation": ["Names"],
    "https://mlcommons.org/croissant/RAI/dataCollection": "Written by support staff.",
    "distribution": [
        {"@type": "cr:FileObject", "@id": "rows", "name": "train.jsonl", "contentSize": "32 B",
         "contentUrl": "data/train.jsonl", "sha256": "ab" * 32},
        {"@type": "cr:FileObject", "@id": "big", "contentUrl": "https://example.org/x/big.zip",
         "contentSize": "1.5 GB", "sha256": "CD" * 32},
        {"@type": "cr:FileObject", "@id": "bare", "contentUrl": "bare.jsonl", "md5": "00"},
        {"@type": "cr:FileObject", "@id": "repo", "encodingFormat": "git+https",
         "contentUrl": "https://example.org/x", "sha256": "https://example.org/issues/80"},
        {"@type": "cr:FileSet", "@id": "parquet", "includes": "*.parquet"},
    ],
}  # fmt: skip


@pytest.fixture
def bench(git_repo: Path) -> Bench:
    bench = Bench(git_repo)
    bench.put("README.md", CARD.encode())
    bench.put("croissant.json", json.dumps(CROISSANT).encode())
    return bench


def test_what_a_person_says_is_recorded_as_declared(bench: Bench) -> None:
    said = Description(uri="s3://support/2026", license=License("MIT", "2026-01-31"),
                       category="user", personal_data=False)  # fmt: skip
    record = bench.repo.provenance.add_source("tickets", said).record
    assert (record.uri, record.category, record.personal_data) == (
        "s3://support/2026", "user", False,
    )  # fmt: skip
    assert (record.evidence, record.gaps) == ("declared", ())
    assert bench.git("diff", "--cached", "--name-only").split() == [record.path]


def test_a_source_without_licence_has_a_gap(bench: Bench) -> None:
    record = bench.repo.provenance.add_source("bare", Description(uri="s3://x")).record
    assert record.gaps == (Gap("licence", "its licence is not recorded"),)
    [gap] = bench.repo.provenance.registry.graph().gaps(record.id)
    assert gap.gap.kind == "licence"


def test_saying_the_same_again_records_nothing(bench: Bench) -> None:
    first = bench.repo.provenance.add_source("x", Description(uri="s3://x"))
    again = bench.repo.provenance.add_source("x", Description(uri="s3://x"))
    assert (again.unchanged, again.record) == (True, first.record)
    more = bench.repo.provenance.add_source("x", Description(uri="s3://x", revision="2"))
    assert not more.unchanged


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Description(), "where the source is"),
        (Description(uri="a b"), "uri"),
        (Description(uri="x", acquired_at="yesterday"), "acquired_at"),
        (Description(uri="x", acquired_at="2026-02-30"), "acquired_at"),
        (Description(uri="x", license=License("", "2026-01-01")), "a licence has a name"),
        (Description(uri="x", license=License("MIT", url="not a url")), "licence"),
    ],
)
def test_what_is_no_day_or_address_is_refused(bench: Bench, said: Description, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        bench.repo.provenance.add_source("x", said)
    assert not (bench.root / ".dslineage/records/source").exists()


def test_a_card_says_what_its_header_says_and_no_more(bench: Bench) -> None:
    said = Description(uri="https://huggingface.co/datasets/openai/gsm8k")
    record = bench.repo.provenance.add_source("gsm8k", said, card=".").record
    assert record.license == License("cc-by-4.0")
    assert record.languages == ("en", "no")
    assert record.title == "Grade School Math"
    assert (record.category, record.personal_data, record.creators) == (None, None, ())
    assert (record.imported_from or "").startswith("card README.md sha256:")


def test_flags_go_over_what_a_card_says(bench: Bench) -> None:
    said = Description(uri="x", title="Mine", license=License("", "2026-01-31"))
    record = bench.repo.provenance.add_source("gsm8k", said, card="README.md").record
    assert (record.title, record.license) == ("Mine", License("cc-by-4.0", "2026-01-31"))
    said = Description(uri="x", license=License("MIT"))
    record = bench.repo.provenance.add_source("gsm8k", said, card="README.md").record
    assert record.license == License("MIT")


def test_several_licences_of_a_card_are_a_gap_until_somebody_says_which(bench: Bench) -> None:
    bench.put("README.md", b"---\nlicense: [mit, cc-by-4.0]\n---\n")
    sources = bench.repo.provenance
    record = sources.add_source("x", Description(uri="x"), card="README.md").record
    assert [gap.kind for gap in record.gaps] == ["licence"]
    said = Description(uri="x", license=License("MIT"))
    assert sources.add_source("x", said, card="README.md").record.gaps == ()


@pytest.mark.parametrize(
    ("header", "license_"),
    [
        ("license: unknown", None),
        ("license: ~", None),
        ("license: other\nlicense_name: our-own\nlicense_link: https://e.org/l",
         License("our-own", url="https://e.org/l")),
        ("license: other\nlicense_name: our-own\nlicense_link: LICENSE", License("our-own")),
        ("license: !!python/object/apply:os.system [mit]", License("mit")),
    ],
)  # fmt: skip
def test_the_licence_of_a_card(tmp_path: Path, header: str, license_: License | None) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"---\n{header}\n---\n")
    assert read_card(path).license == license_


@pytest.mark.parametrize(
    "card",
    [
        b"",
        b"# a readme\n",
        b"---\nlicense: mit\n",
        b"---\n- mit\n---\n",
        b"---\nlicense: {a: b}\n---\n",
        b"---\nlicense: &a [*a]\n---\n",
        b"---\nlicense: mit\nlicense: gpl\n---\n",
        b"---\nlicense: [\n---\n",
        b"---\n" + b"[" * 5000 + b"\n---\n",
        b"---\na: &a [x, x]\nb: &b [*a, *a]\nlicense: [*b, *b]\n---\n",
        b"---\nlicense: \xff\n---\n",
    ],
)
def test_what_is_no_card_is_refused(tmp_path: Path, card: bytes) -> None:
    path = tmp_path / "README.md"
    path.write_bytes(card)
    with pytest.raises(BadDataError, match=r"README\.md"):
        read_card(path)


def test_a_croissant_file_is_read_without_a_network(bench: Bench) -> None:
    record = bench.repo.provenance.add_source("faq", croissant="croissant.json").record
    assert record.uri == "https://example.org/faq"
    assert record.license == License("MIT", url="https://spdx.org/licenses/MIT.html")
    assert (record.revision, record.published_at, record.acquired_at) == (
        "1.2.0", "2025-03-04", None,
    )  # fmt: skip
    assert record.creators == ("Ada", "Org")
    assert record.statements == {
        "rai:dataCollection": ("Written by support staff.",),
        "rai:personalSensitiveInformation": ("Names",),
    }
    assert record.personal_data is None, "it names what is sensitive, it does not say yes or no"
    assert [(file.path, file.size, file.sha256.hex[:2]) for file in record.files] == [
        ("big.zip", None, "cd"),
        ("data/train.jsonl", 32, "ab"),
    ]
    message = "1 of its files has no SHA-256 in the Croissant file"
    assert record.gaps == (Gap("unread-files", message),)


@pytest.mark.parametrize(
    "document",
    [b"", b"[1]", b"{}", b'{"@type":"sc:Person"}', b"[" * 5000, b'{"@graph":[[],{}]}', b"\xff"],
)
def test_what_is_no_croissant_file_is_refused(tmp_path: Path, document: bytes) -> None:
    path = tmp_path / "croissant.json"
    path.write_bytes(document)
    with pytest.raises(BadDataError, match=r"croissant\.json"):
        read_croissant(path)


def test_a_path_that_leaves_its_folder_is_not_taken_for_one(tmp_path: Path) -> None:
    file = {"@type": "cr:FileObject", "name": "../../etc/passwd", "contentUrl": "../../x",
            "sha256": "ab" * 32}  # fmt: skip
    path = tmp_path / "croissant.json"
    path.write_text(json.dumps(CROISSANT | {"distribution": [file]}))
    assert [file.path for file in read_croissant(path).files] == ["x"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


@given(name=st.sampled_from(sorted(CROISSANT)), value=JSON, inside=st.booleans())
@settings(max_examples=60)
def test_whatever_stands_in_a_croissant_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: Any, inside: bool
) -> None:
    path = tmp_path_factory.mktemp("some") / "croissant.json"
    odd = [{"@type": "FileObject", "sha256": value, "name": value}] if inside else value
    path.write_text(json.dumps(CROISSANT | {name: odd}))
    with suppress(BadDataError):
        read_croissant(path)


def test_a_version_names_the_source_it_was_added_from(bench: Bench) -> None:
    source = bench.repo.provenance.add_source("faq", Description(uri="s3://x")).record
    bench.put("train.jsonl", ROWS)
    result = bench.repo.add("train.jsonl", source="faq", measure=False)
    assert result.version.record.generated_by == source.id
    assert bench.repo.show("train@v1").beside.sources == ("source:faq",)
    assert bench.repo.log().to_dict()["versions"][0]["sources"] == ["source:faq"]
    with pytest.raises(NotFoundError, match="no source 'other', but faq"):
        bench.repo.add("train.jsonl", source="other")


def test_a_draft_from_a_source_is_still_a_draft(bench: Bench) -> None:
    bench.repo.provenance.add_source("faq", Description(uri="s3://x"))
    for text in (ROWS, ROWS * 2):
        bench.put("train.jsonl", text)
        bench.repo.add("train.jsonl", source="faq", measure=False)
    assert bench.labels("train") == ["v1"]


def test_of_a_version_that_is_there_already_a_claim_says_where_it_is_from(bench: Bench) -> None:
    bench.commit("train.jsonl", ROWS)
    provenance = bench.repo.provenance
    source = provenance.add_source("faq", Description(uri="s3://x")).record
    result = bench.repo.add("train.jsonl", source="faq")
    assert result.notices[-1].startswith("a claim says that v1")
    linked = provenance.link_source("source:faq", "train", "v1")
    assert (linked.new, dict(linked.claim.body)) == (False, {"source": source.id})
    [edge] = provenance.registry.graph().children(source.id)
    assert (edge.role, edge.evidence) == ("origin", "declared")
    [listed] = provenance.sources().sources
    assert [node.ref for node in listed.used_by] == ["train@v1"]


def test_a_version_of_the_same_bytes_is_linked_by_its_hash(bench: Bench) -> None:
    bench.commit("train.jsonl", ROWS)
    provenance = bench.repo.provenance
    source = provenance.add_source("faq", Description(uri="x"), files=["train.jsonl"]).record
    [edge] = provenance.registry.graph().children(source.id)
    assert (edge.role, edge.evidence) == ("origin", "recorded")
    with pytest.raises(NotFoundError, match=r"gone\.jsonl"):
        provenance.add_source("faq", Description(uri="x"), files=["gone.jsonl"])


def test_a_card_that_the_hub_writes_is_read(tmp_path: Path) -> None:
    hub = pytest.importorskip("huggingface_hub", reason="it comes with `datasets`")
    said = hub.DatasetCardData(license=["mit"], language=["en", "no"], pretty_name="My: data")
    path = tmp_path / "README.md"
    path.write_text(f"---\n{said.to_yaml()}\n---\n# My data\n")
    found = read_card(path)
    assert (found.title, found.license) == ("My: data", License("mit"))
    assert found.languages == ("en", "no")


def test_the_commands(bench: Bench, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bench.root)
    bench.put("train.jsonl", ROWS)
    assert dslineage("source", "list").out.startswith("there is no source yet")
    said = ["--uri", "s3://x", "--license-as-of", "2026-01-31", "--personal-data", "yes"]
    added = dslineage("source", "add", "gsm8k", "--card", "README.md", *said, "--creator", "Ada")
    assert "licence       cc-by-4.0, as of 2026-01-31" in added.out
    assert "next: dslineage add FILE --source gsm8k" in added.out
    assert dslineage("add", "train.jsonl", "--source", "gsm8k", "--no-metrics").code == 0
    assert "source         source:gsm8k" in dslineage("show", "v1").out
    assert "from source:gsm8k" in dslineage("log").out
    again = dslineage("source", "add", "faq", "--croissant", "croissant.json", "--json").json
    assert again["source"]["creators"] == ["Ada", "Org"]
    assert dslineage("source", "link", "faq", "train", "v1").code == 0
    listed = dslineage("source", "list").out
    assert listed.count("used by       train@v1") == 2
    assert "not known: 1 of its files has no SHA-256" in listed
    documents = dslineage("source", "list", "--json").json["sources"]
    assert [one["source"]["name"] for one in documents] == ["faq", "gsm8k"]
    assert dslineage("source", "link", "nobody", "v1").code == 6
    assert dslineage("source", "add", "bad/name", "--uri", "x").code == 2
    assert dslineage("source", "add", "x", "--card", "train.jsonl", "--uri", "x").code == 3
    assert dslineage("verify").code == 0


def test_what_documents_say_is_shown_and_not_obeyed(
    bench: Bench, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bench.root)
    bench.put("README.md", b'---\npretty_name: "\\x1b[31mred"\n---\n')
    shown = dslineage("source", "add", "x", "--card", "README.md", "--uri", "x").out
    assert "\x1b" not in shown
    assert "red" in shown
