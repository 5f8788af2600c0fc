"""A chain with a gap; and no network for whoever checks its documents."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import NoReturn

import pytest

from dslineage.lineage.graph import Graph
from tests.cli.conftest import dslineage
from tests.standards.world import chain, told

__all__ = ["dslineage"]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("something asked for a network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def gappy(tmp_path: Path) -> Graph:
    """The chain, one step of which is not recorded."""
    return told(tmp_path, *chain())


@pytest.fixture
def whole(tmp_path: Path) -> Graph:
    """The chain, all steps of which are recorded."""
    return told(tmp_path, *chain(unrecorded=False))
