"""Valid bytes of every kind, as the product writes them: what is edited."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import zstandard
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import BadDataError
from dslineage.records import DatasetRecord
from dslineage.store import columns, layout
from dslineage.store.framed import framed, unframed
from dslineage.store.seekable import SeekableText, _seek_table
from tests.versions.support import Bench

ROWS: list[dict[str, Any]] = [
    {
        "id": number,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": f"What is {number} + {number}? é  \u2028"},
            {"role": "assistant", "content": f"{2 * number}", "weight": 1},
        ],
        "score": number / 3,
        "tags": ["sum", None, number % 2 == 0],
        "tools": [{"type": "function", "function": {"name": "add", "parameters": {"a": 1}}}],
    }
    for number in range(12)
]
PAIRS: list[dict[str, Any]] = [
    {"prompt": f"question {number}", "completion": f'answer, "{number}"\n' * (number % 3)}
    for number in range(9)
]


@cache
def jsonl() -> list[bytes]:
    """Lines of conversations, of pairs, of preferences with an image, and of calls of tools."""
    preferences = [
        {"prompt": "p", "chosen": f"yes {n}", "rejected": "no", "images": ["a.png"]} for n in "abc"
    ]
    call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    calls = [
        {
            "messages": [
                {"role": "user", "content": "?"},
                {"role": "assistant", "tool_calls": [call]},
            ]
        }
    ]
    return [
        b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
        for rows in (ROWS, PAIRS, preferences, calls)
    ]


@cache
def array() -> list[bytes]:
    """JSON arrays, pretty and not."""
    return [json.dumps(ROWS, indent=1).encode(), orjson.dumps(PAIRS)]


@cache
def delimited(mark: str) -> list[bytes]:
    """CSV or TSV with quoted cells."""
    lines = [
        ["id", "prompt", "completion"],
        *([str(n), *row.values()] for n, row in enumerate(PAIRS)),
    ]
    text = "\r\n".join(
        mark.join('"' + cell.replace('"', '""') + '"' if n else cell for n, cell in enumerate(line))
        for line in lines
    )
    return [text.encode(), b"a,b\n1,2\n3,4\n".replace(b",", mark.encode())]


@cache
def compressed(form: str) -> list[bytes]:
    """The lines, compressed; of zstd also two frames."""
    pack = zip_lines if form == "gz" else zstandard.ZstdCompressor(write_checksum=True).compress
    return [pack(data) for data in jsonl()] + [pack(PAIRS_LINE) + pack(PAIRS_LINE)]


def zip_lines(data: bytes) -> bytes:
    """The same bytes for the same data, at any time."""
    return gzip.compress(data, mtime=0)


SETTINGS = b"""[metrics]
files = ["metrics/own.py"]
without = ["language"]
[metrics.extras]
tokens = { tokenizer = "tok.json" }
[metrics.evals]
gsm8k = "evals/gsm8k.jsonl"
[metrics.params]
target_words = { least = 3 }
[roles]
eval = ["test"]
[[gates]]
metric = "pii"
max = 0
max_increase = "0.1pp"
reason = "nobody's address is trained on"
[[judges]]
name = "helpful"
command = ["judge", "--fast"]
model = "m"
sample = 100
timeout = 60
[hooks]
restore = true
push = "check"
[ci]
samples = false
"""

PAIRS_LINE = b'{"prompt":"a","completion":"b"}\n'


def _tables() -> list[Any]:
    import pyarrow as pa

    plain = pa.Table.from_pylist([row | {"tags": ["sum", None]} for row in ROWS])
    typed = pa.table(
        {
            "text": pa.array(["a", None, "ccc"]),
            "kind": pa.array(["x", "y", "x"]).dictionary_encode(),
            "when": pa.array([1, 2, 3], pa.timestamp("us", "UTC")),
            "map": pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int32())),
            "half": pa.array([1.5, None, -2.0], pa.float16()),
            "much": pa.array([[1, 2], [], [3]], pa.large_list(pa.decimal128(9, 2))),
            "view": pa.array(["v", "w", "long enough to be no inline view"], pa.string_view()),
        }
    )
    return [plain, typed]


@cache
def parquet() -> list[bytes]:
    """Parquet of two schemas, compressed and not, in several row groups."""
    import pyarrow.parquet as pq

    found = []
    many: list[dict[str, Any]] = [
        {"compression": "zstd", "write_page_checksum": True},
        {"compression": "none", "row_group_size": 2, "use_dictionary": False},
    ]
    for table in _tables():
        names = [name for name in table.schema.names if name != "view"]
        for options in many:
            sink = io.BytesIO()
            pq.write_table(table.select(names), sink, **options)
            found.append(sink.getvalue())
    return found


@cache
def ipc(*, stream: bool) -> list[bytes]:
    """Arrow IPC of two schemas, compressed and not."""
    import pyarrow as pa

    found = []
    for table in _tables():
        for compression in (None, "zstd", "lz4"):
            sink = io.BytesIO()
            new = pa.ipc.new_stream if stream else pa.ipc.new_file
            options = pa.ipc.IpcWriteOptions(compression=compression)
            with new(sink, table.schema, options=options) as writer:
                writer.write_table(table, max_chunksize=5)
            found.append(sink.getvalue())
    return found


VERSIONS = ("train@v1", "train@v2", "table", "seen")


@cache
def bench() -> Bench:
    """A repository with versions of lines, of a table, and of lines that have media."""
    made = Bench.make(Path(tempfile.mkdtemp(prefix="fuzz-bench-")) / "repo")
    (pairs, changed) = (b"".join(json.dumps(row).encode() + b"\n" for row in rows) for rows in (
        PAIRS * 20, [*PAIRS[:5], {"prompt": "new", "completion": "row"}] * 20
    ))  # fmt: skip
    made.commit("train.jsonl", pairs, workers=1)
    made.commit("train.jsonl", changed, workers=1)
    made.commit("table.parquet", parquet()[0], workers=1)
    made.put("a.png", b"a picture")
    made.commit("seen.jsonl", jsonl()[2], workers=1)
    made.repo.provenance.trace(json.dumps(PAIRS[0]))
    return made


@cache
def forgetful() -> Bench:
    """A repository in which an example was forgotten, and came back."""
    made = Bench.make(Path(tempfile.mkdtemp(prefix="fuzz-forgetful-")) / "repo")
    rows = [json.dumps(row).encode() + b"\n" for row in PAIRS]
    made.commit("train.jsonl", b"".join(rows), workers=1)
    digest = hashlib.sha256(canonical_bytes(PAIRS[1])).hexdigest()
    made.repo.forget(digest, delete=True)
    made.repo.status()
    made.put("train.jsonl", b"".join(rows[::-1]))
    with suppress(BadDataError):
        made.repo.add([made.root / "train.jsonl"])
    return made


def objects(folder: str, suffix: str = "") -> list[Path]:
    """The objects of a kind in the repository, the largest first."""
    found = (bench().objects / folder).rglob(f"*{suffix}")
    return sorted((one for one in found if one.is_file()), key=lambda one: -one.stat().st_size)


@cache
def version(ref: str) -> DatasetRecord:
    """A version of the repository."""
    return bench().repo.show(ref).record


@cache
def drawn(strategy: st.SearchStrategy[Any], count: int = 12) -> list[Any]:
    """What a strategy draws, the same every time."""
    found: list[Any] = []

    @seed(7)
    @settings(max_examples=count, phases=[Phase.generate], database=None, deadline=None)
    @given(strategy)
    def collect(one: Any) -> None:
        found.append(one)

    collect()
    return found


def open_columns(data: bytes) -> bytes:
    """A column file as its header in one line, and the columns: what `sealed_columns` closes."""
    length = int.from_bytes(data[8:12], "little")
    start = -(-(16 + length) // 64) * 64
    return data[16 : 16 + length] + b"\n" + data[start:-32]


def sealed_columns(opened: bytes) -> bytes:
    """A column file whose checksums are right, whatever is in it."""
    header, _, body = opened.partition(b"\n")
    prefix = columns.MAGIC + len(header).to_bytes(4, "little")
    prefix += zlib.crc32(header).to_bytes(4, "little")
    data = (prefix + header).ljust(-(-(16 + len(header)) // 64) * 64, b"\0") + body
    return data + hashlib.sha256(data).digest()


def open_layout(data: bytes) -> bytes:
    """A layout as its header in one line, and its runs."""
    body = unframed(layout.MAGIC, data, "a seed")
    length = int.from_bytes(body[:4], "little")
    return body[4 : 4 + length] + b"\n" + body[4 + length :]


def sealed_layout(opened: bytes) -> bytes:
    """A layout whose checksum is right."""
    header, _, runs = opened.partition(b"\n")
    return framed(layout.MAGIC, len(header).to_bytes(4, "little") + header + runs, level=1)


def open_text(path: Path) -> bytes:
    """A pack's text as the sizes of its frames in one line, and the frames."""
    text = SeekableText.open(path)
    sizes = [
        [int(text.starts[n + 1] - text.starts[n]), int(text.places[n + 1] - text.places[n])]
        for n in range(len(text.starts) - 2)
    ]
    return orjson.dumps(sizes) + b"\n" + path.read_bytes()[: int(text.starts[-2])]


def sealed_text(opened: bytes) -> bytes:
    """A pack's text whose checksum is right, and whose table says what the line says."""
    head, _, frames = opened.partition(b"\n")
    try:
        said = [(int(a) % 2**32, int(b) % 2**32) for a, b in orjson.loads(head)]
    except (ValueError, TypeError, OverflowError):
        return opened
    table = _seek_table([*said, (40, 0)])
    checksum = hashlib.sha256(frames + table).digest()
    return (
        frames + (0x184D2A5D).to_bytes(4, "little") + (32).to_bytes(4, "little") + checksum + table
    )


def lines(document: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """A document as JSON with a value on each line."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)
