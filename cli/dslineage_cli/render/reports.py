"""What the other commands did, as text."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage_cli.page import Page, Span, bold, cyan, dim, green, red, yellow
from dslineage_cli.render.numbers import counted
from dslineage_cli.render.versions import change_words

if TYPE_CHECKING:
    from dslineage.exporting import ExportResult
    from dslineage.results import (
        AddResult,
        CheckoutResult,
        CommitResult,
        DatasetStatus,
        InitResult,
        StatusResult,
        VersionInfo,
    )
    from dslineage_cli.checkup import Checkup

_STATES = {
    "clean": green,
    "modified": yellow,
    "missing": red,
    "conflicted": red,
    "damaged": red,
    "ok": green,
    "note": yellow,
    "wrong": red,
}


def initialised(result: InitResult, into: Page) -> Page:
    """What `init` made."""
    made = (
        "a git repository and a place for data sets"
        if result.created_git
        else "a place for data sets"
    )
    into.wrap(
        f"made {made} in " if result.created else "this is a repository already: ",
        bold(str(result.root)),
    )
    into.next(f"dslineage scan {shlex.quote(near(result.root))}")
    return into


def added(result: AddResult, into: Page) -> Page:
    """The version that `add` recorded, or why it recorded none."""
    _version(result.version, into, lead="unchanged: still " if result.unchanged else "")
    if not result.unchanged:
        record = result.version.record
        into.wrap(
            dim(f"{result.saw}; {counted(result.new_rows, 'new row')}; pointer {result.pointer}"),
            indent=2,
            hanging=2,
        )
        if record.quarantined:
            into.wrap(
                yellow(f"set apart: {counted(record.quarantined, 'record')} that cannot be read"),
                indent=2,
            )
    _notices(result.notices, into)
    if result.version.draft:
        message = result.version.record.message
        quoted = f"dslineage commit -m {shlex.quote(message)}" if message.isprintable() else ""
        into.next(quoted if message and quoted else "git commit")
    return into


def committed(result: CommitResult, into: Page) -> Page:
    """The commit and the versions in it."""
    into.add("commit ", bold(result.commit[:12]))
    for info in result.versions:
        _version(info, into)
    return _notices(result.notices, into)


def status(result: StatusResult, into: Page) -> Page:
    """Each data set on one line, what changed first."""
    if not result.datasets:
        into.add("there is no data set yet")
        into.next("dslineage scan .")
        return into
    wide = max(len(one.name) for one in result.datasets)
    for one in result.datasets:
        draft = dim("  draft, not committed") if one.draft else ""
        media = yellow(f"  {one.media_changed:,} media changed") if one.media_changed else ""
        state = _STATES.get(one.state, Span)(one.state)
        into.wrap(
            bold(f"{one.name:<{wide}}"),
            f"  {one.version}  ",
            state,
            media,
            draft,
            dim(f"  {', '.join(one.files) or one.pointer}"),
            hanging=4,
        )
        if one.hint:
            into.wrap(cyan("hint: "), one.hint, indent=4, hanging=6)
        for path in one.dvc_differs:
            _differs(path, one, into)
    _notices(result.notices, into)
    changed = [one.name for one in result.datasets if one.state == "modified"]
    if changed:
        into.next(f"dslineage diff {changed[0]}")
    elif any(one.state == "missing" and not one.hint for one in result.datasets):
        into.next("dslineage checkout")
    elif any(one.draft for one in result.datasets) and not any(
        one.dvc_differs for one in result.datasets
    ):
        into.next("git commit")
    return into


def _differs(path: str, one: DatasetStatus, into: Page) -> None:
    """What to do where a `.dvc` file and a pointer name other data."""
    add = f"dslineage add {shlex.quote(one.files[0])}"
    there = shlex.quote(path)
    into.wrap(yellow(f"{path} names other data"), indent=4, hanging=6)
    into.wrap(dim("to take that:  "), f"dvc pull {there}; {add}", indent=6, hanging=8)
    ours = f"dvc add --no-relink {shlex.quote(path.removesuffix('.dvc'))}; git add {there}"
    into.wrap(dim("to keep this:  "), ours, indent=6, hanging=8)


def checked_out(result: CheckoutResult, into: Page) -> Page:
    """Which files were written, and what is there now."""
    for info in result.versions:
        _version(info, into, lead="now ")
    for path in result.files:
        into.add(f"  wrote {near(path)}")
    if not result.versions:
        into.add("there is no version yet")
        into.next("dslineage scan .")
    elif not result.files:
        into.add(dim("  every file was as it should be"))
    return _notices(result.notices, into)


def exported(result: ExportResult, into: Page) -> Page:
    """The file that was written."""
    into.wrap("wrote ", bold(near(result.path)), hanging=2)
    facts = f"{counted(result.examples, 'example')}, {result.format}, {result.bytes:,} bytes"
    into.wrap(dim(f"{facts}, content hash {result.content_hash.short}"), indent=2)
    return _notices(result.notices, into)


def checkup(result: Checkup, into: Page) -> Page:
    """Each finding on one line, with what to do where it is not well."""
    wide = max(len(finding.name) for finding in result.findings)
    for finding in result.findings:
        state = _STATES[finding.state](f"{finding.state:<6}")
        into.wrap(state, f"{finding.name:<{wide}}  ", dim(finding.value), hanging=8 + wide)
        if finding.hint:
            into.wrap(cyan("hint: "), finding.hint, indent=6)
    return into


def near(path: Path) -> str:
    """The path from the current folder, where it is below it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _version(info: VersionInfo, into: Page, lead: str = "") -> None:
    count = f"  {counted(info.record.examples, 'example')}"
    into.wrap(lead, bold(info.title), count, *change_words(info.record.change), hanging=2)


def _notices(notices: Sequence[str], into: Page) -> Page:
    for notice in notices:
        into.wrap(yellow("note: "), notice, indent=2, hanging=6)
    return into
