"""`dslineage.toml`: what a team agreed on, in git for all to review."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, cast, get_args

from dslineage.disk import regular_bytes
from dslineage.errors import UsageError
from dslineage.ids import Digest

FILE_NAME = "dslineage.toml"
RATCHETS = ("max_increase", "max_decrease")
"""Bounds on how far a figure may move from that of the version's parent."""

BOUNDS = ("min", "max", *RATCHETS)
"""What a gate may hold a figure to."""

Push = Literal["send", "check", "off"]
"""What `pre-push` does about objects."""

_BOUND = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)\s*(pp|%|ppm)")
_SCALES = {"pp": 0.01, "%": 0.01, "ppm": 1e-6}


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound in the metric's own scale (2% is 0.02), and as it was written.

    `is_share` says that it was written with a unit of shares: pp, % or ppm.
    """

    kind: str
    value: float
    written: str
    is_share: bool


@dataclass(frozen=True, slots=True)
class GateConfig:
    """Bounds of one metric's figure, and why they are there.

    `warn` only says so; `judge` lets the figure of a judge fail.
    """

    metric: str
    reason: str
    bounds: tuple[Bound, ...]
    warn: bool = False
    judge: bool = False
    dataset: str | None = None


@dataclass(frozen=True, slots=True)
class JudgeConfig:
    """A command that judges examples: what it is, and how much may be spent on it.

    It reads one JSON object a line, and writes one number or `null` a line. `prompt` is a file of
    the repository whose hash is part of the judge's identity, as are the command, the model,
    `sample` (how many examples are judged) and `seed`. `timeout` is in seconds, for all of them.
    """

    name: str
    command: tuple[str, ...]
    model: str
    prompt: str | None = None
    unit: str = "score"
    better: Literal["higher", "lower", "neutral"] = "neutral"
    sample: int = 200
    seed: int = 0
    timeout: int = 600


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a repository; `digest` is the hash of the file, None where there is none.

    `files` are metric files of the repository, `without` metrics that are not measured, `extras`
    optional metrics with their options, `evals` evaluation files by the name under which
    contamination is reported, `eval_sets` data sets with the role `eval`, `params` parameters of
    metrics by the metric's name. `restore` lets hooks of git bring back data files at once,
    `samples` texts of examples stand in the review of a pull request; `push` is what the hook
    `pre-push` does about objects.
    """

    digest: Digest | None = None
    files: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    extras: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    evals: Mapping[str, str] = field(default_factory=dict)
    eval_sets: tuple[str, ...] = ()
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    gates: tuple[GateConfig, ...] = ()
    judges: tuple[JudgeConfig, ...] = ()
    restore: bool = False
    samples: bool = False
    push: Push = "send"


def read_config(root: Path) -> Config:
    """The settings of the repository at `root`.

    Raises:
        UsageError: the file cannot be read, or says something that is not understood.
    """
    path = root / FILE_NAME
    try:
        data = regular_bytes(path)
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise UsageError(
            f"{FILE_NAME} cannot be read: {error.strerror}", kind="bad-config"
        ) from error
    return config_of(data)


def config_of(data: bytes) -> Config:
    """The settings in the bytes of a file.

    Raises:
        UsageError: they say something that is not understood.
    """
    try:
        return _config(tomllib.loads(data.decode()), Digest.of(data))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{FILE_NAME} is not TOML: {error}", kind="bad-config") from error


def _config(document: Mapping[str, Any], digest: Digest) -> Config:
    _known(document, ("metrics", "roles", "gates", "judges", "hooks", "ci"), "")
    metrics = _table(document, "metrics")
    _known(metrics, ("files", "without", "extras", "evals", "params"), "metrics.")
    roles = _table(document, "roles")
    _known(roles, ("eval",), "roles.")
    evals = _table(metrics, "evals", "metrics.")
    hooks = _table(document, "hooks")
    _known(hooks, ("restore", "push"), "hooks.")
    ci = _table(document, "ci")
    _known(ci, ("samples",), "ci.")
    judges = tuple(_judge(judge, n) for n, judge in enumerate(_tables(document, "judges")))
    if len({judge.name for judge in judges}) != len(judges):
        raise _wrong("judges", "two have one name")
    return Config(
        digest=digest,
        files=_strings(metrics, "files", "metrics."),
        without=_strings(metrics, "without", "metrics."),
        extras=_extras(metrics),
        evals={name: _string(evals, name, "metrics.evals.") for name in evals},
        eval_sets=_strings(roles, "eval", "roles."),
        params=_inner(_table(metrics, "params", "metrics."), "metrics.params."),
        gates=tuple(_gate(gate, n) for n, gate in enumerate(_tables(document, "gates"))),
        judges=judges,
        restore=_flag(hooks, "restore", "hooks."),
        samples=_flag(ci, "samples", "ci."),
        push=_push(hooks),
    )


