"""What is forgotten, and where it remains, as text."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage_cli.page import Page, bold, cyan, dim, green, red, yellow
from dslineage_cli.render.numbers import counted
from dslineage_cli.render.reports import near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dslineage.elsewhere.place import Place
    from dslineage.forgetting.result import ForgetResult, ForgottenExample
    from dslineage.remotes.erasing import RemoteErased

_SHOWN = 12


def forgotten(result: ForgetResult, into: Page, *, verbose: bool = False) -> Page:
    """The examples, what becomes of objects here and on remotes, and the places elsewhere."""
    most = len(result.examples) if verbose else _SHOWN
    into.add(bold(counted(len(result.examples), "example")))
    for example in result.examples[:most]:
        _example(example, into)
    if len(result.examples) > most:
        into.add(dim(f"… and {len(result.examples) - most:,} more: --verbose"), indent=2)
    for digest in result.unknown:
        into.wrap(yellow("in no stored version: "), digest, indent=2, hanging=4)
    if result.versions:
        _versions(result, into, verbose=verbose)
    into.blank()
    _objects("here", result.rewritten, result.removed, result, into, verbose=verbose)
    for remote in result.remotes:
        _remote(remote, result, into, verbose=verbose)
    into.blank()
    _elsewhere(result.places, into)
    for path in result.filed:
        into.wrap(bold("filed: "), path, hanging=4)
    for notice in result.notices:
        into.wrap(yellow("note: "), notice, indent=2, hanging=6)
    _end(result, into)
    return into


def _versions(result: ForgetResult, into: Page, *, verbose: bool) -> None:
    most = len(result.versions) if verbose else _SHOWN
    into.blank()
    can = "cannot" if result.deleted else "could not"
    into.add(f"versions that {can} be restored whole any more")
    for ref, count in [*result.versions.items()][:most]:
        into.wrap(ref, dim(f"  {counted(count, 'example')}"), indent=2)
    if len(result.versions) > most:
        into.add(dim(f"… and {len(result.versions) - most:,} more: --verbose"), indent=2)


def _example(example: ForgottenExample, into: Page) -> None:
    also = "" if example.named else "  shows a model the same"
    gone = "" if example.kept else "  forgotten before"
    into.wrap(
        example.digest,
        dim(f"  {', '.join(example.versions)}"),
        dim(also + gone),
        indent=2,
        hanging=4,
    )


def _objects(
    where: str,
    rewritten: Sequence[str],
    removed: Sequence[str],
    result: ForgetResult,
    into: Page,
    *,
    verbose: bool,
) -> None:
    will = "" if result.deleted else "would be "
    said = [f"{counted(len(rewritten), 'object')} {will}rewritten"] if rewritten else []
    said += [f"{counted(len(removed), 'object')} {will}deleted"] if removed else []
    into.wrap(bold(f"{where}: "), ", ".join(said) or dim("nothing to be done"), hanging=2)
    for name in (*rewritten, *removed) if verbose else ():
        into.wrap(dim(name), indent=2, hanging=2)


def _remote(remote: RemoteErased, result: ForgetResult, into: Page, *, verbose: bool) -> None:
    where = f"remote {remote.name}"
    if remote.why:
        into.wrap(red(f"{where}: "), remote.why, hanging=2)
        _names("left: ", remote.left, into, verbose=verbose)
    if not remote.why or remote.replaced or remote.deleted:
        _objects(where, remote.replaced, remote.deleted, result, into, verbose=verbose)
    if remote.old:
        _names("old version: ", remote.old, into, verbose=verbose)
        into.wrap(cyan("remove: "), "aws s3api delete-object --version-id …", indent=4, hanging=6)
    if remote.unasked:
        _not_searched(f"old versions of its files: {remote.unasked}", into)
    if remote.unsearched:
        later = "" if result.deleted else "; --delete looks into them"
        packs = counted(remote.unsearched, "pack")
        _not_searched(f"{packs} that only the remote has{later}", into)
    if result.deleted and (remote.why or remote.unsearched):
        into.next("dslineage forget --delete")


def _not_searched(what: str, into: Page) -> None:
    into.wrap(yellow("not searched: "), what, indent=2, hanging=4)


def _names(title: str, names: Sequence[str], into: Page, *, verbose: bool) -> None:
    """Each of many names, or the first of them."""
    most = len(names) if verbose else _SHOWN
    for name in names[:most]:
        into.wrap(red(title), name, indent=2, hanging=4)
    if len(names) > most:
        into.add(dim(f"… and {len(names) - most:,} more: --verbose"), indent=2)


def _elsewhere(places: Sequence[Place], into: Page) -> None:
    for title, some in (
        ("still there", [one for one in places if one.remains]),
        ("to be decided, or looked at", [one for one in places if not one.remains]),
    ):
        if some:
            into.add(bold(title))
        for one in some:
            tone = red if one.remains else yellow
            where = str(near(Path(one.where)))
            into.wrap(tone(f"{one.kind}: "), where, dim(f"  {one.why}"), indent=2, hanging=4)
            if one.removal:
                into.wrap(cyan("remove: "), _from_here(one.removal), indent=4, hanging=6)


def _from_here(command: str) -> str:
    """A command without saying to be run in the folder where it is read."""
    return command.replace(f" -C {shlex.quote(str(Path.cwd()))} ", " ")


def _end(result: ForgetResult, into: Page) -> None:
    if not result.deleted:
        into.add(dim("nothing was changed; the same command with --delete does it"))
        return
    if not result.remains:
        into.add(green("no place that can be seen from here has them any more"))
    if result.rewritten or result.removed:
        push = " && dslineage push" if result.remotes else ""
        into.next(f"git commit -m 'Forget examples'{push}")
