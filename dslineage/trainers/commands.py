"""Which trainer a command runs, and with which configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

from dslineage.records import Gap
from dslineage.trainers import axolotl, llamafactory, torchtune
from dslineage.trainers.configured import Configured
from dslineage.trainers.documents import is_secret, read_values, scalar, without_secrets

_FILES = (".yaml", ".yml", ".json")
Reader = Callable[[Mapping[str, Any], Path], Configured]


@dataclass(frozen=True, slots=True)
class Told:
    """What a command line says: the configuration that it names, and settings that go over it."""

    read: Reader
    config: str | None = None
    over: Mapping[str, Any] = field(default_factory=dict)


def configuration_of(
    command: Sequence[str], folder: Path, config: Path | None = None
) -> Configured | None:
    """What the configuration of a command says; None where the trainer is not known.

    Args:
        command: the program and its arguments.
        folder: where it runs.
        config: the file of the configuration, where the command does not name it.

    Raises:
        NotFoundError: there is no such file.
        BadDataError: it is no configuration.
    """
    told = told_by(command)
    if config is not None:
        values = read_values(folder / config)
        reader = told.read if told else reader_of(values)
        if reader is None:
            return Configured("", parameters=without_secrets(values))
        return reader(_merged(values, told.over if told else {}), folder)
    if told is None:
        return None
    if told.config is None or told.config.endswith(_FILES):
        values = read_values(folder / told.config) if told.config else {}
        return told.read(_merged(values, told.over), folder)
    found = told.read(_merged({}, told.over), folder)
    why = f"the configuration {told.config} is one that the trainer brings, and was not read"
    return replace(found, gaps=(Gap("unknown-data", why), *found.gaps))


def told_by(command: Sequence[str]) -> Told | None:
    """What a command line says, if it is one of a trainer that is known.

    What stands before the trainer, such as `uv run` or `accelerate launch -m`, is passed over.
    """
    for place, word in enumerate(command):
        rest = command[place + 1 :]
        match PurePath(word).name, rest[:1]:
            case (("llamafactory-cli" | "lmf" | "llamafactory.cli"), ["train"]):
                return _llamafactory(rest[1:])
            case (("axolotl" | "axolotl.cli.main"), ["train"]):
                return _axolotl(rest[1:])
            case "axolotl.cli.train", _:
                return _axolotl(rest)
            case "tune", ["run"]:
                return _torchtune(rest[1:])
            case _:
                continue
    return None


def shown(command: Sequence[str]) -> tuple[str, ...]:
    """A command as it can be recorded: values of options that hold secrets are left out."""
    words: list[str] = []
    hidden = False
    for word in command:
        name, equals, _ = word.lstrip("-").partition("=")
        secret = is_secret(_name(name))
        words.append("..." if hidden else word)
        if secret and equals:
            words[-1] = word.partition("=")[0] + "=..."
        hidden = secret and not equals and word.startswith("-")
    return tuple(words)


def reader_of(values: Mapping[str, Any]) -> Reader | None:
    """The trainer whose settings these must be."""
    component = values.get("model")
    if isinstance(component, Mapping) and "_component_" in component:
        return torchtune.configured
    if "base_model" in values and ("datasets" in values or "pretraining_dataset" in values):
        return axolotl.configured
    if "model_name_or_path" in values and "dataset" in values:
        return llamafactory.configured
    return None


def _llamafactory(words: Sequence[str]) -> Told:
    """Its `read_args`: a file and `key=value`, or the options of transformers' parser."""
    file = words[0] if words and words[0].endswith(_FILES) else None
    if file is not None:
        return Told(llamafactory.configured, file, _pairs(words[1:]))
    return Told(llamafactory.configured, None, {**_pairs(words), **_options(words)})


def _axolotl(words: Sequence[str]) -> Told:
    """A file, then `--name value`; what follows `--` is the launcher's."""
    own = list(words[: words.index("--")] if "--" in words else words)
    file = next((word for word in own if word.endswith(_FILES)), None)
    return Told(axolotl.configured, file, _options(own))


def _torchtune(words: Sequence[str]) -> Told:
    """`--config`, then `key=value`."""
    config: str | None = None
    for place, word in enumerate(words):
        if word == "--config" and place + 1 < len(words):
            config = words[place + 1]
        elif word.startswith("--config="):
            config = word.removeprefix("--config=")
    return Told(torchtune.configured, config, _pairs(words))


def _pairs(words: Sequence[str]) -> dict[str, Any]:
    """`key=value` words."""
    split = (word.partition("=") for word in words if not word.startswith("-"))
    return {name: scalar(value) for name, equals, value in split if name and equals}


def _options(words: Sequence[str]) -> dict[str, Any]:
    """`--name value`, `--name=value`, `--flag` and `--no-flag`."""
    found: dict[str, Any] = {}
    for place, word in enumerate(words):
        if not word.startswith("--") or word == "--":
            continue
        name, equals, value = word[2:].partition("=")
        following = words[place + 1] if place + 1 < len(words) else "--"
        if equals:
            found[_name(name)] = scalar(value)
        elif not following.startswith("--") and not following.endswith(_FILES):
            found[_name(name)] = scalar(following)
        else:
            found[_name(name.removeprefix("no-"))] = not name.startswith("no-")
    return found


def _name(option: str) -> str:
    return option.replace("-", "_")


def _merged(values: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with others over them, whose names may go down: `dataset.source`."""
    merged = dict(values)
    for name, value in over.items():
        head, dot, rest = name.partition(".")
        inner = merged.get(head)
        if dot and isinstance(inner, Mapping):
            merged[head] = _merged(inner, {rest: value})
        elif dot:
            merged[head] = _merged({}, {rest: value})
        else:
            merged[name] = value
    return merged
