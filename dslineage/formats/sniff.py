"""What a file really holds, told from its first bytes."""

from __future__ import annotations

import codecs
import re
import shlex
from pathlib import Path

import orjson

from dslineage.errors import UsageError
from dslineage.formats.faults import Finding

HEAD_BYTES = 1 << 20

_WIDE_BOMS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_WIDE_ZEROS: dict[tuple[bool, ...], str] = {
    (True, True, True, False): "UTF-32BE",
    (False, True, True, True): "UTF-32LE",
    (True, False, True, False): "UTF-16BE",
    (False, True, False, True): "UTF-16LE",
}
"""Which of the first four bytes are zero, where the first characters are ASCII (RFC 4627)."""

_BINARY = (
    (re.compile(rb"PAR1\x15"), "a Parquet file", "parquet"),
    (re.compile(rb"ARROW1\0\0"), "an Arrow file", "arrow"),
    (re.compile(rb"PK\x03\x04"), "a ZIP archive", "zip"),
    (re.compile(rb"BZh[1-9]1AY&SY"), "bzip2 data", "bz2"),
    (re.compile(rb"\xfd7zXZ\0"), "xz data", "xz"),
    (re.compile(rb"SQLite format 3\0"), "an SQLite database", "db"),
    (re.compile(rb"%PDF-"), "a PDF document", "pdf"),
)
_MARKUP = re.compile(rb"<(!doctype\s+html|html|\?xml)\b", re.IGNORECASE)
_LFS = b"version https://git-lfs.github.com/spec/"

_SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
}
NAMES = ("jsonl", "json", "csv", "tsv")


def format_of_suffix(path: Path) -> str | None:
    """The name of the text format that a file name without compression suffix stands for."""
    return _SUFFIXES.get(path.suffix.lower())


def format_of_content(path: Path, content: bytes) -> str:
    """The name of the text format of a file with an unknown suffix, from its first bytes.

    Raises:
        UsageError: the content is neither an object nor an array.
    """
    if content.startswith(b"{"):
        return "jsonl"
    if content.startswith(b"["):
        return "json"
    raise UsageError(
        f"cannot tell the format of {path} from its name or its first bytes",
        kind="unknown-format",
        hint=f"--format {'|'.join(NAMES)}",
    )


def foreign(path: Path, head: bytes) -> Finding | None:
    """What a file is, where it is no UTF-8 text of data at all. `head` are its first bytes."""
    if encoding := _wide_encoding(head):
        hint = f"iconv -f {encoding} -t UTF-8 {_q(path)} > {_q(path)}.utf8"
        code = encoding.lower().replace("-", "")[:5]
        return Finding(code, f"the file is {encoding}, not UTF-8", hint)
    for magic, what, suffix in _BINARY:
        if magic.match(head):
            hint = f"mv {_q(path)} {_q(path.with_suffix('.' + suffix))}"
            return Finding("wrong-suffix", f"the file is {what}", hint)
    if head.startswith(_LFS):
        hint = f"git lfs pull --include={_q(path)}"
        return Finding("lfs-pointer", "a Git LFS pointer stands where the data should be", hint)
    return None


def misplaced(path: Path, content: bytes) -> Finding | None:
    """What a text file is, where it is no data. `content` begins at its first visible byte."""
    if _MARKUP.match(content):
        message = "an HTML or XML page stands where the data should be"
        return Finding("html-page", message, f"head -c 300 {_q(path)}")
    if content.startswith(b"<<<<<<< "):
        hint = f"git mergetool {_q(path)}"
        return Finding("merge-markers", "a git merge conflict that nobody resolved", hint)
    return None


def not_json_lines(path: Path, content: bytes) -> Finding | None:
    """Why a file is not one JSON object a line, where that is true of all its lines."""
    first, second = _two_lines(content)
    value = _loads(first)
    if content.startswith(b"[") and (value is None or not second):
        message = "the file is one JSON array, not one object a line"
        return Finding("array-root", message, "--format json")
    if content.startswith(b"{") and second and _goes_on(first) and _loads(second) is None:
        message = "an object runs over several lines; JSON Lines has one a line"
        compact = _q(path.with_suffix(".compact.jsonl"))
        return Finding("pretty-printed", message, f"jq -c . {_q(path)} > {compact}")
    return None


def _goes_on(line: bytes) -> bool:
    """Whether a line stops in the midst of a JSON value, as pretty-printers break lines."""
    return line.endswith((b"{", b"[", b",")) and _loads(line.removesuffix(b",")) is None


def not_json_array(path: Path, content: bytes) -> Finding | None:
    """Why a file is no JSON array of examples."""
    if content.startswith(b"["):
        if content[1:].lstrip().startswith(b"]"):
            return Finding("no-records", "the array is empty")
        return None
    if not content.startswith(b"{"):
        return Finding("no-array", "the file is no JSON array", f"--format {'|'.join(NAMES)}")
    first, second = _two_lines(content)
    if _loads(first) is not None:
        if second:
            message = "the file holds several JSON values, one a line"
            return Finding("two-values", message, "--format jsonl")
        return Finding("object-root", "the file is one JSON object, no array", "--format jsonl")
    message = "the file is a JSON object, not an array of examples"
    return Finding("object-root", message, _list_inside(path, content))


def _list_inside(path: Path, content: bytes) -> str:
    """A command that takes a list of objects out of an object, if there is just one."""
    value = _loads(content)
    lists = [
        key
        for key, member in (value.items() if isinstance(value, dict) else ())
        if isinstance(member, list) and member and isinstance(member[0], dict)
    ]
    if len(lists) != 1:
        return ""
    query = shlex.quote(f".[{orjson.dumps(lists[0]).decode()}][]")
    return f"jq -c {query} {_q(path)} > {_q(path.with_suffix('.jsonl'))}"


def _wide_encoding(head: bytes) -> str:
    """The UTF-16 or UTF-32 encoding of a file, as `iconv` calls it; empty if it has none."""
    for mark, encoding in _WIDE_BOMS:
        if head.startswith(mark):
            return encoding
    return _WIDE_ZEROS.get(tuple(byte == 0 for byte in head[:4]), "")


def _two_lines(content: bytes) -> tuple[bytes, bytes]:
    """The first two lines that are not blank, trimmed; the second may be empty."""
    lines = (line.strip() for line in re.split(rb"[\r\n]+", content, maxsplit=64))
    first, second, *_ = [*(line for line in lines if line), b"", b""]
    return first, second


def _loads(text: bytes) -> object:
    """A JSON value, or None where there is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _q(path: Path) -> str:
    return shlex.quote(str(path))
