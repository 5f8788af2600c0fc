"""The facade of lineage: where data came from, where it went, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dslineage.lineage.graph import Graph
    from dslineage.lineage.node import Node
    from dslineage.lineage.picture import Picture
    from dslineage.lineage.registry import Registry
    from dslineage.lineage.summary import Gaps, Reach, Summary
    from dslineage.workspace import Workspace


@dataclass(frozen=True)
class Provenance:
    """What can be asked of the lineage of a repository, and what records it.

    >>> repo.provenance.audit("tiny@final")
    """

    work: Workspace

    @property
    def registry(self) -> Registry:
        """All records of the work tree, read anew."""
        from dslineage.lineage.registry import Registry

        return Registry(self.work.catalog)

    def node(self, ref: str, graph: Graph | None = None) -> Node:
        """The node that a reference names; see `Registry.find`."""
        from dslineage.lineage.node import node_of

        return node_of(self.registry.find(ref, here=self.work.here, graph=graph))

    def lineage(
        self,
        ref: str | None = None,
        *,
        up: bool = True,
        down: bool = True,
        depth: int | None = None,
    ) -> Picture:
        """A node with what it rests on and what rests on it; without a reference, the whole graph.

        Args:
            ref: the node.
            up: whether what it rests on is wanted.
            down: whether what rests on it is wanted.
            depth: how many edges to go at most.

        Raises:
            NotFoundError: the reference is unknown or ambiguous.
            IntegrityError: a record that the answer needs was edited.
        """
        from dslineage.lineage.picture import around, everything

        graph = self.registry.graph()
        if ref is None:
            return everything(graph)
        return around(graph, self.node(ref, graph), up=up, down=down, depth=depth)

    def between(self, one: str, other: str) -> Picture:
        """All paths from one node to another, whichever is older; see `lineage`."""
        from dslineage.lineage.picture import between

        graph = self.registry.graph()
        return between(graph, self.node(one, graph), self.node(other, graph))

    def impact(self, ref: str) -> Reach:
        """What rests on a node: versions, steps, mixtures, runs, models and their deployments."""
        from dslineage.lineage.summary import reach

        graph = self.registry.graph()
        return reach(graph, self.node(ref, graph))

    def gaps(self, ref: str | None = None) -> Gaps:
        """What is not known about a node and all that it rests on, or about anything."""
        from dslineage.lineage.summary import gaps

        graph = self.registry.graph()
        return gaps(graph, self.node(ref, graph) if ref else None)

    def summary(self) -> Summary:
        """The graph at a glance: its nodes by kind, its youngest ends, what stands alone."""
        from dslineage.lineage.summary import summary

        return summary(self.registry.graph())
