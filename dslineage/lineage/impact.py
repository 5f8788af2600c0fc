"""What would be hurt if a node were: all that rests on it, by kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dslineage.lineage.node import Node


class Deployment(NamedTuple):
    """A claim that a model is in use."""

    model: Node
    claim: Node


@dataclass(frozen=True, slots=True)
class Impact:
    """What rests on a node, each kind by name."""

    of: Node
    versions: tuple[Node, ...]
    steps: tuple[Node, ...]
    mixtures: tuple[Node, ...]
    runs: tuple[Node, ...]
    models: tuple[Node, ...]
    deployments: tuple[Deployment, ...]
