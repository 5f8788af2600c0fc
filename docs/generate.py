"""Writes the parts of the documents that the program itself prints: `make docs`.

`docs/commands.md` is the help of every command; the tour in README.md is what its commands
printed. A test fails when either is not what the program prints now.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from dslineage_cli.commands import VERBS
from dslineage_cli.demo import tour
from dslineage_cli.exits import MEANINGS
from dslineage_cli.main import main
from dslineage_cli.terminal import Terminal

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
COMMANDS = ROOT / "docs" / "commands.md"

TOUR = (
    "dslineage log",
    "dslineage diff v3 v4 --limit 1",
    "dslineage export v3 v4 --only added -o added.jsonl",
)
_MARKED = re.compile(
    r"(<!-- tour: `make docs` writes this -->\n).*?(<!-- end of the tour -->)", re.DOTALL
)
_PINNED = {
    "COLUMNS": "88",
    "NO_COLOR": "1",
    "SOURCE_DATE_EPOCH": "1767323045",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada Curator",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada Curator",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}

_HEAD = """\
# Commands

What `dslineage COMMAND --help` prints, and what all commands share. `make docs` writes this page.

- Results go to stdout; progress and talk go to stderr.
- `--json`, on every command, prints the same result as one JSON document with a
  `schema` member. It is stable and sorted, and the time of asking is not in it. A command that
  fails prints `dslineage.error/1`.
- `-C DIR`, `-q` and `--no-pager` stand before the command: `dslineage -C data-sets status`.
- Colour, the pager and progress bars are for terminals only. `NO_COLOR` and `PAGER` are honoured,
  and `SOURCE_DATE_EPOCH` sets the time that records carry.
- Control characters, terminal escapes, bidirectional overrides and invisible characters in data,
  names and messages are shown (`␛`, `\\u202e`), never obeyed.
- Rows are counted from 1 in text and Markdown; positions in JSON and CSV from 0.
"""


def commands_page() -> str:
    """The text of `docs/commands.md`."""
    codes = "".join(f"| {code} | {meaning} |\n" for code, meaning in MEANINGS.items())
    parts = [_HEAD, f"## Exit codes\n\n| code | meaning |\n|--:|---|\n{codes}"]
    parts.append(f"## dslineage\n\n{_block(_printed('--help'))}")
    parts += [f"## dslineage {verb}\n\n{_block(_printed(verb, '--help'))}" for verb in VERBS]
    return "\n".join(parts)


def readme(text: str) -> str:
    """The text of README.md with a tour that ran just now."""
    ran = "".join(_toured())
    return _MARKED.sub(lambda match: f"{match[1]}\n```console\n{ran}```\n\n{match[2]}", text)


def _toured() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, _PINNED):
        place = Path(folder) / "tour"
        with contextlib.redirect_stdout(io.StringIO()):
            tour.run(place, Terminal())
        with contextlib.chdir(place):
            for number, command in enumerate(TOUR):
                yield f"{'' if number == 0 else chr(10)}$ {command}\n"
                yield _printed(*shlex.split(command)[1:])


def _printed(*argv: str) -> str:
    """What a command prints on stdout."""
    with mock.patch.dict(os.environ, _PINNED), contextlib.redirect_stdout(io.StringIO()) as printed:
        code = main(argv)
    if code:
        raise SystemExit(f"dslineage {shlex.join(argv)} exited with {code}")
    return printed.getvalue()


def _block(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```\n"


if __name__ == "__main__":
    COMMANDS.write_text(commands_page(), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")
