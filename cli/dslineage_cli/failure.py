"""How a command fails: the error as text on stderr, as JSON on stdout, and as an exit code."""

from __future__ import annotations

import errno
import platform
import shlex
import tempfile
import traceback
from collections.abc import Sequence

from dslineage.errors import BadDataError, DslineageError, ResourceError
from dslineage_cli.exits import BUG, code_of
from dslineage_cli.page import Page, bold, cyan, dim, red
from dslineage_cli.render.document import dumped

_FAULTS_SHOWN = 20
_ASIDE = "--quarantine"
_NAMING = "dslineage add FILE --name "
_READING = ("add", "diff", "export")
_MACHINE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def expected(error: OSError) -> DslineageError | None:
    """The error of ours that a refusal of the machine amounts to, if it is one."""
    if error.errno not in _MACHINE:
        return None
    where = f": {error.filename}" if error.filename else ""
    return ResourceError(f"{error.strerror}{where}", kind=errno.errorcode[error.errno].lower())


def hinted(error: DslineageError, argv: Sequence[str]) -> DslineageError:
    """The error with its hint made of what was typed, where that is a reading of files again."""
    place = next((place for place, word in enumerate(argv, start=1) if word in _READING), 0)

    def again(*options: str) -> str:
        return shlex.join(["dslineage", *argv[:place], *options, *argv[place:]])

    if place and isinstance(error, BadDataError) and error.hint.endswith(_ASIDE):
        error.hint = f"mend the file, or put the bad records aside: {again(_ASIDE)}"
    elif place and error.hint.startswith(_NAMING):
        error.hint = again("--name", error.hint.removeprefix(_NAMING))
    return error


def page(error: DslineageError, into: Page) -> Page:
    """The error for people: what, where, and the next step."""
    first, *more = error.message.splitlines() or [""]
    into.wrap(red("error: "), bold(first), hanging=7)
    if isinstance(error, BadDataError) and [error.message] == [*map(str, error.faults)]:
        pass  # the one fault is the message
    elif isinstance(error, BadDataError) and error.faults:
        for fault in error.faults[:_FAULTS_SHOWN]:
            into.wrap(str(fault), indent=2, hanging=2)
        if (rest := len(error.faults) - _FAULTS_SHOWN) > 0:
            into.add(dim(f"  … and {rest:,} more"))
    else:
        for line in more:
            into.wrap(line, indent=7)
    for line in error.hint.splitlines():
        into.wrap(cyan("hint: "), line, hanging=6)
    return into


def document(error: DslineageError) -> str:
    """The error as the JSON document `dslineage.error/1`."""
    content = {"schema": "dslineage.error/1", **error.to_dict(), "exit_code": code_of(error)}
    return dumped(content)


def bug_page(error: Exception, argv: Sequence[str], into: Page) -> Page:
    """What to say about an error that nobody expected; writes the report that it names."""
    into.wrap(red("error: "), bold(f"a bug in dslineage: {type(error).__name__}: {error}"))
    into.wrap("nothing that was recorded before is lost", indent=7)
    into.wrap(cyan("hint: "), f"please report it with the file {_report(error, argv)}", hanging=6)
    return into


def bug_document(error: Exception) -> str:
    """An error that nobody expected, as the JSON document `dslineage.error/1`."""
    message = f"{type(error).__name__}: {error}"
    return dumped(
        {
            "schema": "dslineage.error/1",
            "kind": "bug",
            "message": message,
            "hint": "run the command again without --json to get a report",
            "exit_code": BUG,
        }
    )


def _report(error: Exception, argv: Sequence[str]) -> str:
    """Write what a maintainer needs into the temporary folder; the name of the file."""
    from importlib.metadata import version

    trace = "".join(traceback.format_exception(error))
    facts = (
        f"dslineage {version('dslineage')}, Python {platform.python_version()}, "
        f"{platform.platform()}\n\n    dslineage {shlex.join(argv)}\n\n```\n{trace}```\n"
    )
    with tempfile.NamedTemporaryFile(
        "w", prefix="dslineage-", suffix=".md", delete=False, errors="backslashreplace"
    ) as report:
        report.write(facts)
    return report.name
