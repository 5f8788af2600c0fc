"""`dslineage diff`: which examples changed, and in what way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dslineage.errors import IntegrityError, NotFoundError, UsageError
from dslineage_cli.exits import DIFFERENCES, FINE
from dslineage_cli.options import Format, Ignore, Json, Key, OneChange, Quarantine, examples
from dslineage_cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dslineage.diff.options import DiffOptions
    from dslineage.diff.recorded import RecordedDiff
    from dslineage.diff.result import DiffResult

EPILOG = examples(
    "dslineage diff                           the current version with the working file",
    "dslineage diff v3 v4                     two versions",
    "dslineage diff train v3 v4               the same, by the data set's name",
    "dslineage diff old.jsonl new.parquet     two files; needs no repository",
    "dslineage diff v3 v4 --why refusal       the examples behind a metric",
    "dslineage diff v3 v4 --by source         inside the sources, or by their mix",
    "dslineage diff v3 v4 --format html -o diff.html     a page with charts",
    "dslineage diff v3 v4 --rows --kind response --format csv > edits.csv",
    "dslineage diff tiny@final tiny2@final    two models, or runs: first what is not data",
    "dslineage diff mix.toml                  a mixture as recorded, and as its file says now",
    "dslineage diff mix.toml other.toml       two mixtures: files, or recorded ones",
)

_MIXTURE = ".toml"
_SAMPLES = 2
"""How many examples of each kind are drawn where nobody says."""
_ON_A_PAGE = 10
"""The same for a page of HTML; behind so many metrics it names an example."""


def diff(
    context: typer.Context,
    refs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="REF",
            help="Two versions, git revisions or paths, the older first, after the data set's "
            "name if need be; the second defaults to the working file. Or two models, runs or "
            "mixtures.",
        ),
    ] = None,
    rows: Annotated[
        bool, typer.Option("--rows", help="Every changed example, no samples.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="At most so many rows; without --rows, samples of each kind.", min=0
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Only edits of this kind. May be repeated."),
    ] = None,
    only: Annotated[
        list[OneChange] | None,
        typer.Option(metavar="CHANGE", help="Only added, removed or edited ones. May be repeated."),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD",
            help="Tell what moved inside the slices of a field from what their mix moved. May be "
            "repeated.",
        ),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Only this metric, and all that moved it. May be repeated."
        ),
    ] = None,
    why: Annotated[
        str | None,
        typer.Option(
            metavar="METRIC", help="The examples that moved a metric most, and what in them did."
        ),
    ] = None,
    no_metrics: Annotated[
        bool, typer.Option("--no-metrics", help="Say nothing about metrics.")
    ] = False,
    key: Key = None,
    ignore: Ignore = None,
    quarantine: Quarantine = False,
    seed: Annotated[int, typer.Option(metavar="N", help="Which samples are drawn.")] = 0,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 where the two differ.")
    ] = False,
    format_: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write it to a file."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    json: Json = False,
) -> int:
    """Show how metrics moved, which examples changed, and what kind of edit it was.

    Without references, the current version is compared with the working file. Metrics that moved
    more than a random change of the same size would have moved them come first. The summary counts
    every change; --kind, --only and --limit choose what is shown below it. In a clone without the
    objects it says what the records know.
    """
    from dslineage.diff.options import CHANGES, DiffOptions
    from dslineage.versions.options import ReadOptions
    from dslineage_cli.opening import compare, compare_records
    from dslineage_cli.render import diffs

    _check(kind, only, format_, json=json)
    if output is not None and output.exists() and not force:
        raise UsageError(
            f"{output} exists already, and was left as it is",
            kind="file-exists",
            hint="choose another name, or replace it with --force",
        )
    if no_metrics and (by or metric or why):
        raise UsageError("--no-metrics leaves out what --by, --metric and --why ask about")
    options = DiffOptions(
        key=key,
        ignore=tuple(ignore or ()),
        rows=rows or (format_ is Format.CSV and not (why or metric)),
        kinds=tuple(kind or ()),
        only=tuple(change.value for change in only) if only else CHANGES,
        limit=limit,
        samples=_samples(limit, format_, asked=bool(why or metric)),
        seed=seed,
        metrics=not no_metrics,
        names=tuple(metric or ()),
        by=tuple(by or ()),
        why=why,
        behind=_ON_A_PAGE if format_ is Format.HTML else 1,
    )
    chosen = Format.JSON if json else format_
    terminal = context.ensure_object(Terminal)
    if refs and any(ref.endswith(_MIXTURE) for ref in refs):
        missing = NotFoundError("a mixture is compared with one other", kind="unknown-reference")
        return _contrast(refs, options, missing, chosen, terminal, output, exit_code=exit_code)
    with terminal.progress() as report:
        read = ReadOptions(quarantine=quarantine)
        try:
            result: DiffResult | RecordedDiff = compare(refs or (), options, read, report)
        except NotFoundError as error:
            return _contrast(
                refs or (), options, error, chosen, terminal, output, exit_code=exit_code
            )
        except IntegrityError as error:
            if chosen not in {Format.TEXT, Format.JSON}:
                raise
            result = compare_records(refs or (), options, error)
    compared = [
        *(["--key", key] if key else []),
        *(word for field in options.ignore for word in ("--ignore", field)),
        *(["--quarantine"] if quarantine else []),
    ]
    written = diffs.written(result, chosen, terminal.page(), compared)
    if output is None:
        terminal.show(written)
    else:
        terminal.save(written, output)
    return DIFFERENCES if exit_code and result.differs else FINE


def _contrast(
    refs: Sequence[str],
    options: DiffOptions,
    unknown: NotFoundError,
    format_: Format,
    terminal: Terminal,
    output: Path | None,
    *,
    exit_code: bool,
) -> int:
    """Compare models, runs or mixtures, where a reference is no state of a data set."""
    from dslineage_cli.opening import contrast
    from dslineage_cli.render import contrasts

    result = contrast(refs, unknown)
    if format_ not in contrasts.FORMATS:
        raise UsageError(
            f"models, runs and mixtures are not written as {format_.value}",
            hint="--format text, md or json",
        )
    if options.needs_examples or options.names or not options.metrics:
        raise UsageError(
            "options about examples and metrics are for the versions that models were trained on",
            hint=f"dslineage diff {' '.join(refs)}",
        )
    written = contrasts.written(result, format_, terminal.page())
    if output is None:
        terminal.show(written)
    else:
        terminal.save(written, output)
    return DIFFERENCES if exit_code and result.differs else FINE


def _samples(limit: int | None, format_: Format, *, asked: bool) -> int:
    """How many examples of each kind are drawn; none where the question is about metrics."""
    if asked:
        return 0
    if limit is not None:
        return limit
    return _ON_A_PAGE if format_ is Format.HTML else _SAMPLES


def _check(
    kind: list[str] | None, only: list[OneChange] | None, format_: Format, *, json: bool
) -> None:
    """Refuse options that leave nothing to show, or that say two things."""
    if kind and only and OneChange.EDITED not in only:
        raise UsageError(
            f"--kind is about edited examples, and --only {only[0].value} leaves none of them",
            hint=f"--kind {kind[0]} --only edited",
        )
    if json and format_ not in {Format.TEXT, Format.JSON}:
        raise UsageError(f"--json and --format {format_.value} are two formats: name one")
