"""`dslineage claim`: what is said of versions, runs, models and other nodes."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import orjson
import typer

from dslineage.errors import UsageError
from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage claim add tiny@final --evaluation gsm8k --score 0.71 --set gsm8k-test@v1",
    "dslineage claim list tiny@final",
)
EPILOGS = {
    "add": examples(
        "dslineage claim add tiny@final --evaluation gsm8k --score 0.71 --harness lm-eval@0.4.9",
        "dslineage claim add tiny@final --to https://api.example.org",
        "dslineage claim add tiny@final --decision retrain --recall RECALL -m 'poisoned rows'",
        "dslineage claim add train@v4 --type pii --body found=no --body scanner=presidio@2.2",
        "dslineage claim add source:faq --type licence --body name=MIT --body as_of=2026-01-31",
    ),
    "list": examples("dslineage claim list", "dslineage claim list train@v4 --type pii"),
}


def add(
    context: typer.Context,
    ref: Annotated[
        str, typer.Argument(metavar="REF", help="train@v4, tiny@final, run:tiny, source:gsm8k.")
    ],
    *,
    type_: Annotated[
        str | None,
        typer.Option(
            "--type",
            help="licence, pii, contamination, takedown, deployment, decision, evaluation, gap, "
            "or a word of your own.",
        ),
    ] = None,
    body: Annotated[
        builtins.list[str] | None,
        typer.Option(metavar="K=V", help="What it says; K:=JSON for a value of JSON. Repeatable."),
    ] = None,
    evaluation: Annotated[
        str | None, typer.Option(metavar="NAME", help="A score of a model on an evaluation.")
    ] = None,
    score: Annotated[float | None, typer.Option(help="The score.")] = None,
    metric: Annotated[str | None, typer.Option(help="What was scored: accuracy, pass@1.")] = None,
    set_: Annotated[
        str | None, typer.Option("--set", metavar="REF", help="The version it was scored on.")
    ] = None,
    harness: Annotated[
        str | None, typer.Option(metavar="NAME@VERSION", help="What scored it.")
    ] = None,
    shots: Annotated[int | None, typer.Option(help="How many examples the prompt had.")] = None,
    to: Annotated[
        str | None, typer.Option(metavar="WHERE", help="A model is in use there.")
    ] = None,
    decision: Annotated[
        Literal["retrain", "unlearn", "suppress", "accept"] | None,
        typer.Option(help="What was decided about it."),
    ] = None,
    recall: Annotated[
        str | None, typer.Option(metavar="ID", help="The recall that made it necessary.")
    ] = None,
    message: Annotated[str, typer.Option("--message", "-m", help="Why.", show_default=False)] = "",
    json: Json = False,
) -> None:
    """Say something about a version, a run, a model or any other node.

    A claim never changes what it is about. It says who said it, and when.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import claims

    options: dict[str, dict[str, Any]] = {
        "evaluation": {
            "evaluation": evaluation, "score": score, "metric": metric, "set": set_,
            "harness": harness, "shots": shots,
        },
        "deployment": {"to": to},
        "decision": {"decision": decision, "recall": recall},
    }  # fmt: skip
    given = {kind: _given(values) for kind, values in options.items() if _given(values)}
    kinds = {*given, *([type_] if type_ else [])}
    if len(kinds) != 1:
        said = f"a claim is of one type, not {' and '.join(sorted(kinds))}"
        raise UsageError(said if kinds else "of which type is the claim?", hint="--type licence")
    [kind] = kinds
    result = repository().provenance.claim(
        ref, kind, given.get(kind, {}) | dict(_pairs(body or ())), message=message
    )
    context.ensure_object(Terminal).result(result, claims.added, json=json)


def list(  # noqa: A001 - the command's name
    context: typer.Context,
    ref: Annotated[
        str | None, typer.Argument(metavar="[REF]", help="Only claims about this node.")
    ] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Only claims of this type.")] = None,
    json: Json = False,
) -> None:
    """List what is claimed about a node, or about anything; the newest first."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import claims

    terminal = context.ensure_object(Terminal)
    terminal.result(repository().provenance.claims(ref, type_), claims.listed, json=json)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _pairs(said: builtins.list[str] | tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """`K=V` and `K:=JSON` as names and values."""
    for one in said:
        name, equals, text = one.partition("=")
        if not name or not equals:
            raise UsageError(f"--body {one} is not K=V", hint="--body name=CC-BY-4.0")
        if not name.endswith(":"):
            yield name, text
            continue
        try:
            yield name[:-1], orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise UsageError(f"--body {one}: {text} is not JSON") from error
