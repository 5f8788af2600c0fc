"""Readers run in a process of their own, so that a crash of native code, a hang and a claim of too
much memory are seen as what they are, and end nothing else.
"""

from __future__ import annotations

import json
import os
import re
import resource
import select
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NamedTuple

from tests.fuzz.edits import Edit, edited

DEADLINE = 30.0
"""Seconds for one reading; a busy machine takes thousandths of it."""
_ROOM = 768 << 20
"""Bytes of address space for one reading, above what the process has when it begins."""


class Outcome(NamedTuple):
    """What a reader did: `sound`, `refused` by an error of ours, or `broke`, and how."""

    status: str
    said: str


class Child:
    """A process that reads what it is told to; another one takes its place when it ends."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child

    def read(self, target: str, seed: int, edits: Sequence[Edit]) -> Outcome:
        """What the reader of a target does with a seed after some edits."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([target, seed, edits]).encode() + b"\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], DEADLINE)[0]:
            self._end()
            return Outcome("broke", f"no answer within {DEADLINE:g} seconds")
        answer = process.stdout.readline()
        if answer:
            return Outcome(*json.loads(answer))
        code = process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace")
        self._end()
        return Outcome("broke", f"the process ended with {code}\n{said[-4000:]}")

    def close(self) -> None:
        """End the process, if there is one, for good."""
        self._end()
        self._errors.close()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._errors.truncate(0)
            self._process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-m", "tests.fuzz.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=os.environ | {"ARROW_DEFAULT_MEMORY_POOL": "system"},
                cwd=Path(__file__).resolve().parents[2],
            )
        return self._process


def outcome(name: str, seed: int, edits: Sequence[Edit], room: int = _ROOM) -> Outcome:
    """Read in this process what `Child.read` says."""
    from tests.fuzz.targets import TARGETS

    target = TARGETS[name]
    seeds = target.seeds()
    data = edited(seeds[seed % len(seeds)], edits, seeds[(seed + 1) % len(seeds)])
    return run(name, data, room)


def run(name: str, data: bytes, room: int = _ROOM) -> Outcome:
    """Give bytes to the reader of a target."""
    from dslineage.errors import DslineageError
    from tests.fuzz.targets import TARGETS

    target = TARGETS[name]
    try:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder, _bounded(room):
            target.read(target.seal(data), Path(folder))
    except DslineageError as error:
        if error.kind and error.message:
            return Outcome("refused", error.kind)
        return Outcome("broke", f"an error without a message: {error!r}")
    except BaseException:  # noqa: BLE001 - whatever it is, it is what is looked for
        return Outcome("broke", traceback.format_exc()[-6000:])
    return Outcome("sound", "")


class _bounded:  # noqa: N801 - used as a word
    """A bound on the address space of this process while a block runs."""

    def __init__(self, room: int) -> None:
        self._room = room

    def __enter__(self) -> None:
        if self._room:
            now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (now + self._room, resource.RLIM_INFINITY))

    def __exit__(self, *_: object) -> None:
        if self._room:
            unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.setrlimit(resource.RLIMIT_AS, unlimited)


def place_of(said: str) -> str:
    """Where in the product a traceback ends, by which equal bugs are told."""
    frames = re.findall(r'File "[^"]*/((?:ds|cli/ds|hooks/ds)\w+/[^"]*)", line (\d+)', said)
    kinds = re.findall(r"^(\w[\w.]*)(?::|$)", said, re.MULTILINE)
    return f"{':'.join(frames[-1]) if frames else ''} {kinds[-1] if kinds else said[:80]}"


def _serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    for line in requests:
        name, seed, edits = json.loads(line)
        answers.write(json.dumps(outcome(name, seed, [Edit(*one) for one in edits])).encode())
        answers.write(b"\n")
        answers.flush()


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
