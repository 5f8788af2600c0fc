"""The profile that a repository has chosen: the default one, and what its settings change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.config import FILE_NAME, Config
from dslineage.errors import IntegrityError, UntrustedError, UsageError
from dslineage.quality.core.default import sft_core
from dslineage.quality.custom import load_metrics
from dslineage.quality.extras import with_extra
from dslineage.quality.sets.contamination import contamination
from dslineage.quality.trust import Trust
from dslineage.records import safe_path

if TYPE_CHECKING:
    from dslineage.quality.example import Example
    from dslineage.quality.metric import Metric
    from dslineage.quality.profile import Profile


@dataclass(frozen=True, slots=True)
class Consent:
    """Whose code may run: what was trusted before, and files named for this one call."""

    trust: Trust = field(default_factory=Trust)
    named: tuple[Path, ...] = ()


def chosen_profile(
    config: Config, root: Path, consent: Consent, evals: Mapping[str, Sequence[Example]]
) -> Profile:
    """The metrics of a repository.

    A metric file that nobody trusts is not run: it is among what is unavailable.

    Args:
        config: the settings.
        root: the top of the work tree, in which metric files are.
        consent: whose code may run.
        evals: the examples of evaluation sets, by name.

    Raises:
        UsageError: the settings name what is not there, or a trusted file does not run.
    """
    profile = sft_core()
    for name, params in config.params.items():
        profile = _with_params(profile, name, params)
    for name in config.extras:
        profile = with_extra(profile, name)
    sets = tuple(contamination(name, items) for name, items in sorted(evals.items()))
    profile = replace(profile, metrics=(*profile.metrics, *sets))
    for file in config.files:
        profile = _with_file(profile, root, file, consent)
    for path in consent.named:
        profile = _with_own(profile, load_metrics(path, _bytes(path, str(path))), str(path))
    return _without(profile, config.without)


def plain_profile(config: Config, evals: Mapping[str, Sequence[Example]]) -> Profile:
    """The metrics of a repository as far as they need none of its code."""
    plain = replace(config, files=(), evals={}, eval_sets=(), judges=(), without=())
    profile = chosen_profile(plain, Path(), Consent(), evals)
    return _without(profile, [name for name in config.without if profile.has(name)])


def _with_params(profile: Profile, name: str, params: Mapping[str, object]) -> Profile:
    metrics = list(profile.metrics)
    for place, metric in enumerate(metrics):
        if metric.name.partition("[")[0] == name:
            unknown = sorted(set(params) - set(metric.params))
            if unknown:
                raise UsageError(
                    f"{FILE_NAME}: metrics.params.{name}.{unknown[0]}: {name} has no such "
                    f"parameter: {', '.join(metric.params) or 'it has none'}",
                    kind="bad-config",
                )
            metrics[place] = replace(metric, params={**metric.params, **params})
            return replace(profile, metrics=tuple(metrics))
    raise UsageError(f"{FILE_NAME}: metrics.params.{name}: no such metric", kind="bad-config")


def _with_file(profile: Profile, root: Path, file: str, consent: Consent) -> Profile:
    try:
        path = root / safe_path(file)
    except IntegrityError:
        path = root
    if not path.resolve().is_relative_to(root.resolve()) or path.is_dir():
        raise UsageError(
            f"{FILE_NAME}: metrics.files: {file!r} is no file of the repository", kind="bad-config"
        )
    content = _bytes(path, file)
    try:
        consent.trust.require(path, content, file)
    except UntrustedError as error:
        unavailable = {**profile.unavailable, file: f"{error.message} ({error.hint})"}
        return replace(profile, unavailable=unavailable)
    return _with_own(profile, load_metrics(path, content), file)


def _with_own(profile: Profile, own: Sequence[Metric], file: str) -> Profile:
    names = {metric.name for metric in profile.metrics}
    for metric in own:
        if metric.name in names:
            raise UsageError(
                f"{file} has a metric {metric.name!r}, as the profile has",
                kind="bad-metric-file",
                hint="give it another name",
            )
        names.add(metric.name)
    return replace(profile, metrics=(*profile.metrics, *own))


def _without(profile: Profile, names: Sequence[str]) -> Profile:
    for name in names:
        if not profile.has(name) and not profile.unavailable:
            raise UsageError(f"{FILE_NAME}: metrics.without: no metric {name!r}", kind="bad-config")
    kept = tuple(metric for metric in profile.metrics if metric.name not in names)
    return replace(profile, metrics=kept)


def _bytes(path: Path, shown: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}", kind="no-file") from error
