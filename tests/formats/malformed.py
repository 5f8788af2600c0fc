"""Data files with something wrong, or something odd, and what is said about each.

Faults and notes read as a person sees them, without the file name: `line:column $.path: code
message`. A file that has faults is refused as a whole; `records` are those of its records that
are examples all the same, which is what quarantining the faults would keep.
"""

from __future__ import annotations

import gzip
import json
from typing import NamedTuple

import zstandard


class Expected(NamedTuple):
    """What is said about a file."""

    records: int
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    hint: str = ""


class Case(NamedTuple):
    """A file, by its name and bytes, and what is said about it."""

    id: str
    file: str
    data: bytes
    expected: Expected


def gzip_of(data: bytes) -> bytes:
    """The data stored, not packed: so a cut file decodes to the same bytes everywhere."""
    return gzip.compress(data, 0, mtime=0)


ROW = b'{"a":1}\n'

CASES = [
    Case(
        "empty-file",
        "train.jsonl",
        b"",
        Expected(records=0, faults=("1:1: empty-file the file is empty",)),
    ),
    Case(
        "white-space-only",
        "train.jsonl",
        b" \n\n\t\r\n",
        Expected(records=0, faults=("1:1: blank-file the file holds nothing but white space",)),
    ),
    Case(
        "empty-array",
        "train.json",
        b" [ ] \n",
        Expected(records=0, faults=("1:2: no-records the array is empty",)),
    ),
    Case(
        "header-only",
        "train.csv",
        b"a,b\n",
        Expected(records=0, faults=("1:4: no-records nothing follows the header",)),
    ),
    Case(
        "bom-jsonl",
        "train.jsonl",
        b"\xef\xbb\xbf" + ROW,
        Expected(records=1, notes=("1:1: bom a byte-order mark stands at the start (1)",)),
    ),
    Case(
        "bom-json",
        "train.json",
        b'\xef\xbb\xbf[{"a":1}]',
        Expected(records=1, notes=("1:1: bom a byte-order mark stands at the start (1)",)),
    ),
    Case(
        "bom-csv",
        "train.csv",
        b"\xef\xbb\xbfa,b\n1,2\n",
        Expected(records=1, notes=("1:1: bom a byte-order mark stands at the start (1)",)),
    ),
    Case(
        "bom-between-files",
        "train.jsonl",
        ROW + b"\xef\xbb\xbf" + ROW,
        Expected(
            records=1, faults=("2:1 $: byte-order-mark a byte-order mark stands before the record",)
        ),
    ),
    Case(
        "utf16-bom",
        "train.jsonl",
        '{"a":1}\n'.encode("utf-16"),
        Expected(
            records=0,
            faults=("1:1: utf16 the file is UTF-16, not UTF-8",),
            hint="iconv -f UTF-16 -t UTF-8 train.jsonl > train.jsonl.utf8",
        ),
    ),
    Case(
        "utf16-no-bom",
        "train.jsonl",
        '{"a":1}\n'.encode("utf-16-be"),
        Expected(
            records=0,
            faults=("1:1: utf16 the file is UTF-16BE, not UTF-8",),
            hint="iconv -f UTF-16BE -t UTF-8 train.jsonl > train.jsonl.utf8",
        ),
    ),
    Case(
        "utf32-bom",
        "train.csv",
        "a,b\n1,2\n".encode("utf-32"),
        Expected(
            records=0,
            faults=("1:1: utf32 the file is UTF-32, not UTF-8",),
            hint="iconv -f UTF-32 -t UTF-8 train.csv > train.csv.utf8",
        ),
    ),
    Case(
        "utf32-no-bom",
        "train.csv",
        "a,b\n1,2\n".encode("utf-32-le"),
        Expected(
            records=0,
            faults=("1:1: utf32 the file is UTF-32LE, not UTF-8",),
            hint="iconv -f UTF-32LE -t UTF-8 train.csv > train.csv.utf8",
        ),
    ),
    Case(
        "invalid-utf8-jsonl",
        "train.jsonl",
        ROW + '{"a":"é'.encode() + b'\xff"}\n',
        Expected(records=1, faults=("2:8: invalid-utf8 byte 0xff is not UTF-8 here",)),
    ),
    Case(
        "invalid-utf8-json",
        "train.json",
        b'[{"a":1},\n {"a":"caf\xe9"}]',
        Expected(records=1, faults=("2:11: invalid-utf8 byte 0xe9 is not UTF-8 here",)),
    ),
    Case(
        "invalid-utf8-csv",
        "train.csv",
        b"a,b\n1,2\n3,caf\xe9\n",
        Expected(records=1, faults=("3:6: invalid-utf8 byte 0xe9 is not UTF-8 here",)),
    ),
    Case(
        "invalid-utf8-header",
        "train.csv",
        b"a,caf\xe9\n1,2\n",
        Expected(records=0, faults=("1:6: invalid-utf8 byte 0xe9 is not UTF-8 here",)),
    ),
    Case(
        "nul-in-string",
        "train.jsonl",
        ROW + b'{"a":"x\0y"}\n',
        Expected(records=1, faults=("2:8 $: nul-byte the record holds a NUL byte",)),
    ),
    Case(
        "nul-tail",
        "train.jsonl",
        ROW + b"\0" * 16,
        Expected(records=1, faults=("2:1 $: nul-byte the record holds a NUL byte",)),
    ),
    Case(
        "nul-csv",
        "train.csv",
        b"a,b\n1,\0\n",
        Expected(records=0, faults=("2:3: nul-byte the record holds a NUL byte",)),
    ),
    Case(
        "crlf-jsonl",
        "train.jsonl",
        b'{"a":1}\r\n{"a":2}\r\n',
        Expected(records=2, notes=("1:9: crlf lines end with CR LF (2)",)),
    ),
    Case(
        "crlf-json",
        "train.json",
        b'[\r\n{"a":1},\r\n{"a":2}\r\n]\r\n',
        Expected(records=2, notes=("1:3: crlf lines end with CR LF (4)",)),
    ),
    Case(
        "crlf-csv",
        "train.csv",
        b"a,b\r\n1,2\r\n",
        Expected(records=1, notes=("1:5: crlf lines end with CR LF (2)",)),
    ),
    Case(
        "lone-cr-jsonl",
        "train.jsonl",
        b'{"a":1}\r{"a":2}\r',
        Expected(records=2, notes=("1:8: lone-cr lines end with a lone CR (2)",)),
    ),
    Case(
        "lone-cr-json",
        "train.json",
        b'[\r{"a":1}]',
        Expected(records=1, notes=("1:2: lone-cr lines end with a lone CR (1)",)),
    ),
    Case(
        "lone-cr-csv",
        "train.csv",
        b"a,b\r1,2\r3,4",
        Expected(records=2, notes=("1:4: lone-cr lines end with a lone CR (2)",)),
    ),
    Case("no-final-newline-jsonl", "train.jsonl", b'{"a":1}\n{"a":2}', Expected(records=2)),
    Case("no-final-newline-csv", "train.csv", b"a,b\n1,2", Expected(records=1)),
    Case(
        "truncated-last-line",
        "train.jsonl",
        ROW + '{"a": "xé'.encode(),
        Expected(
            records=1,
            faults=("2:7 $.a: truncated the string at byte 6 of the record does not end",),
        ),
    ),
    Case(
        "truncated-last-line-object",
        "train.jsonl",
        ROW + b'{"a": [1, 2',
        Expected(
            records=1,
            faults=("2:12 $.a[2]: truncated the array at byte 6 of the record does not end",),
        ),
    ),
    Case(
        "truncated-array-in-element",
        "train.json",
        b'[{"a":1},\n {"a": [2',
        Expected(
            records=1, faults=("2:2: truncated the file ends inside the element that begins here",)
        ),
    ),
    Case(
        "truncated-array-in-string",
        "train.json",
        b'[{"a":1},\n {"a": "[2',
        Expected(
            records=1, faults=("2:2: truncated the file ends inside the element that begins here",)
        ),
    ),
    Case(
        "truncated-array-after-element",
        "train.json",
        b'[{"a":1},\n {"a":2}\n',
        Expected(records=1, faults=("2:9: truncated the file ends before the closing ]",)),
    ),
    Case(
        "truncated-array-after-comma",
        "train.json",
        b'[{"a":1},\n',
        Expected(records=1, faults=("1:10: truncated the file ends before the closing ]",)),
    ),
    Case(
        "line-separator-jsonl",
        "train.jsonl",
        '{"a":"x\u2028y\u2029z\x85"}\n'.encode(),
        Expected(records=1),
    ),
    Case("line-separator-csv", "train.csv", "a,b\nx\u2028y,z\n".encode(), Expected(records=1)),
    Case(
        "gzip-truncated",
        "train.jsonl.gz",
        gzip_of(ROW * 3)[:-9],
        Expected(
            records=0,
            faults=("3:8: gzip-truncated the gzip data ends too early",),
            hint="gzip -t train.jsonl.gz",
        ),
    ),
    Case(
        "gzip-trailing-garbage",
        "train.jsonl.gz",
        gzip_of(ROW * 3) + b"garbage",
        Expected(
            records=0,
            faults=("4:1: gzip-trailing-garbage something else follows the gzip data",),
            hint="gzip -t train.jsonl.gz",
        ),
    ),
    Case(
        "gzip-corrupt",
        "train.jsonl.gz",
        gzip_of(ROW * 3)[:-8] + b"\0\0\0\0" + gzip_of(ROW * 3)[-4:],
        Expected(
            records=0,
            faults=("1:1: gzip-corrupt the gzip data is damaged",),
            hint="gzip -t train.jsonl.gz",
        ),
    ),
    Case(
        "gzip-multi-member", "train.jsonl.gz", gzip_of(ROW) + gzip_of(ROW * 2), Expected(records=3)
    ),
    Case("gzip-padded", "train.jsonl.gz", gzip_of(ROW) + b"\0" * 512, Expected(records=1)),
    Case(
        "gzip-of-nothing",
        "train.jsonl.gz",
        gzip_of(b""),
        Expected(records=0, faults=("1:1: empty-file the compressed file holds an empty file",)),
    ),
    Case(
        "gzip-named-plain",
        "train.jsonl",
        gzip_of(ROW),
        Expected(
            records=0,
            faults=("1:1: wrong-suffix the file is gzip data, its name says plain text",),
            hint="mv train.jsonl train.jsonl.gz",
        ),
    ),
    Case(
        "plain-named-gzip",
        "train.jsonl.gz",
        ROW,
        Expected(
            records=0,
            faults=("1:1: wrong-suffix the file is not compressed, its name says gzip data",),
            hint="mv train.jsonl.gz train.jsonl",
        ),
    ),
    Case(
        "zstd-named-gzip",
        "train.jsonl.gz",
        zstandard.compress(ROW),
        Expected(
            records=0,
            faults=("1:1: wrong-suffix the file is zstd data, its name says gzip data",),
            hint="mv train.jsonl.gz train.jsonl.zst",
        ),
    ),
    Case(
        "parquet-named-jsonl",
        "train.jsonl",
        b"PAR1\x15\x04\x15",
        Expected(
            records=0,
            faults=("1:1: wrong-suffix the file is a Parquet file",),
            hint="mv train.jsonl train.parquet",
        ),
    ),
    Case(
        "lfs-pointer",
        "train.jsonl",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        Expected(
            records=0,
            faults=("1:1: lfs-pointer a Git LFS pointer stands where the data should be",),
            hint="git lfs pull --include=train.jsonl",
        ),
    ),
    Case(
        "html-page",
        "train.csv",
        b"\n<!DOCTYPE html>\n<html><body>Sign in</body></html>\n",
        Expected(
            records=0,
            faults=("2:1: html-page an HTML or XML page stands where the data should be",),
            hint="head -c 300 train.csv",
        ),
    ),
    Case(
        "xml-page",
        "train.jsonl",
        b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
        Expected(
            records=0,
            faults=("1:1: html-page an HTML or XML page stands where the data should be",),
            hint="head -c 300 train.jsonl",
        ),
    ),
    Case(
        "merge-markers-first",
        "train.jsonl",
        b'<<<<<<< HEAD\n{"a":1}\n=======\n{"a":2}\n>>>>>>> b\n',
        Expected(
            records=0,
            faults=("1:1: merge-markers a git merge conflict that nobody resolved",),
            hint="git mergetool train.jsonl",
        ),
    ),
    Case(
        "merge-markers-jsonl",
        "train.jsonl",
        ROW + b'<<<<<<< HEAD\n{"a":2}\n=======\n{"a":3}\n>>>>>>> b\n',
        Expected(
            records=3,
            faults=(
                "2:1: merge-markers a git merge conflict that nobody resolved",
                "4:1: merge-markers a git merge conflict that nobody resolved",
                "6:1: merge-markers a git merge conflict that nobody resolved",
            ),
        ),
    ),
    Case(
        "merge-markers-json",
        "train.json",
        b'[{"a":1},\n<<<<<<< HEAD\n{"a":2},\n=======\n{"a":3},\n>>>>>>> b\n{"a":4}]',
        Expected(
            records=1,
            faults=(
                "2:1: merge-markers a git merge conflict that nobody resolved",
                "4:1: merge-markers a git merge conflict that nobody resolved",
                "6:1: merge-markers a git merge conflict that nobody resolved",
            ),
        ),
    ),
    Case(
        "merge-markers-csv",
        "train.csv",
        b"a,b\n<<<<<<< HEAD\n1,2\n=======\n1,3\n>>>>>>> b\n",
        Expected(
            records=2,
            faults=(
                "2:1: merge-markers a git merge conflict that nobody resolved",
                "4:1: merge-markers a git merge conflict that nobody resolved",
                "6:1: merge-markers a git merge conflict that nobody resolved",
            ),
        ),
    ),
    Case(
        "merge-markers-one-column",
        "train.csv",
        b"a\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> b\n",
        Expected(
            records=3,
            faults=(
                "2:1: merge-markers a git merge conflict that nobody resolved",
                "6:1: merge-markers a git merge conflict that nobody resolved",
            ),
        ),
    ),
    Case(
        "blank-lines-jsonl",
        "train.jsonl",
        ROW + b"\n  \n" + ROW,
        Expected(records=2, notes=("2:1: blank-line blank lines (2)",)),
    ),
    Case(
        "blank-lines-csv",
        "train.csv",
        b"a,b\n\n1,2\n\n3,4\n",
        Expected(records=2, notes=("2:1: blank-line blank lines (2)",)),
    ),
    Case(
        "pretty-printed",
        "train.jsonl",
        json.dumps({"a": [1, 2], "b": {"c": 3}}, indent=2).encode() + b"\n",
        Expected(
            records=0,
            faults=(
                "1:1: pretty-printed an object runs over several lines; JSON Lines has one a line",
            ),
            hint="jq -c . train.jsonl > train.compact.jsonl",
        ),
    ),
    Case(
        "pretty-printed-several",
        "train.jsonl",
        b'{ "a": 1,\n  "b": 2 }\n{ "a": 3,\n  "b": 4 }\n',
        Expected(
            records=0,
            faults=(
                "1:1: pretty-printed an object runs over several lines; JSON Lines has one a line",
            ),
            hint="jq -c . train.jsonl > train.compact.jsonl",
        ),
    ),
    Case(
        "two-objects-per-line",
        "train.jsonl",
        ROW + b'{"a":2}{"a":3}\n',
        Expected(
            records=1,
            faults=("2:8 $: two-values a second object begins here, after the end of the first",),
        ),
    ),
    Case(
        "missing-comma",
        "train.json",
        b'[{"a":1}\n {"a":2}]',
        Expected(
            records=0,
            faults=("2:2 $: two-values a second object begins here, after the end of the first",),
        ),
    ),
    Case(
        "array-root",
        "train.jsonl",
        b'[{"a":1},\n {"a":2}]\n',
        Expected(
            records=0,
            faults=("1:1: array-root the file is one JSON array, not one object a line",),
            hint="--format json",
        ),
    ),
    Case(
        "object-root",
        "train.json",
        b'{"data": [\n {"a":1}]}\n',
        Expected(
            records=0,
            faults=("1:1: object-root the file is a JSON object, not an array of examples",),
            hint="jq -c '.[\"data\"][]' train.json > train.jsonl",
        ),
    ),
    Case(
        "one-object",
        "train.json",
        b'{"a":1}\n',
        Expected(
            records=0,
            faults=("1:1: object-root the file is one JSON object, no array",),
            hint="--format jsonl",
        ),
    ),
    Case(
        "json-lines-named-json",
        "train.json",
        ROW + ROW,
        Expected(
            records=0,
            faults=("1:1: two-values the file holds several JSON values, one a line",),
            hint="--format jsonl",
        ),
    ),
    Case(
        "bare-value-root",
        "train.json",
        b'"abc"\n',
        Expected(
            records=0,
            faults=("1:1: no-array the file is no JSON array",),
            hint="--format jsonl|json|csv|tsv",
        ),
    ),
    Case(
        "trailing-comma-object",
        "train.jsonl",
        ROW + b'{"a":1,}\n',
        Expected(records=1, faults=("2:7 $.a: trailing-comma a comma before '}'",)),
    ),
    Case(
        "trailing-comma-line",
        "train.jsonl",
        ROW + b'{"a":1},\n',
        Expected(records=1, faults=("2:8 $: trailing-comma a comma after the record",)),
    ),
    Case(
        "comma-after-each-line",
        "train.jsonl",
        b'{"a":1},\n{"a":2},\n',
        Expected(
            records=0,
            faults=(
                "1:8 $: trailing-comma a comma after the record",
                "2:8 $: trailing-comma a comma after the record",
            ),
        ),
    ),
    Case(
        "trailing-comma-array",
        "train.json",
        b'[{"a":1},\n {"a":2},\n]',
        Expected(records=2, faults=("2:9: trailing-comma a comma before the closing ]",)),
    ),
    Case(
        "missing-element",
        "train.json",
        b'[{"a":1},\n , {"a":2}]',
        Expected(
            records=2, faults=("1:9: missing-value no element between this and the next comma",)
        ),
    ),
    Case(
        "comment",
        "train.jsonl",
        ROW + b'{"a":1} // one\n',
        Expected(records=1, faults=("2:9 $: comment JSON has no comments",)),
    ),
    Case(
        "single-quotes",
        "train.jsonl",
        ROW + b"{'a': 1}\n",
        Expected(
            records=1, faults=("2:2 $: single-quotes JSON strings and keys stand in double quotes",)
        ),
    ),
    Case(
        "extra-data-after-array",
        "train.json",
        b'[{"a":1}]\n[{"a":2}]',
        Expected(records=1, faults=("2:1: extra-data something follows the end of the array",)),
    ),
    Case(
        "wrong-bracket",
        "train.json",
        b'[{"a":1}\n}',
        Expected(records=1, faults=("2:1: wrong-bracket this } closes the array that a [ opened",)),
    ),
    Case(
        "duplicate-key",
        "train.jsonl",
        ROW + b'{"a":1,"b":{"c":2,"c":3}}\n',
        Expected(
            records=1,
            faults=(
                "2:19 $.b.c: duplicate-key key 'c' stands twice, at byte 12 and at "
                "byte 18 of the record",
            ),
        ),
    ),
    Case(
        "nan",
        "train.jsonl",
        ROW + b'{"a":NaN}\n',
        Expected(records=1, faults=("2:6 $.a: not-finite NaN is no JSON number",)),
    ),
    Case(
        "infinity",
        "train.jsonl",
        ROW + b'{"a":[1,-Infinity]}\n',
        Expected(records=1, faults=("2:9 $.a[1]: not-finite -Infinity is no JSON number",)),
    ),
    Case(
        "too-large-number",
        "train.jsonl",
        ROW + b'{"a":1e999}\n',
        Expected(records=1, faults=("2:6 $.a: not-finite 1e999 is too large for a double",)),
    ),
    Case(
        "large-integers",
        "train.jsonl",
        b'{"a":9007199254740993}\n{"a":123456789012345678901234567890}\n',
        Expected(records=2),
    ),
    Case(
        "lone-surrogate",
        "train.jsonl",
        ROW + b'{"a":"x\\ud83d"}\n',
        Expected(records=1, faults=("2:8 $.a: lone-surrogate \\ud83d is half a surrogate pair",)),
    ),
    Case(
        "too-deep",
        "train.jsonl",
        ROW + b'{"a":' + b"[" * 256 + b"]" * 256 + b"}\n",
        Expected(
            records=1,
            faults=(
                "2:261 $.a"
                + "[0]" * 25
                + "[0…0]"
                + "[0]" * 26
                + ": too-deep more than 256 levels of objects and arrays",
            ),
        ),
    ),
    Case(
        "just-deep-enough",
        "train.jsonl",
        b'{"a":' + b"[" * 255 + b"]" * 255 + b"}\n",
        Expected(records=1),
    ),
    Case(
        "bare-values",
        "train.jsonl",
        ROW + b'"text"\n3\nnull\n[1]\n',
        Expected(
            records=1,
            faults=(
                "2:1: not-an-object the record is a bare value; an example is an object",
                "3:1: not-an-object the record is a bare value; an example is an object",
                "4:1: not-an-object the record is a bare value; an example is an object",
                "5:1: array-root the record is an array; an example is an object",
            ),
        ),
    ),
    Case(
        "arrays-per-line",
        "train.jsonl",
        b"[1]\n[2]\n",
        Expected(
            records=0,
            faults=(
                "1:1: array-root the record is an array; an example is an object",
                "2:1: array-root the record is an array; an example is an object",
            ),
        ),
    ),
    Case("type-change", "train.jsonl", b'{"a":"x"}\n{"a":["x"]}\n', Expected(records=2)),
    Case(
        "missing-null-empty",
        "train.jsonl",
        b'{"a":1}\n{"a":1,"b":null}\n{"a":1,"b":""}\n',
        Expected(records=3),
    ),
    Case(
        "key-variants",
        "train.jsonl",
        '{"content":1,"Content":2,"content ":3,"\u00e9":4,"e\u0301":5}\n'.encode(),
        Expected(records=1),
    ),
    Case(
        "ragged",
        "train.csv",
        b"a,b\n1\n1,2\n1,2,3\n",
        Expected(
            records=1,
            faults=(
                "2:1: ragged-row the record has 1 cell, the header has 2",
                "4:1: ragged-row the record has 3 cells, the header has 2",
            ),
        ),
    ),
    Case(
        "ragged-blank-looking",
        "train.csv",
        b"a,b\n  \n",
        Expected(records=0, faults=("2:1: ragged-row the record has 1 cell, the header has 2",)),
    ),
    Case(
        "unclosed-quote",
        "train.csv",
        b'a,b\n1,2\n3,"open\n5,6\n',
        Expected(
            records=1,
            faults=("3:3: unclosed-quote the quoted cell that begins here has no closing quote",),
        ),
    ),
    Case(
        "unclosed-quote-closed-by-next",
        "train.csv",
        b'a,b\n3,"open\n5,"six"\n7,8\n',
        Expected(
            records=1,
            faults=(
                "2:3: unclosed-quote this quoted cell ends lines below, where text "
                "follows its quote",
            ),
        ),
    ),
    Case(
        "text-after-quote",
        "train.csv",
        b'a,b\n1,"two"x\n',
        Expected(
            records=0,
            faults=(
                "2:8: text-after-quote text follows a closing quote; inside a cell a "
                "quote is doubled",
            ),
        ),
    ),
    Case("quote-in-text", "train.csv", b'a,b\n5" disk,a"b"c\n', Expected(records=1)),
    Case(
        "duplicate-header",
        "train.csv",
        b"act,prompt,act\n1,2,3\n",
        Expected(
            records=0,
            faults=("1:1: duplicate-header two columns are called 'act': columns 1 and 3",),
        ),
    ),
    Case(
        "blank-header",
        "train.csv",
        b",a,b\n0,1,2\n",
        Expected(records=0, faults=("1:1: blank-header column 1 of 3 has no name",)),
    ),
    Case(
        "semicolons",
        "train.csv",
        b"a;b\n1;2\n",
        Expected(
            records=0,
            faults=("1:1: one-column the header has one column, but ';' in it",),
            hint="--delimiter ';'",
        ),
    ),
    Case(
        "tabs",
        "train.csv",
        b"a\tb\n1\t2\n",
        Expected(
            records=0,
            faults=("1:1: one-column the header has one column, but '\\t' in it",),
            hint="--format tsv",
        ),
    ),
    Case(
        "commas-in-tsv",
        "train.tsv",
        b"a,b\n1,2\n",
        Expected(
            records=0,
            faults=("1:1: one-column the header has one column, but ',' in it",),
            hint="--delimiter ,",
        ),
    ),
    Case("one-real-column", "train.csv", b"text\nhello\n", Expected(records=1)),
    Case("strings-stay", "train.csv", b"a,b,c,d\nNA,007,2024-01-02,\n", Expected(records=1)),
    Case("embedded-newline", "train.csv", b'a,b\n"x\r\ny\n",z\n', Expected(records=1)),
]
