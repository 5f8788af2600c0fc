"""The tools side by side: how each one records a file's versions and compares two of them.

Each tool gets a fresh repository of its own, its default configuration, and the file
`data/train.jsonl` as a user would have it. What they do runs as whole processes.
"""

from __future__ import annotations

import compileall
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.measure import Command, CommandFailedError

DATA = "data/train.jsonl"
PROGRAMS = Path(sys.executable).parent
SCRIPTS = Path(__file__).parent / "scripts"
ROOT = Path(__file__).parent.parent


class MissingToolError(Exception):
    """A program that the comparison needs is not installed beside this Python."""


class Recorder(Protocol):
    """A tool that records versions of a file."""

    @property
    def name(self) -> str:
        """What the tables call it."""

    @property
    def place(self) -> Workplace:
        """Where its repository is."""

    @property
    def data(self) -> str:
        """The file's path in the repository."""

    def start(self) -> None:
        """Make the empty repository; not measured."""

    def add(self, message: str) -> Command:
        """Record the state of the file."""

    def settle(self, message: str) -> None:
        """What a user does after it, such as a commit; not measured."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """A folder for one tool's repository, and the environment that keeps it to that folder."""

    root: Path

    @property
    def env(self) -> Mapping[str, str]:
        """No configuration, cache or identity from outside the folder."""
        home = self.root.parent / f"{self.root.name}.home"
        return {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "DVC_SITE_CACHE_DIR": str(home / "dvc"),
            "DVC_NO_ANALYTICS": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Bench",
            "GIT_AUTHOR_EMAIL": "bench@example.org",
            "GIT_COMMITTER_NAME": "Bench",
            "GIT_COMMITTER_EMAIL": "bench@example.org",
        }

    def command(self, *argv: str | Path) -> Command:
        """A command that runs in the repository."""
        return Command(tuple(map(str, argv)), self.root, self.env)

    def run(self, *argv: str | Path) -> bytes:
        """Run it now, unmeasured, and return its standard output.

        Raises:
            CommandFailedError: it exited with another code than 0.
        """
        command = self.command(*argv)
        done = subprocess.run(
            command.argv,
            cwd=command.cwd,
            env=command.environment(),
            check=False,
            capture_output=True,
        )
        if done.returncode != 0:
            raise CommandFailedError(command, done.returncode, done.stdout + done.stderr)
        return done.stdout

    def fresh(self) -> None:
        """Make the folder anew, and a git repository in it."""
        for folder in (self.root, self.root.parent / f"{self.root.name}.home"):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        (self.root / DATA).parent.mkdir()
        self.run("git", "init", "-q", "-b", "main")

    def commit(self, message: str) -> None:
        """Commit what the tool left, the data itself aside."""
        self.run("git", "add", "-A", ".")
        self.run("git", "commit", "-q", "--allow-empty", "-m", message)


@dataclass(frozen=True, slots=True)
class Dslineage:
    """`dslineage add` and `dslineage diff`, with the default profile or without metrics."""

    place: Workplace
    data: str = DATA
    profile: bool = False

    @property
    def name(self) -> str:
        return "dslineage profile" if self.profile else "dslineage"

    def start(self) -> None:
        self.place.fresh()
        self.place.run(program("dslineage"), "init")

    def add(self, message: str) -> Command:
        return self._command("add", self.data, "-m", message)

    def settle(self, message: str) -> None:
        self.place.run("git", "commit", "-q", "-m", message)

    def diff(self, old: str, new: str) -> Command:
        """The summary of the difference, as JSON."""
        return self._command("diff", old, new, "--json")

    def _command(self, *argv: str) -> Command:
        options = () if self.profile else ("--no-metrics",)
        return self.place.command(program("dslineage"), *argv, *options)

    def objects(self) -> Path:
        """The folder of its object files."""
        common = self.place.run("git", "rev-parse", "--git-common-dir").decode().strip()
        return (self.place.root / common).resolve() / "dslineage"


@dataclass(frozen=True, slots=True)
class Dvc:
    """`dvc add`, in a git and DVC repository with its default configuration."""

    place: Workplace
    data: str = DATA
    name: str = "dvc"

    def start(self) -> None:
        self.place.fresh()
        self.place.run(program("dvc"), "init", "-q")
        # Both would start a process of their own that reaches for the network.
        self.place.run(program("dvc"), "config", "core.analytics", "false")
        self.place.run(program("dvc"), "config", "core.check_update", "false")
        self.place.commit("dvc")

    def add(self, message: str) -> Command:  # DVC takes no message
        return self.place.command(program("dvc"), "add", self.data)

    def settle(self, message: str) -> None:
        self.place.commit(message)


@dataclass(frozen=True, slots=True)
class Oxen:
    """Oxen from Python: add and commit, and a keyed diff of the last two commits."""

    place: Workplace
    data: str = DATA
    name: str = "oxen"

    def start(self) -> None:
        self.place.fresh()
        who = "from oxen.user import config_user; config_user('Bench', 'bench@example.org')"
        self.place.run(sys.executable, "-c", who)

    def add(self, message: str) -> Command:
        return self.place.command(sys.executable, SCRIPTS / "oxen_add.py", ".", self.data, message)

    def settle(self, message: str) -> None:
        """Nothing: the measured process has committed."""

    def diff(self) -> Command:
        """Counts of a diff by `id`, as JSON."""
        return self.place.command(sys.executable, SCRIPTS / "oxen_diff.py", ".", self.data, "id")


def duckdb(old: Path, new: Path, *, by_hash: bool = False) -> Command:
    """A full outer join of the two raw files on `id`, which compares whole records."""
    options = ["--by-hash"] if by_hash else []
    return Command(
        (sys.executable, str(SCRIPTS / "duckdb_diff.py"), *options, old.name, str(new)), old.parent
    )


def compile_modules() -> None:
    """Compile this project's modules, as pip does with what it installs, the peers among it.

    An editable installation leaves that to the first run, and `PYTHONDONTWRITEBYTECODE` to each.
    """
    for folder in ("dslineage", "cli", "hooks"):
        compileall.compile_dir(ROOT / folder, quiet=1)


def program(name: str) -> Path:
    """The program of this environment.

    Raises:
        MissingToolError: it is not installed.
    """
    path = PROGRAMS / name
    if not path.exists():
        raise MissingToolError(
            f"{name} is not installed in {PROGRAMS.parent}; "
            "install the project with its `bench` group: pip install -e . --group bench"
        )
    return path


def counts(stdout: bytes) -> dict[str, int]:
    """Removed, added and edited, from a diff's JSON."""
    facts = json.loads(stdout)
    found = facts.get("examples", facts)
    return {name: found[name] for name in ("removed", "added", "edited")}
