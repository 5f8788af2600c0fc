"""Readers of caches, of which each is read as it is, or with checksums that fit whatever it says.

A cache may say what is not so, but no command may break over it.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import orjson
import xxhash

from dslineage.canonical.jcs import canonical_bytes
from dslineage.dvcfiles.verdicts import Verdicts
from dslineage.ids import Digest
from dslineage.lineage import entries
from dslineage.lineage.graph import Graph
from dslineage.lineage.rowindex import RowIndex
from dslineage.lineage.summary import summary
from dslineage.quality.measures import Measures
from dslineage.store.ragged import RaggedRows, read_ragged
from dslineage.store.sparse import SparseText
from dslineage.store.store import Store
from dslineage.trace.pairs import Paired, _keep, _read
from dslineage.versions.checkpoint import Checkpoint
from dslineage.versions.kept import DeniedRows
from dslineage.versions.opening import open_version
from dslineage.versions.returning import returned
from dslineage.versions.verified import Scope
from dslineage.versions.worktree import HashCache
from tests.fuzz import material
from tests.fuzz.objects import COLUMNS, files, same, use
from tests.fuzz.target import Read, Target, always, named


def _index(data: bytes, place: Path) -> None:
    """The index of rows: whatever is in it, an answer is right or there is none."""
    bench = material.bench()
    shutil.copytree(bench.objects, place / "objects")
    for path in (place / "objects" / "cache" / "rows").iterdir():
        path.write_bytes(data)
    registry = bench.repo.provenance.registry
    versions = {one.id: one for one in registry.catalog.all_versions()}
    index = RowIndex.over(Store(place / "objects"), sorted(versions), versions.__getitem__)
    for row in material.PAIRS[:2]:
        form = index.form(Digest.of(canonical_bytes(row)).raw)
        index.conversations(form)
        index.example(form)
    index.beginning("0")
    list(index.stored())
    index.digests_in(index.here)


def _pairs(path: Path) -> None:
    found = _read(path)
    if found is not None:
        assert all(rules for rules in Paired.of(found).parents.values())


@cache
def _pairs_seeds() -> list[bytes]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs"
        digests = [Digest.of(b"%d" % number).raw for number in range(6)]
        _keep(path, [(digests[n], digests[n + 3], ("prompt", "key")[n % 2]) for n in range(3)])
        return [path.read_bytes()]


def _view(data: bytes, place: Path) -> None:
    """Views that somebody had to compute are where views of objects are not."""
    shutil.copytree(material.bench().objects, place / "objects")
    name = material.objects("views")[0].name
    (place / "objects" / "views" / name).unlink()
    (place / "objects" / "cache" / "views" / name).write_bytes(data)
    use(Store(place / "objects", durable=False))


def _measures(data: bytes, place: Path) -> None:
    shutil.copytree(material.bench().objects, place / "objects")
    name = material.objects("measures")[0].name
    (place / "objects" / "measures" / name).unlink()
    (place / "objects" / "cache" / "measures" / name).write_bytes(data)
    _measured(Store(place / "objects", durable=False))


def _measured(store: Store) -> None:
    """Figures are those of the repository, or computed anew."""
    profile = material.bench().repo.profile
    for ref in material.VERSIONS:
        snapshot = open_version(store, material.version(ref))
        rows, measures = snapshot.rows(), Measures(snapshot)
        measures.fill(profile.measured, rows, cached=True)
        for metric in profile.measured:
            tally = measures.tally(metric, rows)
            assert tally.rows == len(rows)


def _tables(data: bytes, place: Path) -> None:
    """Tables of lineage that are another: people ask for all that is in them."""
    root = material.bench().root
    kept = Graph.of(root, place).entries.kept
    kept.write_bytes(data)
    graph = Graph.of(root, place)
    ids = [node.id for node in graph.nodes()]
    graph.facts(ids)
    summary(graph)
    graph.gaps()
    for id_ in ids[:3]:
        graph.record(id_)
        graph.impact(id_)
        graph.between(id_, ids[0])
    graph.begun("0")


def _sealed_tables(data: bytes) -> bytes:
    return entries._MAGIC + xxhash.xxh3_128(data).digest() + data


@cache
def _kept_tables() -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return Graph.of(material.bench().root, Path(folder)).entries.kept.read_bytes()


def _database() -> bytes:
    return _kept_tables()[len(entries._MAGIC) + 16 :]


_TABLES = ("folder", "key", "record", "link", "answer", "gap")


@cache
def _rows_seeds() -> list[bytes]:
    """What is in the tables, as JSON: its values are edited, and the tables are made of it."""
    tables = sqlite3.connect(":memory:")
    tables.deserialize(_database())
    found = {name: tables.execute(f"SELECT * FROM {name}").fetchall() for name in _TABLES}
    return [orjson.dumps(found)]


def _tables_of_rows(data: bytes) -> bytes:
    tables = sqlite3.connect(":memory:")
    tables.executescript(entries._TABLES)
    tables.execute("PRAGMA ignore_check_constraints = ON")
    try:
        for name, rows in orjson.loads(data).items():
            for row in rows:
                marks = ",".join("?" * len(row))
                tables.execute(f"INSERT OR REPLACE INTO {name} VALUES ({marks})", row)
    except (sqlite3.Error, OverflowError, orjson.JSONDecodeError, TypeError, AttributeError):
        return data
    tables.commit()
    return _sealed_tables(tables.serialize())


def _hash_cache(path: Path) -> None:
    """Every entry is taken for one of a file that did not change since."""
    cache_ = HashCache.load(path)
    found = path.stat()
    state = [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
    for entry in cache_.entries.values():
        HashCache(path, {str(path): [*state, entry[4], 2**62]}).hash_of(path)
    cache_.hash_of(path)


def _journal(path: Path) -> None:
    for scope in (Scope(), Scope(resume=True), Scope(max_age_days=1.0)):
        point = Checkpoint.load(path, scope)
        point.knows("a", "b")
        point.finish()


def _verdicts(path: Path) -> None:
    git = cast("Any", SimpleNamespace(common_dir=path.parents[2]))
    assert all(type(one) is bool for one in Verdicts.load(git).known.values())


def _forgetful() -> tuple[Callable[[], list[bytes]], Read]:
    """The cache of what was forgotten is another: it is judged again, or as before."""
    name = "denied.json"

    def seeds() -> list[bytes]:
        return [(material.forgetful().objects / "cache" / name).read_bytes()]

    def read(data: bytes, place: Path) -> None:
        bench = material.forgetful()
        shutil.copytree(bench.objects, place / "objects")
        (place / "objects" / "cache" / name).write_bytes(data)
        store = Store(place / "objects", durable=False)
        deny = bench.repo.deny_list
        assert deny is not None
        DeniedRows.of(store, deny).kept()
        snapshot = open_version(store, bench.repo.show("train").record)
        [gone] = returned(snapshot, deny)
        assert (gone < snapshot.examples).all()

    return seeds, read


def _ragged(path: Path) -> None:
    found = read_ragged(path)
    assert isinstance(found, RaggedRows)
    if len(found.rows):
        found.take(np.arange(len(found.rows)))


def _ragged_seeds() -> list[bytes]:
    import io

    sink = io.BytesIO()
    np.savez(sink, rows=np.arange(4), values=np.arange(9, dtype=np.uint64),
             offsets=np.array([0, 2, 2, 5, 9]))  # fmt: skip
    return [sink.getvalue()]


def _stretches(path: Path) -> None:
    """A sparse text has all of the frames that it says it has, or is none."""
    found = SparseText.found(path)
    if found is not None:
        for number in np.flatnonzero(found.is_here).tolist():
            found.packed(number)
        found.holds(np.zeros(1, np.int64))


TARGETS: Mapping[str, Target] = {
    "index of rows": Target(files("cache/rows", "", same), _index, cost=4),
    "index of rows, sealed": Target(
        files("cache/rows", "", COLUMNS[0]), _index, COLUMNS[1], cost=4
    ),
    "cached pairs": Target(_pairs_seeds, named("pairs", _pairs)),
    "cached pairs, sealed": Target(
        lambda: list(map(COLUMNS[0], _pairs_seeds())), named("pairs", _pairs), COLUMNS[1]
    ),
    "cached view": Target(files("views", "", same), _view, cost=4),
    "cached view, sealed": Target(files("views", "", COLUMNS[0]), _view, COLUMNS[1], cost=4),
    "cached measures": Target(files("measures", "", same), _measures, cost=8),
    "cached measures, sealed": Target(
        files("measures", "", COLUMNS[0]), _measures, COLUMNS[1], cost=8
    ),
    "cached keys": Target(_ragged_seeds, named("keys", _ragged)),
    "cached stretches of a text": Target(
        files("packs", ".zst", same), named("text.zst", _stretches)
    ),
    "cached stretches of a text, sealed": Target(
        lambda: [material.open_text(one) for one in material.objects("packs", ".zst")],
        named("text.zst", _stretches),
        material.sealed_text,
    ),
    "tables of lineage": Target(lambda: [_kept_tables()], _tables, cost=2),
    "tables of lineage, sealed": Target(lambda: [_database()], _tables, _sealed_tables, cost=2),
    "rows of the tables of lineage": Target(_rows_seeds, _tables, _tables_of_rows, cost=2),
    "cache of hashes": Target(
        always(orjson.dumps({"/x/train.jsonl": [1, 2, 3, 4, "0" * 64, 5]})),
        named("cache", _hash_cache),
    ),
    "journal of a verification": Target(
        always(b'["begin","",1.5]\n\n["packs/x","1 2",2.5]\n["end","",3]\n'),
        named("here.jsonl", _journal),
    ),
    "verdicts on hashes of DVC": Target(
        always(orjson.dumps({f"{'0' * 64} {'1' * 32} 0": True})),
        named("dslineage/cache/dvc.json", _verdicts),
    ),
    "rows that are denied": Target(*_forgetful(), cost=4),
}
