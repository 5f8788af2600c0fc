"""A drawing of an acyclic graph by layers, after Sugiyama: what is rested on stands above.

1. Each node gets a layer, one further than the furthest of what it rests on.
2. An edge over several layers gets a bend in each layer between.
3. The order in each layer follows the middle of the neighbours, to and fro.
4. Places in a layer follow the neighbours as far as those to either side leave room.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import TypeAlias

WIDE, HIGH = 210.0, 62.0
_DOWN, _APART, _BEND, _MARGIN = 46.0, 28.0, 14.0, 24.0
_SWEEPS = 12

Point: TypeAlias = tuple[float, float]
_Spot: TypeAlias = Hashable
"""A node's id, or an edge with the layer of a bend."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand: the middle of each node, the points of each edge, the size of it all."""

    nodes: Mapping[str, Point]
    edges: Mapping[tuple[str, str], tuple[Point, ...]]
    width: float
    height: float


def layout(ids: Sequence[str], edges: Iterable[tuple[str, str]]) -> Layout:
    """Place nodes and edges (from what is rested on to what rests on it); the same each time."""
    pairs = sorted(set(edges))
    ranks = _ranks(ids, pairs)
    chains = {pair: _chain(pair, ranks) for pair in pairs}
    layers: list[list[_Spot]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for id_ in ids:
        layers[ranks[id_]].append(id_)
    for (parent, _), chain in chains.items():
        for rank, bend in enumerate(chain[1:-1], start=ranks[parent] + 1):
            layers[rank].append(bend)
    above, below = _neighbours(chains.values())
    _order(layers, above, below)
    across = _spread(layers, above, below)
    first = min((across[id_] for id_ in ids), default=0.0) - WIDE / 2 - _MARGIN
    last = max((across[id_] for id_ in ids), default=0.0) + WIDE / 2 + _MARGIN
    places = {
        spot: (across[spot] - first, _MARGIN + HIGH / 2 + rank * (HIGH + _DOWN))
        for rank, layer in enumerate(layers)
        for spot in layer
    }
    return Layout(
        {id_: places[id_] for id_ in ids},
        {pair: _points([places[spot] for spot in chain]) for pair, chain in chains.items()},
        last - first,
        len(layers) * (HIGH + _DOWN) - _DOWN + 2 * _MARGIN,
    )


def _ranks(ids: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The layer of each node; what rests on nothing stands right before what needs it first."""
    from networkx import DiGraph, topological_generations

    graph: DiGraph[str] = DiGraph()
    graph.add_nodes_from(ids)
    graph.add_edges_from(pairs)
    ranks = {id_: rank for rank, some in enumerate(topological_generations(graph)) for id_ in some}
    for id_ in ids:
        if not graph.in_degree(id_) and graph.out_degree(id_):
            ranks[id_] = min(ranks[child] for child in graph.successors(id_)) - 1
    return ranks


def _chain(pair: tuple[str, str], ranks: Mapping[str, int]) -> list[_Spot]:
    parent, child = pair
    bends = [(*pair, rank) for rank in range(ranks[parent] + 1, ranks[child])]
    return [parent, *bends, child]


_Near: TypeAlias = dict[_Spot, list[_Spot]]


def _neighbours(chains: Iterable[Sequence[_Spot]]) -> tuple[_Near, _Near]:
    """The spots above and below each spot."""
    above: _Near = {}
    below: _Near = {}
    for chain in chains:
        for one, other in pairwise(chain):
            below.setdefault(one, []).append(other)
            above.setdefault(other, []).append(one)
    return above, below


def _order(layers: list[list[_Spot]], above: _Near, below: _Near) -> None:
    """Put each layer in the order of the middles of its neighbours, to and fro."""
    at = {spot: place for layer in layers for place, spot in enumerate(layer)}
    for sweep in range(_SWEEPS):
        near, order = (above, layers) if sweep % 2 == 0 else (below, layers[::-1])
        for layer in order:
            middles = {
                spot: fmean([at[one] for one in near[spot]]) if spot in near else float(at[spot])
                for spot in layer
            }
            layer.sort(key=lambda spot: middles[spot])
            at |= {spot: place for place, spot in enumerate(layer)}


def _spread(layers: list[list[_Spot]], above: _Near, below: _Near) -> dict[_Spot, float]:
    """How far to the right each spot stands."""
    across: dict[_Spot, float] = {}
    for layer in layers:
        _settle(layer, dict.fromkeys(layer, 0.0), across)
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            wanted = {
                spot: fmean([across[one] for one in near] or [across[spot]])
                for spot in layer
                for near in [[*above.get(spot, ()), *below.get(spot, ())]]
            }
            _settle(layer, wanted, across)
    return across


def _settle(
    layer: Sequence[_Spot], wanted: Mapping[_Spot, float], across: dict[_Spot, float]
) -> None:
    """Give spots the places they want, moved apart: blocks that touch share what is missing.

    This is the least squares fit under minimal distances (pool adjacent violators).
    """
    offset = 0.0
    offsets = []
    blocks: list[list[float]] = []
    for place, spot in enumerate(layer):
        if place:
            offset += _distance(layer[place - 1], spot)
        offsets.append(offset)
        blocks.append([wanted[spot] - offset, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (mean, number), (other, more) = blocks[-2], blocks.pop()
            blocks[-1] = [(mean * number + other * more) / (number + more), number + more]
    settled = [mean for mean, number in blocks for _ in range(int(number))]
    for spot, mean, moved in zip(layer, settled, offsets, strict=True):
        across[spot] = mean + moved


def _distance(one: _Spot, other: _Spot) -> float:
    """How far apart the middles of two spots must be: nodes are strings, bends are not."""
    return sum(WIDE / 2 if isinstance(spot, str) else _BEND / 2 for spot in (one, other)) + _APART


def _points(middles: Sequence[Point]) -> tuple[Point, ...]:
    """From below the first node, straight through the layers between, to above the last."""
    (x, y), *between, (last_x, last_y) = middles
    through = ((bend_x, bend_y + side * HIGH / 2) for bend_x, bend_y in between for side in (-1, 1))
    return ((x, y + HIGH / 2), *through, (last_x, last_y - HIGH / 2))
