"""What is said of remotes, and what went there and back, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dslineage_cli.page import Page, bold, dim, green, red, yellow
from dslineage_cli.render.numbers import counted, sized
from dslineage_cli.render.reports import near, status

if TYPE_CHECKING:
    from dslineage.remotes.result import (
        FetchResult,
        PushResult,
        RemoteChange,
        RemoteList,
        WholeStatus,
    )

_SHOWN = 12


def listed(result: RemoteList, into: Page) -> Page:
    """Each remote on one line, with the file that says where it is."""
    if not result.remotes:
        into.add("there is no remote yet")
        into.next("dslineage remote add NAME URL")
        return into
    wide = max(len(one.name) for one in result.remotes)
    for one in result.remotes:
        default = green("  default") if one.default else ""
        into.wrap(bold(f"{one.name:<{wide}}"), f"  {one.url}", default, dim(f"  {one.origin}"),
                  hanging=4)  # fmt: skip
        for refused in one.refused:
            into.wrap(red("not allowed: "), refused, indent=4, hanging=4)
    return into


def changed(result: RemoteChange, into: Page) -> Page:
    """What became of a remote."""
    one = result.remote
    if result.removed:
        into.wrap("forgot ", bold(one.name), f"; what is on {one.url} stays there", hanging=2)
        return into
    default = green("  default") if one.default else ""
    into.wrap(bold(one.name), f"  {one.url}", default, hanging=2)
    into.wrap(dim(f"says {one.origin}"), indent=2)
    into.next("dslineage push")
    return into


def whole_status(result: WholeStatus, into: Page) -> Page:
    """The status of the work tree, then what a remote holds of its versions."""
    status(result.status, into)
    held = result.remote
    into.blank()
    into.wrap(bold(held.remote), f"  {held.url}", hanging=2)
    whole = sum(one.there for one in held.versions)
    into.add(f"{whole:,} of {counted(len(held.versions), 'version')} are there", indent=2)
    if held.files:
        facts = f"{counted(held.files, 'file')} there, {sized(held.held)}"
        marked = f", {sized(held.marked)} of them marked to be deleted" if held.marked else ""
        into.wrap(dim(f"{facts}{marked}"), indent=2)
    unsent = {name for one in held.versions for name in one.unsent}
    for one in held.versions:
        if one.unsent:
            words = f"not there: {counted(len(one.unsent), 'object')}"
            into.wrap(f"{one.title}  ", yellow(words), indent=2, hanging=2)
        elif not one.here:
            words = "not here" if one.there else "neither here nor there"
            into.wrap(f"{one.title}  ", yellow(words), indent=2, hanging=2)
    if unsent:
        into.add(
            f"a push would send {counted(len(unsent), 'object')}, {held.bytes:,} bytes", indent=2
        )
        into.next("dslineage push")
    elif not all(one.here for one in held.versions):
        into.next("dslineage fetch")
    return into


def pushed(result: PushResult, into: Page) -> Page:
    """What was sent, and that it is there."""
    sent = result.sent
    if not result.versions:
        into.add("there is no version yet")
        into.next("dslineage scan .")
        return into
    what = f"{counted(result.versions - len(result.partly), 'version')} whole on "
    into.wrap(what, bold(result.remote), f" ({result.url})", hanging=2)
    facts = (
        f"sent {counted(sent.objects, 'object')}, {sent.bytes:,} bytes; {sent.there:,} were there"
    )
    into.wrap(dim(facts), indent=2)
    for name in sent.mended[:_SHOWN]:
        into.wrap(yellow("was damaged there, and was sent again: "), name, indent=2, hanging=4)
    if len(sent.mended) > _SHOWN:
        into.add(dim(f"… and {len(sent.mended) - _SHOWN:,} more"), indent=4)
    if result.partly:
        into.wrap(
            yellow("not looked at: "),
            f"{', '.join(result.partly)}: this clone does not have them whole",
            indent=2,
            hanging=4,
        )
    return into


def fetched(result: FetchResult, into: Page) -> Page:
    """What came, which files were written, and what could not be had."""
    got = result.fetched
    if got.objects or got.stretches:
        what = [counted(got.objects, "object")] if got.objects else []
        if got.stretches:
            what.append(f"{counted(got.stretches, 'stretch', 'stretches')} of texts")
        into.wrap(f"fetched {' and '.join(what)}, {got.bytes:,} bytes, from ", bold(result.remote),
                  f" ({result.url})", hanging=2)  # fmt: skip
    else:
        into.add("nothing had to be fetched")
    for path in result.written:
        into.add(f"  wrote {near(path)}")
    for why in result.unwritten:
        into.wrap(red("not written: "), why, indent=2, hanging=4)
    for one in got.lacking[:_SHOWN]:
        into.wrap(red(f"missing {one.name}: "), one.why, hanging=2)
        into.wrap(dim(f"needed by {', '.join(one.needed_by[:_SHOWN])}"), indent=2, hanging=2)
    if len(got.lacking) > _SHOWN:
        into.add(dim(f"… and {len(got.lacking) - _SHOWN:,} more"), indent=2)
    if got.lacking:
        into.wrap("somebody who has these versions has to send them: dslineage push --reread")
    return into
