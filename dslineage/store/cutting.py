"""Cutting what was forgotten out of bytes that are no records."""

from __future__ import annotations

from collections.abc import Collection

from dslineage.store.erasing import Cut


def cutting(needles: Collection[bytes]) -> Cut:
    """Cuts out the lines in which any of some byte strings stands, wholly or in part."""
    shortest = min(map(len, needles), default=0)

    def cut(text: bytes) -> bytes:
        if not shortest or len(text) < shortest:
            return text
        found = sorted(span for needle in needles for span in _spans(text, needle))
        kept, place = [], 0
        for start, stop in found:
            kept.append(text[place : max(place, start)])
            place = max(place, stop)
        return b"".join([*kept, text[place:]])

    return cut


def _spans(text: bytes, needle: bytes) -> list[tuple[int, int]]:
    """Where the lines begin and end in which a byte string stands, line ends apart."""
    spans = []
    place = text.find(needle)
    while place >= 0:
        start = text.rfind(b"\n", 0, place) + 1
        stop = text.find(b"\n", place + len(needle))
        spans.append((start, len(text) if stop < 0 else stop))
        place = text.find(needle, spans[-1][1])
    return spans
