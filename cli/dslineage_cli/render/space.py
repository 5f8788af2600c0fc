"""What versions take on the disk, and what garbage collection found, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dslineage_cli.page import Page, bold, columns, dim, padded, yellow
from dslineage_cli.render.numbers import counted, sized

if TYPE_CHECKING:
    from dslineage.remotes.swept import RemoteGarbage
    from dslineage.versions.garbage import GarbageResult, Repacked
    from dslineage.versions.usage import Cost, Usage, VersionCost

_SHOWN = 12
_HEAD = ("", "examples", "only it needs", "shared", "in all")


def weighed(result: Usage, into: Page, *, verbose: bool = False) -> Page:
    """A table of versions by data set, then what the objects take by kind, then garbage."""
    if not result.versions:
        into.add("there is no version yet")
        into.next("dslineage scan .")
        return into
    rows = [_Row(_HEAD)]
    for dataset, cost in result.datasets.items():
        rows.append(_Row((dataset, "", *_costs(cost))))
        rows += [_version(one, verbose) for one in result.versions if one.record.dataset == dataset]
    _table(rows, into)
    into.add("")
    kinds = {kind: some for kind, some in result.kinds.items() if some[0]}
    kinds["in all"] = (
        sum(count for count, _ in kinds.values()),
        sum(size for _, size in kinds.values()),
    )
    aside = [_Row((name, "", sized(size))) for name, size in result.aside.items() if size]
    _table(
        [
            *(_Row((k, counted(n, "object"), sized(size))) for k, (n, size) in kinds.items()),
            *aside,
        ],
        into,
    )
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


def collected_there(result: RemoteGarbage, into: Page, *, verbose: bool = False) -> Page:
    """What was marked and deleted on a remote, or would be, and who keeps the rest."""
    into.wrap(bold(result.remote), f"  {result.url}", hanging=2)
    done, days = result.order.delete, f"{result.order.grace_days:g} days"
    _files("deleted" if done else "would be deleted now", result.dead, into, verbose)
    marked = "marked now" if done else "would be marked"
    _files(f"{marked}, to be deleted once {days} are over", result.marked, into, verbose)
    _files("marked before, and not to be deleted yet", result.waiting, into, verbose)
    if not (result.dead or result.marked or result.waiting):
        into.add("nothing was to be deleted" if done else "nothing to delete")
    _files("of which nobody said whose they are: they stay", result.unclaimed, into, verbose)
    into.wrap(dim(f"kept: {counted(result.kept, 'file')}, {sized(result.kept_bytes)}"))
    for one in result.others:
        words = f" claims {counted(one.versions, 'version')} since {one.at}"
        into.wrap(f"{one.clone}  {one.by or 'somebody'}", words, hanging=4)
        if one.bytes:
            into.wrap(f"{sized(one.bytes)} stay for it alone", indent=4)
        if one.unknown:
            into.wrap(yellow("not known here: "), _some(one.unknown), indent=4, hanging=4)
    if not done and (result.dead or result.marked):
        into.next(result.order.command(result.remote, delete=True))
    return into


def _files(what: str, files: Mapping[str, int], into: Page, verbose: bool) -> None:
    if files:
        count = f"{counted(len(files), 'file')}, {sized(sum(files.values()))}"
        into.wrap(bold(count), f" {what}", hanging=2)
        if verbose:
            _objects(files, into)


def _some(titles: Sequence[str]) -> str:
    """The first of some versions, and how many more there are."""
    more = f" and {len(titles) - _SHOWN:,} more" if len(titles) > _SHOWN else ""
    return ", ".join(titles[:_SHOWN]) + more


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


class _Row(NamedTuple):
    """Cells of a table, what is said behind them, and the objects listed below."""

    cells: Sequence[str]
    note: str = ""
    objects: Mapping[str, int] = {}


def _version(one: VersionCost, verbose: bool) -> _Row:
    cells = (f"  {one.record.title}", f"{one.record.examples:,}", *_costs(one.cost))
    note = f"  {counted(one.missing, 'object')} not here" if one.missing else ""
    return _Row(cells, note, one.objects if verbose else {})


def _costs(cost: Cost) -> tuple[str, str, str]:
    return sized(cost.own), sized(cost.shared), sized(cost.total)


def _table(rows: Sequence[_Row], into: Page) -> None:
    """Rows in columns, the first to the left."""
    widths = [max(map(columns, cells)) for cells in zip(*(row.cells for row in rows), strict=True)]
    for row in rows:
        cells = [f"  {cell:>{width}}" for cell, width in zip(row.cells, widths, strict=True)]
        into.add(padded(row.cells[0], widths[0]), *cells[1:], yellow(row.note))
        _objects(row.objects, into)
