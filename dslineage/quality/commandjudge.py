"""Judges that are commands: one JSON object a line in, one number or `null` a line out."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.ids import Digest
from dslineage.quality.custom import check_name
from dslineage.quality.inside import repository_file
from dslineage.quality.judge import Asked, Judge, JudgeError, Score, score

if TYPE_CHECKING:
    from dslineage.config import JudgeConfig
    from dslineage.quality.trust import Trust

_LINE = 1_000
_SAID = 300


@dataclass(frozen=True)
class CommandJudge(Judge):
    """A command, run without a shell.

    `files` are the words that name files of the repository, with what was trusted in them: the
    command is run on copies of just that, in a folder of their own.
    """

    command: tuple[str, ...]
    files: Mapping[str, bytes] = field(repr=False)
    timeout: int

    @property
    def code(self) -> dict[str, Any]:
        """The words, and the digests of the files among them."""
        files = {word: str(Digest.of(content)) for word, content in self.files.items()}
        return {"command": list(self.command), "files": files}

    @property
    def about(self) -> str:
        """The command."""
        return shlex.join(self.command)

    def scores(self, asked: Sequence[Asked]) -> Iterator[Score]:
        """What the command writes."""
        with tempfile.TemporaryDirectory(prefix="dslineage-judge-") as folder:
            end = self._run(Path(folder), asked)
            lines = _lines(Path(folder, "out"))
            if len(lines) > len(asked):
                raise JudgeError(
                    f"the judge {self.name} wrote {len(lines):,} lines or more for {len(asked):,} "
                    "examples; which is whose cannot be told"
                )
            for line, (digest, _) in zip(lines, asked, strict=False):
                try:
                    found = json.loads(line)
                except (ValueError, RecursionError):
                    found = line
                yield score(self.name, found, digest)
            if end or len(lines) < len(asked):
                done = f"after {len(lines):,} of {len(asked):,} examples"
                raise JudgeError(f"the judge {self.name} {end or 'stopped'} {done}")

    def _run(self, folder: Path, asked: Sequence[Asked]) -> str:
        """Run the command; what went wrong, if anything."""
        words = [self._word(word, folder / "files") for word in self.command]
        with (folder / "in").open("w+b") as given:
            for digest, example in asked:
                line = {"digest": digest, "prompt": self.prompt, "example": example.fields}
                given.write(json.dumps(line).encode() + b"\n")
            given.seek(0)
            with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
                try:
                    process = subprocess.Popen(
                        words, stdin=given, stdout=out, stderr=err, cwd=folder,
                        start_new_session=True,
                    )  # fmt: skip
                except (OSError, ValueError) as error:
                    return f"cannot be run: {words[0]}: {error}"
                try:
                    code = process.wait(self.timeout)
                except subprocess.TimeoutExpired:
                    return f"was stopped after {self.timeout:,} seconds"
                finally:
                    _end(process)
        said = (folder / "err").read_bytes()[-_SAID:].decode("utf-8", "replace").strip()
        return f"exited with {code}: {said or 'it said nothing'};" if code else ""

    def _word(self, word: str, folder: Path) -> str:
        if word not in self.files:
            return word
        path = folder / word
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.files[word])
        path.chmod(0o700)
        return str(path)


def command_judge(config: JudgeConfig, root: Path, trust: Trust) -> CommandJudge:
    """The judge of a `[[judges]]` table of settings that are trusted.

    Raises:
        UntrustedError: a word of its command is a file of the repository that nobody trusted.
        UsageError: the settings name what is not there.
    """
    check_name(config.name)
    prompt = ""
    if config.prompt is not None:
        path = repository_file(root, config.prompt, f"judges.{config.name}.prompt")
        prompt = path.read_text(encoding="utf-8", errors="replace")
    files = {}
    for word in config.command:
        if os.path.lexists(root / word) and Path(os.path.normpath(root / word)).is_relative_to(
            root
        ):
            path = repository_file(root, word, f"judges.{config.name}.command")
            files[word] = path.read_bytes()
            trust.require(path, Digest.of(files[word]), word)
    return CommandJudge(
        config.name, config.model, prompt, config.sample, config.seed, config.unit, config.better,
        config.command, files, config.timeout,
    )  # fmt: skip


def _lines(path: Path) -> list[str]:
    """The whole lines of a file; one that is not ended by a line end is whole at the file's end."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return [line.rstrip("\n") for line in iter(lambda: file.readline(_LINE), "")]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
