"""The plugin for Axolotl: `plugins: [dslineage.training.axolotl.DslineagePlugin]`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from axolotl.integrations.base import BasePlugin

from dslineage.trainers.axolotl import configured
from dslineage.trainers.configured import NamedData
from dslineage.training.guard import Guard
from dslineage.training.huggingface import DslineageCallback
from dslineage.training.surroundings import plain
from dslineage.training.watching import NOTES, Watched, watch


class DslineagePlugin(BasePlugin):  # type: ignore[misc]  # a base of Any
    """Notes of a training by Axolotl what is needed to say later which data made which checkpoint.

    The files that the configuration names are watched before Axolotl reads them; data elsewhere is
    declared, with its revision or a gap. `DslineageCallback` notes the rest, and the model that is
    saved at the end.
    """

    def __init__(self) -> None:
        super().__init__()
        self._watched = False
        self._callback: DslineageCallback | None = None

    def load_datasets(self, cfg: Mapping[str, Any], preprocess: bool = False) -> None:
        """Watch the data, before Axolotl loads it; None lets it do so."""
        if not preprocess:
            self._watch(cfg)

    def pre_model_load(self, cfg: Mapping[str, Any]) -> None:
        """Watch the data where another plugin loaded it: then this one was not asked."""
        self._watch(cfg)

    def add_callbacks_post_trainer(
        self, cfg: Mapping[str, Any], trainer: Any
    ) -> list[DslineageCallback]:
        """The callback that writes the run file."""
        self._callback = DslineageCallback()
        return [self._callback]

    def post_train_unload(self, cfg: Mapping[str, Any]) -> None:
        """Note the model that Axolotl saved at the end, where no callback is called."""
        output = cfg.get("output_dir")
        if self._callback is not None and output:
            self._callback.saved(str(output))
        self._watched, self._callback = False, None

    def _watch(self, cfg: Mapping[str, Any]) -> None:
        if self._watched:
            return
        self._watched = True
        with Guard()("reading the configuration"):
            found = configured(plain(cfg), Path.cwd())
            for named in found.data:
                _note(named)
            if NOTES.pending:
                last = NOTES.pending[-1]
                NOTES.pending[-1] = replace(last, gaps=(*last.gaps, *found.gaps))


def _note(named: NamedData) -> None:
    """Watch a data set that is here; of another, note what is said of it."""
    if named.paths:
        files = named.paths[0] if len(named.paths) == 1 else named.paths
        watch(files, named.role, uri=named.uri, split=named.split)
    else:
        NOTES.pending.append(Watched(named.role, None, uri=named.uri, split=named.split))
