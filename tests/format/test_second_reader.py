"""What the documents of the format say is enough to read what the program writes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dslineage.lineage.node import edges_of
from dslineage.repository import Repository
from dslineage.versions.options import ReadOptions
from tests.format import second_facets, second_measures, second_reader
from tests.format.made_files import CHATS, FILES, FOLDERS, OPTIONS, PAIRS, jsonl, put
from tests.lineage import world
from tests.versions.support import Bench

MEDIA = {name: name for name in ("images", "videos", "audios")}
TURNS = {name: name for name in ("system", "tools")} | MEDIA
CHAT = {"messages": "messages", "functions": "functions"} | TURNS
COLUMNS: dict[str, dict[str, str]] = {
    "preference": {"prompt": "prompt", "chosen": "chosen", "rejected": "rejected"} | TURNS,
    "stepwise": {name: name for name in ("prompt", "labels", "system")}
    | {"answers": "completions"},
    "kto": {"prompt": "prompt", "response": "completion", "label": "label"} | TURNS,
    "llamafactory": {},
    "axolotl": CHAT,
    "multimodal": CHAT,
    "messages": CHAT,
    "sharegpt": CHAT | {"messages": "conversations"},
    "prompt-completion": {"prompt": "prompt", "response": "completion"} | TURNS,
    "alpaca": {"prompt": "instruction", "query": "input", "response": "output"}
    | {"history": "history"}
    | TURNS,
    "question-answer": {"prompt": "question", "response": "answer", "system": "system"} | MEDIA,
    "text": {"text": "text"},
    "prompt-only": {"prompt": "prompt"} | TURNS,
    "fields": {},
}
"""The columns of a family by role, from the table of `docs/schemas.md`."""


def columns(record: dict[str, Any]) -> set[str]:
    """The columns that the adapter of a record reads."""
    if "tokens" in record["mapping"]:
        others = {"attention_mask", "labels", "position_ids", "token_type_ids"}
        return {record["mapping"]["tokens"]} | others
    roles = COLUMNS[record["adapter"].partition("@")[0]] | record["mapping"]
    tags = ("role", "content", "roles", "trained")
    return {name for role, name in roles.items() if role not in tags} - {""}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Every kind of file, each a data set of its own; and one with a history."""
    bench = Bench.make(tmp_path_factory.mktemp("kinds"))
    put(bench.root, FILES)
    for name in FILES:
        kind = next((kind for kind in OPTIONS if name.startswith(kind)), "")
        bench.repo.add(
            [bench.root / name],
            name=name.replace(".", "-"),
            options=ReadOptions(**OPTIONS.get(kind, {})),
        )
    for folder, files in FOLDERS.items():
        put(bench.root / folder, files)
        bench.add(folder)
    put(bench.root / "far" / "away", {"a.jsonl": jsonl(PAIRS), "b.csv": FILES["rows.csv"]})
    bench.repo.add(
        [bench.root / "far/away/a.jsonl", bench.root / "plain.jsonl"], name="several.files"
    )
    _history(bench)
    shutil.rmtree(bench.objects / "cache")
    return bench


def _history(bench: Bench) -> None:
    """Edits, another order, another key, another adapter, and back again."""
    edited = [
        {**row, "messages": [*row["messages"], {"role": "user", "content": "Sure?"}]}
        for row in CHATS[::7]
    ]
    keyed = [{**row, "uid": f"u{n}"} for n, row in enumerate(CHATS)]
    bench.commit("history.jsonl", jsonl(CHATS))
    bench.commit("history.jsonl", jsonl(CHATS[9:] + edited + CHATS[:4]))
    bench.commit("history.jsonl", jsonl(CHATS[::-1] + keyed[:5]), key="big")
    bench.commit("history.jsonl", jsonl(CHATS[5:] + keyed[:5]), schema="fields", key="id")
    bench.commit("history.jsonl", jsonl(CHATS[9:] + edited), schema="messages")


@pytest.fixture(scope="module")
def reader(bench: Bench) -> second_reader.Repository:
    return second_reader.Repository(bench.root)


def versions(
    reader: second_reader.Repository, dataset: str = ""
) -> Iterator[second_reader.Version]:
    for record in reader.records():
        if dataset in ("", record["dataset"]):
            yield reader.version(record)


def test_every_version_is_found_with_the_hashes_that_the_program_shows(
    bench: Bench, reader: second_reader.Repository
) -> None:
    """`version` recomputes each of them and raises where one is another."""
    found = list(versions(reader))
    assert len(found) == len(FILES) + len(FOLDERS) + 1 + 5
    for version in found:
        record = version.record
        shown = bench.repo.show(f"{record['dataset']}@{record['version']}").to_dict()
        for name in ("content_hash", "training_hash", "order_hash", "examples", "unique"):
            assert shown[name] == record[name]
        for name in ("id", "files", "adapter", "quarantined", "store", "format"):
            assert shown[name] == record[name]
        assert shown["key"] == record.get("key")
        assert shown["quarantine_hash"] == record.get("quarantine_hash")
    assert bench.problems() == []


