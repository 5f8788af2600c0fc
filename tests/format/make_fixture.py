"""How `fixtures/format-1.tar.gz` was made: a small repository in the format of the first release.

    python -m tests.format.make_fixture

The fixture is frozen: it is never made again for format 1, since it proves that what was once
written stays readable. It holds the work tree and, under `objects/`, what stands in git's folder.
All of its examples were made up for it.
"""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tempfile
from pathlib import Path

from tests.format.made_files import TOKENS, delimited, jsonl, parquet, table, zst
from tests.versions.support import Bench

FIXTURE = Path(__file__).parent / "fixtures" / "format-1.tar.gz"

_TALKS = [
    {
        "id": n,
        "messages": [
            {"role": "user", "content": f"How many legs have {n} cats? 🐈"},
            {"role": "assistant", "content": f"{4 * n}.", "note": None},
        ],
        "weight": n / 2,
    }
    for n in range(1, 9)
]
_EDITED = [*_TALKS[4:], {**_TALKS[0], "weight": 1.0}, *_TALKS[1:4], _TALKS[7]]
TALKS = jsonl(_TALKS[2:6], "\r\n")
"""A file whose rows are all in the fixture."""
_CELLS = [["question", "answer"], ["1, or 2?", 'He said "2"'], ["\u2028é", ""]]


def make(root: Path) -> Bench:
    """The repository of the fixture."""
    bench = Bench.make(root)
    bench.commit("talks.jsonl", b"\xef\xbb\xbf" + jsonl(_TALKS, "\r\n"))
    bench.commit("talks.jsonl", jsonl(_EDITED))
    bench.commit("talks.jsonl", jsonl(_EDITED), schema="fields", key="weight")
    bench.commit("cells.csv", delimited(_CELLS) + b"one cell\n", quarantine=True)
    bench.commit("array.json", b'[{"a": 1e2}, 3,\n {"a": 100}]\n', quarantine=True)
    bench.commit("pressed.jsonl.gz", gzip.compress(jsonl(_TALKS[:3]), mtime=0))
    bench.commit("rows.jsonl.zst", zst(jsonl(TOKENS)), store="rows")
    bench.commit("table.parquet", parquet(table().slice(0, 3)))
    bench.put("parts/1.jsonl", jsonl(_TALKS[:2]))
    bench.put("parts/2.jsonl", jsonl(_TALKS[2:3]))
    bench.commit("parts")
    return bench


def pack(bench: Bench) -> bytes:
    """The repository as an archive."""
    found = {
        path.relative_to(bench.root).as_posix(): path
        for path in bench.root.rglob("*")
        if path.is_file() and path.relative_to(bench.root).parts[0] != ".git"
    }
    found |= {
        f"objects/{path.relative_to(bench.objects).as_posix()}": path
        for path in bench.objects.rglob("*")
        if path.is_file() and path.relative_to(bench.objects).parts[0] not in ("cache", "lock")
    }
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in sorted(found):
            info = tarfile.TarInfo(name)
            info.size = found[name].stat().st_size
            with found[name].open("rb") as handle:
                tar.addfile(info, handle)
    return gzip.compress(archive.getvalue(), mtime=0)


def unpack(root: Path) -> Bench:
    """The frozen repository, in a git repository of its own."""
    bench = Bench.make(root)
    (bench.objects / "format").unlink(missing_ok=True)
    with tarfile.open(FIXTURE) as tar:
        for member in tar:
            top, _, rest = member.name.partition("/")
            target = bench.objects / rest if top == "objects" else root / member.name
            target.parent.mkdir(parents=True, exist_ok=True)
            content = tar.extractfile(member)
            target.write_bytes(content.read() if content else b"")
    return bench


def main() -> None:
    """Make the fixture, unless it is there."""
    os.environ |= {"GIT_AUTHOR_NAME": "Ada Curator", "GIT_AUTHOR_EMAIL": "ada@example.org"}
    os.environ |= {"GIT_COMMITTER_NAME": "Ada Curator", "GIT_COMMITTER_EMAIL": "ada@example.org"}
    FIXTURE.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, FIXTURE.open("xb") as fixture:
        fixture.write(pack(make(Path(folder) / "repo")))


if __name__ == "__main__":
    main()
