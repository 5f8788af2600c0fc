"""A second reader of repositories, written from `docs/format.md` and `docs/views.md` alone.

It shares no code with dslineage and needs Python's standard library and `zstandard`. It recomputes
everything that a record says from the objects, and raises `Damaged` where they do not agree. What
it cannot do is decode Parquet and Arrow: it takes the digests of such rows from their packs.

    python second_reader.py REPOSITORY     # prints a line for each version
"""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import io
import itertools
import json
import math
import re
import struct
import subprocess
import sys
import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import zstandard

Digest = bytes
VIEW = 2


class Damaged(Exception):  # noqa: N818 - it is a finding
    """Something is not what the format says it is."""


def require(fact: bool, message: str) -> None:
    """Raise `Damaged` unless the fact holds."""
    if not fact:
        raise Damaged(message)


def sha256(*parts: bytes) -> Digest:
    return hashlib.sha256(b"".join(parts)).digest()


def number(data: bytes) -> int:
    return int.from_bytes(data, "little")


# Section "Canonical form"


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    require(len({name for name, _ in pairs}) == len(pairs), "a member name stands twice")
    return {name: value for name, value in pairs if value is not None}


def _double(token: str) -> float:
    value = float(token)
    require(math.isfinite(value), f"{token} is not finite")
    return value


_json = json.JSONDecoder(object_pairs_hook=_members, parse_float=_double, parse_constant=_double)


def _double_text(value: float) -> str:
    """Number::toString of ECMAScript, from the shortest digits that Python's repr gives."""
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text, point = "".join(map(str, digits)), len(digits) + int(exponent)
    if 0 < point <= 21:
        whole, fraction = text[:point].ljust(point, "0"), text[point:]
        body = f"{whole}.{fraction}" if fraction else whole
    elif -6 < point <= 0:
        body = "0." + "0" * -point + text
    else:
        mantissa = f"{text[0]}.{text[1:]}" if len(text) > 1 else text
        body = f"{mantissa}e{point - 1:+d}"
    return "-" * sign + body


def _write(value: Any) -> str:
    if isinstance(value, dict):
        filled = [(name, item) for name, item in value.items() if item is not None]
        filled.sort(key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_write(name)}:{_write(item)}" for name, item in filled) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_write, value)) + "]"
    if isinstance(value, float):
        return _double_text(value)
    return json.dumps(value, ensure_ascii=False)


def canonical(value: Any) -> bytes:
    """The canonical form of a JSON value."""
    return _write(value).encode()


def parse(record: bytes) -> Any:
    """The JSON value of a record."""
    return _json.decode(record.decode())


# Section "Digests and hashes"


def merkle_hash(digests: list[Digest]) -> str:
    """The content hash of example digests, or the training hash of conversation digests."""
    buckets: list[list[Digest]] = [[] for _ in range(4096)]
    for digest in sorted(digests):
        buckets[digest[0] << 4 | digest[1] >> 4].append(digest)
    level = [sha256(b"\x00", *bucket) for bucket in buckets]
    while len(level) > 1:
        level = [
            sha256(b"\x01", left, right)
            for left, right in zip(level[::2], level[1::2], strict=True)
        ]
    return named(sha256(b"\x02", len(digests).to_bytes(8, "big"), level[0]))


def named(digest: Digest) -> str:
    return "sha256:" + digest.hex()


# Section "Column files"


_WIDTHS = {"u1": 1, "<u2": 2, "<u4": 4, "<u8": 8, "<i8": 8}


