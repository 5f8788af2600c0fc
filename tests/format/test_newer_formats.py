"""What a newer release wrote is refused by name, and nothing of it is read by guess or changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import DslineageError, IntegrityError, UsageError
from dslineage.ids import Digest
from tests.versions.support import Bench

ONE = b'{"prompt":"a","completion":"b"}\n'

USES: dict[str, tuple[str, Callable[[Bench], object]]] = {
    "load": ("read", lambda bench: list(bench.repo.load("train@v1"))),
    "diff": ("read", lambda bench: bench.repo.diff("train@v1", "train@v1")),
    "checkout": ("read", lambda bench: bench.repo.checkout("v1", force=True)),
    "verify": ("read", lambda bench: bench.repo.verify()),
    "du": ("read", lambda bench: bench.repo.du()),
    "what gc would delete": ("read", lambda bench: bench.repo.gc()),
    "add": ("write", lambda bench: bench.add("train.jsonl", ONE * 2)),
    "gc": ("delete", lambda bench: bench.repo.gc(delete=True, grace_days=0)),
    "forget": ("delete", lambda bench: bench.repo.forget("0" * 64, delete=True)),
}
"""What commands do with objects."""
ORDER = ("read", "write", "delete")
MEMBERS = {"features": "read", "write": "write", "delete": "delete"}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench.make(tmp_path / "work")
    bench.commit("train.jsonl", ONE)
    return bench


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("member", ["format", *MEMBERS])
def test_a_feature_that_is_not_known_refuses_what_it_is_needed_for(
    bench: Bench, use: str, member: str
) -> None:
    newer = {"format": 2} if member == "format" else {member: ["tomorrow"]}
    marker = {"format": 1, "features": [], **newer, "release": "0.9.0"}
    (bench.objects / "format").write_bytes(json.dumps(marker).encode())
    operation, action = USES[use]
    needs = MEMBERS.get(member, "read")
    if ORDER.index(operation) < ORDER.index(needs):
        action(bench)
        return
    before = {name: part for name, part in bench.listing().items() if name != "train.jsonl"}
    with pytest.raises(IntegrityError, match=r"; dslineage 0\.9\.0 does$") as caught:
        action(bench)
    assert caught.value.kind == "newer-format"
    after = {name: part for name, part in bench.listing().items() if name != "train.jsonl"}
    assert after == before


@pytest.mark.parametrize("use", ["add", "gc"])
@pytest.mark.parametrize("what", ["record", "pointer"])
def test_a_record_or_pointer_of_a_newer_schema_is_refused(
    bench: Bench, use: str, what: str
) -> None:
    pattern = ".dslineage/records/dataset/*/*.json" if what == "record" else "*.dsl.json"
    [path] = bench.root.glob(pattern)
    document = json.loads(path.read_bytes())
    document["schema"] = document["schema"].replace("/1", "/2")
    document["tool"] = "dslineage 0.9.0"
    path.write_bytes(json.dumps(document).encode())
    with pytest.raises(IntegrityError, match=r"/2'; this release .*; dslineage 0\.9\.0 wrote it"):
        USES[use][1](bench)
    assert json.loads(path.read_bytes()) == document


@pytest.mark.parametrize("what", ["record", "pointer"])
def test_a_member_of_a_newer_release_is_told_from_an_edit(bench: Bench, what: str) -> None:
    pattern = ".dslineage/records/dataset/*/*.json" if what == "record" else "*.dsl.json"
    [path] = bench.root.glob(pattern)
    document = json.loads(path.read_bytes()) | {"tomorrow": 1, "tool": "dslineage 0.9.0"}
    if what == "record":
        document["id"] = f"dataset:{Digest.of(canonical_bytes(without_id(document)))}"
        path = path.with_name(f"v1-{document['id'][15:27]}.json")
    path.write_bytes(json.dumps(document, indent=2).encode())
    with pytest.raises(IntegrityError, match=r"does not know; dslineage 0\.9\.0 wrote it"):
        bench.repo.log("train") if what == "record" else bench.repo.catalog.pointer_of("train")
    path.write_bytes(json.dumps(document | {"examples": 7}).encode())
    if what == "record":
        with pytest.raises(IntegrityError, match="it was edited"):
            bench.repo.log("train")


def test_a_record_of_a_newer_release_is_in_nobody_s_way_but_its_data_set_s(bench: Bench) -> None:
    bench.commit("eval.jsonl", ONE)
    [path] = bench.root.glob(".dslineage/records/dataset/eval/*.json")
    path.write_bytes(path.read_bytes().replace(b"dslineage.dataset/1", b"dslineage.dataset/2"))
    assert bench.add("train.jsonl", ONE * 2).record.label == "v2"
    assert bench.repo.diff("train@v1", "train@v2").added == 1
    with pytest.raises(IntegrityError, match="dslineage"):
        bench.repo.show("eval@v1")


@pytest.mark.parametrize(("folder", "use"), [("layouts", "load"), ("packs", "load")])
def test_an_object_in_a_form_of_tomorrow_is_not_called_damaged(
    bench: Bench, folder: str, use: str
) -> None:
    [path] = [one for one in (bench.objects / folder).iterdir() if one.suffix != ".zst"]
    data = path.read_bytes()[:-32]
    data = data[:6] + b"02" + data[8:]
    path.write_bytes(data + hashlib.sha256(data).digest())
    with pytest.raises(IntegrityError) as caught:
        USES[use][1](bench)
    assert caught.value.kind == "newer-format"
    path.write_bytes(data + bytes(32))
    with pytest.raises(IntegrityError) as caught:
        USES[use][1](bench)
    assert caught.value.kind == "damaged-object"


def test_a_view_of_tomorrow_is_computed_again_beside_it(bench: Bench) -> None:
    """Its name says how it was made, so it is another file."""
    [view] = (bench.objects / "views").iterdir()
    pack, _, _ = view.name.partition(".")
    view.rename(view.with_name(f"{pack}.{'0' * 16}"))
    bench.put("train.jsonl", ONE.replace(b"b", b"c"))
    assert bench.repo.diff("train@v1", "train.jsonl").edited == 1


def without_id(document: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if name != "id"}


def test_settings_that_this_release_does_not_know_are_refused_by_name(bench: Bench) -> None:
    bench.put("dslineage.toml", b"[tomorrow]\nerasure = true\n")
    with pytest.raises(UsageError, match="tomorrow"):
        bench.repo.check()


def test_a_format_that_cannot_be_read_is_no_old_one(bench: Bench) -> None:
    (bench.objects / "format").write_bytes(b"")
    with pytest.raises(DslineageError, match="cannot be read"):
        bench.repo.load("train@v1")
