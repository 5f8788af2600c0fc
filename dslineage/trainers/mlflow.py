"""Runs of MLflow, as its file store leaves them.

The layout is that of its `store/tracking/file_store.py`: `mlruns/EXPERIMENT/RUN` with `meta.yaml`,
one file for each of `params/` and `tags/`, and `inputs/ID/meta.yaml`, which names a data set of
`mlruns/EXPERIMENT/datasets/ID/meta.yaml`. The digest there is of a sample of the rows, so that it
is kept as a word, and is never evidence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dslineage.errors import BadDataError, NotFoundError
from dslineage.records import Code, Gap
from dslineage.records.run import Role, Status
from dslineage.trainers.configured import Configured, NamedData, hub_uri, text, whole
from dslineage.trainers.documents import read_values, scalar, without_secrets
from dslineage.trainers.tracked import Tracked, moment, public

_META = "meta.yaml"
_LONGEST = 100_000
_MOST = 10_000
_STATUSES: Mapping[int, Status] = {3: "finished", 4: "failed", 5: "failed"}
_CONTEXT = "mlflow.data.context"
_EVALUATIONS = {"eval", "evaluation", "validation", "test", "testing"}
_UNTOLD = Gap("outcome", "the files do not say how the run ended")


def from_mlflow(path: Path, folder: Path) -> list[Tracked]:
    """The run in a folder, or all runs of an experiment, or of a store, that were not deleted.

    Raises:
        NotFoundError: there is none.
        BadDataError: a file is not what it should be.
    """
    found = [path / _META, *sorted(path.glob(f"*/{_META}")), *sorted(path.glob(f"*/*/{_META}"))]
    metas = {one.parent: read_values(one) for one in found[:_MOST] if one.is_file()}
    runs = [
        _run(home, meta)
        for home, meta in metas.items()
        if text(meta, "run_id") and text(meta, "lifecycle_stage") != "deleted"
    ]
    if not runs:
        raise NotFoundError(f"there is no run of MLflow in {path}", kind="no-file")
    return runs


def _run(home: Path, meta: Mapping[str, Any]) -> Tracked:
    parameters = {name: scalar(value) for name, value in _texts(home / "params").items()}
    tags = _texts(home / "tags")
    inputs = list(_inputs(home))
    status = _STATUSES.get(whole(meta, "status") or 0)
    start, end = whole(meta, "start_time"), whole(meta, "end_time")
    run = text(meta, "run_id") or ""
    configured = Configured(
        trainer="",
        parameters=without_secrets(parameters),
        data=tuple(data for data, _ in inputs),
        output=text(parameters, "output_dir"),
        base=text(parameters, "model_name_or_path") or text(parameters, "_name_or_path"),
        seed=whole(parameters, "seed"),
    )
    return Tracked(
        origin=f"MLflow run {run}",
        name=text(meta, "run_name") or tags.get("mlflow.runName") or run,
        configured=configured,
        status=status or "started",
        code=_code(tags),
        started_at=moment(start / 1000) if start else None,
        ended_at=moment(end / 1000) if end else None,
        start_hash=tags.get("dslineage.start_hash"),
        content_hashes=tuple(tags.get("dslineage.content_hashes", "").split()),
        versions=tuple(tags.get("dslineage.versions", "").split()),
        gaps=(*(() if status else (_UNTOLD,)), *(gap for _, gap in inputs)),
    )


def _texts(folder: Path) -> dict[str, str]:
    """The files of a folder by their names, each with what is in it."""
    if not folder.is_dir():
        return {}
    paths = [one for one in sorted(folder.rglob("*"))[:_MOST] if one.is_file()]
    try:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()[:_LONGEST].decode()
            for path in paths
        }
    except (UnicodeDecodeError, OSError) as error:
        raise BadDataError(f"a file in {folder} is no text", kind="no-configuration") from error


def _inputs(home: Path) -> Iterator[tuple[NamedData, Gap]]:
    """The data sets that the run was told to have used, and what is not known of each."""
    for path in sorted(home.glob(f"inputs/*/{_META}"))[:_MOST]:
        entry = read_values(path)
        id_, tags = text(entry, "source_id") or "", entry.get("tags")
        if entry.get("source_type") != "DATASET" or Path(id_).name != id_:
            continue
        context = tags.get(_CONTEXT, "") if isinstance(tags, Mapping) else ""
        role: Role = "eval" if str(context).lower() in _EVALUATIONS else "train"
        told = read_values(home.parent / "datasets" / id_ / _META)
        name, digest = text(told, "name") or "a data set", text(told, "digest") or "none"
        why = f"MLflow's digest of {name} ({digest[:40]}) is of a sample of its rows: it is noted, "
        yield _named(role, told, name), Gap("unknown-data", f"{why}and is no evidence of them")


def _named(role: Role, told: Mapping[str, Any], name: str) -> NamedData:
    """A data set by its source, a text of JSON."""
    try:
        source = json.loads(text(told, "source") or "{}")
    except (ValueError, RecursionError):
        source = {}
    if not isinstance(source, Mapping):
        source = {}
    uri = text(source, "uri") or text(source, "url")
    path = text(source, "path")
    if uri is None and path is not None:
        uri = hub_uri(path, text(source, "revision"))
    split = text(source, "split")
    return NamedData(role, uri or name, (), None if split == "None" else split)


def _code(tags: Mapping[str, str]) -> Code | None:
    """The commit and the script; who ran it is left out."""
    code = Code(
        commit=tags.get("mlflow.source.git.commit") or None,
        repository=public(tags.get("mlflow.source.git.repoURL")),
        script=tags.get("mlflow.source.name") or None,
    )
    return None if code == Code() else code