class Columns:
    """A column file: `rows`, `meta`, and each column as a list of the bytes of its rows."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        require(data[:8] == b"dslcol01", f"{path.name} is no column file")
        require(sha256(data[:-32]) == data[-32:], f"{path.name} has another checksum")
        length, crc = struct.unpack_from("<II", data, 8)
        header = data[16 : 16 + length]
        require(zlib.crc32(header) == crc, f"the header of {path.name} has another checksum")
        fields = json.loads(header)
        self.rows: int = fields["rows"]
        self.meta: dict[str, Any] = fields["meta"]
        body = -(-(16 + length) // 64) * 64
        self.columns = {one["name"]: self._column(one, data, body) for one in fields["columns"]}

    def _column(self, column: dict[str, Any], data: bytes, body: int) -> list[bytes]:
        width = _WIDTHS[column["dtype"]] * math.prod(column["shape"])
        if "constant" in column:
            row = bytes.fromhex(column["constant"])
            require(len(row) == width, f"{column['name']}: a constant of another width")
            return [row] * self.rows
        start, stride = body + column["offset"], column["stride"]
        stop = start + self.rows * stride
        require(width <= stride and stop - stride + width <= len(data) - 32, "a column too long")
        return [data[at : at + width] for at in range(start, stop, stride)]

    def numbers(self, name: str) -> list[int]:
        return [number(row) for row in self.columns[name]]


# Section "Packs"


class Frame(NamedTuple):
    place: int
    data: bytes


class SeekableText:
    """A `.zst` file: independent frames, their checksum, and a seek table."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        frames, descriptor, magic = struct.unpack("<IBI", data[-9:])
        require(magic == 0x8F92EAB1, f"{path.name} has no seek table")
        entry = 12 if descriptor & 0x80 else 8
        table = len(data) - 9 - frames * entry
        head = struct.unpack_from("<II", data, table - 8)
        require(head == (0x184D2A5E, len(data) - table), f"{path.name}: a broken seek table")
        sizes = [struct.unpack_from("<II", data, table + n * entry) for n in range(frames)]
        packed, self.length = (sum(size) for size in zip(*sizes, strict=True))
        require(packed == table - 8, f"{path.name}: the seek table does not add up")
        seal = data[table - 8 - sizes[-1][0] : table - 8]
        require(seal[:8] == struct.pack("<II", 0x184D2A5D, 32), f"{path.name} has no checksum")
        rest = data[: table - 8 - len(seal)] + data[table - 8 :]
        require(sha256(rest) == seal[8:], f"{path.name} has another checksum")
        self._frames, at, place = [], 0, 0
        for compressed, decompressed in sizes[:-1]:
            self._frames.append(Frame(place, data[at : at + compressed]))
            at, place = at + compressed, place + decompressed
        self._starts = [frame.place for frame in self._frames]

    @lru_cache(maxsize=8)  # noqa: B019 - a reader lives as long as its process needs it
    def _decoded(self, index: int) -> bytes:
        frame = self._frames[index].data
        require(
            zstandard.get_frame_parameters(frame).has_checksum, "a frame without content checksum"
        )
        return zstandard.ZstdDecompressor().decompress(frame)

    def read(self, place: int, length: int) -> bytes:
        first = bisect_right(self._starts, place) - 1
        last = bisect_right(self._starts, place + length) - 1
        text = b"".join(self._decoded(index) for index in range(first, last + 1))
        at = place - self._starts[first]
        return text[at : at + length]


