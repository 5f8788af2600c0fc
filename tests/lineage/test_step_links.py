"""Links between rows as objects: what they hold, and how damage to them is found."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from dslineage.errors import IntegrityError
from dslineage.store.links import Links, LinksBuilder
from dslineage.versions.ledger import Ledger
from dslineage.workspace import Workspace
from tests.lineage.stepping import chat, lines
from tests.versions.support import Bench

DIGESTS = st.integers(0, 12).map(lambda number: bytes([number // 4]) * 8 + bytes([number]) * 24)


def built(
    derived: list[tuple[bytes, list[bytes]]], dropped: list[tuple[bytes, str]] | None = None
) -> Links:
    builder = LinksBuilder()
    for child, parents in derived:
        builder.derive(child, parents)
    for digest, reason in dropped or []:
        builder.drop(digest, reason)
    return builder.build()


@given(
    st.lists(st.tuples(DIGESTS, st.lists(DIGESTS, min_size=1, max_size=3)), max_size=10),
    st.lists(st.tuples(DIGESTS, st.sampled_from(["refusal", "too short", "é"])), max_size=10),
)
def test_links_say_what_was_noted_and_survive_being_written(
    derived: list[tuple[bytes, list[bytes]]], dropped: list[tuple[bytes, str]]
) -> None:
    links = built(derived, dropped)
    expected: dict[bytes, list[bytes]] = {}
    for child, parents in derived:
        known = expected.setdefault(child, [])
        known += [one for one in dict.fromkeys(parents) if one not in known]
    reasons: dict[bytes, str] = {}
    for digest, reason in dropped:
        reasons.setdefault(digest, reason)
    read = Links.decode(links.encoded, links.digest.hex)
    for one in (links, read):
        assert one.derived == {child: tuple(parents) for child, parents in expected.items()}
        assert {child: one.get(child) for child in expected} == one.derived
        assert one.get(b"\xff" * 32, (b"none",)) == (b"none",)
        assert {digest: one.reason(digest) for digest in reasons} == reasons
        assert one.reason(b"\xff" * 32) is None
    assert read.encoded == links.encoded


def test_an_object_is_read_as_the_page_of_formats_says() -> None:
    links = built([(b"c" * 32, [b"p" * 32, b"q" * 32])], [(b"d" * 32, "refusal")])
    data = links.encoded
    assert data[:8] == b"dsllnk01"
    assert hashlib.sha256(data[:-32]).digest() == data[-32:]
    content = zstandard.ZstdDecompressor().decompressobj().decompress(data[8:-32])
    assert hashlib.sha256(content).hexdigest() == links.digest.hex
    head, _, body = content.partition(b"\n")
    assert json.loads(head) == {
        "schema": "dslineage.links/1", "children": 1, "parents": 2, "dropped": 1,
        "reasons": ["refusal"],
    }  # fmt: skip
    assert body == b"".join(
        [b"c" * 32, struct.pack("<q", 2), b"p" * 32, b"q" * 32, b"d" * 32, struct.pack("<I", 0)]
    )


@pytest.fixture
def derived(tmp_path: Path) -> Bench:
    """A repository in which a step made 300 examples of others."""
    import dslineage

    bench = Bench.make(tmp_path / "work")
    bench.commit("raw.jsonl", lines([chat(number) for number in range(300)]))
    work = Workspace.open(bench.root)
    with dslineage.step(
        "shout", inputs="raw", output="loud.jsonl", measure=False, repository=work
    ) as step:
        for example in step.read():
            step.derive(chat(example["id"] + 1000, "LOUD"), parents=[example])
    return bench


def test_more_links_than_a_record_should_hold_are_an_object(derived: Bench) -> None:
    version = derived.repo.show("loud").record
    step = Ledger(derived.repo.catalog).step_of(version)
    assert step is not None
    assert step.parents == {}
    assert step.links is not None
    assert len(Ledger(derived.repo.catalog).derived(step)) == 300
    assert (derived.root / step.path).stat().st_size < 4096
    assert derived.problems() == []


@pytest.mark.parametrize("how", ["flipped", "cut", "gone"])
def test_a_damaged_object_is_named_with_the_version_that_needs_it(derived: Bench, how: str) -> None:
    (path,) = (derived.objects / "links").iterdir()
    data = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        flipped = bytes([data[100] ^ 1])
        path.write_bytes(data[:100] + (flipped + data[101:] if how == "flipped" else b""))
    (problem,) = derived.repo.verify().problems
    assert (problem.kind, problem.name, problem.needed_by) == ("links", path.name, ("loud@v1",))
    ledger = Ledger(derived.repo.catalog)
    step = ledger.step_of(derived.repo.show("loud").record)
    assert step is not None
    with pytest.raises(IntegrityError, match=path.name):
        ledger.derived(step)
