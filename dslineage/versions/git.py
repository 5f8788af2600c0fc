"""The one place that runs git: argument lists only, and nothing that a repository can hook into."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

from dslineage.codeof import CHANGES
from dslineage.errors import (
    DslineageError,
    IntegrityError,
    NotFoundError,
    ResourceError,
    UsageError,
)
from dslineage.store.files import resource_errors
from dslineage.versions.gitfile import change, is_left, locked

_SAFE = (
    "git",
    "-c", "core.fsmonitor=false",
    "-c", "core.quotePath=false",
    "-c", "diff.autoRefreshIndex=false",
    "-c", "log.showSignature=false",
    "-c", "protocol.ext.allow=never",
    "--no-pager",
    "--no-optional-locks",
)  # fmt: skip
_SAFE_DIRECTORY = re.compile(r"git config --global --add safe\.directory .+")
_LOCK = re.compile(r"'([^'\n]+\.lock)'")
_LOCK_SECONDS = 10.0
_PIECE = 1 << 20
_UNFINISHED = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD")


@dataclass(frozen=True)
class Git:
    """A git work tree. Paths that go in and out are relative to `root`, with slashes."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> Git:
        """The work tree that `start` is in.

        Raises:
            NotFoundError: there is none, or git refuses to work in it.
            ResourceError: git is not installed.
        """
        folder = start if start.is_dir() else start.parent
        if not folder.is_dir():
            raise NotFoundError(f"there is no folder {folder}", kind="no-file")
        done = _call(["rev-parse", "--show-toplevel"], folder, english=True)
        if done.returncode or not done.stdout.strip():
            raise _no_work_tree(folder, done.stderr.decode(errors="replace").strip())
        return cls(Path(os.fsdecode(done.stdout.removesuffix(b"\n"))))

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
        return (self.root / os.fsdecode(answer.removesuffix(b"\n"))).resolve()

    @cached_property
    def own_dir(self) -> Path:
        """The folder of this work tree alone: its HEAD and its index are in it."""
        answer = _run(["rev-parse", "--absolute-git-dir"], self.root) or b""
        return Path(os.fsdecode(answer.removesuffix(b"\n")))

    @cached_property
    def _index(self) -> Path:
        """The index; for a hook, the one that git hands to it."""
        answer = _run(["rev-parse", "--git-path", "index"], self.root) or b""
        return self.root / os.fsdecode(answer.removesuffix(b"\n"))

    @cached_property
    def author(self) -> str:
        """Who is at work, as `Name <address>`, or an empty string where git does not know."""
        answer = _run(["var", "GIT_AUTHOR_IDENT"], self.root, check=False)
        return "" if answer is None else answer.decode(errors="replace").rsplit("> ", 1)[0] + ">"

    def head(self) -> str | None:
        """The commit that HEAD names, or None before the first."""
        return self.commit_of("HEAD")

    def unfinished(self) -> list[str]:
        """The commits that a merge, cherry-pick or rebase under way is bringing in."""
        paths = [self.own_dir / name for name in _UNFINISHED]
        return [commit for path in paths if path.is_file() for commit in path.read_text().split()]

    def commit_of(self, revision: str) -> str | None:
        """The commit that a revision names, or None."""
        if not revision or revision[0] in "-^" or "\0" in revision or len(revision) > 4096:
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

    def unmerged_names(self) -> list[str]:
        """Files that a merge under way left in conflict, sorted."""
        listing = ["diff", "--name-only", "--diff-filter=U", "-z", "--no-ext-diff"]
        return sorted(self._names(listing))

    def names_like(self, pattern: str) -> list[str]:
        """Files in the index or untracked and not ignored, whose name fits, sorted."""
        listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        answer = (
            _run([*listing, "--", f"**/{pattern}"], self.root, pathspecs="--glob-pathspecs") or b""
        )
        return sorted({os.fsdecode(name) for name in answer.split(b"\0") if name})

    def changes(self) -> bytes:
        """How the work tree differs from HEAD, as a patch; records and pointers are left out."""
        return _run(CHANGES, self.root, pathspecs="") or b""

    def remote(self) -> str:
        """The address of `origin`, or an empty string."""
        answer = _run(["config", "--get", "remote.origin.url"], self.root, check=False)
        return os.fsdecode(answer or b"").strip()

    def tracked(self, path: str) -> bool:
        """Whether git tracks a file."""
        return bool(self.index_names(path))

    def holds(self, commit: str, path: str) -> bool:
        """Whether a commit has a file of that name."""
        answer = _run(["cat-file", "-t", f"{commit}:{path}"], self.root, check=False)
        return answer == b"blob\n"

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

    def mentions(self, text: str, folder: str) -> bool:
        """Whether a file below a folder, in a commit of any branch or tag, has a text in it."""
        log = ["log", "--all", "-m", "-1", "--format=%H", "--no-textconv", f"-S{text}"]
        return bool(_run([*log, "--", folder], self.root))

    def ignored(self, path: str) -> bool:
        """Whether git ignores a file."""
        done = _call(["check-ignore", "-q", "--", f"./{path}"], self.root)
        if done.returncode not in {0, 1}:
            raise _failed("check-ignore", done)
        return done.returncode == 0

    def stage(self, paths: Sequence[str]) -> None:
        """Put files into the index, as they are now; removed files leave it."""
        listing = b"\0".join(map(os.fsencode, paths))
        source = ["--pathspec-from-file=-", "--pathspec-file-nul"]
        self._write_index(["add", "--all", "--force", *source], listing)

    def unstage(self, path: str) -> None:
        """Take a file out of the index, if it is there."""
        self._write_index(["rm", "-q", "--cached", "--ignore-unmatch", "--", path])

    def _write_index(self, arguments: Sequence[str], stdin: bytes | None = None) -> None:
        """Run git on the index while nothing else writes it, waiting a while for whoever does.

        Raises:
            LockedError: the index is still locked.
        """
        change(
            self._index,
            lambda copy: _run(arguments, self.root, stdin=stdin, index=copy),
            _LOCK_SECONDS,
        )

    def settle(self) -> None:
        """Remove locks and copies of git's files that a killed process of ours left."""
        for path in (self.own_dir / "index", self.common_dir / "config"):
            if is_left(path):
                change(path, lambda _: None, _LOCK_SECONDS)

    def configure(self, *edits: Sequence[str]) -> None:
        """Change settings of the repository, all at once: arguments of `git config`, one by one.

        Raises:
            LockedError: the settings are still locked.
        """

        def edit(copy: Path) -> None:
            for one in edits:
                _run(["config", "--file", str(copy), *one], self.root)

        change(self.common_dir / "config", edit, _LOCK_SECONDS)

    def commit(self, message: str) -> str:
        """Commit what is staged, with the repository's hooks; the new commit."""
        _run(["commit", "-q", "--file=-"], self.root, stdin=message.encode())
        return self.head() or ""

    def staged_names(self) -> list[str]:
        """Files whose index entry differs from HEAD."""
        return self._names(["diff", "--cached", "--name-only", "-z", "--no-ext-diff"])

    def ask(
        self, arguments: Sequence[str], *, stdin: bytes | None = None, globs: bool = False
    ) -> bytes:
        """What a command of git answers; with `globs`, `*` and `**` in paths are no letters.

        Raises:
            UsageError: it failed.
        """
        pathspecs = "--glob-pathspecs" if globs else "--literal-pathspecs"
        return _run(arguments, self.root, stdin=stdin, pathspecs=pathspecs) or b""

    @contextmanager
    def reading(
        self, arguments: Sequence[str], stdin: IO[bytes] | None = None
    ) -> Iterator[IO[bytes]]:
        """What a command of git writes, however much, as it writes it.

        Raises:
            IntegrityError: it failed, and what it wrote is not all.
        """
        with subprocess.Popen(
            [*_SAFE, *arguments],
            cwd=self.root,
            stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            if process.stdout is not None:
                yield process.stdout
        if process.returncode:
            raise IntegrityError(
                f"git cannot read its objects: git {' '.join(arguments[:3])} failed",
                kind="missing-object",
                hint="git fsck",
            )

    def pieces(self, blob: str) -> Iterator[bytes]:
        """The bytes of a blob, however large, in pieces."""
        with self.reading(["cat-file", "blob", blob]) as output:
            while piece := output.read(_PIECE):
                yield piece

    def all_ignored(self, paths: Sequence[str]) -> list[str]:
        """Which of some files git would ignore, if it did not track them."""
        listing = b"\0".join(os.fsencode(f"./{path}") for path in paths)
        done = _call(["check-ignore", "--no-index", "-z", "--stdin"], self.root, listing)
        if done.returncode not in {0, 1}:
            raise _failed("check-ignore", done)
        return [os.fsdecode(name)[2:] for name in done.stdout.split(b"\0") if name]

    def _names(self, arguments: list[str]) -> list[str]:
        answer = _run(arguments, self.root) or b""
        return [os.fsdecode(name) for name in answer.split(b"\0") if name]


def _run(
    arguments: Sequence[str],
    folder: Path,
    *,
    check: bool = True,
    stdin: bytes | None = None,
    pathspecs: str = "--literal-pathspecs",
    index: Path | None = None,
) -> bytes | None:
    """What git writes; where it fails, an error or, without `check`, None."""
    done = _call([*filter(None, [pathspecs]), *arguments], folder, stdin, index=index)
    if done.returncode == 0:
        return done.stdout
    if check:
        raise _failed(arguments[0], done)
    return None


def _no_work_tree(folder: Path, said: str) -> NotFoundError:
    """Why a folder is in no work tree, from what git says in English."""
    if "not a git repository" in said:
        return NotFoundError(
            f"{folder} is not inside a git repository", kind="no-repository", hint="dslineage init"
        )
    if "must be run in a work tree" in said:
        return NotFoundError(
            f"{folder} is in a git repository, and not among its files",
            kind="no-work-tree",
            hint="of a bare repository, make a work tree: git worktree add ../FOLDER",
        )
    command = _SAFE_DIRECTORY.search(said)
    return NotFoundError(
        f"git does not work in {folder}: {said.splitlines()[0] if said else 'it does not say why'}",
        kind="git-refused",
        hint=command[0] if command else "git status",
    )


def _call(
    arguments: Sequence[str],
    folder: Path,
    stdin: bytes | None = None,
    *,
    english: bool = False,
    index: Path | None = None,
) -> subprocess.CompletedProcess[bytes]:
    changed = {"LC_ALL": "C"} if english else {"LANGUAGE": "en"}  # see `_failed`
    changed |= {"GIT_INDEX_FILE": str(index)} if index else {}
    with resource_errors(folder):
        try:
            return subprocess.run(
                [*_SAFE, *arguments],
                cwd=folder,
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                check=False,
                env=os.environ | changed,
            )
        except FileNotFoundError:
            raise ResourceError(
                "git is not installed, or not on the path", kind="no-git", hint="install git"
            ) from None
        except ValueError as error:
            raise UsageError(f"git cannot be asked for that: {error}", kind="bad-name") from error


def _failed(command: str, done: subprocess.CompletedProcess[bytes]) -> DslineageError:
    """The error that a failure of git is, by what it says in English."""
    said = done.stderr.decode(errors="replace").strip()
    if "No space left on device" in said:
        return ResourceError(f"no space left on the disk: git said {said}", kind="enospc")
    if (lock := _LOCK.search(said)) and Path(lock[1]).exists():
        return locked(Path(lock[1]))
    return UsageError(f"git {command} failed: {said}", kind="git-failed", hint="git status")
