"""Records, pointers and files that somebody else made, to do harm or by accident."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import DslineageError, IntegrityError, NotFoundError, UsageError
from dslineage.ids import Digest
from dslineage.records import DatasetRecord, Pointer, safe_path
from dslineage.repository import Repository
from tests.versions.support import Bench

ONE = b'{"prompt":"a","completion":"b"}\n'
TWO = ONE + b'{"prompt":"c","completion":"d"}\n'


def document(bench: Bench) -> dict[str, Any]:
    path = bench.root / bench.repo.show("train@v1").path
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return found


def forged(document: dict[str, Any]) -> bytes:
    """A record whose id fits its content, whatever that is."""
    body = {name: value for name, value in document.items() if name != "id"}
    try:
        digest = Digest.of(canonical_bytes(body))
    except UsageError:
        digest = Digest.of(b"no canonical form")
    return json.dumps({"id": f"dataset:{digest}", **body}).encode()


@pytest.fixture
def train(bench: Bench) -> Bench:
    bench.commit("train.jsonl", ONE)
    return bench


PATHS = [
    "../x",
    "a/../../x",
    "..",
    ".",
    "",
    "/etc/passwd",
    "//x",
    ".git/hooks/pre-commit",
    "a/.git/config",
    ".GIT/config",
    ".dslineage/records/x",
    "a\0b",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_leaves_its_folder_is_refused_in_records_and_pointers(
    train: Bench, path: str
) -> None:
    with pytest.raises(IntegrityError) as caught:
        safe_path(path)
    assert caught.value.kind == "unsafe-path"
    record = document(train)
    record["files"][0]["path"] = path
    with pytest.raises(IntegrityError, match=r"v1-x\.json"):
        DatasetRecord.from_bytes(forged(record), "v1-x.json")
    pointer = orjson.loads((train.root / "train.jsonl.dsl.json").read_bytes())
    pointer["files"][0]["path"] = path
    with pytest.raises(IntegrityError, match=r"x\.dsl\.json"):
        Pointer.from_bytes(orjson.dumps(pointer), "x.dsl.json")


DEEP: Any = {}
for _ in range(900):
    DEEP = {"a": DEEP}

WRONG: list[tuple[str, Any]] = [
    ("dataset", "../evil"),
    ("dataset", 5),
    ("version", "4"),
    ("version", "v-1"),
    ("version", "v0"),
    ("version", "v" + "9" * 5000),
    ("version", 2),
    ("parents", "dataset:sha256:" + "0" * 64),
    ("parents", ["v1"]),
    ("parents", [["x"]]),
    ("content_hash", "sha256:" + "0" * 63),
    ("content_hash", "md5:" + "0" * 32),
    ("content_hash", None),
    ("training_hash", 7),
    ("quarantine_hash", "x"),
    ("adapter", 5),
    ("adapter", "text"),
    ("adapter", "text@x:y"),
    ("adapter", "text@" + "9" * 400 + ":aa"),
    ("mapping", []),
    ("key", 7),
    ("key", ["id"]),
    ("examples", "5"),
    ("examples", -1),
    ("examples", True),
    ("examples", 1.5),
    ("examples", 10**30),
    ("unique", {}),
    ("quarantined", None),
    ("format", 1),
    ("store", []),
    ("files", {}),
    ("files", []),
    ("files", ["x"]),
    ("files", [{}]),
    ("files", [{"path": 1, "bytes": 1, "sha256": "0" * 64, "reader": {"format": "jsonl"}}]),
    ("files", [{"path": "a", "bytes": "1", "sha256": "0" * 64, "reader": {"format": "jsonl"}}]),
    ("files", [{"path": "a", "bytes": 1, "sha256": "0" * 64, "reader": {}}]),
    ("files", [{"path": "a", "bytes": 1, "sha256": "0" * 64, "reader": {"format": "jsonl"}}] * 2),
    ("files", [{"path": "a", "bytes": 1, "sha256": "zz", "reader": {"format": "jsonl"}}]),
    ("fields", []),
    ("fields", {"a": 5}),
    ("fields", {"a": {"string": "x"}}),
    ("change", []),
    ("change", {"x": {}}),
    ("change", {"dataset:sha256:" + "0" * 64: 5}),
    ("message", None),
    ("author", {}),
    ("created_at", 0),
    ("tool", ["x"]),
    ("mapping", DEEP),
    ("unknown", "member"),
]


@pytest.mark.parametrize(("member", "value"), WRONG, ids=lambda part: str(part)[:30])
def test_a_record_of_wrong_types_with_a_fitting_id_is_an_integrity_error(
    train: Bench, member: str, value: Any
) -> None:
    record = document(train) | {member: value}
    with pytest.raises(IntegrityError) as caught:
        DatasetRecord.from_bytes(forged(record), "the record")
    assert "the record" in caught.value.message


@pytest.mark.parametrize("missing", ["schema", "dataset", "version", "files", "id", "change"])
def test_a_record_without_a_member_is_an_integrity_error(train: Bench, missing: str) -> None:
    record = {name: value for name, value in document(train).items() if name != missing}
    with pytest.raises(IntegrityError, match="the record"):
        DatasetRecord.from_bytes(orjson.dumps(record), "the record")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{}" * 2,
        b'{"schema": NaN}',
        b"\0" * 500,
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_is_no_record_and_no_pointer_is_an_integrity_error(data: bytes) -> None:
    for read in (DatasetRecord.from_bytes, Pointer.from_bytes):
        with pytest.raises(IntegrityError, match="the file"):
            read(data, "the file")


@pytest.mark.parametrize("what", ["dataset", "pointer"])
def test_a_newer_schema_says_what_to_do(train: Bench, what: str) -> None:
    path = train.root / (
        train.repo.show("train@v1").path if what == "dataset" else "train.jsonl.dsl.json"
    )
    path.write_bytes(
        path.read_bytes().replace(
            b"dslineage.%s/1" % what.encode(), b"dslineage.%s/2" % what.encode()
        )
    )
    with pytest.raises(IntegrityError) as caught:
        train.add("train.jsonl", TWO)
    assert caught.value.kind == "unknown-schema"
    assert path.name in caught.value.message
    assert caught.value.hint == "pip install --upgrade dslineage"


@given(at=st.integers(0, 10_000), bits=st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_a_pointer_with_any_byte_changed_is_a_pointer_or_an_integrity_error(
    at: int, bits: int
) -> None:
    data = bytearray(POINTER)
    data[at % len(data)] ^= bits
    try:
        pointer = Pointer.from_bytes(bytes(data), "p")
    except IntegrityError:
        return
    assert isinstance(pointer.examples, int)


POINTER = orjson.dumps(
    {
        "schema": "dslineage.pointer/1",
        "dataset": "train",
        "version": "v1",
        "id": "dataset:sha256:" + "a" * 64,
        "content_hash": "sha256:" + "b" * 64,
        "examples": 7,
        "files": [
            {"path": "a.csv", "bytes": 9, "sha256": "c" * 64, "reader": {"format": "csv", "h": [1]}}
        ],
    }
)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(member=st.sampled_from(sorted(orjson.loads(POINTER))), value=JSON)
@settings(max_examples=300, deadline=None)
def test_a_pointer_with_any_value_in_it_is_a_pointer_or_an_integrity_error(
    member: str, value: Any
) -> None:
    try:
        data = orjson.dumps(orjson.loads(POINTER) | {member: value})
    except TypeError:
        return
    try:
        pointer = Pointer.from_bytes(data, "p")
    except IntegrityError:
        return
    assert orjson.loads(pointer.to_bytes())[member] == orjson.loads(data)[member]


def test_a_pointer_with_merge_markers_names_the_way_out_and_it_works(train: Bench) -> None:
    train.git("branch", "other")
    train.commit("train.jsonl", TWO)
    train.git("checkout", "-q", "other")
    train.repo.checkout()
    train.commit("train.jsonl", ONE + ONE)
    train.merge_conflict("main")

    with pytest.raises(IntegrityError) as caught:
        train.add("train.jsonl")

    assert caught.value.kind == "conflicted-pointer"
    assert "train.jsonl.dsl.json has merge markers" in caught.value.message
    assert caught.value.hint.startswith("dslineage merge; or to keep one side: git checkout --ours")
    assert caught.value.hint.endswith("dslineage add train.jsonl")
    train.git("checkout", "--ours", "--", "train.jsonl.dsl.json")
    train.add("train.jsonl", TWO + ONE)
    train.git("commit", "-q", "-m", "merged")
    assert train.problems() == []


@pytest.mark.parametrize("damage", ["merge markers", "half of it"])
def test_a_pointer_that_cannot_be_read_blocks_no_other_data_set(train: Bench, damage: str) -> None:
    other = train.commit("other.jsonl", ONE)
    path = train.root / "train.jsonl.dsl.json"
    whole = path.read_bytes()
    marked = b"<<<<<<< HEAD\n" + whole + b"=======\n" + whole + b">>>>>>> main\n"
    path.write_bytes(marked if damage == "merge markers" else whole[: len(whole) // 2])
    state = "conflicted" if damage == "merge markers" else "damaged"

    statuses = {one.name: one for one in train.repo.status().datasets}
    assert (statuses["other"].state, statuses["train"].state) == ("clean", state)
    assert "train.jsonl.dsl.json" in statuses["train"].hint
    assert train.repo.show("latest").record == other.record
    assert train.repo.diff("other").to_dict()["identical"]
    assert train.add("other.jsonl", TWO).record.label == "v2"
    assert train.add("third.jsonl", TWO).record.label == "v1"
    assert train.repo.checkout("other@v1").versions[0].record == other.record

    for blocked in (
        lambda: train.add("train.jsonl"),
        lambda: train.repo.diff("train"),
        lambda: train.repo.show("train@latest"),
        lambda: train.repo.checkout("train@v1"),
        train.repo.checkout,
    ):
        with pytest.raises(IntegrityError, match=r"train\.jsonl\.dsl\.json"):
            blocked()
    assert train.problems() == ["train.jsonl.dsl.json"]


@pytest.mark.parametrize("where", ["target", "folder"])
def test_a_checkout_writes_through_no_link(train: Bench, tmp_path: Path, where: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    train.commit("data/part/x.jsonl", ONE)
    train.commit("data/part/x.jsonl", TWO)
    inner = train.root / "data/part"
    if where == "target":
        (outside / "x.jsonl").write_bytes(b"precious")
        (inner / "x.jsonl").unlink()
        (inner / "x.jsonl").symlink_to(outside / "x.jsonl")
    else:
        inner.rename(outside / "part")
        inner.symlink_to(outside / "part")
        train.git("update-index", "--assume-unchanged", "data/part/x.jsonl.dsl.json")
    before = {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()}
    for force in (False, True):
        with pytest.raises(DslineageError):
            train.repo.checkout("x@v1", force=force)
    assert {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()} == before
    assert list(outside.rglob("*.tmp")) == []


@pytest.mark.parametrize("link", [".dslineage", ".dslineage/records", ".gitignore"])
def test_an_add_writes_through_no_link(bench: Bench, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    if link == ".gitignore":
        outside.write_bytes(b"precious")
    else:
        (bench.root / ".dslineage/README.md").unlink()
        (bench.root / ".dslineage").rmdir()
        outside.mkdir()
    (bench.root / link).parent.mkdir(exist_ok=True)
    (bench.root / link).symlink_to(outside)
    bench.put("train.jsonl", ONE)
    with pytest.raises(UsageError, match="symbolic link") as caught:
        bench.add("train.jsonl")
    assert caught.value.kind == "symlink"
    assert [*outside.iterdir()] == [] if outside.is_dir() else outside.read_bytes() == b"precious"


def _link(path: Path) -> None:
    path.with_name("real.jsonl").write_bytes(ONE)
    path.symlink_to("real.jsonl")


def _dangling(path: Path) -> None:
    path.symlink_to("nothing")


def _folder_of_links(path: Path) -> None:
    path.mkdir()
    (path / "a.jsonl").write_bytes(ONE)
    (path / "b.jsonl").symlink_to("a.jsonl")


def _link_to_folder(path: Path) -> None:
    path.with_name("real").mkdir()
    (path.with_name("real") / "a.jsonl").write_bytes(ONE)
    path.symlink_to("real")


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            server.bind(f"/proc/self/fd/{folder}/{path.name}")
        finally:
            os.close(folder)


def _folder_with_pipe(path: Path) -> None:
    path.mkdir()
    (path / "a.jsonl").write_bytes(ONE)
    os.mkfifo(path / "b.jsonl")


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (_link, "symlink"),
        (_dangling, "symlink"),
        (_folder_of_links, "symlink"),
        (_link_to_folder, "symlink"),
        (os.mkfifo, "not-a-file"),
        (_socket, "not-a-file"),
        (_folder_with_pipe, "not-a-file"),
        (Path.mkdir, "no-data"),
    ],
)
def test_what_is_no_regular_file_is_refused(
    train: Bench, make: Callable[[Path], object], kind: str
) -> None:
    make(train.root / "odd.jsonl")
    before = train.listing()
    with pytest.raises(UsageError) as caught:
        train.add("odd.jsonl")
    assert caught.value.kind == kind
    assert "odd.jsonl" in caught.value.message
    assert train.listing() == before


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/proc/self/mem"])
def test_a_device_is_no_data_file(train: Bench, device: str) -> None:
    with pytest.raises(DslineageError):
        train.repo.add([device])
    with pytest.raises(DslineageError):
        train.repo.diff("train@v1", device)


def test_a_file_below_a_link_is_refused(train: Bench, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/x.jsonl").write_bytes(ONE)
    (train.root / "inside").symlink_to(tmp_path / "outside")
    with pytest.raises(UsageError) as caught:
        train.repo.add([train.root / "inside/x.jsonl"])
    assert caught.value.kind in {"symlink", "outside-repository"}
    assert sorted(path.name for path in (tmp_path / "outside").iterdir()) == ["x.jsonl"]


def test_a_file_outside_the_repository_is_refused(train: Bench, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(ONE)
    with pytest.raises(UsageError) as caught:
        train.repo.add([tmp_path / "x.jsonl"])
    assert caught.value.kind == "outside-repository"


def test_a_forged_record_of_an_unknown_adapter_stops_nothing_else(train: Bench) -> None:
    record = train.repo.show("train@v1").record
    strange = replace(record, number=7, adapter="magic@9:abcdef")
    train.put(f".dslineage/records/dataset/train/{strange.file_name}", strange.to_bytes())
    assert train.labels("train") == ["v1", "v7"]
    assert any("train@v7" in name for name in train.problems())
    with pytest.raises(DslineageError):
        train.repo.diff("train@v1", "train@v7")
    assert train.add("train.jsonl", TWO).record.label == "v8"


def test_a_message_that_is_no_text_is_refused(train: Bench) -> None:
    train.put("train.jsonl", TWO)
    before = train.listing()
    with pytest.raises(UsageError, match="message"):
        train.repo.add([train.root / "train.jsonl"], message="caf\udce9")
    assert train.listing() == before


def test_a_file_keeps_its_permissions_when_an_older_version_takes_its_place(train: Bench) -> None:
    train.commit("train.jsonl", TWO)
    (train.root / "train.jsonl").chmod(0o600)
    train.repo.checkout("v1")
    assert (train.root / "train.jsonl").stat().st_mode & 0o777 == 0o600


def test_bytes_that_were_only_indexed_are_not_written_over(bench: Bench) -> None:
    bench.commit("train.jsonl", ONE)
    bench.commit("train.jsonl", TWO, store="index")
    with pytest.raises(UsageError) as caught:
        bench.repo.checkout("v1")
    assert caught.value.kind == "unsaved-changes"
    assert (bench.root / "train.jsonl").read_bytes() == TWO
    bench.repo.checkout("v1", force=True)
    assert (bench.root / "train.jsonl").read_bytes() == ONE


def test_one_damaged_shard_leaves_all_files_as_they_are(bench: Bench) -> None:
    for part in (ONE, TWO):
        bench.put("many/a.jsonl", part)
        bench.put("many/b.jsonl", part + part)
        bench.commit("many")
    first = bench.repo.show("many@v1").record
    layouts = [
        next((bench.objects / "layouts").glob(f"{entry.sha256.hex}.*")) for entry in first.files
    ]
    layouts[1].write_bytes(b"gone")
    before = bench.listing()
    with pytest.raises(IntegrityError):
        bench.repo.checkout("many@v1")
    after = bench.listing()
    assert {name: state for name, state in after.items() if not name.endswith("lock")} == {
        name: state for name, state in before.items() if not name.endswith("lock")
    }


def test_a_repository_inside_the_repository_keeps_its_own_data(bench: Bench) -> None:
    inner = bench.root / "deep" / "inner"
    inner.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", inner], check=True)
    bench.put("deep/inner/data/x.jsonl", ONE)
    with pytest.raises(UsageError) as caught:
        bench.add("deep/inner/data/x.jsonl")
    assert caught.value.kind == "inner-repository"
    assert caught.value.hint == "dslineage -C deep/inner add FILE"
    assert bench.repo.log().versions == ()
    own = Repository.open(inner).add(["data/x.jsonl"])
    assert own.pointer == "data/x.jsonl.dsl.json"


@pytest.mark.parametrize("where", ["bare.git", "plain/.git"])
def test_nothing_is_made_inside_the_folders_of_git(tmp_path: Path, where: str) -> None:
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "bare.git"], check=True)
    subprocess.run(["git", "init", "-q", tmp_path / "plain"], check=True)
    before = sorted(tmp_path.rglob("*"))
    for call in (Repository.open, Repository.init):
        with pytest.raises(NotFoundError) as caught:
            call(tmp_path / where)
        assert caught.value.kind == "no-work-tree"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to somebody else")
def test_a_repository_of_somebody_else_is_called_that(bench: Bench) -> None:
    for path in (bench.root, *bench.root.rglob("*")):
        os.chown(path, 1234, 1234)
    for call in (Repository.open, Repository.init):
        with pytest.raises(NotFoundError, match="dubious ownership") as caught:
            call(bench.root)
        assert caught.value.kind == "git-refused"
        assert caught.value.hint.startswith("git config --global --add safe.directory")


def test_a_data_set_in_a_hidden_folder_stays_there(bench: Bench) -> None:
    bench.commit(".data/x.jsonl", ONE)
    (bench.root / ".data/x.jsonl").unlink()
    bench.repo.checkout()
    assert (bench.root / ".data/x.jsonl").read_bytes() == ONE
    assert not (bench.root / "data").exists()


@pytest.mark.parametrize("member", ["record", "made", "replaced", "step", "pointer"])
@pytest.mark.parametrize(
    "path", ["precious", "../precious", ".dslineage/records/a/../../b.json", []]
)
def test_a_note_of_an_interrupted_add_removes_nothing_but_records(
    train: Bench, member: str, path: str
) -> None:
    """A copied repository brings its git folder along, and a note in it."""
    for name in ("precious", "../precious", ".dslineage/b.json"):
        train.put(name, b"precious")
    known = train.repo.show("train@v1").record.path
    files = {"name": "train", "folder": "", "pointer": "train.jsonl.dsl.json", "names": []}
    note: dict[str, Any] = {"id": "", "record": known, "made": known, "replaced": "", "step": ""}
    (files if member == "pointer" else note)[member] = path
    train.put(".git/dslineage/unfinished.json", orjson.dumps(note | {"files": files}))
    with pytest.raises(IntegrityError) as caught:
        train.add("train.jsonl", TWO)
    assert caught.value.kind == "damaged-note"
    assert all((train.root / name).exists() for name in ("precious", "../precious", known))
