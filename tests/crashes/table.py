"""The commands of `dslineage` that write, and those that need no test of their own, with why."""

from __future__ import annotations

from tests.crashes import commands, lineage

COMMANDS = commands.COMMANDS | lineage.COMMANDS
"""By the words by which people call them, and perhaps more. Each is run again after a kill."""

READ = {
    "audit", "check", "ci", "claim list", "diff", "doctor", "du", "hooks status", "lineage", "log",
    "metrics explain", "metrics list", "mixture show", "remote list", "review show", "scan", "show",
    "source list", "status", "trace",
}  # fmt: skip
"""They change nothing but the cache, and write a file that `-o` names at once: `test_reading`."""

LIKE_OTHERS = {
    "check --waive": "keeps one claim, as `claim add` does",
    "demo": "makes a folder that was not there, by `init`, `add` and git",
    "document": "writes one file at once, as `sample` does",
    "hooks run": "judges; a merge driver writes the one file that git hands to it at once",
    "remote remove": "writes the files that `remote set` writes",
    "trust": "writes one file of the user's own at once",
    "unlock": "removes one file",
}
"""Commands that are not in the table, and why."""
