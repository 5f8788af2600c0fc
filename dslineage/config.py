"""`dslineage.toml`: what a team agreed on, in git for all to review."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from dslineage.errors import UsageError
from dslineage.ids import Digest

FILE_NAME = "dslineage.toml"
_DELTA = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(pp|%|ppm)?")
_UNITS = {"": 1.0, "pp": 0.01, "%": 0.01, "ppm": 1e-6}


@dataclass(frozen=True, slots=True)
class GateConfig:
    """A threshold on one metric: on its figure, or on how it may move against the parent.

    Bounds are in the metric's own scale: a share of 2% is 0.02. `warn` only says so.
    """

    metric: str
    reason: str
    least: float | None = None
    most: float | None = None
    max_increase: float | None = None
    max_decrease: float | None = None
    warn: bool = False
    dataset: str | None = None


@dataclass(frozen=True, slots=True)
class JudgeConfig:
    """A command that judges examples: what it is, and how much may be spent on it.

    It reads one JSON object a line, and writes one number or `null` a line. `prompt` is a file of
    the repository whose hash is part of the judge's identity, as is `model`.
    """

    name: str
    command: tuple[str, ...]
    model: str
    prompt: str | None = None
    unit: str = "score"
    better: Literal["higher", "lower", "neutral"] = "neutral"
    sample: int = 200


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a repository; `digest` is the hash of the file, None where there is none.

    `files` are metric files of the repository, `without` metrics that are not measured, `evals`
    evaluation files by the name under which contamination is reported, `eval_sets` data sets with
    the role `eval`, `params` parameters of metrics by the metric's name.
    """

    digest: Digest | None = None
    files: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    evals: Mapping[str, str] = field(default_factory=dict)
    eval_sets: tuple[str, ...] = ()
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    gates: tuple[GateConfig, ...] = ()
    judges: tuple[JudgeConfig, ...] = ()
    samples_in_ci: bool = False


def read_config(root: Path) -> Config:
    """The settings of the repository at `root`.

    Raises:
        UsageError: the file cannot be read, or says something that is not understood.
    """
    path = root / FILE_NAME
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Config()
    try:
        return _config(tomllib.loads(data.decode()), Digest.of(data))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{FILE_NAME} is not TOML: {error}", kind="bad-config") from error


def _config(document: Mapping[str, Any], digest: Digest) -> Config:
    _known(document, ("metrics", "roles", "gates", "judges", "ci"), "")
    metrics = _table(document, "metrics")
    _known(metrics, ("files", "without", "extras", "evals", "params"), "metrics.")
    roles = _table(document, "roles")
    _known(roles, ("eval",), "roles.")
    ci = _table(document, "ci")
    _known(ci, ("samples",), "ci.")
    return Config(
        digest=digest,
        files=_strings(metrics, "files", "metrics."),
        without=_strings(metrics, "without", "metrics."),
        extras=_strings(metrics, "extras", "metrics."),
        evals=_paths(_table(metrics, "evals", "metrics.")),
        eval_sets=_strings(roles, "eval", "roles."),
        params={
            name: _table(params, name, "metrics.params.")
            for params in [_table(metrics, "params", "metrics.")]
            for name in params
        },
        gates=tuple(_gate(gate, n) for n, gate in enumerate(_tables(document, "gates"))),
        judges=tuple(_judge(judge, n) for n, judge in enumerate(_tables(document, "judges"))),
        samples_in_ci=ci.get("samples") is True,
    )


def _gate(gate: Mapping[str, Any], number: int) -> GateConfig:
    where = f"gates[{number}]."
    bounds = ("min", "max", "max_increase", "max_decrease")
    _known(gate, ("metric", "reason", "warn", "dataset", *bounds), where)
    if not any(bound in gate for bound in bounds):
        raise _wrong(f"{where}metric", f"a gate needs one of {', '.join(bounds)}")
    if not str(gate.get("reason", "")).strip():
        raise _wrong(f"{where}reason", "a gate says why it is there")
    least, most, increase, decrease = (_bound(gate, bound, where) for bound in bounds)
    return GateConfig(
        metric=_string(gate, "metric", where),
        reason=_string(gate, "reason", where),
        least=least,
        most=most,
        max_increase=increase,
        max_decrease=decrease,
        warn=gate.get("warn") is True,
        dataset=_string(gate, "dataset", where) if "dataset" in gate else None,
    )


def _judge(judge: Mapping[str, Any], number: int) -> JudgeConfig:
    where = f"judges[{number}]."
    _known(judge, ("name", "command", "model", "prompt", "unit", "better", "sample"), where)
    better = judge.get("better", "neutral")
    if better not in ("higher", "lower", "neutral"):
        raise _wrong(f"{where}better", "it is higher, lower or neutral")
    sample = judge.get("sample", 200)
    if type(sample) is not int or sample < 1:
        raise _wrong(f"{where}sample", "it is a number of examples")
    command = _strings(judge, "command", where)
    if not command:
        raise _wrong(f"{where}command", "it is a list of words")
    return JudgeConfig(
        name=_string(judge, "name", where),
        command=command,
        model=_string(judge, "model", where),
        prompt=_string(judge, "prompt", where) if "prompt" in judge else None,
        unit=str(judge.get("unit", "score")),
        better=better,
        sample=sample,
    )


def _bound(gate: Mapping[str, Any], name: str, where: str) -> float | None:
    """A bound: a number, or a text such as `0.1pp`, `2%`, `30ppm`."""
    value = gate.get(name)
    if value is None or (type(value) in (int, float)):
        return None if value is None else float(value)
    found = _DELTA.fullmatch(value.strip()) if type(value) is str else None
    if found is None:
        raise _wrong(f"{where}{name}", "it is a number, or a text such as '0.1pp', '2%' or '30ppm'")
    return float(found[1]) * _UNITS[found[2] or ""]


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


def _paths(table: Mapping[str, Any]) -> Mapping[str, str]:
    return {name: _string(table, name, "metrics.evals.") for name in table}


def _wrong(where: str, why: str) -> UsageError:
    return UsageError(f"{FILE_NAME}: {where}: {why}", kind="bad-config")
