"""`python -m tests.crashes.unbounded FOLDER`: whether there is room where nobody says how much.

FOLDER is on a file system without a size. One line tells what became of work there, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from dslineage.room import free_bytes, needing

if __name__ == "__main__":
    root = Path(sys.argv[1])
    with needing(root, 1000):
        (root / "file").write_bytes(bytes(1000))
    said = os.statvfs(root).f_bfree
    print(json.dumps({"said": said, "fits": free_bytes(root) > 1000}))
