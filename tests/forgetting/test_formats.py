"""Whatever a file's format is, and however it is kept, the bytes of a forgotten example go."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import zstandard

from dslineage.errors import IntegrityError
from tests.forgetting.hunt import where
from tests.forgetting.support import OTHERS, SECRET, WORD, digest, lines
from tests.versions.support import Bench

ALL = [*OTHERS[:50], SECRET, *OTHERS[50:]]
Rows = Sequence[Mapping[str, Any]]


def table(rows: Rows, delimiter: str = ",") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, ["prompt", "completion"], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def parquet(rows: Rows) -> bytes:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), out)
    return out.getvalue()


def zst(rows: Rows) -> bytes:
    return zstandard.ZstdCompressor().compress(lines(*rows))


def gz(rows: Rows) -> bytes:
    return gzip.compress(lines(*rows), mtime=0)


FORMS: list[tuple[str, Callable[[Rows], bytes], str]] = [
    ("train.jsonl", lambda rows: lines(*rows), "auto"),
    ("train.json", lambda rows: json.dumps(list(rows), indent=2).encode(), "auto"),
    ("train.csv", table, "auto"),
    ("train.tsv", lambda rows: table(rows, "\t"), "auto"),
    ("train.parquet", parquet, "auto"),
    ("train.parquet", parquet, "rows"),
    ("train.jsonl.zst", zst, "auto"),
    ("train.jsonl.gz", gz, "auto"),
]


@pytest.mark.parametrize(
    ("name", "write", "store"), FORMS, ids=[f"{name}-{store}" for name, _, store in FORMS]
)
def test_in_every_format_the_bytes_go_and_the_rest_can_be_read(
    tmp_path: Path, name: str, write: Callable[[Rows], bytes], store: str
) -> None:
    bench = Bench.make(tmp_path / "work")
    kept = {} if store == "auto" else {"store": store}
    bench.commit(name, write(ALL), workers=1, **kept)
    bench.commit(name, write(OTHERS), workers=1, **kept)
    assert where(WORD, bench.objects) != []
    result = bench.repo.forget(digest(SECRET), delete=True)
    assert where(WORD, bench.root) == []
    assert result.versions == {"train@v1": 1}
    assert bench.problems() == []
    with pytest.raises(IntegrityError) as caught:
        bench.repo.export("v1", output=tmp_path / "all.jsonl")
    assert caught.value.kind == "forgotten"
    bench.repo.export("v2", output=tmp_path / "rest.jsonl")
    assert (tmp_path / "rest.jsonl").read_bytes().count(b"\n") == len(OTHERS)
    assert not bench.repo.forget(delete=True).rewritten


def test_of_an_index_the_place_in_the_file_goes(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "work")
    bench.commit("train.jsonl", lines(*ALL), workers=1, store="index")
    result = bench.repo.forget(digest(SECRET), delete=True)
    assert {place.where for place in result.places if place.remains} == {
        str(bench.root / "train.jsonl")
    }
    with pytest.raises(IntegrityError) as caught:
        bench.repo.export("v1", output=tmp_path / "all.jsonl")
    assert caught.value.kind == "forgotten"
    done = bench.repo.export("v1", output=tmp_path / "rest.jsonl", without_forgotten=True)
    assert done.examples == len(OTHERS)


def test_what_was_put_aside_as_faulty_goes_if_it_says_the_same(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "work")
    broken = b'{"prompt": "Where does Jane Quetzalcoatlus live since 1980?", "completion"\n'
    other = b'{"broken": \n'
    data = lines(*OTHERS[:10]) + broken + other + lines(SECRET, *OTHERS[10:])
    bench.commit("train.jsonl", data, workers=1, quarantine=True)
    bench.commit("train.jsonl", lines(*OTHERS), workers=1)
    bench.repo.forget(digest(SECRET), delete=True)
    assert where(WORD, bench.root) == []
    assert len(where(b'{"broken"', bench.objects)) == 1
    assert bench.problems() == []


def test_a_version_of_which_only_a_faulty_span_went_says_so(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "work")
    bench.commit("other.jsonl", lines(SECRET, *OTHERS), workers=1)
    data = lines(*OTHERS[:10]) + lines(SECRET)[:60] + b"\n" + lines(*OTHERS[10:])
    bench.commit("train.jsonl", data, workers=1, quarantine=True)
    (bench.root / "train.jsonl").unlink()
    bench.repo.forget(digest(SECRET), delete=True)
    assert where(WORD, bench.objects) == []
    with pytest.raises(IntegrityError) as caught:
        bench.repo.checkout("train@v1")
    assert caught.value.kind == "forgotten"
    bench.repo.export("train@v1", output=tmp_path / "rest.jsonl")
    assert (tmp_path / "rest.jsonl").read_bytes().count(b"\n") == len(OTHERS)


def test_rows_that_two_blobs_share_stay_readable(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "work")
    bench.commit("one.jsonl.zst", zst(OTHERS), workers=1)
    bench.commit("two.jsonl.zst", zst(ALL), workers=1)
    bench.repo.forget(digest(SECRET), delete=True)
    bench.repo.checkout("one@v1")
    assert (bench.root / "one.jsonl.zst").read_bytes() == zst(OTHERS)
    assert where(WORD, bench.objects) == []
    assert bench.problems() == []


def test_a_row_that_is_like_the_header_leaves_the_header_as_it_is(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "work")
    junk = {"prompt": "prompt", "completion": "completion"}
    bench.commit("train.csv", table([*OTHERS, junk]), workers=1)
    bench.commit("train.csv", table(OTHERS), workers=1)
    bench.repo.forget(digest(junk), delete=True)
    bench.repo.checkout("v2", force=True)
    assert (bench.root / "train.csv").read_bytes() == table(OTHERS)
