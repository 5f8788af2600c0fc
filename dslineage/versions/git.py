"""The one place that runs git: argument lists only, and nothing that a repository can hook into."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dslineage.errors import NotFoundError, ResourceError, UsageError

_SAFE = (
    "git",
    "-c", "core.fsmonitor=false",
    "-c", "core.quotePath=false",
    "--no-pager",
)  # fmt: skip


@dataclass(frozen=True)
class Git:
    """A git work tree. Paths that go in and out are relative to `root`, with slashes."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> Git:
        """The work tree that `start` is in.

        Raises:
            NotFoundError: there is none, or git is not installed.
        """
        folder = start if start.is_dir() else start.parent
        answer = _run(["rev-parse", "--show-toplevel"], folder, check=False)
        if answer is None or not answer.strip():
            raise NotFoundError(
                f"{folder} is not inside a git repository",
                kind="no-repository",
                hint="dslineage init",
            )
        return cls(Path(os.fsdecode(answer.rstrip(b"\n"))))

    @classmethod
    def init(cls, folder: Path) -> Git:
        """Make a repository."""
        folder.mkdir(parents=True, exist_ok=True)
        _run(["init", "-q"], folder)
        return cls(folder.resolve())

    @cached_property
    def common_dir(self) -> Path:
        """The folder that all work trees of the repository share."""
        answer = _run(["rev-parse", "--git-common-dir"], self.root) or b""
        return (self.root / os.fsdecode(answer.rstrip(b"\n"))).resolve()

    @cached_property
    def author(self) -> str:
        """Who is at work, as `Name <address>`, or an empty string where git does not know."""
        answer = _run(["var", "GIT_AUTHOR_IDENT"], self.root, check=False)
        return "" if answer is None else answer.decode(errors="replace").rsplit("> ", 1)[0] + ">"

    def head(self) -> str | None:
        """The commit that HEAD names, or None before the first."""
        return self.commit_of("HEAD")

    def commit_of(self, revision: str) -> str | None:
        """The commit that a revision names, or None."""
        if revision.startswith("-") or not revision:
            return None
        argument = f"{revision}^{{commit}}"
        answer = _run(
            ["rev-parse", "--verify", "--quiet", "--end-of-options", argument],
            self.root,
            check=False,
        )
        return answer.decode().strip() if answer else None

    def names_in(self, commit: str, folder: str = "") -> list[str]:
        """Every file of a commit, below a folder."""
        return self._names(["ls-tree", "-r", "-z", "--name-only", commit, "--", folder or "."])

    def index_names(self, folder: str = "") -> list[str]:
        """Every file in the index, below a folder."""
        return self._names(["ls-files", "-z", "--cached", "--", folder or "."])

    def names_like(self, pattern: str) -> list[str]:
        """Files in the index or untracked and not ignored, whose name fits, sorted."""
        listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        answer = _run([*listing, "--", f"**/{pattern}"], self.root, globbing=True) or b""
        return sorted({os.fsdecode(name) for name in answer.split(b"\0") if name})

    def tracked(self, path: str) -> bool:
        """Whether git tracks a file."""
        return bool(self.index_names(path))

    def read(self, commit: str, path: str) -> bytes | None:
        """The bytes of a file in a commit (or, with an empty commit, in the index), or None."""
        return _run(["cat-file", "blob", f"{commit}:{path}"], self.root, check=False)

    def export(self, commit: str, path: str, target: Path) -> bool:
        """Write the bytes of a file in a commit to `target`; False where there is none."""
        with target.open("wb") as handle:
            done = subprocess.run(
                [*_SAFE, "cat-file", "blob", f"{commit}:{path}"],
                cwd=self.root,
                stdout=handle,
                stderr=subprocess.DEVNULL,
                check=False,
            )
        return done.returncode == 0

    def ignored(self, path: str) -> bool:
        """Whether git ignores a file."""
        return _run(["check-ignore", "-q", "--", path], self.root, check=False) is not None

    def stage(self, paths: Sequence[str]) -> None:
        """Put files into the index, as they are now; removed files leave it."""
        _run(["add", "--all", "--force", "--", *paths], self.root)

    def unstage(self, path: str) -> None:
        """Take a file out of the index, if it is there."""
        _run(["rm", "-q", "--cached", "--ignore-unmatch", "--", path], self.root)

    def commit(self, message: str) -> str:
        """Commit what is staged, with the repository's hooks; the new commit."""
        _run(["commit", "-q", "--file=-"], self.root, stdin=message.encode())
        return self.head() or ""

    def staged_names(self) -> list[str]:
        """Files whose index entry differs from HEAD."""
        return self._names(["diff", "--cached", "--name-only", "-z", "--no-ext-diff"])

    def _names(self, arguments: list[str]) -> list[str]:
        answer = _run(arguments, self.root, check=False)
        return [os.fsdecode(name) for name in (answer or b"").split(b"\0") if name]


def _run(
    arguments: Sequence[str],
    folder: Path,
    *,
    check: bool = True,
    stdin: bytes | None = None,
    globbing: bool = False,
) -> bytes | None:
    try:
        done = subprocess.run(
            [*_SAFE, "--glob-pathspecs" if globbing else "--literal-pathspecs", *arguments],
            cwd=folder,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise ResourceError(
            "git is not installed, or not on the path", kind="no-git", hint="install git"
        ) from None
    if done.returncode == 0:
        return done.stdout
    if not check:
        return None
    raise UsageError(
        f"git {arguments[0]} failed: {done.stderr.decode(errors='replace').strip()}",
        kind="git-failed",
        hint="git status",
    )
