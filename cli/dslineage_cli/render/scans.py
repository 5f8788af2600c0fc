"""What a scan found, as text: files, what they share, what leaks, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage_cli.page import Page, Span, bold, cyan, dim, elide, green, padded, red, yellow
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.scanning.result import ScannedFile, ScanResult

_STEPS = 8
_CELL = 9
_NAME = 44


def scanned(result: ScanResult, into: Page) -> Page:
    """The whole scan."""
    count = f"  {counted(len(result.files), 'data file')}, {counted(result.examples, 'example')}"
    into.wrap(bold(result.directory), count)
    into.blank()
    for number, file in enumerate(result.files, start=1):
        _file(number, file, into)
    for folder, why in result.skipped.items():
        into.wrap(dim(f"     {folder} was not entered: {why}"), hanging=7)
    _versions(result, into)
    _leaks(result, into)
    _overlaps(result, into)
    _next(result, into)
    return into


def _file(number: int, file: ScannedFile, into: Page) -> None:
    name = elide(file.path, _NAME)
    state = dim("  recorded") if file.recorded else ""
    if file.problem:
        into.wrap(dim(f"{number:>3}  "), bold(name), state, hanging=5)
        into.wrap(red(file.problem), indent=7, hanging=2)
        if file.hint:
            into.wrap(cyan("hint: "), file.hint, indent=7, hanging=6)
        return
    facts = "  ".join(filter(None, [file.format, file.schema, file.role]))
    examples = f"  {file.examples:>9,} examples  "
    into.wrap(
        dim(f"{number:>3}  "), bold(padded(name, _NAME)), examples, dim(facts), state, hanging=7
    )
    if file.repeats:
        into.wrap(yellow(counted(file.repeats, "exact repeat")), indent=7)
    if file.bad:
        into.wrap(red(counted(file.bad, "bad record")), *_first_faults(file), indent=7, hanging=2)
    for notice in file.notices:
        into.wrap(dim(notice), indent=7, hanging=2)


def _first_faults(file: ScannedFile) -> Iterator[Span]:
    for fault in file.faults:
        yield Span(f"; line {fault.line}: {fault.message}")


def _versions(result: ScanResult, into: Page) -> None:
    for group in result.versions:
        into.blank()
        into.wrap(bold("versions of one another: "), green(group.name), hanging=2)
        into.wrap(dim(f"{group.why}; in order {group.order}"), indent=2)
        into.wrap(" → ".join(group.paths), indent=2, hanging=2)


def _leaks(result: ScanResult, into: Page) -> None:
    if result.leaks:
        into.blank()
        into.add(red("evaluation examples that stand in other files"))
    for leak in result.leaks:
        counts = (
            f"{leak.examples:,} of {leak.of_examples:,} examples, "
            f"{leak.prompts:,} of {leak.of_prompts:,} prompts"
        )
        into.wrap(f"{leak.evaluation} in {leak.training}: ", yellow(counts), indent=2, hanging=2)


def _overlaps(result: ScanResult, into: Page) -> None:
    """A matrix for each group of files that share something, by the numbers of the files."""
    if not result.overlaps:
        return
    into.blank()
    into.add(bold("shared"), dim("  different examples above the diagonal, prompts below it"))
    across = max(1, (into.width - 5) // _CELL)
    for group in _groups(result):
        for first in range(0, len(group), across):
            block = group[first : first + across]
            into.add(dim("     " + "".join(f"{number:>{_CELL}}" for number, _ in block)))
            for row in group:
                into.add(dim(f"{row[0]:>3}  "), *(_cell(result, row, column) for column in block))


def _groups(result: ScanResult) -> list[list[tuple[int, str]]]:
    """The files that share something, with their numbers, in groups that share nothing."""
    groups: list[set[str]] = []
    for pair in result.overlaps:
        joined = {pair.first, pair.second}
        apart = [group for group in groups if not group & joined]
        groups = [*apart, joined.union(*(group for group in groups if group & joined))]
    numbered = list(enumerate((file.path for file in result.files), start=1))
    return sorted([file for file in numbered if file[1] in group] for group in groups)


def _cell(result: ScanResult, row: tuple[int, str], column: tuple[int, str]) -> Span:
    if row == column:
        return Span(" " * _CELL)
    found = result.overlap(row[1], column[1])
    count = found.examples if row < column else found.prompts
    return Span(f"{count:>{_CELL},}") if count else dim(f"{'·':>{_CELL}}")


def _next(result: ScanResult, into: Page) -> None:
    into.blank()
    for step in result.next[:_STEPS]:
        into.next(step.command)
        into.wrap(dim(step.why), indent=6)
    if (more := len(result.next) - _STEPS) > 0:
        into.add(dim(f"      … and {more:,} more, with --json"))
