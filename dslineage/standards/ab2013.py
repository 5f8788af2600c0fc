"""A draft of the documentation that California's AB 2013 asks for (Civil Code, section 3111).

The items are the twelve of section 3111(a), in words of our own.
"""

from __future__ import annotations

from dslineage.records import DatasetRecord, MixtureRecord, RunRecord, SourceRecord
from dslineage.standards.basis import Basis
from dslineage.standards.draft import Box, Draft, Part
from dslineage.standards.material import Material, described, stepped
from dslineage.standards.uses import trainings

_ADD = "dslineage source add NAME --uri URI"
_BY_HAND = "Nothing that is recorded here answers this: write it by hand."


def ab_2013(basis: Basis) -> Draft:
    """What records say of the items of AB 2013, for a model or a run."""
    material = Material(basis)
    return Draft(
        title="Training data documentation",
        law="California AB 2013, Civil Code section 3111(a)",
        of=basis.focus,
        parts=(Part("Datasets used in the development", _boxes(material)),),
        gaps=basis.gaps,
        table=True,
    )


def _boxes(material: Material) -> tuple[Box, ...]:
    basis, unsure = material.basis, material.unsure
    steps = tuple(material.answer(stepped(one), node, one.evidence) for node, one in material.steps)
    runs = [
        (node, record)
        for node in trainings(basis, basis.focus.id)
        if (record := basis.record(node.id, RunRecord))
    ]
    used = tuple(material.answer(_first_used(one), node, one.evidence) for node, one in runs)
    return (
        Box("1", "Sources or owners of the datasets", material.per_source(described),
            fill=f"{_ADD}; then dslineage source link NAME VERSION", unsure=unsure),
        Box("2", "How the datasets further the intended purpose of the system", fill=_BY_HAND),
        Box("3", "Number of data points", material.per_version(_counted),
            fill="dslineage add FILE records versions; a training run links to them",
            unsure=unsure or _mixed(material)),
        Box("4", "Types of data points, and labels", material.per_version(_typed),
            fill="dslineage add FILE records the fields of versions", unsure=unsure),
        Box("5", "Whether data is protected by copyright, trademark or patent, or in the public "
            "domain", (*material.per_source(_licence), *material.claims("licence")),
            fill=f"--license on {_ADD}",
            unsure="a licence is what somebody declared; what is protected, no record says"),
        Box("6", "Whether the datasets were purchased or licensed",
            material.per_source(lambda one: "licensed" if one.category == "licensed" else None),
            fill=f"--category licensed on {_ADD}", unsure=unsure),
        Box("7", "Whether the datasets include personal information",
            (*material.per_source(_personal), *material.claims("pii")),
            fill=f"--personal-data on {_ADD}; dslineage claim add VERSION --type pii",
            unsure=unsure),
        Box("8", "Whether the datasets include aggregate consumer information", fill=_BY_HAND),
        Box("9", "Cleaning, processing or other modification, and its purpose", steps,
            fill="dslineage step -m WHY -- COMMAND", unsure=unsure),
        Box("10", "Period in which the data was collected", material.per_source(_period),
            fill=f"--acquired on {_ADD}; whether it is going on, write by hand", unsure=unsure),
        Box("11", "Dates on which the datasets were first used", used,
            fill="the callback, or dslineage run import PATH",
            unsure="an earlier use that is not recorded cannot be told" if used else ""),
        Box("12", "Whether synthetic data generation is used", material.per_source(_synthetic),
            fill=f"--category synthetic --generator MODEL on {_ADD}",
            absent=_no_synthetic(material), unsure=unsure),
    )  # fmt: skip


def _mixed(material: Material) -> str:
    mixed = any(True for _ in material.basis.every(MixtureRecord))
    return "a mixture may have taken fewer of them, or some several times" if mixed else ""


def _first_used(run: RunRecord) -> str:
    if run.started_at:
        return f"training {run.name} started {run.started_at[:10]}"
    return f"training {run.name} recorded {run.created_at[:10]}; when it started is not recorded"


def _counted(version: DatasetRecord) -> str:
    return f"{version.examples:,} examples, {version.unique:,} of them different"


def _typed(version: DatasetRecord) -> str:
    family = version.adapter.partition("@")[0]
    return f"{family} examples with the fields {', '.join(version.fields) or 'not recorded'}"


def _licence(source: SourceRecord) -> str | None:
    if source.license is None:
        return None
    as_of = f", as of {source.license.as_of}" if source.license.as_of else ""
    return f"licence {source.license.name}{as_of}"


def _personal(source: SourceRecord) -> str | None:
    if source.personal_data is None:
        return None
    return "personal data: yes" if source.personal_data else "personal data: no"


def _period(source: SourceRecord) -> str | None:
    dates = [("published", source.published_at), ("acquired", source.acquired_at)]
    return ", ".join(f"{what} {day}" for what, day in dates if day) or None


def _synthetic(source: SourceRecord) -> str | None:
    if source.category != "synthetic" and source.generator is None:
        return None
    return f"synthetic, generated by {source.generator or 'a model that is not recorded'}"


def _no_synthetic(material: Material) -> str:
    sorted_ = bool(material.sources) and all(one.category for _, one in material.sources)
    return (
        "no source of the data is recorded as synthetic" if sorted_ and not material.unsure else ""
    )
