"""A draft of the EU's public summary of training content.

The boxes are those of the Commission's template for Article 53(1)(d) of Regulation (EU) 2024/1689
(24 July 2025; C(2025) 8311 of 5 December 2025), in words of our own. Its numbers go down to `1.3`
and `2.1`; the letters behind them are ours.
"""

from __future__ import annotations

from dslineage.lineage.node import Node
from dslineage.records import Category, Evidence, ModelRecord, RunRecord
from dslineage.standards.basis import Basis
from dslineage.standards.draft import Answer, Box, Draft, Part, once
from dslineage.standards.material import Material, described, stepped
from dslineage.standards.uses import bases

_ADD = "dslineage source add NAME --uri URI"
_BY_HAND = "Nothing that is recorded here answers this: write it by hand."


def eu_summary(basis: Basis) -> Draft:
    """What records say of the boxes of the template, for a model or a run."""
    material = Material(basis)
    return Draft(
        title="Public summary of training content",
        law="Regulation (EU) 2024/1689, Article 53(1)(d); template of 24 July 2025, "
        "C(2025) 8311 of 5 December 2025",
        of=basis.focus,
        parts=(_general(material), _sources(material), _processing(material)),
        gaps=basis.gaps,
    )


def _general(material: Material) -> Part:
    basis, focus = material.basis, material.basis.focus
    began = once(
        material.answer(one.base.uri, one.node or one.by, _said(basis, one.by))
        for one in bases(basis, focus.id)
    )
    record = basis.record(focus.id, ModelRecord)
    weights = f", tensors {record.weights_hash}" if record and record.weights_hash else ""
    dates = material.per_source(lambda one: one.acquired_at)
    latest = max(dates, key=lambda one: one.text, default=None)
    tokens = material.tokens
    size = (Answer(_size(tokens[0]), focus, tokens[1]),) if tokens else ()
    languages = "--language on " + _ADD
    return Part(
        "1. General information",
        (
            Box("1.1", "Provider, and authorised representative, with contact details",
                fill=_BY_HAND),
            Box("1.2a", "Name and version of the model",
                (material.answer(f"{focus.ref} ({focus.id}){weights}", focus),)),
            Box("1.2b", "Models that it depends on", began, unsure=_unknown_bases(basis),
                fill="the training run names its base: the callback, or dslineage model add "
                "DIR --base REF"),
            Box("1.2c", "Date of placing on the Union market",
                material.claims("deployment", "since"),
                fill=f"dslineage claim add {focus.ref} --type deployment --to WHERE "
                "--body since=YYYY-MM-DD"),
            Box("1.3a", "Modalities of the training data",
                material.per_source(lambda one: one.modality),
                fill=f"--modality on {_ADD}", unsure=material.unsure),
            Box("1.3b", "Size of the training data, in the template's ranges", size,
                fill="dslineage.watch and the callback record how many tokens a trainer made; "
                f"known without them: {_examples(material)}", unsure=material.unsure),
            Box("1.3c", "Types of content",
                material.per_source(lambda one: one.description or one.title),
                fill=f"--title on {_ADD}"),
            Box("1.3d", "Latest date of acquisition", (latest,) if latest else (),
                fill=f"--acquired on {_ADD}", unsure=material.unsure),
            Box("1.3e", "Languages", material.per_source(lambda one: ", ".join(one.languages)),
                fill=languages),
        ),
    )  # fmt: skip


def _sources(material: Material) -> Part:
    listed: tuple[tuple[str, str, Category], ...] = (
        ("2.1", "Publicly available datasets", "public"),
        ("2.2", "Private datasets of third parties: licensed, or obtained otherwise", "licensed"),
        ("2.3", "Data crawled and scraped from online sources", "crawled"),
        ("2.4", "User data", "user"),
        ("2.5", "Synthetic data, with the models that generated it", "synthetic"),
        ("2.6", "Other sources", "other"),
    )
    boxes = [_category(material, *one) for one in listed]
    unsorted = material.per_source(lambda one: None if one.category else described(one))
    boxes.append(
        Box("2.x", "Sources whose category is not recorded", unsorted, fill=f"--category on {_ADD}",
            absent="every recorded source has a category")
    )  # fmt: skip
    return Part("2. Data sources", tuple(boxes))


def _category(material: Material, number: str, question: str, category: Category) -> Box:
    answers = material.per_source(
        lambda one: (
            _with_generator(described(one), one.generator) if one.category == category else None
        )
    )
    sorted_ = bool(material.sources) and all(one.category for _, one in material.sources)
    sure = sorted_ and not material.unsure
    return Box(
        number,
        question,
        answers,
        fill=f"{_ADD} --category {category}; then dslineage source link NAME VERSION",
        absent=f"no source of the data has the category {category!r}" if sure else "",
        unsure=material.unsure or ("" if sorted_ else "not every source has a category"),
    )


def _processing(material: Material) -> Part:
    steps = tuple(material.answer(stepped(one), node, one.evidence) for node, one in material.steps)
    return Part(
        "3. Data processing",
        (
            Box("3.1", "Respect of reservations of rights from text and data mining",
                material.per_source(lambda one: one.consent and f"consent: {one.consent}"),
                fill=f"--consent on {_ADD}; which step removes what was reserved, write by hand"),
            Box("3.2", "Removal of illegal content",
                fill="no record says which of the steps in 3.3 removes it: write it by hand"),
            Box("3.3", "Other processing", steps, fill="dslineage step -- COMMAND",
                unsure=material.unsure),
        ),
    )  # fmt: skip


def _said(basis: Basis, node: Node) -> Evidence | None:
    """How a run or a model says that what it tells is known."""
    record = basis.records.get(node.id)
    return record.evidence if isinstance(record, RunRecord | ModelRecord) else None


def _unknown_bases(basis: Basis) -> str:
    some = [f"{node.ref}: {gap.message}" for node, gap in basis.gaps if gap.kind == "base-model"]
    return "; ".join(some)


def _with_generator(text: str, generator: str | None) -> str:
    return f"{text}; generated by {generator}" if generator else text


def _size(tokens: int) -> str:
    """The range of the template for text."""
    billion = 10**9
    if tokens < billion:
        named = "less than 1 billion tokens"
    else:
        named = (
            "1 billion to 10 trillion tokens"
            if tokens <= 10_000 * billion
            else "more than 10 trillion tokens"
        )
    return f"{named} ({tokens:,} as the trainer counted them, base models aside)"  # fmt: skip


def _examples(material: Material) -> str:
    counts = [f"{one.about.ref} {one.text}" for one in
              material.per_version(lambda one: f"{one.examples:,} examples")]  # fmt: skip
    return ", ".join(counts) or "nothing"
