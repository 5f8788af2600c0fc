"""What versions take on the disk, and what garbage collection found, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dslineage_cli.page import Page, Span, bold, columns, dim, yellow
from dslineage_cli.render.numbers import counted, sized

if TYPE_CHECKING:
    from dslineage.versions.garbage import GarbageResult, Repacked
    from dslineage.versions.usage import Usage

_HEAD = ("", "examples", "only it needs", "shared", "in all")


def weighed(result: Usage, into: Page, *, verbose: bool = False) -> Page:
    """A table of versions by data set, then what the objects take by kind, then garbage."""
    rows: list[tuple[str, ...]] = []
    names: list[Mapping[str, int]] = []
    for dataset, cost in result.datasets.items():
        rows.append((dataset, "", sized(cost.own), sized(cost.shared), sized(cost.total)))
        names.append({})
        for one in result.versions:
            if one.record.dataset == dataset:
                own, shared, total = map(sized, (one.cost.own, one.cost.shared, one.cost.total))
                missing = f"  {counted(one.missing, 'object')} not here" if one.missing else ""
                rows.append((f"  {one.record.title}", f"{one.record.examples:,}", own, shared,
                             total + missing))  # fmt: skip
                names.append(one.objects)
    _table([_HEAD, *rows], [{}, *(names if verbose else [{}] * len(rows))], into)
    if not rows:
        into.add("there is no version yet")
        into.next("dslineage scan .")
        return into
    into.add("")
    kinds = [(kind, counted(count, "object"), sized(size))
             for kind, (count, size) in result.kinds.items() if count]  # fmt: skip
    whole = sum(size for _, size in result.kinds.values())
    kinds.append(
        ("in all", counted(sum(n for n, _ in result.kinds.values()), "object"), sized(whole))
    )
    kinds += [(name, "", sized(size)) for name, size in result.aside.items() if size]
    _table(kinds, [{}] * len(kinds), into)
    if verbose and result.shared:
        into.add("")
        into.add("needed by several versions")
        _objects(result.shared, into)
    into.add("")
    _garbage("would be deleted now", result.dead, into, verbose=verbose)
    _garbage("in no version, too young to be deleted", result.young, into, verbose=verbose)
    _repacked(result.repacked, into)
    if result.dead or result.repacked:
        into.next("dslineage gc")
    elif not result.young:
        into.add(dim("everything is needed"))
    return into


def collected(result: GarbageResult, into: Page, *, verbose: bool = False) -> Page:
    """What was deleted, or would be, and why the rest stays."""
    did = "deleted" if result.deleted else "would be deleted"
    if result.dead:
        _garbage(did, result.dead, into, verbose=verbose)
    else:
        into.add("nothing to delete" if not result.deleted else "nothing was to be deleted")
    days = f"{result.grace_days:g} days"
    _garbage(f"in no version, but written less than {days} ago", result.young, into,
             verbose=verbose)  # fmt: skip
    _repacked(result.repacked, into, done=result.deleted)
    if result.superseded:
        _garbage(
            f"packed anew, and kept for another {days}: somebody may be reading them",
            result.superseded, into, verbose=verbose)  # fmt: skip
    into.wrap(dim(f"kept: {counted(result.kept, 'object')}, {sized(result.kept_bytes)}"))
    if not result.deleted and (result.dead or result.repacked):
        into.next("dslineage gc --delete")
    return into


def _garbage(what: str, objects: Mapping[str, int], into: Page, *, verbose: bool) -> None:
    if objects:
        count = f"{counted(len(objects), 'object')}, {sized(sum(objects.values()))}"
        into.wrap(bold(count), f" {what}", hanging=2)
        if verbose:
            _objects(objects, into)


def _repacked(repacked: Repacked | None, into: Page, *, done: bool = False) -> None:
    if repacked is None:
        return
    packs = counted(repacked.packs, "pack")
    if done and repacked.into is None:
        into.wrap(yellow("note: "), f"{packs} stay as they are: a version was added meanwhile",
                  hanging=6)  # fmt: skip
        return
    how = f"packed anew into {repacked.into:,}" if done else "would be packed anew"
    left = (
        f", leaving out {counted(repacked.dropped, 'row')} of no version"
        if repacked.dropped
        else ""
    )
    into.wrap(bold(packs), f" {how}{left} (about {sized(repacked.bytes)})", hanging=2)


def _objects(objects: Mapping[str, int], into: Page) -> None:
    for name, size in sorted(objects.items()):
        into.add(dim(f"    {sized(size):>9}  {name}"))


def _table(rows: Sequence[Sequence[str]], below: Sequence[Mapping[str, int]], into: Page) -> None:
    """Rows in columns, the first to the left, and objects below each row."""
    widths = [max(columns(cell) for cell in cells) for cells in zip(*rows, strict=True)]
    for row, objects in zip(rows, below, strict=True):
        cells: list[str | Span] = [row[0].ljust(widths[0])]
        cells += [f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)]
        into.add(*cells)
        _objects(objects, into)
