"""Set metrics in plain Python, written from their formulas and from nothing else."""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from functools import cache

from dslineage.quality.example import Example
from dslineage.quality.words import words

Shingles = frozenset[tuple[str, ...]]


def normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())


def whole(example: Example) -> str:
    said = [text for text in (example.prompt, example.target) if text is not None]
    return "\n".join(said or [part.text for part in example.parts])


@cache
def runs(text: str, size: int) -> list[tuple[str, ...]]:
    found = words(text)
    return [tuple(found[place : place + size]) for place in range(len(found) - size + 1)]


def shingles(example: Example) -> Shingles:
    text = whole(example)
    return frozenset(runs(text, 5)) or frozenset([(normal(text),)])


def alike_pairs(sets: Sequence[Shingles]) -> set[tuple[int, int]]:
    """Every pair with a Jaccard index of 0.8 or more, of which no text is much the longer."""
    by_size = sorted(range(len(sets)), key=lambda place: len(sets[place]))
    found = set()
    for at, i in enumerate(by_size):
        for j in by_size[at + 1 :]:
            if 10 * len(sets[i]) < 8 * len(sets[j]):
                break
            both = len(sets[i] & sets[j])
            if 10 * both >= 8 * (len(sets[i]) + len(sets[j]) - both):
                found.add((i, j))
    return found


def clusters(count: int, pairs: Iterable[tuple[int, int]]) -> int:
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            node = parent[node]
        return node

    for i, j in pairs:
        parent[root(i)] = root(j)
    return len({root(node) for node in range(count)})


def minima(one: Iterable[int], count: int = 128) -> list[int]:
    """The smallest of the upper halves of some shingles under each permutation."""
    found = []
    for place in range(count):
        data = hashlib.blake2b(b"%d" % place, digest_size=8).digest()
        factor = int.from_bytes(data[:4], "little") | 1
        added = int.from_bytes(data[4:], "little")
        found.append(min(((shingle >> 32) * factor + added) % 2**32 for shingle in one))
    return found


def conflicts(pairs: Sequence[tuple[str, str]]) -> float:
    targets = defaultdict(set)
    for prompt, target in pairs:
        targets[normal(prompt)].add(normal(target))
    return sum(len(targets[normal(prompt)]) > 1 for prompt, _ in pairs) / len(pairs)


def distinct_share(units: Iterable[Hashable], drawn: int) -> float:
    counts = Counter(units)
    total = sum(counts.values())
    every = math.comb(total, drawn)
    missed = Counter(counts.values())
    terms = (k * (1 - math.comb(total - f, drawn) / every) for f, k in missed.items())
    return math.fsum(terms) / drawn


def effective(units: Iterable[Hashable], drawn: int) -> float:
    """2 to the expected entropy, each hypergeometric probability from binomial coefficients."""
    counts = Counter(units)
    total = sum(counts.values())
    every = math.comb(total, drawn)
    entropy = 0.0
    for f, kinds in Counter(counts.values()).items():
        for k in range(1, min(f, drawn) + 1):
            chance = math.comb(f, k) * math.comb(total - f, drawn - k) / every
            entropy -= kinds * chance * k / drawn * math.log2(k / drawn)
    return math.pow(2, entropy)


def held(items: Sequence[str], example: Example) -> dict[int, int]:
    """The items that an example holds, and how many of their words it covers."""
    found = {}
    of_example = set(runs(whole(example), 8))
    for number, item in enumerate(items):
        of_item = runs(item, 1)
        covered: set[int] = set()
        for place, run in enumerate(runs(item, 8)):
            if run in of_example:
                covered.update(range(place, place + 8))
        if of_item and len(of_item) < 8 and runs(example.prompt or "", 1) == of_item:
            covered.update(range(len(of_item)))
        if len(covered) > len(of_item) / 2:
            found[number] = len(covered)
    return found