@pytest.mark.parametrize("name", FILES)
def test_files_come_back_byte_for_byte(name: str, reader: second_reader.Repository) -> None:
    (version,) = versions(reader, name.replace(".", "-"))
    (file,) = version.files.values()
    kept = not name.startswith("indexed") and (
        not name.startswith("kept_rows") or name == "kept_rows.jsonl"
    )
    assert file.data == (FILES[name] if kept else None)


@pytest.mark.parametrize("folder", FOLDERS)
def test_folders_come_back_byte_for_byte(folder: str, reader: second_reader.Repository) -> None:
    (version,) = versions(reader, folder)
    found = {name: file.data for name, file in version.files.items()}
    assert found == {f"{folder}/{name}": data for name, data in FOLDERS[folder].items()}


def test_compressed_files_whose_rows_are_kept_come_back_decompressed(
    reader: second_reader.Repository,
) -> None:
    (version,) = versions(reader, "kept_rows-jsonl-gz")
    (file,) = version.files.values()
    assert file.text == b"{\n" + jsonl(CHATS[10:14])
    assert version.record["quarantined"] == 1


def test_pointers_name_what_stands_beside_them(
    bench: Bench, reader: second_reader.Repository
) -> None:
    found = dict(reader.pointers())
    assert len(found) == len(FILES) + len(FOLDERS) + 2
    for path, pointer in found.items():
        assert all((path.parent / file["path"]).is_file() for file in pointer["files"])
    assert (bench.root / "several.files.dsl.json") in found


def test_old_versions_come_back_byte_for_byte(reader: second_reader.Repository) -> None:
    found = {version.record["version"]: version for version in versions(reader, "history")}
    keys = [version.record.get("key") for version in found.values()]
    assert keys == ["id", "id", "big", "id", None]
    assert found["v1"].files["history.jsonl"].data == jsonl(CHATS)
    assert found["v4"].record["adapter"].startswith("fields@")
    assert found["v4"].conversations == found["v4"].examples
    parents = [version.record["parents"] for version in found.values()]
    assert parents == [[], *([version.record["id"]] for version in found.values())][:5]


def test_versions_share_the_rows_that_they_share(reader: second_reader.Repository) -> None:
    packs = {
        run.pack
        for v in versions(reader, "history")
        for run in v.files["history.jsonl"].layout.runs
    }
    rows = [row for pack in packs for row in reader.pack(pack).row_ids]
    assert len(rows) == len(set(rows)) == len(CHATS) + len(CHATS[::7]) + 5


def test_no_view_is_missing_when_the_cache_is_gone(reader: second_reader.Repository) -> None:
    for version in versions(reader):
        view = second_reader.view_id(version.record["adapter"], version.record.get("key"))
        for file in version.files.values():
            for run in file.layout.runs:
                assert reader.view(run.pack, view).columns.keys() >= {"conversation", "folded"}


