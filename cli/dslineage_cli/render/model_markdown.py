"""What differs between two models or runs, as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dslineage_cli.render import model_words as words
from dslineage_cli.sanitise import markdown, markdown_code

if TYPE_CHECKING:
    from dslineage.contrast.models import ModelDiff


def text(result: ModelDiff) -> str:
    """The whole difference."""
    names = [markdown_code(side.node.title) for side in (result.from_, result.to)]
    facts = [f"{fact.name}: {words.sides_of(fact)}" for fact in result.different]
    data = [f"{change.dataset}: {words.change_words(change)}" for change in result.changes]
    unknown = [f"not known: {line}" for line in words.unknown_words(result)]
    blocks = [
        f"### {names[0]} → {names[1]}",
        f"#### {words.NOT_DATA}",
        _listed([*facts, *words.other_facts(result)]),
        f"#### {words.DATA}: {markdown(words.shown(result))}",
        _listed([*data, *unknown]),
        *_quality(result),
        *_scores(result),
        *_candidates(result),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _quality(result: ModelDiff) -> Iterator[str]:
    if not result.moves:
        return
    yield f"#### {words.QUALITY}"
    rows = [
        f"| {markdown(one.metric)} | {markdown(words.figures(one))} | {one.verdict} | "
        f"{', '.join(map(markdown_code, one.behind[:1]))} |"
        for one in words.told(result)
    ]
    if rows:
        yield "\n".join(["| metric | from → to | | examples |\n|---|---|---|---|", *rows])
    yield _listed(list(words.others(result)))


def _scores(result: ModelDiff) -> Iterator[str]:
    if result.scores:
        yield f"#### {words.SCORES}"
        yield _listed([f"{words.evaluation(one)}: {words.score(one)}" for one in result.scores])


def _candidates(result: ModelDiff) -> Iterator[str]:
    yield f"#### {words.CANDIDATES}"
    for number, change in enumerate(result.candidates, start=1):
        commands = "".join(f"\n   - {markdown_code(command)}" for command in change.commands)
        said = markdown(f"{change.dataset}: {words.size_words(change)}")
        yield f"{number}. {said}{commands}"
    yield _listed([*words.conclusion(result), *result.notices])


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"- {markdown(line)}" for line in lines)
