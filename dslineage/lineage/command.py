"""Running a command as a step: its streams pass through, and its end is told apart."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from dslineage.records import Gap

NOT_FOUND = 127
NOT_EXECUTABLE = 126
_SIGNALLED = 128
_FORWARDED = (signal.SIGTERM, signal.SIGHUP)


class Ending(NamedTuple):
    """How a command ended: its exit status as a shell gives it, and what there is to say of it.

    `signalled` are the signals that came for it while it ran.
    """

    status: int
    notices: tuple[str, ...] = ()
    signalled: tuple[signal.Signals, ...] = ()

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is not known where it was to end early, and ended well."""
        if self.status or not self.signalled:
            return ()
        names = " and ".join(dict.fromkeys(one.name for one in self.signalled))
        why = f"{names} came while the command ran, and it ended well: it may have ended early"
        return (Gap("interrupted", why),)


def run_command(command: Sequence[str], folder: Path, *, stdout: int | None = None) -> Ending:
    """Run a command to its end; it is a result, too, that there is no such program.

    An interrupt from the keyboard reaches the command by itself, and it decides what becomes of
    it, as with system(3); SIGTERM and SIGHUP are passed on. So what was interrupted can still be
    recorded.

    Args:
        command: the program and its arguments; no shell reads them.
        folder: where it runs.
        stdout: the file descriptor that its standard output goes to; None: ours.

    Returns:
        how it ended; with 128 and the signal's number where a signal ended it.
    """
    try:
        child = subprocess.Popen(command, cwd=folder, stdout=stdout)
    except FileNotFoundError:
        return Ending(NOT_FOUND, (f"there is no program {command[0]!r}",))
    except OSError as error:
        reason = (error.strerror or "it is no program").lower()
        return Ending(NOT_EXECUTABLE, (f"{command[0]} cannot be run: {reason}",))
    with child, _passing_on(child) as signalled:
        status = child.wait()
    status = status if status >= 0 else _SIGNALLED - status
    return Ending(status, (f"the command {ending(status)}",) if status else (), tuple(signalled))


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
def _passing_on(child: subprocess.Popen[bytes]) -> Iterator[list[signal.Signals]]:
    """Leave interrupts to the child, and pass other requests to end on to it; all are noted."""
    signalled: list[signal.Signals] = []
    if threading.current_thread() is not threading.main_thread():
        yield signalled
        return

    def wait(number: int, frame: FrameType | None) -> None:
        """The keyboard has told the child already."""
        signalled.append(signal.Signals(number))

    def forward(number: int, frame: FrameType | None) -> None:
        signalled.append(signal.Signals(number))
        child.send_signal(number)

    before = [(signal.SIGINT, signal.signal(signal.SIGINT, wait))]
    before += [(one, signal.signal(one, forward)) for one in _FORWARDED]
    try:
        yield signalled
    finally:
        for number, handler in before:
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
