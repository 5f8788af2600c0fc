"""An audit in plain language, for every way to write it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dslineage_cli.render import audit_entries as told
from dslineage_cli.render.audit_entries import Entry
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.audit.audited import Audit, Section, Subject

MOST_STEPS = 20
"""How many steps are told one by one; all are in the JSON."""


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one subject; `nothing` is said where there are none."""

    title: str
    entries: tuple[Entry, ...]
    checked: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    nothing: str = ""
    more: str = ""


def subject(of: Subject) -> list[str]:
    """What is audited, by its hashes."""
    lines = []
    if of.files_hash:
        lines.append(f"files {of.files_hash}, {of.files:,} of them")
    if of.weights_hash:
        lines.append(f"tensors {of.weights_hash}")
    if of.licence:
        lines.append(f"licence {of.licence}, as its record says")
    found = of.recognised
    if found is not None and found.by == "files":
        lines.append(f"{found.path} has its files")
    elif found is not None:
        other = f"; other than recorded: {', '.join(found.changed)}" if found.changed else ""
        lines.append(
            f"{found.path} has its tensors, saved again, renamed or moved: its files are not all "
            f"the same{other}"
        )
    if found is not None and found.others:
        lines.append(f"the same model is recorded as {', '.join(found.others)}, too")
    return lines


def summary(audit: Audit) -> tuple[str, ...]:
    """The answer in a few sentences."""
    return tuple(_summary(audit))


def _summary(audit: Audit) -> Iterator[str]:
    trained = {
        node.id
        for stage in audit.training.lines
        for use in stage.uses
        if use.role == "train"
        for node in use.versions
    }
    weakest = audit.weakest
    if trained and weakest is not None:
        runs = counted(len(audit.training.lines), "training")
        yield (
            f"{counted(len(trained), 'version')} in {runs} trained it; the least known of that is "
            f"{weakest.evidence}: {weakest.evidence.meaning}."
        )
    else:
        yield "No recorded data is known to have trained it. That does not mean that none did."
    shared = {
        line.evaluation.ref for line in audit.overlaps.lines if line.examples or line.conversations
    }
    if shared:
        named = ", ".join(sorted(shared))
        yield f"Its data shares examples with what models are tested on: {named}."
    due = [line for line in audit.claims.lines if line.open]
    for things, noun, said in (
        (audit.gaps.lines, "thing", "not known"),
        (due, "claim", "still to be decided about"),
        (audit.findings, "thing", "not as recorded"),
    ):
        if things:
            yield f"{counted(len(things), noun)} {'is' if len(things) == 1 else 'are'} {said}."


def blocks(audit: Audit) -> list[Block]:
    """The whole audit, what is wrong and what is not known first."""
    return [
        *_findings(audit),
        *_requirement(audit),
        _block("What is not known", audit.gaps, told.gaps(audit),
               nothing="No record names anything that it lacks."),
        _block("What it started from", audit.bases, map(told.base, audit.bases.lines),
               nothing="No model that it started from is recorded."),
        _block("Which data trained it", audit.training, map(told.stage, audit.training.lines),
               nothing="No training is recorded."),
        _block("How the data was made", audit.steps,
               map(told.step, audit.steps.lines[:MOST_STEPS]), nothing="No step is recorded.",
               more=_more(len(audit.steps.lines) - MOST_STEPS)),
        _block("Where the data came from", audit.sources, map(told.source, audit.sources.lines),
               nothing="No source is recorded."),
        _block("What was measured of the data", audit.quality,
               map(told.quality, audit.quality.lines),
               nothing="No version is known, so nothing was measured."),
        _block("What evaluation sets share with the data", audit.overlaps, told.overlaps(audit),
               nothing="Nothing was compared."),
        _block("What was claimed", audit.claims, map(told.claim, audit.claims.lines),
               nothing="Nothing was claimed about it or what it rests on."),
        *_verification(audit),
    ]  # fmt: skip


def _block(
    title: str, section: Section[Any], entries: Any, *, nothing: str, more: str = ""
) -> Block:
    lines = tuple(entries)
    return Block(title, lines, section.checked, section.unchecked, "" if lines else nothing, more)


def _more(left: int) -> str:
    return f"… and {left:,} earlier steps: --json has them all" if left > 0 else ""


def _findings(audit: Audit) -> Iterator[Block]:
    if audit.findings or audit.damaged:
        entries = [
            Entry(
                f"{finding.kind} {finding.name}",
                finding.message,
                (f"on it hangs {', '.join(finding.hangs)}",) if finding.hangs else (),
                alarm=True,
            )
            for finding in audit.findings
        ]
        entries += [
            Entry(path, "cannot be read, and may belong here", alarm=True) for path in audit.damaged
        ]
        yield Block("What is not as it was recorded", tuple(entries))


def _requirement(audit: Audit) -> Iterator[Block]:
    required = audit.requirement
    if required is None:
        return
    some = {"fails": required.failed, "misses it": required.missed, "accepted": required.accepted}
    entries = [
        Entry(verdict, said, alarm=verdict != "accepted")
        for verdict, sentences in some.items()
        for said in sentences
    ]
    answer = {
        "met": f"All of its training data is known as {required.bar}, or better.",
        "failed": "It fails.",
        "undecided": f"It cannot be decided: not all of it is known as {required.bar}.",
    }[required.verdict]
    yield Block(f"Is it {required.bar}? {answer}", tuple(entries))


def _verification(audit: Audit) -> Iterator[Block]:
    done = audit.verification
    if done is None:
        nothing = "Nothing: --verify hashes records, rows and, with --model-dir, the checkpoint."
        yield Block("What was hashed again just now", (), nothing=nothing)
        return
    said = (
        f"{counted(done.records, 'record')}; {counted(done.examples, 'example')} of "
        f"{counted(done.versions, 'version')}; {counted(done.files, 'file')}"
    )
    yield Block("What was hashed again just now", (), (said,), done.unchecked)
