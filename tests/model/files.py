"""What happens to files, and to what is computed of them."""

from __future__ import annotations

import random
import shutil

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.model.machine import FILES, SITES, Machine

ENDS = st.sampled_from([b"\n", b"", b"\r\n", b"\n\n"])


class Files(Machine):
    """Data files are written, edited and lost."""

    @rule(name=SITES, lines=FILES, end=ENDS)
    def write(self, name: str, lines: list[bytes], end: bytes) -> None:
        site = self.at(name)
        site.data = b"\n".join(lines) + end
        site.file.write_bytes(site.data)

    @rule(name=SITES, lines=FILES, seed=st.integers(0, 99))
    def edit(self, name: str, lines: list[bytes], seed: int) -> None:
        """Leave some examples out, put others in, and mix them."""
        site = self.at(name)
        kept = [line for line in (site.data or b"").splitlines() if line]
        random.Random(seed).shuffle(kept)
        self.write(name, [*kept[: len(kept) * 3 // 4], *lines[:3]], b"\n")

    @rule(name=SITES)
    def lose_the_file(self, name: str) -> None:
        site = self.at(name)
        site.file.unlink(missing_ok=True)
        site.data = None

    @rule(name=SITES, views=st.booleans())
    def lose_what_can_be_computed_again(self, name: str, views: bool) -> None:
        objects = self.objects(self.at(name))
        shutil.rmtree(objects / "cache", ignore_errors=True)
        if views:
            shutil.rmtree(objects / "views", ignore_errors=True)

    @rule(name=SITES)
    def open_again(self, name: str) -> None:
        site = self.at(name)
        site.repo = site.bench.repo
