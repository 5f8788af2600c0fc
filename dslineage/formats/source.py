"""Opening a data file: which format it has, and whether it can have it."""

from __future__ import annotations

import shlex
from pathlib import Path

from dslineage.errors import BadDataError, UsageError
from dslineage.formats import sniff
from dslineage.formats.base import Limits, Note, TextFormat, TextSource
from dslineage.formats.chunks import bom_length, first_content
from dslineage.formats.compression import Codec, codec_named, codec_of, decompress
from dslineage.formats.delimited import Delimited
from dslineage.formats.faults import bad_file
from dslineage.formats.header import read_header
from dslineage.formats.json_array import JsonArray
from dslineage.formats.jsonl import JsonLines

_DELIMITERS = {"csv": ",", "tsv": "\t"}


def open_text(
    path: Path,
    *,
    name: str | None = None,
    limits: Limits,
    spill: Path,
    delimiter: str | None = None,
) -> TextSource:
    """Look at a file of examples and say how its records are found.

    Args:
        path: the file, maybe compressed.
        name: `jsonl`, `json`, `csv` or `tsv`, instead of what the file name says.
        limits: what the file may make of itself.
        spill: a folder for the decoded copy of a compressed file, which the caller removes.
        delimiter: the character between cells, instead of that of the format.

    Raises:
        BadDataError: the file as a whole cannot be what it claims to be.
        UsageError: the format cannot be told, or the options are no use for it.
    """
    if name is not None and name not in sniff.NAMES:
        choices = "|".join(sniff.NAMES)
        raise UsageError(f"no text format is called {name!r}", hint=f"--format {choices}")
    codec = _codec(path, name)
    plain = decompress(path, codec, spill, limits) if codec else path
    try:
        return _look(path, plain, codec, name=name, limits=limits, delimiter=delimiter)
    except (BadDataError, UsageError):
        if codec:
            plain.unlink()
        raise


def _codec(path: Path, name: str | None) -> Codec | None:
    """How the file is compressed; what its name says must be so."""
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise bad_file(path, "empty-file", "the file is empty")
    named, found = codec_named(path), codec_of(head)
    if named is found:
        return found
    if named is None and found and (name or sniff.format_of_suffix(path) is None):
        return found
    what = f"{found.name} data" if found else "not compressed"
    claim = f"{named.name} data" if named else "plain text"
    right = path.with_suffix("") if named else path
    right = right.with_name(f"{right.name}.{found.suffix}") if found else right
    message = f"the file is {what}, its name says {claim}"
    raise bad_file(path, "wrong-suffix", message, shlex.join(["mv", str(path), str(right)]))


def _look(
    path: Path,
    plain: Path,
    codec: Codec | None,
    *,
    name: str | None,
    limits: Limits,
    delimiter: str | None,
) -> TextSource:
    size = plain.stat().st_size
    if not size:
        raise bad_file(path, "empty-file", "the compressed file holds an empty file")
    start = first_content(plain)
    with plain.open("rb") as file:
        if finding := sniff.foreign(path, file.read(64)):
            raise bad_file(path, *finding)
        file.seek(start or 0)
        content = file.read(sniff.HEAD_BYTES)
    if start is None:
        raise bad_file(path, "blank-file", "the file holds nothing but white space")
    if finding := sniff.misplaced(path, content):
        raise bad_file(path, *finding, plain=plain, offset=start)
    stem = path.with_suffix("") if codec_named(path) else path
    name = name or sniff.format_of_suffix(stem) or sniff.format_of_content(path, content)
    form: TextFormat
    if name in _DELIMITERS:
        form = _delimited(path, plain, name, delimiter, limits)
    elif delimiter is not None:
        raise UsageError(f"{path} is {name}, which has no delimiter", hint="--format csv")
    else:
        check = sniff.not_json_lines if name == "jsonl" else sniff.not_json_array
        if finding := check(path, content):
            raise bad_file(path, *finding, plain=plain, offset=start)
        form = JsonLines() if name == "jsonl" else JsonArray()
    return TextSource(
        path=path,
        plain=plain,
        size=size,
        format=form,
        compression=codec.suffix if codec else "",
        notes=(Note("bom", "a byte-order mark stands at the start", 0),) * bool(bom_length(plain)),
    )


def _delimited(
    path: Path, plain: Path, name: str, delimiter: str | None, limits: Limits
) -> TextFormat:
    chosen = _DELIMITERS[name] if delimiter is None else delimiter
    if len(chosen) != 1 or not chosen.isascii() or chosen in '"\r\n\0':
        raise UsageError(f"a delimiter is one ASCII character, no quote or line end: {chosen!r}")
    header = read_header(path, plain, chosen, limits, guessed=delimiter is None)
    return Delimited(name, chosen, header)
