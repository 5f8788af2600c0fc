"""A training that is started inside a repository, and recorded there when it has ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dslineage.errors import DslineageError
from dslineage.launching.launch import launch
from dslineage.lineage.registry import Registry
from dslineage.lineage.runimport import RunImporter

if TYPE_CHECKING:
    from dslineage.launching.asked import Launch
    from dslineage.launching.result import Launched
    from dslineage.workspace import Workspace


def train(
    work: Workspace, asked: Launch, *, record: bool = True, stdout: int | None = None
) -> Launched:
    """Run a trainer, and record the run and its checkpoints; see `launch`.

    Where they cannot be recorded, that is a notice: the run file is kept.

    Raises:
        UsageError: there is no command, or nobody says where its checkpoints appear; nothing ran.
    """
    launched = launch(asked, stdout=stdout)
    if not record or launched.path is None or not launched.path.is_file():
        return launched
    importer = RunImporter(Registry(work.catalog), work.store, work.stamp(""), work.here)
    try:
        importer.store.prepare()
        return replace(launched, imported=importer.bring(launched.path))
    except (DslineageError, OSError) as error:
        why = error.message if isinstance(error, DslineageError) else str(error)
        told = f"the run is not recorded: {why}; later: dslineage run import {launched.path.parent}"
        return replace(launched, notices=(*launched.notices, told))
