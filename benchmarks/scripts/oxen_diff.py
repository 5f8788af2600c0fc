"""A keyed diff of a file's last two versions with Oxen: `python oxen_diff.py REPOSITORY FILE KEY`.

Oxen takes a key, but has no counts: they are counted in the data frame that it returns.
"""

from __future__ import annotations

import json
import sys
from collections import Counter

from oxen import Repo, diff

COUNTS = ("removed", "added", "edited")
STATUSES = ("removed", "added", "modified")

root, file, key = sys.argv[1:]
new, old = (commit.id for commit in Repo(root).log()[:2])
# Oxen finds the file as a table only by its path inside the repository.
result = diff(file, repo_dir=root, keys=[key], revision_left=old, revision_right=new)
status = Counter(result.tabular.data["_oxen_diff_status"])
print(json.dumps({name: status[was] for name, was in zip(COUNTS, STATUSES, strict=True)}))
