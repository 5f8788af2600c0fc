"""`python -m tests.crashes.adding ROOT FILE`: one add, in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.versions.support import Bench

if __name__ == "__main__":
    print(Bench(Path(sys.argv[1])).add(sys.argv[2]).record.id)
