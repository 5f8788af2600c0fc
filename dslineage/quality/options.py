"""What settings say of single metrics: parameters of those of the profile, and optional ones."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from dslineage.config import FILE_NAME
from dslineage.errors import UsageError
from dslineage.quality.core.length import effective_axolotl, over_length
from dslineage.quality.core.structure import effective_llamafactory
from dslineage.quality.extras import EXTRAS, with_extra
from dslineage.quality.inside import repository_file
from dslineage.quality.metric import Metric
from dslineage.quality.profile import Profile
from dslineage.quality.setmetric import SetMetric

TRAINERS: Mapping[str, Callable[..., Metric]] = {"axolotl": effective_axolotl}
"""Metrics that need to be told how a trainer is set up, by its name."""

_MADE: Mapping[str, Callable[..., Metric]] = {
    "over_len": over_length,
    "effective": effective_llamafactory,
}
"""What makes the metrics of the profile whose names or texts tell a parameter."""


def with_option(profile: Profile, name: str, given: Mapping[str, Any], root: Path) -> Profile:
    """A profile with an optional metric more.

    Args:
        profile: what is measured besides.
        name: one of `EXTRAS` or `TRAINERS`.
        given: its options, as the settings say them.
        root: the repository, in which files are that options name.

    Raises:
        UsageError: there is no such metric, or an option is not as it should be.
    """
    where = f"metrics.extras.{name}"
    makers = {**EXTRAS, **TRAINERS}
    if name not in makers:
        raise _wrong(where, f"it is not known: {', '.join(sorted(makers))} are")
    options = {
        option: repository_file(root, value, f"{where}.{option}")
        if option == "tokenizer_json" and type(value) is str
        else value
        for option, value in given.items()
    }
    make = partial(_made, makers[name], where, options)
    if name in TRAINERS:
        return replace(profile, metrics=(*profile.metrics, make()))
    _bound(makers[name], where, options)
    return with_extra(profile, name, **options)


def with_params(profile: Profile, name: str, params: Mapping[str, Any]) -> Profile:
    """A profile in which a metric has other parameters.

    Raises:
        UsageError: there is no such metric, or a parameter is not as it should be.
    """
    where = f"metrics.params.{name}"
    metrics = list(profile.metrics)
    places = [n for n, one in enumerate(metrics) if name in (one.name, one.name.partition("[")[0])]
    if not places:
        raise _wrong(where, "no such metric")
    for place in places:
        metrics[place] = _changed(metrics[place], where, params)
    return replace(profile, metrics=tuple(metrics))


def _changed(
    metric: Metric | SetMetric, where: str, params: Mapping[str, Any]
) -> Metric | SetMetric:
    maker = _MADE.get(metric.name.partition("[")[0])
    if maker is not None:
        return _made(maker, where, params)
    settable = {} if isinstance(metric, SetMetric) else dict(metric.params)
    for name, value in params.items():
        if name not in settable:
            raise _wrong(f"{where}.{name}", f"it is no parameter: {_listed(settable)}")
        if type(value) is not type(settable[name]):
            raise _wrong(f"{where}.{name}", f"it is like {settable[name]!r}")
    said = ", ".join(f"{name} = {value}" for name, value in params.items())
    formula = f"{metric.formula}; here with {said}"
    return replace(metric, params={**settable, **params}, formula=formula)


def _made(maker: Callable[..., Metric], where: str, options: Mapping[str, Any]) -> Metric:
    _bound(maker, where, options)
    try:
        return maker(**options)
    except ValueError as error:
        raise _wrong(where, str(error)) from error


def _bound(maker: Callable[..., Metric], where: str, options: Mapping[str, Any]) -> None:
    """Refuse options that a function does not take, or not so."""
    known = inspect.signature(maker).parameters
    for name, value in options.items():
        if name not in known:
            raise _wrong(f"{where}.{name}", f"it is no option: {_listed(known)}")
        wanted = str(known[name].annotation).partition(" |")[0]
        fits = isinstance(value, Path) if wanted == "Path" else type(value).__name__ == wanted
        if not fits or (wanted == "int" and value < 1):
            raise _wrong(f"{where}.{name}", f"it is of type {wanted}, and not {value!r:.60}")
    for name, one in known.items():
        if one.default is one.empty and name not in options:
            raise _wrong(f"{where}.{name}", "it has to be said")


def _listed(names: Mapping[str, Any]) -> str:
    return f"{', '.join(names)} are" if names else "there are none"


def _wrong(where: str, why: str) -> UsageError:
    return UsageError(f"{FILE_NAME}: {where}: {why}", kind="bad-config")
