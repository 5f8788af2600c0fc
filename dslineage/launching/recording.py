"""A training that is started inside a repository, and recorded there when it has ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dslineage.errors import BadDataError, DslineageError, NotFoundError
from dslineage.launching.launch import launch
from dslineage.lineage.registry import Registry
from dslineage.lineage.runimport import RunImporter
from dslineage.quality.checking import returned_to
from dslineage.trainers.configured import files_of
from dslineage.versions.references import VersionTarget

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        BadDataError: its data has examples that were forgotten; nothing ran.
        IntegrityError: nobody can say which were forgotten; nothing ran.
    """
    unjudged = tuple(_judge(work, asked))
    launched = launch(asked, stdout=stdout)
    launched = replace(launched, notices=(*unjudged, *launched.notices))
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


def _judge(work: Workspace, asked: Launch) -> Iterator[str]:
    """Refuse versions with forgotten examples; why others, of those that are named, are not judged.

    Raises:
        BadDataError: one has some.
    """
    referred = [text for _, text in asked.data if not files_of(asked.here, [text])]
    denied = work.deny_list if referred else None
    for text in referred if denied else ():
        try:
            target = work.resolve(text)
        except NotFoundError:  # whoever imports the run is told
            continue
        if denied is None or not isinstance(target, VersionTarget):
            continue
        for found in returned_to(work.store, denied, [target.record]):
            if found.examples:
                raise BadDataError(
                    f"{text} has examples that were forgotten ({found.examples:,}); "
                    "nothing was trained",
                    kind="forgotten",
                    hint="a version without them: dslineage add",
                )
            yield f"whether {found.version} has forgotten examples is not known: {found.why}"
