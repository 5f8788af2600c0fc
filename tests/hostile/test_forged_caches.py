"""Caches that were forged, checksums and all: each is computed anew, or an error says what to do.

Whoever can write in git's folder can have a cache say what is not so; not have a command break.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import xxhash

from dslineage.errors import BadDataError, IntegrityError
from dslineage.lineage import entries
from dslineage.store.columns import read_columns, write_columns
from dslineage.versions.checkpoint import Checkpoint
from dslineage.versions.verified import Scope
from dslineage.versions.worktree import HashCache, hash_file
from tests.audit.world import World, digest_of
from tests.forgetting.support import OTHERS, SECRET, digest, lines
from tests.fuzz.material import open_columns, sealed_columns
from tests.versions.support import Bench

OLD, NEW, KEPT = (
    {"instruction": "Tell me of the kettle.", "output": "A kettle is a thing that boils."},
    {"instruction": "Tell me of the kettle.", "output": "It boils, and then it whistles."},
    {"instruction": "Tell me of the ladder.", "output": "A ladder is a thing that leans."},
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two versions, between which an example was edited."""
    made = World(tmp_path)
    first = made.version("train", [OLD, KEPT])
    made.version("train", [NEW, KEPT], [first])
    return made


def only(folder: Path) -> Path:
    [path] = folder.iterdir()
    return path


def forged(path: Path) -> Iterator[str]:
    """Put column files with right checksums in the place of one, and say what is forged in each."""
    file = read_columns(path)
    columns = {name: np.array(file[name]) for name in file.columns}
    whole = path.read_bytes()
    for name, column in columns.items():
        others = {
            "is not there": None,
            "has another type": column.astype("<i8"),
            "has another width": np.stack([column, column], axis=1),
        }
        for what, other in others.items():
            kept = {**columns, name: other}
            write_columns(path, {k: v for k, v in kept.items() if v is not None}, file.meta)
            yield f"{name} {what}"
    for name in file.meta:
        for value in (None, 7, "x", [["x", 7]], {"x": 7}):
            write_columns(path, columns, {**file.meta, name: value})
            yield f"{name} is {value}"
    write_columns(path, {name: column[:-1] for name, column in columns.items()}, {})
    yield "there is one row less, and nothing is said of them"
    for old, new in (
        (b'"rows":', b'"rows":99999999'),
        (b'"shape":[', b'"shape":[-1,'),
        (b"{", b"["),
    ):
        path.write_bytes(sealed_columns(open_columns(whole).replace(old, new, 1)))
        yield f"{new!r} stands for {old!r}"


