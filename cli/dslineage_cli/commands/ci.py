"""`dslineage ci`: what a pull request does to data sets, for its reviewers."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dslineage.errors import UndecidableError, UsageError
from dslineage_cli.exits import CODES, DIFFERENCES
from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

if TYPE_CHECKING:
    from dslineage_hooks.review import Review


class Form(StrEnum):
    """How to write a review."""

    MARKDOWN = "markdown"
    JSON = "json"
    JUNIT = "junit"
    ANNOTATIONS = "annotations"


EPILOG = examples(
    "dslineage ci --base origin/main                  the comment of a pull request",
    "dslineage ci --base HEAD^1                       of a merge that a forge made to try it",
    "dslineage ci --base origin/main --format annotations    for GitHub Actions",
    "dslineage ci --base origin/main --save junit=report.xml --save markdown=comment.md",
)


def ci(
    context: typer.Context,
    base: Annotated[
        str, typer.Option("--base", metavar="REF", help="What the change is to go into.")
    ],
    head: Annotated[str, typer.Option("--head", metavar="REF", help="The change.")] = "HEAD",
    format_: Annotated[
        Form, typer.Option("--format", help="How to write it on stdout.")
    ] = Form.MARKDOWN,
    save: Annotated[
        list[str] | None,
        typer.Option(
            "--save", metavar="FORMAT=FILE", help="Write it to a file, too. May be repeated."
        ),
    ] = None,
    limit: Annotated[
        int,
        typer.Option(metavar="N", help="Draw so many examples of each kind of change.", min=0),
    ] = 5,
    json: Json = False,
) -> None:
    """Review what a pull request does to data sets.

    It compares the commit at which the head left the base with the head, as git has them: versions,
    metrics, gates, sources, and what the hooks would have stopped. Without the objects it says what
    records know. Gates count as they were and as the pull request has them. No code of the
    repository runs; texts of examples are shown only where dslineage.toml says ci.samples = true.

    Exits with 1 where a gate fails or there is a fault, with 10 where a gate cannot be judged. The
    comment is never longer than 64 KB.
    """
    from dslineage_cli.opening import repository
    from dslineage_hooks.review import review

    if json and format_ not in {Form.MARKDOWN, Form.JSON}:
        raise UsageError(f"--json and --format {format_.value} are two formats: name one")
    targets = [_target(text) for text in save or ()]
    terminal = context.ensure_object(Terminal)
    found = review(repository(), base, head, limit)
    for form, path in targets:
        terminal.save(_written(found, form), path)
    terminal.show(_written(found, Form.JSON if json else format_))
    if found.failed:
        raise typer.Exit(DIFFERENCES)
    if found.undecided:
        raise typer.Exit(CODES[UndecidableError])


def _target(text: str) -> tuple[Form, Path]:
    name, _, path = text.partition("=")
    if name not in set(Form) or not path:
        raise UsageError(f"--save {text} is not FORMAT=FILE", hint="--save junit=report.xml")
    return Form(name), Path(path)


def _written(found: Review, form: Form) -> str:
    from dslineage_cli.render.ci import annotations, junit, markdown
    from dslineage_cli.render.document import document

    writers = {
        Form.MARKDOWN: markdown.text,
        Form.JSON: document,
        Form.JUNIT: junit.text,
        Form.ANNOTATIONS: annotations.text,
    }
    return writers[form](found)
