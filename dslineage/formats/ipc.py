"""Reading Arrow IPC: the file format (Feather 2) and the stream format (Hugging Face shards).

pyarrow takes a stream that was cut between two messages for a shorter one, and allocates what a
compressed batch says it will expand to. So the messages are walked first, reading their headers
only; the format is documented at arrow.apache.org, Columnar Format, section IPC.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from dslineage.formats.faults import bad_file
from dslineage.formats.table_file import (
    EXPANSION_FLOOR,
    NumberedBatch,
    TableFile,
    batch_rows,
    decoding,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from dslineage.formats.base import Limits

MAGIC = b"ARROW1"
CONTINUATION = b"\xff\xff\xff\xff"
_DICTIONARY, _RECORDS = 2, 3
_HEAD = 8
_NOT_COMPRESSED = -1


class _Message(NamedTuple):
    """One message of a stream: `rows` is None unless it is a record batch."""

    start: int
    stop: int
    rows: int | None
    expanded: int


def look(path: Path, limits: Limits) -> TableFile:
    """The schema and record batches of an IPC file or stream, from the headers of its messages.

    Raises:
        BadDataError: the file was cut off, is followed by something else, or is a decompression
            bomb.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        is_file = file.read(len(MAGIC)) == MAGIC
        start, stop = (_HEAD, _footer(path, file, size)) if is_file else (0, size)
        try:
            messages = list(_walk(path, file, start, stop, is_file=is_file))
        except struct.error:
            raise bad_file(path, "bad-page", "a message has a damaged header") from None
    _refuse_bombs(path, messages, limits)
    groups = tuple(message.rows for message in messages if message.rows is not None)
    with decoding(path, "the schema"), _opened(path) as reader:
        if is_file and reader.num_record_batches != len(groups):
            message = (
                f"the footer lists {reader.num_record_batches} batches, {len(groups)} are here"
            )
            raise bad_file(path, "bad-page", message)
        return TableFile("arrow" if is_file else "arrow-stream", reader.schema, groups)


def batches(path: Path, group: int, before: int) -> Iterator[NumberedBatch]:
    """The rows from a record batch on, a few at a time; `before` rows of the file stand before it.

    The file is mapped into memory, so that a batch of any size costs none.

    Raises:
        BadDataError: a batch is damaged; the fault names it.
    """
    with decoding(path, "the schema"), _opened(path) as reader:
        for number, whole in _batches(path, reader, group, before):
            with decoding(path, _name(number, before, whole.num_rows), before):
                whole.validate(full=True)
            size = batch_rows(whole.nbytes, whole.num_rows)
            for first in range(0, whole.num_rows, size):
                yield NumberedBatch(number, before + first, whole.slice(first, size))
            before += whole.num_rows


def _batches(
    path: Path, reader: Any, group: int, before: int
) -> Iterator[tuple[int, pa.RecordBatch]]:
    is_file = hasattr(reader, "get_batch")
    for number in count(group if is_file else 0):
        if is_file and number == reader.num_record_batches:
            return
        with decoding(path, f"record batch {number}", before):
            try:
                batch = reader.get_batch(number) if is_file else reader.read_next_batch()
            except StopIteration:
                return
        if number >= group:
            yield number, batch
            before += batch.num_rows


def _name(number: int, before: int, rows: int) -> str:
    return f"record batch {number} (rows {before + 1} to {before + rows})"


def _opened(path: Path) -> Any:
    import pyarrow as pa

    source = pa.memory_map(str(path))
    with path.open("rb") as file:
        is_file = file.read(len(MAGIC)) == MAGIC
    return pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)


def _footer(path: Path, file: BinaryIO, size: int) -> int:
    """Where the footer of an IPC file begins."""
    tail_size = 4 + len(MAGIC)
    file.seek(max(0, size - tail_size))
    tail = file.read()
    if not tail.endswith(MAGIC) or size < _HEAD + tail_size:
        message = f"the Arrow file has no footer: it was cut off at byte {size}"
        raise bad_file(path, "truncated", message, "copy or write it again")
    footer: int = struct.unpack("<i", tail[:4])[0]
    return size - tail_size - footer


