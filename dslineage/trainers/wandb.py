"""Runs of Weights & Biases, as it leaves them in files.

A run is a folder `wandb/run-DATE-ID/files` with `config.yaml`, `wandb-metadata.json` and
`wandb-summary.json`; the names are in its `core/internal/server/consts/files.go`, and each setting
stands under `value`, beside `wandb_version`. An export is a JSON object with members as the `Run`
of its public API has them: `id`, `name`, `state`, `config`, `summary`, `metadata`, `created_at`,
and `used_artifacts`, each with `name`, `type`, `version` and `digest`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dslineage.errors import BadDataError, NotFoundError
from dslineage.records import Code, Gap
from dslineage.records.run import Status
from dslineage.trainers.configured import Configured, NamedData, number, text, whole
from dslineage.trainers.documents import read_values, without_secrets
from dslineage.trainers.tracked import Tracked, instant, public

_OWN = {"_wandb", "wandb_version", "dslineage"}
_STATES: Mapping[str, Status] = {
    "finished": "finished", "failed": "failed", "crashed": "failed", "killed": "failed",
}  # fmt: skip
_UNTOLD = Gap("outcome", "the files do not say how the run ended")


def from_wandb(path: Path, folder: Path) -> list[Tracked]:
    """The run in a folder, or in an exported JSON file.

    Raises:
        NotFoundError: there is none.
        BadDataError: a file is not what it should be.
    """
    if path.is_file():
        found = read_values(path)
        if not isinstance(found.get("config"), Mapping):
            raise BadDataError(f"{path} is no exported run of W&B", kind="no-configuration")
        return [_run(found, path.stem)]
    home = path / "files" if (path / "files").is_dir() else path
    run = home.parent.name if home.name == "files" else home.name
    if not (home / "config.yaml").is_file():
        raise NotFoundError(f"there is no run of W&B in {path}: no config.yaml", kind="no-file")
    members = {"metadata": "wandb-metadata.json", "summary": "wandb-summary.json"}
    parts: dict[str, Any] = {
        name: read_values(home / file) for name, file in members.items() if (home / file).is_file()
    }
    parts["config"] = read_values(home / "config.yaml")
    return [_run({"id": run.rpartition("-")[2], **parts}, run)]


def _run(found: Mapping[str, Any], fallback: str) -> Tracked:
    config = _settings(_object(found, "config"))
    metadata, summary = _object(found, "metadata"), _object(found, "summary")
    own = _object(config, "dslineage")
    id_ = text(found, "id") or fallback
    state = _STATES.get(text(found, "state") or "")
    configured = Configured(
        trainer="",
        parameters=without_secrets({k: v for k, v in config.items() if k not in _OWN}),
        data=tuple(_artifacts(found)),
        output=text(config, "output_dir"),
        base=text(config, "model_name_or_path") or text(config, "_name_or_path"),
        seed=whole(config, "seed"),
    )
    return Tracked(
        origin=f"W&B run {id_}",
        name=text(found, "name") or text(config, "run_name") or id_,
        configured=configured,
        status=state or "started",
        code=_code(metadata),
        started_at=instant(metadata.get("startedAt") or found.get("created_at")),
        steps=whole(summary, "train/global_step"),
        epochs=number(summary, "train/epoch"),
        start_hash=text(own, "start_hash"),
        content_hashes=tuple((text(own, "content_hashes") or "").split()),
        versions=tuple((text(own, "versions") or "").split()),
        gaps=(*(() if state else (_UNTOLD,)), *_digests(found)),
    )


def _settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings: in `config.yaml` each is under `value`, in an export it may stand alone."""
    return {
        name: one["value"] if isinstance(one, Mapping) and "value" in one else one
        for name, one in config.items()
        if not (isinstance(one, Mapping) and set(one) == {"desc"})
    }


def _artifacts(found: Mapping[str, Any]) -> Iterator[NamedData]:
    for one in _used(found):
        if (text(one, "type") or "dataset") == "dataset":
            yield NamedData("train", f"wandb-artifact://{text(one, 'name') or '?'}")


def _digests(found: Mapping[str, Any]) -> Iterator[Gap]:
    for one in _used(found):
        digest = text(one, "digest")
        if digest:
            why = (
                f"the digest of {text(one, 'name') or 'an artifact'} ({digest[:40]}) is one of W&B"
            )
            yield Gap("unknown-data", f"{why}, and says nothing of its rows")


def _used(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = found.get("used_artifacts", [])
    if not isinstance(listed, list):
        raise BadDataError("used_artifacts is no list", kind="no-configuration")
    return [one for one in listed if isinstance(one, Mapping)]


def _object(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = found.get(name)
    return dict(value) if isinstance(value, Mapping) else {}


def _code(metadata: Mapping[str, Any]) -> Code | None:
    """The commit and the script; who ran it, and where, is left out."""
    git = _object(metadata, "git")
    code = Code(
        commit=text(git, "commit"),
        repository=public(text(git, "remote")),
        script=text(metadata, "codePath") or text(metadata, "program"),
    )
    return None if code == Code() else code
