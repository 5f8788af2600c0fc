"""Writes the parts of the documents that the program itself prints: `make docs`.

`docs/commands.md` is the help of every command. On the other pages, what follows `$ dslineage …`
in a block marked as run is what the command printed, in one marked as failing what it printed on
stderr, too. What a script of `examples` prints stands in a block that names it. A test fails when
one prints something else. The ids of the story bind the environment that it was told in, and its
trainer's clock is the machine's: a block that differs in nothing else stays as it is.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from docs import hands
from dslineage_cli.commands import GROUPS, VERBS
from dslineage_cli.demo import tour
from dslineage_cli.exits import MEANINGS
from dslineage_cli.main import main
from dslineage_cli.terminal import Terminal

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ROOT / "docs" / "commands.md"
TOLD = (
    ROOT / "README.md",
    *(
        ROOT / "docs" / name
        for name in (
            "ci.md",
            "diff.md",
            "dvc.md",
            "forget.md",
            "gates.md",
            "lineage.md",
            "own-metrics.md",
            "questions.md",
            "review.md",
        )
    ),
)
"""The pages with blocks that were run."""

PROMPTS = ROOT.parent / "shared" / "data" / "prompts"
_RAN = re.compile(
    r"(?P<mark><!-- (?P<how>ran|failed) in the (?P<place>[a-z]+) -->\n\n```console\n)"
    r"(?P<said>.*?)```\n",
    re.DOTALL,
)
_SCRIPT = re.compile(
    r"(?P<mark><!-- what (?P<script>examples/\S+\.sh) prints -->\n\n```text\n).*?```\n", re.DOTALL
)
PINNED = {
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
- `--json`, on every command, prints the same result as one JSON document with a `schema` member.
  It is stable and sorted, and the time of asking is not in it. A command that fails prints
  `dslineage.error/1`.
- `-C DIR`, `-q` and `--no-pager` stand before the command: `dslineage -C data-sets status`.
- Colour, the pager and progress bars are for terminals only. `NO_COLOR` and `PAGER` are honoured,
  and `SOURCE_DATE_EPOCH` sets the time that records carry.
- Control characters, terminal escapes, bidirectional overrides and invisible characters in data,
  names and messages are shown (`␛`, `\\u202e`), never obeyed.
- Rows are counted from 1 in text and Markdown; positions in JSON and CSV from 0.
- A line that begins with `next:` is a command that can be pasted.
"""


def commands_page() -> str:
    """The text of `docs/commands.md`."""
    codes = "".join(f"| {code} | {meaning} |\n" for code, meaning in MEANINGS.items())
    parts = [_HEAD, f"## Exit codes\n\n| code | meaning |\n|--:|---|\n{codes}"]
    parts.append(f"## dslineage\n\n{_block(_printed('--help'))}")
    for verb in VERBS:
        parts.append(f"## dslineage {verb}\n\n{_block(_printed(verb, '--help'))}")
        parts += [
            f"### dslineage {verb} {name}\n\n{_block(_printed(verb, name, '--help'))}"
            for name in GROUPS.get(verb, ())
        ]
    return "\n".join(parts)


def told(page: str) -> str:
    """The text of a page, its commands run anew; data that is not here leaves a block as it is."""
    page = _SCRIPT.sub(lambda block: f"{block['mark']}{_ran(block['script'])}```\n", page)
    if not _RAN.search(page):
        return page
    with _demo() as demo:

        def run(block: re.Match[str]) -> str:
            place = _place(demo, block["place"])
            if not place.is_dir():
                return block[0]
            with contextlib.chdir(place):
                fails = block["how"] == "failed"
                ran = "\n".join(_run(line, fails=fails) for line in commands_of(block["said"]))
            if block["place"] == "story" and _timeless(ran) == _timeless(block["said"]):
                return block[0]
            return f"{block['mark']}{ran}```\n"

        return _RAN.sub(run, page)


def commands_of(block: str) -> list[str]:
    """The commands that a block shows."""
    return [line[2:] for line in block.splitlines() if line.startswith("$ ")]


def _run(command: str, *, fails: bool) -> str:
    return f"$ {command}\n{_printed(*shlex.split(command)[1:], fails=fails)}"


def _timeless(text: str) -> str:
    """A text without ids, dates and how its lines are broken."""
    return " ".join(re.sub(r"\b[0-9a-f]{8,}\b|\b\d{4}-\d\d-\d\d\b", "", text).split())


def _ran(script: str) -> str:
    """What a script prints in a new folder."""
    with tempfile.TemporaryDirectory() as folder:
        return _told_in(script, Path(folder))


def _told_in(script: str, folder: Path) -> str:
    """What a script prints in a folder, this environment's programs before others."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [ROOT / script, folder],
        env=os.environ | PINNED | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return done.stdout.decode()


@contextlib.contextmanager
def _demo() -> Iterator[Path]:
    """The demo's repository, in a folder where others can stand beside it."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, PINNED):
        os.environ["XDG_STATE_HOME"] = str(Path(folder) / "state")
        demo = Path(folder) / "tour"
        with contextlib.redirect_stdout(io.StringIO()):
            tour.run(demo, Terminal())
        yield demo


def _place(demo: Path, name: str) -> Path:
    """The folder that commands are run in, made when it is first asked for."""
    place = demo.with_name(name)
    if name == "story":
        if not place.exists():
            _told_in("examples/story/story.sh", place)
        return place / "data"
    if name == "prompts" or place.exists():
        return PROMPTS if name == "prompts" else place
    shutil.copytree(demo, place)
    if name == "review":
        hands.fill_in(place)
    if name == "gates":
        hands.settle(place, ROOT / "docs" / "gates.md")
    if name in {"own", "judged"}:
        hands.settle(place, ROOT / "docs" / "own-metrics.md")
    if name == "judged":
        hands.ask_judges(place, Path(os.environ["XDG_STATE_HOME"]) / "dslineage" / "trust.json")
    return place


def _printed(*argv: str, fails: bool = False) -> str:
    """What a command prints on stdout; with `fails`, on stderr too."""
    printed = io.StringIO()
    with (
        mock.patch.dict(os.environ, PINNED),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed if fails else sys.stderr),
    ):
        code = main(argv)
    if fails != bool(code):
        raise SystemExit(f"dslineage {shlex.join(argv)} exited with {code}")
    return printed.getvalue()


def _block(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```\n"


if __name__ == "__main__":
    COMMANDS.write_text(commands_page(), encoding="utf-8")
    for path in TOLD:
        path.write_text(told(path.read_text(encoding="utf-8")), encoding="utf-8")
