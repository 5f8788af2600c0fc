"""A recall as a report in Markdown, to be filed. It shows no example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from dslineage.trace.traced import NO_MATCH
from dslineage_cli.render.numbers import counted
from dslineage_cli.render.recalls import decided, found
from dslineage_cli.sanitise import markdown

if TYPE_CHECKING:
    from dslineage.recall.recall import AffectedTraining, RecallResult


def report(result: RecallResult) -> str:
    """The whole report."""
    asked = ", ".join(sorted(result.asked))
    blocks = [
        f"# Recall {_ref(result.name)}",
        f"Asked by {asked}: {found(result.forms)}. Searched {counted(result.searched, 'version')}.",
        *_versions(result),
        *_trainings("Runs", result.runs),
        *_trainings("Models", result.models),
        *_evaluated(result),
        *_unmatched(result),
        *_limits(result),
        *_open(result),
    ]
    return "\n\n".join(blocks) + "\n"


def _versions(result: RecallResult) -> Iterator[str]:
    if result.versions:
        rows = [
            (
                _ref(one.ref),
                f"{one.examples:,}",
                f"{one.inferred:,}",
                markdown(decided(one.decision)) if one.newest else "superseded",
            )
            for one in result.versions
        ]
        yield "## Versions"
        yield _table(("version", "examples", "of them inferred", "decision"), rows)


def _trainings(title: str, trainings: Sequence[AffectedTraining]) -> Iterator[str]:
    if not trainings:
        return
    rows = []
    for one in trainings:
        through = [f"through {_ref(ref)}" for ref in one.seen.through]
        row = (
            _ref(one.seen.ref),
            one.seen.answer,
            ", ".join([_ref(one.seen.version), *through]),
            one.seen.evidence,
            markdown("; ".join(one.seen.whys)),
        )
        deployed, said = "; ".join(one.deployments), decided(one.decision)
        due = (markdown(deployed), markdown(said)) if title == "Models" else ()
        rows.append((*row, *due))
    more = ("deployed", "decision") if title == "Models" else ()
    yield f"## {title}"
    yield _table((title.lower()[:-1], "answer", "data", "evidence", "since", *more), rows)


def _evaluated(result: RecallResult) -> Iterator[str]:
    if result.evaluated:
        yield "## Evaluated on affected examples"
        yield _table(
            ("who", "data"), [(_ref(one.ref), _ref(one.version)) for one in result.evaluated]
        )


def _unmatched(result: RecallResult) -> Iterator[str]:
    if result.unmatched:
        yield f"## Models: {NO_MATCH}"
        yield _table(
            ("model", "what is not known"), [(one.ref, one.gap) for one in result.unmatched]
        )
    if result.missing:
        yield f"## Asked for: {NO_MATCH}"
        yield "\n".join(f"- {markdown(one)}" for one in result.missing)


def _limits(result: RecallResult) -> Iterator[str]:
    lines = [f"{ref} was not searched: {why}" for ref, why in result.unsearched.items()]
    lines += result.notices
    if lines:
        yield "## What could not be found out"
        yield "\n".join(f"- {markdown(line)}" for line in lines)


def _open(result: RecallResult) -> Iterator[str]:
    yield "## Still to decide"
    yield "\n".join(f"- {_ref(ref)}" for ref in result.open) or "Nothing."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _ref(text: str) -> str:
    """A reference as code: names hold no character that Markdown obeys there."""
    return f"`{text}`"
