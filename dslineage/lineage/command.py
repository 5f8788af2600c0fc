"""Running a command as a step: its streams pass through, and its end is told apart."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from dslineage.errors import NotFoundError, ResourceError

NOT_FOUND = 127
NOT_EXECUTABLE = 126
_SIGNALLED = 128
_FORWARDED = (signal.SIGTERM, signal.SIGHUP)


def run_command(command: Sequence[str], folder: Path, *, stdout: int | None = None) -> int:
    """Run a command to its end, and give its exit status as a shell would.

    An interrupt from the keyboard reaches the command by itself, and it decides what becomes of
    it, as with system(3); SIGTERM and SIGHUP are passed on. So what was interrupted can still be
    recorded.

    Args:
        command: the program and its arguments; no shell reads them.
        folder: where it runs.
        stdout: the file descriptor that its standard output goes to; None: ours.

    Returns:
        its exit status; 128 and the signal's number where a signal ended it.

    Raises:
        NotFoundError: there is no such program.
        ResourceError: it may not be run, or is no program.
    """
    try:
        child = subprocess.Popen(command, cwd=folder, stdout=stdout)
    except FileNotFoundError as error:
        raise NotFoundError(
            f"there is no program {command[0]!r}", kind="no-program", hint=f"which {command[0]}"
        ) from error
    except OSError as error:
        reason = (error.strerror or "it is no program").lower()
        raise ResourceError(
            f"{command[0]} cannot be run: {reason}", kind="not-executable"
        ) from error
    with child, _passing_on(child):
        status = child.wait()
    return status if status >= 0 else _SIGNALLED - status


def status_of(error: BaseException | None) -> int:
    """The exit status that stands for how something in this process ended."""
    if error is None:
        return 0
    return _SIGNALLED + signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1


def ending(status: int) -> str:
    """How a command ended, for people."""
    if status > _SIGNALLED:
        try:
            return f"was ended by {signal.Signals(status - _SIGNALLED).name}"
        except ValueError:
            pass
    return f"ended with exit status {status}" if status else "ended well"


@contextmanager
def _passing_on(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Leave interrupts to the child, and pass other requests to end on to it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def wait(number: int, frame: FrameType | None) -> None:
        """The keyboard has told the child already."""

    def forward(number: int, frame: FrameType | None) -> None:
        child.send_signal(number)

    before = [(signal.SIGINT, signal.signal(signal.SIGINT, wait))]
    before += [(one, signal.signal(one, forward)) for one in _FORWARDED]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