def test_an_index_of_rows_that_names_what_it_has_not_is_made_anew(world: World) -> None:
    expected = world.tracer().trace(digest_of(NEW)).to_dict()
    path = only(world.root / "objects/cache/rows")
    whole = path.read_bytes()
    for what in forged(path):
        assert world.tracer().trace(digest_of(NEW)).to_dict() == expected, what
        assert path.read_bytes() == whole, what
    file = read_columns(path)
    columns = {name: np.array(file[name]) for name in file.columns}
    for name in ("pack", "line", "first", "last", "place"):
        wrong = np.full_like(columns[name], 2**32 - 1)
        write_columns(path, {**columns, name: wrong}, file.meta)
        assert world.tracer().trace(digest_of(NEW)).to_dict() == expected, name
    for name in ("key", "shown", "place"):
        write_columns(path, {**columns, name: columns[name][::-1] // 2}, file.meta)
        assert world.tracer().trace(digest_of(NEW)).to_dict() == expected, name


@pytest.mark.parametrize("more", [False, True], ids=["read", "extended"])
def test_an_index_of_rows_beyond_their_packs_is_an_error_that_says_what_to_delete(
    world: World, more: bool
) -> None:
    world.tracer().trace(digest_of(NEW))
    path = only(world.root / "objects/cache/rows")
    file = read_columns(path)
    columns = {name: np.array(file[name]) for name in file.columns}
    write_columns(path, {**columns, "row": columns["row"] + np.uint32(9)}, file.meta)
    if more:
        world.version("train", [NEW])
    with pytest.raises(IntegrityError, match="names rows that are not there") as caught:
        world.tracer().trace(digest_of(NEW))
    assert caught.value.hint == f"rm -r {path.parent}"


def test_forged_pairs_are_worked_out_again(world: World) -> None:
    expected = world.tracer().trace(digest_of(NEW)).to_dict()
    assert digest_of(OLD).hex() in json.dumps(expected), "the diff pairs them"
    path = only(world.root / "objects/cache/pairs")
    for what in forged(path):
        assert world.tracer().trace(digest_of(NEW)).to_dict() == expected, what


def test_forged_views_and_measures_are_computed_anew(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    for rows in ([OLD, KEPT], [NEW, KEPT]):
        bench.put("train.jsonl", lines(*rows))
        bench.repo.add([bench.root / "train.jsonl"], measure=False)
        bench.git("commit", "-q", "-m", "data")
    for path in (bench.objects / "views").iterdir():
        path.unlink()

    def asked() -> dict[str, Any]:
        return bench.repo.diff("train@v1", "train@v2").to_dict()

    expected = asked()
    assert expected["metrics"]
    for folder in ("views", "measures"):
        for path in sorted((bench.objects / "cache" / folder).iterdir())[:1]:
            for what in forged(path):
                assert asked() == expected, what


def _with_tables(path: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    """Change the tables of a lineage cache, whatever they allow, and give it its checksum."""
    tables = sqlite3.connect(":memory:", isolation_level=None)
    tables.deserialize(path.read_bytes()[len(entries._MAGIC) + 16 :])
    tables.execute("PRAGMA ignore_check_constraints = ON")
    tables.execute("PRAGMA writable_schema = ON")
    change(tables)
    data = tables.serialize()
    path.write_bytes(entries._MAGIC + xxhash.xxh3_128(data).digest() + data)


@pytest.mark.parametrize(
    "change",
    [
        "DROP VIEW head",
        "DROP TABLE gap",
        "ALTER TABLE link ADD COLUMN more",
        "CREATE TRIGGER t AFTER INSERT ON record BEGIN DELETE FROM record; END",
        "UPDATE record SET name = 7",
        "UPDATE record SET label = NULL",
        "UPDATE record SET facts = x'ff'",
        "UPDATE link SET evidence = 'sworn'",
        "UPDATE link SET child = 'x'",
        "UPDATE sqlite_master SET rootpage = 3",
        "UPDATE folder SET mark = x'00'",
    ],
)
def test_tables_of_lineage_that_are_not_ours_are_read_from_the_records(
    world: World, change: str
) -> None:
    expected = world.tracer().trace(digest_of(NEW)).to_dict()
    path = only(world.root / "objects/cache/lineage")
    _with_tables(path, lambda tables: tables.execute(change))
    assert world.tracer().trace(digest_of(NEW)).to_dict() == expected


def test_a_cache_of_no_tables_at_all_is_none(world: World) -> None:
    expected = world.tracer().trace(digest_of(NEW)).to_dict()
    path = only(world.root / "objects/cache/lineage")
    for data in (b"", b"SQLite format 3\0"):
        path.write_bytes(entries._MAGIC + xxhash.xxh3_128(data).digest() + data)
        assert world.tracer().trace(digest_of(NEW)).to_dict() == expected


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE record SET facts = 'x'",
        "UPDATE record SET facts = '[]'",
        "UPDATE record SET facts = '{}'",
        """UPDATE record SET facts = '{"examples": "many", "content_hash": "x"}'""",
        "UPDATE record SET facts = CAST(x'ff' AS TEXT)",
        "UPDATE record SET folder = '../..'",
        "UPDATE record SET file = CAST(x'2e2e00' AS TEXT)",
        "UPDATE record SET file = (SELECT max(file) FROM record)",
    ],
)
def test_tables_of_lineage_that_say_what_no_record_says_are_an_error(
    world: World, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "_SETTLED_NS", 0)  # folders are not listed again
    ids = [node.id for node in world.tracer().history.graph.nodes("dataset")]
    path = only(world.root / "objects/cache/lineage")
    _with_tables(path, lambda tables: tables.execute(change))
    graph = world.tracer().history.graph

    def asked() -> None:
        graph.facts(node.id for node in graph.nodes("dataset"))
        for id_ in ids:
            graph.record(id_)

    with pytest.raises(IntegrityError) as caught:
        asked()
    assert caught.value.hint == f"rm {path}"


def test_a_forged_hash_of_a_file_is_none(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    file.write_bytes(b"{}\n")
    found = file.stat()
    state = [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
    for digits in ("zz" * 32, "00", "", "é" * 64):
        cache = tmp_path / "files.json"
        cache.write_bytes(orjson.dumps({str(file): [*state, digits, 2**62]}))
        assert HashCache.load(cache).hash_of(file) == hash_file(file)


def test_a_forged_journal_of_a_verification_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "here.jsonl"
    path.write_bytes(b'["begin","","nan"]\n["end"]\n"abc"\n{"a":1,"b":2,"c":3}\n[1,2,[]]\n\xff\n')
    assert not Checkpoint.load(path, Scope()).knows("a", "b")


def test_forged_rows_of_what_was_forgotten_are_judged_again(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.commit("train.jsonl", lines(*OTHERS[:9], SECRET), workers=1)
    bench.repo.forget(digest(SECRET), delete=True)
    bench.put("train.jsonl", lines(*OTHERS[:8], SECRET))

    def refused() -> str:
        with pytest.raises(BadDataError) as caught:
            bench.repo.add([bench.root / "train.jsonl"])
        return caught.value.message

    told, said = bench.repo.status().notices, refused()
    path = bench.objects / "cache" / "denied.json"
    kept = json.loads(path.read_bytes())
    for rows in ([10**6], [-1], ["0"], [[0]], "0", None, {"0": 0}, [2**63], [1.5], [3, 1]):
        path.write_bytes(orjson.dumps({**kept, "packs": dict.fromkeys(kept["packs"], rows)}))
        assert (bench.repo.status().notices, refused()) == (told, said), rows
    for document in ({**kept, "packs": [1]}, {**kept, "packs": None}, [kept], 7):
        path.write_bytes(orjson.dumps(document))
        assert (bench.repo.status().notices, refused()) == (told, said), document
