"""The lines of an audit in plain language: a gap, a training, a step, a source and so on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dslineage_cli.render.figures import figure_text
from dslineage_cli.render.numbers import counted, epochs

if TYPE_CHECKING:
    from dslineage.audit.audited import Audit, ClaimLine, OverlapLine, QualityLine
    from dslineage.audit.lines import BaseLine, Ground, Part, SourceLine, Stage, StepLine, Use
    from dslineage.records import Prepared

_FEW = ("exact_dup", "near_dup", "target_conflict", "refusal", "pii", "secret")
_NAMED = ("declared", "recorded")
_RELATIONS = {
    "own": "its own training",
    "earlier": "the training that it went on from",
    "base": "training of what it was made from",
    "same": "training of the model with the same tensors",
}
_MODES = {
    "exact": "it saw every row at least once",
    "upper-bound": "it saw no other rows, and perhaps not all of these",
    "unknown": "how much of it was used is not known",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what it is about, what is said of it, how that is known, and by which record."""

    lead: str
    said: str = ""
    details: tuple[str, ...] = ()
    ground: Ground | None = None
    alarm: bool = False
    record: str = ""
    inner: tuple[Entry, ...] = ()


def known(ground: Ground) -> str:
    """How something is known: the word, its meaning, and the link that it hangs on."""
    evidence = ground.evidence
    weak = f"; weakest: {ground.weak}" if ground.weak and evidence in _NAMED else ""
    linked = f"; linked as {ground.linked}" if evidence is not ground.linked else ""
    return f"{evidence} ({evidence.meaning}{linked}{weak})"


def gaps(audit: Audit) -> Iterator[Entry]:
    """Each gap of each record."""
    for node, gap in ((line.node, line.gap) for line in audit.gaps.lines):
        said = f"{gap.kind}: {gap.message}"
        name = node.title if node.kind in {"run", "step"} else node.ref
        yield Entry(name, said, alarm=gap.kind == "base-model", record=node.id)


def base(line: BaseLine) -> Entry:
    """A model that something started from."""
    said = f"{line.of.ref} started from it"
    details = [f"revision {line.named.revision}"] if line.named.revision else []
    if line.node is None:
        details.append("nothing more of it is recorded")
    named = line.node.ref if line.node else line.named.uri
    record = line.node.id if line.node else line.of.id
    return Entry(named, said, tuple(details), line.ground, line.node is None, record)


def stage(stage: Stage) -> Entry:
    """A training, with the data that it used."""
    facts = [
        *((stage.status,) if stage.status else ()),
        *((counted(stage.steps, "step"),) if stage.steps is not None else ()),
        *((epochs(stage.epochs),) if stage.epochs is not None else ()),
        *((f"seed {stage.seed}",) if stage.seed is not None else ()),
    ]
    details = [_consumed(stage)]
    if stage.code and stage.code.commit:
        changed = ", with changes that are in no commit" if stage.code.dirty else ""
        details.append(f"code {stage.code.commit[:12]}{changed}")
    said = ", ".join([_RELATIONS[stage.relation], *facts])
    inner = tuple(map(_use, stage.uses))
    return Entry(
        stage.node.title, said, tuple(details), stage.ground, record=stage.node.id, inner=inner
    )


def _consumed(stage: Stage) -> str:
    mode = _MODES[stage.consumed.mode] if stage.consumed else ""
    whys = "; ".join(stage.whys)
    return f"{mode}: {whys}" if mode and whys else mode or whys or "all of its epochs were run"


def _use(use: Use) -> Entry:
    names = ", ".join(node.ref for node in use.versions)
    said = [use.role]
    if use.examples is not None:
        said.append(counted(use.examples, "example"))
    if use.weight is not None:
        said.append(f"weight {use.weight:g}")
    if use.epochs is not None:
        said.append(epochs(use.epochs))
    if use.split:
        said.append(f"split {use.split}")
    if use.part is not None:
        said.append(_part(use))
    details = [*([_prepared(use.prepared, use.part)] if use.prepared else []), *use.whys]
    if not use.versions:
        details.insert(0, "no recorded version is known to be this data")
    lead = names or use.uri or (use.content_hash or "data without a name")[:23]
    record = use.versions[0].id if use.versions else use.content_hash or ""
    return Entry(lead, ", ".join(said), tuple(details), use.ground, not use.versions, record)


def _part(use: Use) -> str:
    part = use.part
    if part is None:
        return ""
    said = [f"in {part.mixture.ref}"]
    if part.weight is not None:
        said.append(f"with weight {part.weight:g}")
    if part.cap is not None:
        said.append(f"at most {part.cap:,}")
    if part.repeats != 1:
        said.append(f"each {part.repeats:g} times")
    return " ".join(said)


