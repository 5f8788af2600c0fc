"""Drop the field `user`: python anonymise.py IN OUT."""

import json
import sys
from pathlib import Path

source, target = map(Path, sys.argv[1:])
with target.open("w", encoding="utf-8") as out:
    for line in source.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        del row["user"]
        out.write(json.dumps(row) + "\n")
