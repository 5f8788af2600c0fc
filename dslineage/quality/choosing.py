"""The profile that a repository has chosen: the default one, and what its settings change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.config import FILE_NAME, Config
from dslineage.errors import UntrustedError, UsageError
from dslineage.ids import Digest
from dslineage.quality.commandjudge import command_judge
from dslineage.quality.core.default import sft_core
from dslineage.quality.inside import repository_file
from dslineage.quality.judge import FunctionJudge
from dslineage.quality.metricfile import Own, load_metrics
from dslineage.quality.options import with_option, with_params
from dslineage.quality.sets.contamination import contamination
from dslineage.quality.trust import Trust

if TYPE_CHECKING:
    from dslineage.quality.example import Example
    from dslineage.quality.profile import Profile


@dataclass(frozen=True, slots=True)
class Consent:
    """What may run: what was trusted before, files named for this one call, and judges if asked."""

    trust: Trust = field(default_factory=Trust)
    named: tuple[Path, ...] = ()
    judges: bool = False


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
        UntrustedError: judges are asked for, and the settings or files that name them are not
            trusted.
    """
    profile = _with_files(config, root, consent, evals)
    if consent.judges:
        profile = _with_judges(profile, config, root, consent.trust)
    else:
        profile = replace(profile, judges=())
    return _without(profile, config.without)


def vocabulary(
    config: Config, root: Path, trust: Trust, evals: Mapping[str, Sequence[Example]]
) -> Profile:
    """The metrics of a repository and all its judges, to be read; nobody is asked.

    What nobody trusts is among what is unavailable. The other arguments are as above.
    """
    profile = _with_files(config, root, Consent(trust), evals)
    for one in config.judges:
        try:
            profile = _with_judges(profile, replace(config, judges=(one,)), root, trust)
        except UntrustedError as error:
            profile = profile.lacking(one.name, f"{error.message} ({error.hint})")
    return _without(profile, config.without)


def plain_profile(config: Config, root: Path, evals: Mapping[str, Sequence[Example]]) -> Profile:
    """The metrics of a repository as far as they need none of its code; arguments as above."""
    profile = _settled(config, root, evals)
    return _without(profile, [name for name in config.without if profile.has(name)])


def require_trust(config: Config, root: Path, consent: Consent) -> None:
    """Refuse to go on where the profile has code that nobody trusted.

    Raises:
        UntrustedError: it has.
    """
    for file in config.files:
        path = repository_file(root, file, "metrics.files")
        consent.trust.require(path, Digest.of(_bytes(path)), file)


def _settled(config: Config, root: Path, evals: Mapping[str, Sequence[Example]]) -> Profile:
    profile = sft_core()
    for name, params in config.params.items():
        profile = with_params(profile, name, params)
    for name, options in config.extras.items():
        profile = with_option(profile, name, options, root)
    sets = tuple(contamination(name, items) for name, items in sorted(evals.items()))
    return replace(profile, metrics=(*profile.metrics, *sets))


def _with_files(
    config: Config, root: Path, consent: Consent, evals: Mapping[str, Sequence[Example]]
) -> Profile:
    """The settled profile with what metric files have, their judges too."""
    profile = _settled(config, root, evals)
    for file in config.files:
        profile = _with_file(profile, root, file, consent)
    for path in consent.named:
        profile = _with_own(profile, load_metrics(path, _bytes(path)), str(path))
    return profile


def _with_file(profile: Profile, root: Path, file: str, consent: Consent) -> Profile:
    path = repository_file(root, file, "metrics.files")
    content = _bytes(path)
    try:
        consent.trust.require(path, Digest.of(content), file)
    except UntrustedError as error:
        return profile.lacking(file, f"{error.message} ({error.hint})")
    return _with_own(profile, load_metrics(path, content), file)


def _with_own(profile: Profile, own: Sequence[Own], file: str) -> Profile:
    names = {one.name for one in (*profile.metrics, *profile.judges)}
    for one in own:
        if one.name in names:
            raise UsageError(
                f"{file} has a metric {one.name!r}, and there is one of that name",
                kind="bad-metric-file",
                hint="give it another name",
            )
        names.add(one.name)
    judges = [one for one in own if isinstance(one, FunctionJudge)]
    metrics = [one for one in own if not isinstance(one, FunctionJudge)]
    return replace(
        profile,
        metrics=(*profile.metrics, *metrics),
        judges=(*profile.judges, *judges),
    )


def _with_judges(profile: Profile, config: Config, root: Path, trust: Trust) -> Profile:
    """The judges of the settings besides, whose commands run only if the settings are trusted."""
    if not config.judges:
        return profile
    if config.digest is not None:
        trust.require(root / FILE_NAME, config.digest, FILE_NAME)
    judges = [command_judge(one, root, trust) for one in config.judges]
    names = {one.name for one in (*profile.metrics, *profile.judges)}
    if both := sorted(names & {one.name for one in judges}):
        raise UsageError(f"{FILE_NAME}: judges: there is a metric {both[0]!r}", kind="bad-config")
    return replace(profile, judges=(*profile.judges, *judges))


def _without(profile: Profile, names: Sequence[str]) -> Profile:
    for name in names:
        if not profile.has(name) and not profile.unavailable:
            raise UsageError(f"{FILE_NAME}: metrics.without: no metric {name!r}", kind="bad-config")
    kept = tuple(metric for metric in profile.metrics if metric.name not in names)
    return replace(profile, metrics=kept)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", kind="no-file") from error