def _walk(path: Path, file: BinaryIO, at: int, stop: int, *, is_file: bool) -> Iterator[_Message]:
    """The messages between two offsets, of which a stream must end with its mark."""
    messages = 0
    while True:
        if at >= stop and is_file:
            return
        file.seek(at)
        head = file.read(_HEAD)
        if len(head) < 4:
            text = f"the stream has no end mark: cut off at byte {at}, after {messages} messages"
            hint = "write it again; other readers take it for a shorter one"
            raise bad_file(path, "stream-without-end", text, hint)
        long = head.startswith(CONTINUATION)
        length: int = struct.unpack_from("<i", head, 4 if long else 0)[0]
        at += 8 if long else 4
        if length == 0:
            break
        file.seek(at)
        header = file.read(length) if 0 < length <= stop - at else b""
        body = at + length
        message = _message(file, header, body) if header else None
        if message is None or message.stop > stop:
            text = f"message {messages} at byte {at} is cut off, or its length is damaged"
            raise bad_file(path, "truncated", text)
        yield message
        at = message.stop
        messages += 1
    if at != stop and not is_file:
        text = f"{stop - at} bytes follow the end mark of the stream, at byte {at}"
        raise bad_file(path, "trailing-bytes", text)


def _message(file: BinaryIO, header: bytes, body: int) -> _Message:
    """A message from its header, a flatbuffer; the schema is in Message.fbs of Apache Arrow."""
    root = _Table(header, struct.unpack_from("<I", header)[0])
    kind = root.number(1, "<B")
    size = root.number(3, "<q")
    if size < 0:
        raise struct.error("a body of negative length")
    if kind not in (_DICTIONARY, _RECORDS):
        return _Message(body, body + size, None, size)
    inner = root.table(2)
    records = inner.table(1) if kind == _DICTIONARY else inner
    expanded = _expanded(file, records, body, size) if records.has(3) else size
    rows = records.number(0, "<q") if kind == _RECORDS else None
    return _Message(body, body + size, rows, expanded)


def _expanded(file: BinaryIO, records: _Table, body: int, size: int) -> int:
    """How long the buffers of a compressed batch say they will be."""
    total = 0
    for offset, length in records.pairs(2):
        if length:
            if not 0 <= offset <= size - 8:
                raise struct.error("a buffer lies outside its message")
            file.seek(body + offset)
            (stated,) = struct.unpack("<q", file.read(8))
            total += length if stated == _NOT_COMPRESSED else max(stated, 0)
    return total


def _refuse_bombs(path: Path, messages: list[_Message], limits: Limits) -> None:
    for number, message in enumerate(messages):
        allowed = limits.ratio * max(message.stop - message.start, EXPANSION_FLOOR)
        if message.expanded > min(allowed, limits.decoded_bytes):
            text = f"message {number} would expand to {message.expanded} bytes"
            raise bad_file(path, "expansion", f"{text}; at most {allowed} are allowed")


class _Table:
    """A flatbuffers table: where its fields are, by slot."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at
        (back,) = struct.unpack_from("<i", data, at)
        self.fields = at - back
        (self.size,) = struct.unpack_from("<H", data, self.fields)

    def place(self, slot: int) -> int:
        """The offset of a field, or 0 where it is left out."""
        entry = 4 + 2 * slot
        if entry >= self.size:
            return 0
        (offset,) = struct.unpack_from("<H", self.data, self.fields + entry)
        return self.at + int(offset) if offset else 0

    def has(self, slot: int) -> bool:
        return self.place(slot) > 0

    def number(self, slot: int, form: str) -> int:
        place = self.place(slot)
        return int(struct.unpack_from(form, self.data, place)[0]) if place else 0

    def table(self, slot: int) -> _Table:
        return _Table(self.data, self._target(slot))

    def pairs(self, slot: int) -> Iterator[tuple[int, int]]:
        """A vector of structs of two 64-bit numbers."""
        at = self._target(slot)
        (size,) = struct.unpack_from("<I", self.data, at)
        for index in range(size):
            first, second = struct.unpack_from("<qq", self.data, at + 4 + 16 * index)
            yield first, second

    def _target(self, slot: int) -> int:
        place = self.place(slot)
        if not place:
            raise struct.error(f"field {slot} is missing")
        (offset,) = struct.unpack_from("<I", self.data, place)
        return place + int(offset)