def test_a_file_that_is_kept_needs_none_that_is_only_indexed(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.add("indexed.jsonl.gz", FILES["pressed.jsonl.gz"], store="index")
    bench.add("kept.jsonl.gz", FILES["pressed.jsonl.gz"] + FILES["pressed.jsonl.gz"])
    (bench.root / "indexed.jsonl.gz").unlink()
    assert len(list(bench.repo.load("kept"))) == 16
    assert len(list(versions(second_reader.Repository(bench.root)))) == 2


PICTURES = [
    {"messages": [{"role": "user", "content": f"<image> {n}?"}], "images": images}
    for n, images in enumerate(
        [
            ["1.png"],
            ["b/2.png", "1.png", "1.png"],
            [],
            ["nothing.png", "https://example.org/1.png", "b/2.png"],
            ["s3:/1.png", "x:1.png", "/1.png", "data:image/png;base64,AA", ["1.png", "b/2.png"]],
            [{"path": "1.png"}, {"bytes": "AA==", "path": "1.png"}, {"url": "b/2.png"}, 7, {}],
            ["nothing.png"],
        ]
    )
]


def test_media_are_listed_as_the_page_of_formats_says(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.put("set/a/1.png", b"one")
    bench.put("set/a/b/2.png", b"two")
    bench.put("set/c.jsonl", jsonl(PICTURES[::-1]))
    bench.commit("set/a/d.jsonl", jsonl(PICTURES))
    bench.commit("set")
    bench.put("set/a/1.png", b"another")
    bench.commit("set")
    bench.repo.add([bench.root / "set/c.jsonl"], name="c", options=ReadOptions(media_dir="set/a"))
    found = list(versions(second_reader.Repository(bench.root)))
    assert len({version.record["training_hash"] for version in found}) == 4
    for version in found:
        record, media = version.record, version.media
        assert media is not None
        loaded = bench.repo.load(f"{record['dataset']}@{record['version']}").conversations()
        expected = []
        for path, file in version.files.items():
            base = record["media"].get("folder", path.rpartition("/")[0])
            conversations = [dict(next(loaded)) for _ in range(file.layout.examples)]
            expected += [second_reader.media_names(one, base) for one in conversations]
        assert media.names == expected
    assert found[-1].media is not None
    assert found[-1].media.files["set/a/b/2.png"] == second_reader.sha256(b"two")
    assert found[-1].record["media"]["unread"]["url"] == 1
    kept = next((bench.objects / "media").iterdir())
    kept.write_bytes(kept.read_bytes()[:-1] + b"\0")
    with pytest.raises(second_reader.Damaged):
        list(versions(second_reader.Repository(bench.root)))


def check_facets(repo: Repository, reader: second_reader.Repository) -> set[str]:
    """Take every facet of every example again; returns those that said something."""
    said: set[str] = set()
    for version in versions(reader):
        record = version.record
        loaded = repo.load(f"{record['dataset']}@{record['version']}")
        key = record.get("key")
        view = second_reader.view_id(record["adapter"], key)
        stored = [
            {name: column[row] for name, column in reader.view(run.pack, view).columns.items()}
            for file in version.files.values()
            for run in file.layout.runs
            for row in range(run.rows.start, run.rows.stop)
        ]
        made = zip(loaded, loaded.conversations(), stored, strict=True)
        for example, conversation, kept in made:
            if record["adapter"].startswith("fields@"):
                found = second_facets.facets_of_fields(example, key)
            else:
                found = second_facets.facets(dict(conversation), example, key, columns(record))
            kept.pop("repaired")
            assert kept == found, (record["dataset"], example)
            said |= {name for name, facet in found.items() if facet != second_facets.ABSENT}
    return said


def test_facets_are_what_the_page_of_views_says(
    bench: Bench, reader: second_reader.Repository
) -> None:
    said = check_facets(bench.repo, reader)
    assert said >= {"prompt", "response", "system", "structure", "mask", "rest", "key", "folded"}


REAL = (
    "llamafactory/identity.json",
    "llamafactory/mllm_demo.json",
    "llamafactory/v1_dpo_demo.jsonl",
    "llamafactory/reason_tool_use_demo_50.jsonl",
    "llamafactory/kto_en_demo.json",
    "llamafactory/dpo_en_demo.json",
    "selfinstruct_seed_tasks.jsonl",
    "prompts/prompts-r03-93de120f.csv",
)


def test_real_files_are_read_alike(tmp_path: Path, shared_data: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    for path in REAL:
        name = Path(path).name
        bench.add(name, (shared_data / path).read_bytes())
    reader = second_reader.Repository(bench.root)
    for version in versions(reader):
        for name, file in version.files.items():
            assert file.data == (bench.root / name).read_bytes()
    said = check_facets(bench.repo, reader)
    assert said >= {"rejected", "tools", "label", "media"}


def test_what_was_changed_is_found(bench: Bench, tmp_path: Path) -> None:
    """The second reader is no witness if it takes everything."""
    root = tmp_path / "copy"
    shutil.copytree(bench.root, root)
    objects = root / ".git" / "dslineage"
    damaged = [max((objects / kind).iterdir()) for kind in ("packs", "views", "layouts", "blobs")]
    damaged += [min((objects / "packs").iterdir()), min(root.rglob("v1-*.json"))]
    for path in damaged:
        data = path.read_bytes()
        changed = bytearray(data)
        changed[len(data) // 2] ^= 1
        path.write_bytes(changed)
        with pytest.raises((second_reader.Damaged, json.JSONDecodeError)):
            list(versions(second_reader.Repository(root)))
        path.write_bytes(data)
    assert list(versions(second_reader.Repository(root)))


def test_records_of_every_kind_are_read_alike(git_repo: Path) -> None:
    """Ids, places and edges, from the documents alone."""
    web = world.source("web")
    raw = world.version("raw", made_by=web)
    clean = world.step(raw, dataset="clean")
    rows = world.version("clean", made_by=clean)
    blend = world.mixture(rows)
    trained = world.run(world.train(blend))
    final = world.model(trained)
    said = world.claim(final, "evaluation", of="tiny", score=1)
    records = [web, raw, clean, rows, blend, trained, final, said]
    world.write(git_repo, records)
    Repository.open(git_repo).store.prepare()
    found = second_reader.Repository(git_repo).graph()
    assert found == {one.id: {edge.parent for edge in edges_of(one)} for one in records}
    path = git_repo / trained.path
    path.write_bytes(path.read_bytes().replace(b"finished", b"started"))
    with pytest.raises(second_reader.Damaged, match="does not have the id"):
        second_reader.Repository(git_repo).graph()
    path.unlink()
    with pytest.raises(second_reader.Damaged, match="names a record that is not there"):
        second_reader.Repository(git_repo).graph()


def test_the_second_reader_shares_no_code_with_the_program() -> None:
    for module in (second_reader, second_facets):
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        assert not re.search(r"^\s*(from|import) dslineage", text, re.MULTILINE)


def test_tallies_are_the_sums_of_the_values_that_are_kept(
    reader: second_reader.Repository,
) -> None:
    """`check` recomputes each sum, figure and histogram and raises where one is another."""
    checked = 0
    for record in reader.records():
        (measurement,) = second_measures.measurements(reader, record)
        checked += second_measures.check(reader, record, measurement)
    assert checked >= 18 * len(list(reader.records()))