def _extras(metrics: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Optional metrics: a list of names, or a table for each with its options."""
    if type(metrics.get("extras")) is list:
        return {name: {} for name in _strings(metrics, "extras", "metrics.")}
    return _inner(_table(metrics, "extras", "metrics."), "metrics.extras.")


def _gate(gate: Mapping[str, Any], number: int) -> GateConfig:
    where = f"gates[{number}]."
    _known(gate, ("metric", "reason", "warn", "judge", "dataset", *BOUNDS), where)
    bounds = tuple(_bound(gate[kind], kind, where) for kind in BOUNDS if kind in gate)
    if not bounds:
        raise _wrong(f"{where}metric", f"a gate needs one of {', '.join(BOUNDS)}")
    if not str(gate.get("reason", "")).strip():
        raise _wrong(f"{where}reason", "a gate says why it is there")
    return GateConfig(
        metric=_string(gate, "metric", where),
        reason=_string(gate, "reason", where),
        bounds=bounds,
        warn=_flag(gate, "warn", where),
        judge=_flag(gate, "judge", where),
        dataset=_string(gate, "dataset", where) if "dataset" in gate else None,
    )


def _judge(judge: Mapping[str, Any], number: int) -> JudgeConfig:
    where = f"judges[{number}]."
    numbers = ("sample", "seed", "timeout")
    _known(judge, ("name", "command", "model", "prompt", "unit", "better", *numbers), where)
    better = judge.get("better", "neutral")
    if better not in ("higher", "lower", "neutral"):
        raise _wrong(f"{where}better", "it is higher, lower or neutral")
    command = _strings(judge, "command", where)
    if not command or not command[0]:
        raise _wrong(f"{where}command", "it is a list of words")
    return JudgeConfig(
        name=_string(judge, "name", where),
        command=command,
        model=_string(judge, "model", where),
        prompt=_string(judge, "prompt", where) if "prompt" in judge else None,
        unit=_string(judge, "unit", where) if "unit" in judge else "score",
        better=better,
        **{name: _natural(judge, name, where) for name in numbers if name in judge},
    )


def _bound(value: object, kind: str, where: str) -> Bound:
    """A bound: a number, or a text such as `0.1pp`, `2%`, `30ppm`."""
    if type(value) in (int, float) and math.isfinite(number := float(str(value))):
        return Bound(kind, number, f"{number:g}", is_share=False)
    found = _BOUND.fullmatch(value.strip()) if type(value) is str else None
    if found is None:
        raise _wrong(f"{where}{kind}", "it is a number, or a text such as '0.1pp', '2%' or '30ppm'")
    return Bound(kind, float(found[1]) * _SCALES[found[2]], f"{found[1]}{found[2]}", is_share=True)


def _known(table: Mapping[str, Any], names: Sequence[str], where: str) -> None:
    for name in table:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            meant = f"; did you mean {near[0]}?" if near else f": {', '.join(names)} are"
            raise _wrong(f"{where}{name}", f"it is not known{meant}")


def _table(table: Mapping[str, Any], name: str, where: str = "") -> Mapping[str, Any]:
    value = table.get(name, {})
    if type(value) is not dict:
        raise _wrong(f"{where}{name}", "it is a table")
    return value


def _tables(table: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    value = table.get(name, [])
    if type(value) is not list or any(type(one) is not dict for one in value):
        raise _wrong(name, f"it is written as [[{name}]]")
    return value


def _string(table: Mapping[str, Any], name: str, where: str) -> str:
    value = table.get(name)
    if type(value) is not str or not value:
        raise _wrong(f"{where}{name}", "it is a text")
    return value


def _strings(table: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    value = table.get(name, [])
    if type(value) is not list or any(type(one) is not str for one in value):
        raise _wrong(f"{where}{name}", "it is a list of texts")
    return tuple(value)


def _inner(table: Mapping[str, Any], where: str) -> Mapping[str, Mapping[str, Any]]:
    return {name: _table(table, name, where) for name in table}


def _flag(table: Mapping[str, Any], name: str, where: str) -> bool:
    value = table.get(name, False)
    if type(value) is not bool:
        raise _wrong(f"{where}{name}", "it is true or false")
    return value


def _push(hooks: Mapping[str, Any]) -> Push:
    for known in get_args(Push):
        if hooks.get("push", "send") == known:
            return cast("Push", known)
    raise _wrong("hooks.push", f"it is one of {', '.join(get_args(Push))}")


def _natural(table: Mapping[str, Any], name: str, where: str) -> int:
    value = table[name]
    if type(value) is not int or value < (name != "seed"):
        raise _wrong(f"{where}{name}", "it is a whole number")
    return value


def _wrong(where: str, why: str) -> UsageError:
    return UsageError(f"{FILE_NAME}: {where}: {why}", kind="bad-config")