def _prepared(prepared: Prepared, part: Part | None) -> str:
    counts = {
        "kept": prepared.kept,
        "dropped without a token to learn": prepared.masked,
        "cut": prepared.truncated,
        "sequences made": prepared.sequences,
        "tokens": prepared.tokens,
    }
    told = [f"{number:,} {what}" for what, number in counts.items() if number is not None]
    whole = f", all of {part.mixture.ref}" if part else ""
    return f"prepared{whole}: {prepared.rows:,} rows, {', '.join(told) or 'nothing more was seen'}"


def step(line: StepLine) -> Entry:
    """A step that made data."""
    record = line.record
    made = ", ".join(node.ref for node in line.made)
    counts = ", ".join(f"{number:,} {what}" for what, number in record.counts.items() if number)
    details = [*filter(None, [record.message, " ".join(record.command)])]
    if record.dropped:
        why = ", ".join(f"{number:,} {reason}" for reason, number in record.dropped.items())
        details.append(f"dropped: {why}")
    if record.code and record.code.commit:
        changed = ", with changes that are in no commit" if record.code.dirty else ""
        details.append(f"code {record.code.commit[:12]}{changed}")
    said = "; ".join(filter(None, [f"made {made}" if made else "", counts]))
    name = f"{record.operation} ({line.node.short})"
    return Entry(name, said, tuple(details), line.ground, record=line.node.id)


def source(line: SourceLine) -> Entry:
    """Where data came from."""
    record = line.record
    licence = record.license
    as_of = f", as of {licence.as_of}" if licence and licence.as_of else ", of no known day"
    personal = {None: "not said", True: "yes", False: "no, as its record says"}
    facts = {
        "licence": f"{licence.name}{as_of}" if licence else None,
        "category": record.category,
        "consent": record.consent,
        "acquired": record.acquired_at,
        "personal data": personal[record.personal_data],
    }
    details = [f"{what}: {said or 'not recorded'}" for what, said in facts.items()]
    if record.generator:
        details.append(f"written by the model {record.generator}")
    revision = f" at {record.revision}" if record.revision else ""
    said = f"{record.uri}{revision}"
    return Entry(record.name, said, tuple(details), line.ground, record=line.node.id)


def quality(line: QualityLine) -> Entry:
    """What was measured of a version."""
    name = line.version.ref
    if line.profile is None:
        return Entry(name, "nothing was measured", (f"dslineage metrics run {name}",))
    figures = line.figures or {}
    shown = [one for one in figures if one in _FEW or one.startswith("contam[")]
    said = ", ".join(f"{one} {_figure(figures[one])}" for one in shown)
    late = " after the training had begun" if line.late else ""
    rest = len(figures) - len(shown)
    details = [f"{line.profile.partition(':')[0]}, measured {(line.measured_at or '')[:10]}{late}"]
    details += [f"{one} was not measured: {why}" for one, why in (line.unmeasured or {}).items()]
    if rest:
        details.append(f"{counted(rest, 'more figure')}: dslineage show {name}")
    return Entry(name, said, tuple(details), record=line.version.id)


def _figure(found: Mapping[str, Any]) -> str:
    held = f" ({found['held']:,} of {found['items']:,} items)" if "held" in found else ""
    return figure_text(found["value"], found["unit"]) + held


def overlaps(audit: Audit) -> Iterator[Entry]:
    """What evaluation sets share with the data."""
    for line in audit.overlaps.lines:
        yield _overlap(line)


def _overlap(line: OverlapLine) -> Entry:
    said = [f"{line.examples or 0:,} of {counted(line.of, 'example')} are in {line.training.ref}"]
    if line.conversations is not None:
        said.append(f"{counted(line.conversations, 'conversation')} too")
    else:
        said.append("conversations were not compared")
    digests = ", ".join(digest[:16] for digest in line.named[:5])
    more = " …" if len(line.named) > 5 else ""
    details = [f"dslineage trace --digest {digests}{more}"] if digests else []
    if line.configured:
        details.append("named in dslineage.toml")
    alarm = bool(line.examples or line.conversations)
    return Entry(
        line.evaluation.ref, ", ".join(said), tuple(details), line.ground, alarm, line.evaluation.id
    )


def claim(line: ClaimLine) -> Entry:
    """What somebody said."""
    body = ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in sorted(line.body.items())
        if isinstance(value, str | int | float)
    )
    state = "open" if line.open else f"decided: {line.decision}" if line.decision else ""
    said = "; ".join(filter(None, [f"about {line.about.ref}", state, body]))
    by = f"{line.author}, {line.created_at[:10]}"
    return Entry(line.type, said, (by,), alarm=line.open, record=line.id)
