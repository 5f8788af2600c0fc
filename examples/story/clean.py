"""Leave out rows without an answer, and who asked: python clean.py IN OUT."""

import json
import sys
from pathlib import Path

source, target = map(Path, sys.argv[1:])
with target.open("w", encoding="utf-8") as out:
    for line in source.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        del row["user"]
        if row["messages"][1]["content"]:
            out.write(json.dumps(row) + "\n")