class Pack:
    """The rows of a pack, each checked against its ids where its bytes can be had."""

    def __init__(self, repository: Repository, name: str) -> None:
        self._repository = repository
        self._file = Columns(repository.objects / "packs" / f"{name}.rows")
        self.row_ids = self._file.columns["row_id"]
        self.digests = self._file.columns["digest"]
        self._places = self._file.numbers("place")
        self._lengths = self._file.numbers("length")
        self._context: str = self._file.meta["context"]
        require(sha256(*self.row_ids).hex() == name, f"pack {name} has other rows")
        shapes = self._file.meta["shapes"]
        self.shapes = [shapes[index] for index in self._file.numbers("shape")]
        self._path = repository.objects / "packs" / f"{name}.zst"
        self._source: dict[str, Any] | None = self._file.meta["source"]

    @cached_property
    def texts(self) -> list[bytes] | None:
        """The raw bytes of each row; None for the rows of a table, or where they are not kept."""
        spans = zip(self._places, self._lengths, strict=True)
        if self._source is None:
            text = SeekableText(self._path)
            rows = [text.read(place, length + 1) for place, length in spans]
            require(all(row[-1:] == b"\n" for row in rows), "a row without line feed")
            return [row[:-1] for row in rows]
        data = self._repository.source(self._source)
        return None if data is None else [data[start : start + size] for start, size in spans]

    def check(self) -> None:
        """Recompute row ids, example digests and shapes from the bytes of the rows."""
        context_id = sha256(self._context.encode())
        context = json.loads(self._context)
        require(canonical(context).decode() == self._context, "a context that is not canonical")
        for row, text in enumerate(self.texts or ()):
            example = _example(text, context)
            require(sha256(b"\x05", context_id, text) == self.row_ids[row], f"row {row}: its id")
            require(sha256(canonical(example)) == self.digests[row], f"row {row}: its digest")
            shape = self.shapes[row]
            if context["format"] == "arrow":  # where integers are by the type of their column
                shape = {name: _INTEGERS.get(kind, kind) for name, kind in shape.items()}
                example = {name: float(v) if type(v) is int else v for name, v in example.items()}
            require(_shape(example) == shape, f"row {row}: its shape")


def _example(text: bytes, context: dict[str, Any]) -> dict[str, Any]:
    """The example that the raw bytes of a record are, in their context."""
    if context["format"] != "delimited":
        value = parse(text)
        require(isinstance(value, dict), "an example that is no object")
        return dict(value)
    lines = io.StringIO(text.decode(), newline="")
    (cells,) = csv.reader(lines, delimiter=context["delimiter"], strict=True)
    return dict(zip(context["header"], cells, strict=True))


_INTEGERS = {"integer": "number"}
_TYPES = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def _shape(example: dict[str, Any]) -> dict[str, str]:
    return {name: _TYPES[type(value)] for name, value in example.items()}


# Section "Layouts"


class Run(NamedTuple):
    """Rows of a pack that follow one another."""

    pack: str
    rows: slice


