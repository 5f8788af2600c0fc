"""Whether an example is put together as training needs it: metrics of its shape alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from dslineage.quality.metric import Kind, Metric
from dslineage.quality.setmetric import Figure, SetMetric
from dslineage.quality.shape import Content, Shape, shape_of

if TYPE_CHECKING:
    from dslineage.quality.chunk import Chunk
    from dslineage.quality.example import Example
    from dslineage.quality.metric import Value
    from dslineage.quality.setmetric import Figures, Places, Population
    from dslineage.quality.values import Values

_SYSTEM = ("system", "developer")
_ROLES = (*_SYSTEM, "user", "assistant", "tool")
_READ = (Content.TEXT, Content.BLANK, Content.MEDIA)


def count(population: Population) -> Figures:
    """How many examples there are, equal ones counted each time; quarantined records are none."""
    rows = population.rows

    def figure(places: Places, *, error: bool = False) -> Figure:
        return Figure(float(len(rows[places])))

    return figure


def schema_ok(example: Example) -> bool | None:
    """Whether the example holds turns that a trainer can read, and one that it trains on."""
    return has_schema(example.shape)


def has_schema(shape: Shape) -> bool | None:
    """`schema_ok` of a shape; data that is tokenised already has none."""
    if "tokens" in shape.others:
        return None
    if "fields" in shape.others:
        return False
    if shape.text is not None:
        return shape.text in _READ
    turns = (*shape.system, *shape.dialogue, *shape.rejected)
    readable = all(
        turn.role in _ROLES
        and (turn.content in _READ or (turn.content is Content.NONE and turn.calls))
        for turn in turns
    )
    return readable and bool(shape.targets)


def turns_ok(example: Example) -> bool | None:
    """Whether questions and answers take turns; does not apply where there is no dialogue."""
    return takes_turns(example.shape)


def takes_turns(shape: Shape) -> bool | None:
    """`turns_ok` of a shape."""
    roles = without_runs([turn.role for turn in shape.dialogue])
    if not roles:
        return None
    return roles[0] == "user" and len(roles) % 2 == 0 and alternate(roles)


def without_runs(roles: list[str]) -> list[str]:
    """Roles, several tool turns in a row (results of parallel calls) being one."""
    before = ["", *roles]
    return [
        role for role, last in zip(roles, before, strict=False) if role != "tool" or last != role
    ]


def alternate(roles: list[str]) -> bool:
    """Whether user or tool and assistant alternate, beginning with one of the former."""
    return all(
        role == "assistant" if place % 2 else role in ("user", "tool")
        for place, role in enumerate(roles)
    )


def empty_target(example: Example) -> bool | None:
    """Whether any turn that is trained on says nothing and calls nothing."""
    return says_nothing(example.shape)


def says_nothing(shape: Shape) -> bool | None:
    """`empty_target` of a shape."""
    if shape.text is not None:
        return shape.text is Content.BLANK
    blank = (Content.BLANK, Content.NONE)
    targets = shape.targets
    return any(turn.content in blank and not turn.calls for turn in targets) if targets else None


def turns(example: Example) -> int | None:
    """How many turns there are, those of the system aside."""
    return turn_count(example.shape)


def turn_count(shape: Shape) -> int | None:
    """`turns` of a shape."""
    if not shape.dialogue:
        return None
    return sum(turn.role not in _SYSTEM for turn in shape.dialogue)


def llamafactory_keeps(example: Example, formatting: str) -> bool | None:
    """Whether LLaMA-Factory trains on the example rather than skip it as abnormal."""
    return keeps_parity(example.shape, formatting)


def keeps_parity(shape: Shape, formatting: str) -> bool | None:
    """`llamafactory_keeps` of a shape."""
    if shape.text is not None or "tokens" in shape.others:
        return None
    head = [turn.role for turn in shape.system]
    roles = [turn.role for turn in shape.dialogue]
    if formatting == "openai":
        roles = without_runs(roles)
        if roles[-1:] == ["tool"]:
            roles.pop()
    if head not in ([], ["system"]) or not roles:
        return False
    return len(shape.answer) <= 1 and len(roles) % 2 == 0 and alternate(roles)


def _values(kind: Kind, value: Callable[..., Value], chunk: Chunk, **params: str) -> Values:
    return chunk.by_shape(kind, partial(value, **params))


EXAMPLES = SetMetric(
    name="examples",
    unit="count",
    better="neutral",
    prepare=count,
    formula="n",
    source="bookkeeping",
    worked="A file of 7,473 records of which 2 cannot be parsed: 7,471.",
)

SCHEMA_OK = Metric(
    name="schema_ok",
    kind=Kind.FLAG,
    unit="share",
    better="higher",
    function=schema_ok,
    uses=(has_schema, shape_of),
    batch=partial(_values, Kind.FLAG, has_schema),
    formula="at least one message; every role is system, developer, user, assistant or tool; every "
    "content is a text or a list of typed parts, or absent beside tool_calls; at least one message "
    "is trained on; no column has a value of an unexpected shape. A plain text is one such message",
    source="what chat templates and trainers read: messages of role and content",
    worked='{"messages": [{"role": "humam", "content": "2 + 2?"}, …]} is not: `humam` is no role.',
)

TURNS_OK = Metric(
    name="turns_ok",
    kind=Kind.FLAG,
    unit="share",
    better="higher",
    function=turns_ok,
    uses=(takes_turns, without_runs, alternate, shape_of),
    batch=partial(_values, Kind.FLAG, takes_turns),
    formula="after the leading system messages, user or tool alternates with assistant; the first "
    "is a user, the last the assistant; tool messages in a row are one",
    source="the order that chat templates require (they raise, or trainers drop, otherwise)",
    worked="user, assistant, user: not, for nobody answers; user, assistant (calls two tools), "
    "tool, tool, assistant: yes.",
)

EMPTY_TARGET = Metric(
    name="empty_target",
    kind=Kind.FLAG,
    unit="share",
    better="lower",
    function=empty_target,
    uses=(says_nothing, shape_of),
    batch=partial(_values, Kind.FLAG, says_nothing),
    formula="any message that is trained on has no content, or only white space, and no tool_calls",
    source="AlpacaDataCleaned, issue class `empty outputs`",
    worked='{"instruction": "Name a prime.", "output": " "}: yes.',
)

TURNS = Metric(
    name="turns",
    kind=Kind.COUNT,
    unit="count",
    better="neutral",
    function=turns,
    uses=(turn_count, shape_of),
    batch=partial(_values, Kind.COUNT, turn_count),
    formula="number of messages whose role is not system or developer, the preferred answer's "
    "included",
    source="bookkeeping",
    worked="system, user, assistant, user, assistant: 4.",
)


def effective_llamafactory(formatting: str = "sharegpt") -> Metric:
    """The share that LLaMA-Factory keeps, under the `formatting` of its `dataset_info.json`.

    An Alpaca row is one question and one answer, which both keep. A ValueError where it is neither
    sharegpt nor openai.
    """
    if formatting not in ("sharegpt", "openai"):
        raise ValueError(f"LLaMA-Factory has no formatting {formatting!r}")
    return Metric(
        name="effective[llamafactory]",
        kind=Kind.FLAG,
        unit="share",
        better="higher",
        function=llamafactory_keeps,
        params={"formatting": formatting},
        uses=(keeps_parity, without_runs, alternate, shape_of),
        batch=partial(_values, Kind.FLAG, keeps_parity),
        formula="at most one leading system message; then user or tool at even places and assistant"
        " at odd ones, an even number and at least two; with formatting openai, tool messages in a "
        "row are one and those at the end are ignored",
        source="LLaMA-Factory, data/converter.py and data/processor/supervised.py: `Skipping this "
        "abnormal example`",
        worked="user, assistant, tool, tool, assistant: kept with formatting openai, dropped with "
        "sharegpt.",
    )


METRICS = (SCHEMA_OK, TURNS_OK, EMPTY_TARGET, TURNS)
