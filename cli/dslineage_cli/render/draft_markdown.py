"""Drafts of forms as Markdown, for a person to finish."""

from __future__ import annotations

from collections.abc import Iterator

from dslineage.standards.draft import NO_ADVICE, Answer, Box, Draft
from dslineage_cli.sanitise import markdown


def draft_markdown(draft: Draft) -> str:
    """A draft as a Markdown document: the notice, the boxes, which are empty, what is not known."""
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    yield f"# DRAFT: {markdown(draft.title)}, {markdown(draft.of.ref)}"
    yield ""
    yield f"> **Draft, not legal advice.** {' '.join(NO_ADVICE)}"
    yield f"> Form: {markdown(draft.law)}. Written from `{draft.of.id}`."
    for part in draft.parts:
        yield ""
        yield f"## {markdown(part.title)}"
        yield ""
        yield from _table(part.boxes) if draft.table else _boxes(part.boxes)
    yield from _empty(draft)
    yield from _gaps(draft)


def _boxes(boxes: tuple[Box, ...]) -> Iterator[str]:
    for box in boxes:
        yield f"### {markdown(box.number)} {markdown(box.question)}"
        yield ""
        if box.state == "recorded":
            yield from (f"- {_told(answer)}" for answer in box.answers)
        else:
            yield _without(box)
        if box.unsure:
            yield ""
            yield f"_May not be all: {markdown(box.unsure)}._"
        yield ""


def _table(boxes: tuple[Box, ...]) -> Iterator[str]:
    yield "| item | what is asked | what records say |"
    yield "|---|---|---|"
    for box in boxes:
        said = [_told(answer) for answer in box.answers] or [_without(box)]
        if box.unsure:
            said.append(f"_May not be all: {markdown(box.unsure)}._")
        yield f"| {markdown(box.number)} | {markdown(box.question)} | {'<br>'.join(said)} |"


def _told(answer: Answer) -> str:
    about = f"{markdown(answer.about.ref)}, `{answer.about.short}`"
    return f"{markdown(answer.text)} ({about}, {answer.evidence})"


def _without(box: Box) -> str:
    if box.state == "not applicable":
        return f"N/A: {markdown(box.absent)}, in what is recorded."
    return f"**EMPTY.** {markdown(box.fill)}"


def _empty(draft: Draft) -> Iterator[str]:
    empty = [box for box in draft.boxes if box.state == "empty"]
    yield ""
    yield "## Empty boxes"
    yield ""
    yield from (
        f"- {markdown(box.number)} {markdown(box.question)}: {markdown(box.fill)}" for box in empty
    )
    if not empty:
        yield "None."


def _gaps(draft: Draft) -> Iterator[str]:
    yield ""
    yield "## What is not known"
    yield ""
    yield from (f"- {markdown(node.ref)}: {markdown(gap.message)}" for node, gap in draft.gaps)
    if not draft.gaps:
        yield "No gap is recorded. That no more data was used does not follow from it."
