"""What hooks found, and which are installed, as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dslineage.errors import DslineageError
from dslineage_cli.page import Page, bold, cyan, dim, green, padded, red, yellow
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage_hooks.afterwards import Afterwards
    from dslineage_hooks.drivers import DriverState
    from dslineage_hooks.finding import Finding
    from dslineage_hooks.installing import HooksResult
    from dslineage_hooks.ranges import RangeResult

_NAME = 20
_TONES = {
    "installed": green,
    "outdated": yellow,
    "edited": yellow,
    "absent": dim,
    "foreign": dim,
}
_WORDS = {
    "installed": "installed",
    "outdated": "installed by another release or interpreter",
    "edited": "edited since it was installed: left alone",
    "absent": "not installed",
    "foreign": "not dslineage's",
}


def judged(findings: Sequence[Finding], stopped: str, into: Page) -> Page:
    """What stops a command of git, then what is to be known."""
    faults = [finding for finding in findings if finding.blocks]
    _findings(findings, into)
    if faults:
        into.add(
            red(f"dslineage stops this {stopped[4:]}: {counted(len(faults), 'fault')}"),
            dim(f"  (DSLINEAGE_SKIP=1 {stopped} goes on all the same)"),
        )
    return into


def _findings(findings: Sequence[Finding], into: Page) -> None:
    for finding in sorted(findings, key=lambda one: not one.blocks):
        lead = red("fault: ") if finding.blocks else yellow("note: ")
        into.wrap(lead, finding.message, hanging=2)
        if finding.hint:
            into.add("  ", dim("next: "), cyan(finding.hint))


def afterwards(result: Afterwards, into: Page) -> Page:
    """What was restored, and what no longer matches."""
    for path in result.restored:
        into.add(dim("dslineage restored "), bold(path))
    _findings(result.findings, into)
    return into


def broken(hook: str, error: DslineageError | OSError, into: Page) -> Page:
    """Why a hook did nothing."""
    said = error.message if isinstance(error, DslineageError) else str(error)
    into.wrap(yellow("dslineage: "), f"{hook} was left out: {said}", hanging=2)
    if isinstance(error, DslineageError) and error.hint:
        into.next(error.hint)
    return into


def listed(result: HooksResult, into: Page) -> Page:
    """Each hook with its state; and what to write where another program is in charge."""
    if result.manager is not None:
        _managed(result, into)
        into.blank()
    else:
        for hook in result.hooks:
            after = dim("  runs after the one that was there before") if hook.chained else ""
            into.add(padded(hook.name, _NAME), _TONES[hook.state](_WORDS[hook.state]), after)
        into.add(dim(f"in {result.folder}"))
    _drivers(result.drivers, into)
    missing = result.manager is None and any(
        hook.state in {"absent", "outdated", "foreign"} for hook in result.hooks
    )
    if missing or "absent" in {result.drivers.settings, result.drivers.attributes}:
        into.next("dslineage hooks install")
    return into


def _drivers(drivers: DriverState, into: Page) -> None:
    """Whether `git diff` and `git merge` know pointers."""
    said = {
        ("set", "set"): green("installed"),
        ("outdated", "set"): yellow("installed by another release or interpreter"),
    }.get((drivers.settings, drivers.attributes))
    if drivers.attributes == "other":
        said = dim("another driver is named for pointers: left alone")
    into.add(padded("diff and merge", _NAME), said or dim("not installed"))


def changed(result: HooksResult, into: Page) -> Page:
    """What `install` or `uninstall` did."""
    if result.settings:
        present = result.drivers.settings == "set"
        into.add(
            green("installed ") if present else "removed   ",
            bold("diff and merge"),
            dim("  by which git shows and merges pointers"),
        )
    if result.manager is not None:
        return _managed(result, into)
    if not result.changed and not result.settings:
        into.add("nothing to do: ", bold(str(result.folder)), " is as it should be")
    for name in result.changed:
        chained = any(hook.name == name and hook.chained for hook in result.hooks)
        present = any(hook.name == name and hook.state == "installed" for hook in result.hooks)
        into.add(
            green("installed ") if present else "removed   ",
            bold(name),
            dim("  after the one that was there before") if chained else "",
        )
    for name in result.edited:
        into.add(yellow("left alone "), bold(name), dim(f"  edited: {result.folder / name}"))
    return into


def _managed(result: HooksResult, into: Page) -> Page:
    """Who is in charge, and the exact text to give it."""
    manager = result.manager
    if manager is None:
        return into
    into.wrap(bold(manager.name), f" is in charge of hooks here ({manager.where}).")
    into.wrap(f"dslineage does not edit its files. Add this to {manager.into}")
    into.blank()
    for line in manager.snippet.splitlines():
        into.add(line)
    return into


def ranged(result: RangeResult, into: Page) -> Page:
    """The faults of a range of commits."""
    _findings(result.findings, into)
    faults = sum(finding.blocks for finding in result.findings)
    said = f"{result.base[:12]}..{result.commit[:12]}"
    into.add(f"{said}: ", red(counted(faults, "fault")) if faults else green("no fault"))
    return into