class Layout:
    """How one file is made of stored rows."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        require(data[:8] == b"dsllay01", f"{path.name} is no layout")
        require(sha256(data[:-32]) == data[-32:], f"{path.name} has another checksum")
        body = zstandard.ZstdDecompressor().decompress(data[8:-32])
        length = number(body[:4])
        header = json.loads(body[4 : 4 + length])
        self.storage: str = header["storage"]
        self.examples: int = header["examples"]
        self.quarantined: list[tuple[int, int]] = header["quarantined"]
        self.runs = list(self._runs(header["packs"], header["runs"], body[4 + length :]))
        self._gaps = [base64.b64decode(gap) for gap in header["gaps"]]
        self._gap_runs: list[tuple[int, int]] = header["gap_runs"]
        found = sum(run.rows.stop - run.rows.start for run in self.runs)
        require(found == self.examples, "runs of another length")

    @staticmethod
    def _runs(packs: list[str], count: int, columns: bytes) -> Iterator[Run]:
        require(len(columns) == 3 * 8 * count, "columns of another length")

        def column(index: int) -> list[int]:
            planes = columns[index * 8 * count : (index + 1) * 8 * count]
            rows = (planes[row::count] for row in range(count))
            return [int.from_bytes(row, "little", signed=True) for row in rows]

        behind = dict.fromkeys(packs, 0)
        for pack, step, rows in zip(*map(column, range(3)), strict=True):
            name = packs[pack]
            first = behind[name] + step
            behind[name] = first + rows
            yield Run(name, slice(first, first + rows))

    @property
    def gaps(self) -> Iterator[bytes]:
        """The bytes before, between and after the records: one more than there are rows."""
        for index, count in self._gap_runs:
            yield from itertools.repeat(self._gaps[index], count)


# Section "Media lists"


class Media(NamedTuple):
    """What is in the files of a media list, None where it was not read; and who refers to which."""

    files: dict[str, Digest | None]
    names: list[list[str]]

    @classmethod
    def read(cls, path: Path) -> Media:
        data = path.read_bytes()
        require(data[:8] == b"dslmed01", f"{path.name} is no media list")
        require(sha256(data[:-32]) == data[-32:], f"{path.name} has another checksum")
        content = zstandard.ZstdDecompressor().decompressobj().decompress(data[8:-32])
        require(sha256(content).hex() == path.name, f"{path.name} has another content")
        document = json.loads(content)
        require(canonical(document) == content, "a media list that is not canonical")
        require(document["schema"] == "dslineage.media/1", "another schema")
        files = {one["name"]: _medium(one) for one in document["media"]}
        names = list(files)
        require(names == sorted(names, key=str.encode), "media in another order")
        require(len(names) == len(document["media"]), "a medium that is listed twice")
        return cls(files, [[names[at] for at in places] for places in document["references"]])

    def shown(self, conversations: list[Digest]) -> list[Digest]:
        """The shown digest of each example."""
        pairs = zip(conversations, self.names, strict=True)
        return [_shown(one, [self.files[name] for name in names]) for one, names in pairs]


def _medium(entry: dict[str, str]) -> Digest | None:
    require(("sha256" in entry) != ("unread" in entry), "a medium both read and not, or neither")
    return bytes.fromhex(entry["sha256"]) if "sha256" in entry else None


def _shown(conversation: Digest, media: list[Digest | None]) -> Digest:
    if all(digest is None for digest in media):
        return conversation
    return sha256(b"\x06", conversation, *(digest or bytes(32) for digest in media))


def media_names(conversation: dict[str, Any], base: str) -> list[str]:
    """What a list calls the media of an example; `base` is what references are relative to."""
    found = itertools.chain.from_iterable(
        _names(one["ref"]) for one in conversation.get("media", [])
    )
    return [_placed(name, base) for name in found]


def _names(ref: Any) -> Iterator[str]:
    if isinstance(ref, list):
        for item in ref:
            yield from _names(item)
    elif isinstance(ref, dict) and not {"bytes", "data", "file_data"} & ref.keys():
        yield from _names(ref.get("path", ref.get("url")))
    elif isinstance(ref, str) and not ref.lower().startswith("data:"):
        yield from [ref] if 0 < len(ref.encode()) <= 4096 else []


def _placed(name: str, base: str) -> str:
    scheme, colon, _ = name.partition("://")
    rest = scheme[1:].replace("+", "a").replace(".", "a").replace("-", "a")
    address = colon and scheme[:1].isalpha() and rest.isalnum() and scheme.isascii()
    return name if address or not base or name.startswith("/") else f"{base}/{name}"


# Sections "Files on disk" and "Records"


class File(NamedTuple):
    """One file of a version: its layout, its bytes, and these decompressed; None if not kept."""

    layout: Layout
    data: bytes | None
    text: bytes | None


class Version(NamedTuple):
    """What the second reader found out about a version."""

    record: dict[str, Any]
    files: dict[str, File]
    examples: list[Digest]
    conversations: list[Digest]
    media: Media | None


RECORDS = {
    "source": ("name", "name"),
    "step": ("dataset", "operation"),
    "dataset": ("dataset", "version"),
    "measurement": ("dataset", "version"),
    "mixture": ("name", "name"),
    "run": ("name", "name"),
    "model": ("name", "label"),
    "claim": ("dataset", "type"),
}
"""Each kind of record, and the members that its folder and its file are named after."""


def _ids(value: Any) -> Iterator[str]:
    """The ids of records in a value, in the names of members as well."""
    if isinstance(value, dict):
        yield from itertools.chain.from_iterable(map(_ids, (*value, *value.values())))
    elif isinstance(value, list):
        yield from itertools.chain.from_iterable(map(_ids, value))
    elif isinstance(value, str) and re.fullmatch(r"[a-z]+:sha256:[0-9a-f]{64}", value):
        yield value


class Repository:
    """A git repository with dslineage's objects in it."""

    def __init__(self, root: Path) -> None:
        found = subprocess.run(
            ["git", "-C", root, "rev-parse", "--git-common-dir"],
            check=True,
            capture_output=True,
            text=True,
        )
        self.root = root
        self.objects = root / found.stdout.strip() / "dslineage"
        form = json.loads((self.objects / "format").read_bytes())
        require(form == {"format": 1, "features": []}, f"unknown format {form}")
        self.pack = lru_cache(maxsize=None)(self._pack)
        self.view = lru_cache(maxsize=None)(self._view)

    def records(self, kind: str = "dataset") -> Iterator[dict[str, Any]]:
        """Every record of a kind, its id checked."""
        folder = self.root / ".dslineage" / "records" / kind
        owner, label = RECORDS[kind]
        for path in sorted(folder.rglob("*.json")):
            record = json.loads(path.read_bytes())
            content = {name: value for name, value in record.items() if name != "id"}
            require(record["schema"] == f"dslineage.{kind}/1", f"{path.name}: another schema")
            found = f"{kind}:" + named(sha256(canonical(content)))
            require(record["id"] == found, f"{path.name} does not have the id that it states")
            digits = found.rpartition(":")[2][:12]
            expected = folder / record[owner] / f"{record[label]}-{digits}.json"
            require(path == expected, f"{path.name}: a record in another place")
            yield record

    def graph(self) -> dict[str, set[str]]:
        """The ids of all records, and the ids that each of them names, which have to be there."""
        records = [record for kind in RECORDS for record in self.records(kind)]
        edges = {one["id"]: set(_ids({**one, "id": ""})) for one in records}
        for id_, parents in edges.items():
            require(parents <= edges.keys(), f"{id_} names a record that is not there")
        return edges

    def pointers(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Every pointer, checked against the record that it names."""
        by_id = {record["id"]: record for record in self.records()}
        for path in sorted(self.root.rglob("*.dsl.json")):
            pointer = json.loads(path.read_bytes())
            require(pointer.pop("schema") == "dslineage.pointer/1", f"{path.name}: its schema")
            record = by_id[pointer["id"]]
            for name, value in pointer.items():
                require(record[name] == value, f"{path.name}: {name} is not that of the record")
            yield path, pointer

    def version(self, record: dict[str, Any]) -> Version:
        """Everything that a record says about its examples, found again from the objects."""
        paths = [file["path"] for file in record["files"]]
        require(paths == sorted(paths, key=str.encode), "files in another order")
        files = {file["path"]: self._file(file) for file in record["files"]}
        examples: list[Digest] = []
        conversations: list[Digest] = []
        fields: dict[str, Counter[str]] = {}
        for run in itertools.chain.from_iterable(file.layout.runs for file in files.values()):
            pack = self.pack(run.pack)
            require(run.rows.stop <= len(pack.digests), "a run past its pack")
            examples += pack.digests[run.rows]
            view = self.facets(run.pack, record)
            conversations += view.columns["conversation"][run.rows]
            for name, kind in itertools.chain.from_iterable(
                shape.items() for shape in pack.shapes[run.rows]
            ):
                fields.setdefault(name, Counter())[kind] += 1
        media = self._media(record)
        shown = conversations if media is None else media.shown(conversations)
        found = {
            "examples": len(examples),
            "unique": len(set(examples)),
            "fields": fields,
            "content_hash": merkle_hash(examples),
            "training_hash": merkle_hash(shown),
            "order_hash": named(sha256(b"\x03", *examples)),
            **_quarantine(files.values()),
        }
        for name, value in found.items():
            require(record[name] == value, f"another {name}: {value}")
        return Version(record, files, examples, conversations, media)

    def facets(self, pack: str, record: dict[str, Any]) -> Columns:
        """The view of a pack under the adapter and key of a record, an older one if need be."""
        adapter, key = record["adapter"], record.get("key")
        views = [view_id(adapter, key, number) for number in (VIEW, 1)]
        kept = (view for view in views if (self.objects / "views" / f"{pack}.{view}").exists())
        return self.view(pack, next(kept, views[0]))

    def layout(self, file: dict[str, Any]) -> Layout:
        """The layout of one file of a record."""
        reader = sha256(canonical(file["reader"])).hex()[:16]
        return Layout(self.objects / "layouts" / f"{file['sha256']}.{reader}")

    def source(self, source: dict[str, Any]) -> bytes | None:
        """The decompressed text that a pack without text was made of; None for a table."""
        if source["reader"]["format"] in ("parquet", "arrow", "arrow-stream"):
            return None
        kept = self.objects / "blobs" / source["sha256"]
        data = self._blob(source["sha256"]) if kept.exists() else Path(source["path"]).read_bytes()
        return decompress(data, source["reader"])

    def _pack(self, name: str) -> Pack:
        pack = Pack(self, name)
        pack.check()
        return pack

    def _view(self, pack: str, view: str) -> Columns:
        found = Columns(self.objects / "views" / f"{pack}.{view}")
        require(found.rows == len(self.pack(pack).digests), f"the view of {pack} has other rows")
        require(found.meta == {"view": view}, f"the view of {pack} has another id")
        return found

    def _media(self, record: dict[str, Any]) -> Media | None:
        if "media" not in record:
            return None
        stated = record["media"]
        media = Media.read(self.objects / "media" / stated["list"].removeprefix("sha256:"))
        read = sum(digest is not None for digest in media.files.values())
        require(stated["read"] == read, "another number of media that were read")
        unread = sum(stated["unread"].values())
        require(read + unread == len(media.files), "another number of media that were not")
        return media

    def _blob(self, digest: str) -> bytes:
        data = (self.objects / "blobs" / digest).read_bytes()
        require(sha256(data).hex() == digest, f"blob {digest} has another hash")
        return data

    def _file(self, file: dict[str, Any]) -> File:
        layout, reader = self.layout(file), file["reader"]
        data = text = None
        if layout.storage == "blob":
            data = self._blob(file["sha256"])
            text = decompress(data, reader)
        elif layout.storage == "text":
            data = text = self._joined(layout)
        elif layout.storage == "rows" and "compression" in reader:
            text = self._joined(layout)
        if data is not None:
            require(len(data) == file["bytes"], f"{file['path']}: another length")
            require(sha256(data).hex() == file["sha256"], f"{file['path']}: another hash")
        return File(layout, data, text)

    def _joined(self, layout: Layout) -> bytes:
        rows = (row for run in layout.runs for row in (self.pack(run.pack).texts or [])[run.rows])
        gaps = layout.gaps
        first = next(gaps)
        return first + b"".join(row + gap for row, gap in zip(rows, gaps, strict=True))


def _quarantine(files: Iterable[File]) -> dict[str, Any]:
    """How many spans were put aside, and their hash, unless the bytes of one were not kept."""
    spans = [(file.text, span) for file in files for span in file.layout.quarantined]
    texts = [text[at : at + length] for text, (at, length) in spans if text is not None]
    found: dict[str, Any] = {"quarantined": len(spans)}
    if spans and len(texts) == len(spans):
        found["quarantine_hash"] = named(sha256(b"\x04", *map(sha256, texts)))
    return found


def view_id(adapter: str, key: str | None, number: int = VIEW) -> str:
    """The id of the views of one adapter and one key field."""
    return sha256(canonical({"view": number, "adapter": adapter, "key": key})).hex()[:16]


def decompress(data: bytes, reader: dict[str, Any]) -> bytes:
    """The bytes of a file once decompressed."""
    match reader.get("compression"):
        case "gz":
            return gzip.decompress(data)
        case "zst":
            decompressor = zstandard.ZstdDecompressor()
            return bytes(decompressor.stream_reader(data, read_across_frames=True).read())
        case _:
            return data


def main(root: Path) -> None:
    """Print what each version of a repository is."""
    repository = Repository(root)
    print(len(repository.graph()), "records")
    for record in repository.records():
        repository.version(record)
        print(record["dataset"], record["version"], record["examples"], record["content_hash"])
    for path, pointer in repository.pointers():
        print(path.relative_to(root), pointer["version"], pointer["id"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
