"""The two streams: results on stdout, talk and progress on stderr."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeVar

if TYPE_CHECKING:
    from dslineage.versions.options import Report
    from dslineage_cli.page import Page
    from dslineage_cli.render.document import Result

R = TypeVar("R", bound="Result")
_WIDEST = 120
_NARROWEST = 40


@dataclass(frozen=True)
class Terminal:
    """Where the output of one command goes, and how.

    Args:
        quiet: draw no progress bar.
        pager: page a long result, on a terminal.
    """

    quiet: bool = False
    pager: bool = True

    def page(self) -> Page:
        """An empty page as wide as the terminal, within reason."""
        from dslineage_cli.page import Page

        width = shutil.get_terminal_size((100, 24)).columns
        return Page(width=min(_WIDEST, max(_NARROWEST, width)), ascii=not _draws(sys.stdout))

    def show(self, result: Page | str) -> None:
        """Print a result on stdout, through a pager where it is longer than the terminal."""
        text = result if isinstance(result, str) else result.text(colour=_coloured(sys.stdout))
        long = text.count("\n") >= shutil.get_terminal_size().lines
        if not (self.pager and long and sys.stdout.isatty() and _paged(text)):
            _write(sys.stdout, text)

    def save(self, result: Page | str, path: Path) -> None:
        """Write a result to a file, whole or not at all, and say so on stderr."""
        from dslineage.store.files import write_file
        from dslineage_cli.page import Page, bold

        text = result if isinstance(result, str) else result.text()
        write_file(path.absolute(), text.encode())
        if not self.quiet:
            said = Page()
            said.add("wrote ", bold(str(path)))
            self.complain(said)

    def result(self, result: R, page: Callable[[R, Page], Page], *, json: bool) -> None:
        """Print a result of the library: as JSON, or as the page that a renderer makes of it."""
        from dslineage_cli.render.document import document

        self.show(document(result) if json else page(result, self.page()))

    def complain(self, trouble: Page) -> None:
        """Print what went wrong on stderr."""
        _write(sys.stderr, trouble.text(colour=_coloured(sys.stderr)))

    @contextmanager
    def progress(self) -> Iterator[Report | None]:
        """A progress bar on stderr while the block runs, on a terminal only."""
        if self.quiet or not sys.stderr.isatty():
            yield None
            return
        from dslineage_cli.bar import Bar

        with Bar(sys.stderr) as bar:
            yield bar.update


def _coloured(stream: TextIO) -> bool:
    """Whether to colour: on a terminal that can, unless the user said no (no-color.org)."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not plain


def _draws(stream: TextIO) -> bool:
    """Whether the stream can show the characters that bars are drawn with."""
    try:
        "█".encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _write(stream: TextIO, text: str) -> None:
    """Write text; a reader that went away (`| head`) is no error."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        # The interpreter flushes again when it exits, and must find an open stream.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _paged(text: str) -> bool:
    """Show text in the user's pager; False where there is none."""
    import shlex
    import subprocess

    command = shlex.split(os.environ.get("PAGER", "less"))
    if not command or shutil.which(command[0]) is None:
        return False
    environment = {"LESS": "FRX", "LESSCHARSET": "utf-8"} | dict(os.environ)
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as pager:
        pager.communicate(text.encode(errors="backslashreplace"))
    return True
