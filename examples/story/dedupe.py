"""Keep each line once, in place: python dedupe.py FILE."""

import sys
from pathlib import Path

path = Path(sys.argv[1])
lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
path.write_text("".join(dict.fromkeys(lines)), encoding="utf-8")
