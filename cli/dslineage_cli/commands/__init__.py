"""The verbs, one module each: read options, call the library once, render.

A module is imported when its verb is used, so the help of the program costs no more as verbs
are added.
"""

from __future__ import annotations

VERBS = {
    "init": "Set up a repository; where there is no git repository, make one.",
    "scan": "Look at a folder of data files before anything is set up.",
    "add": "Record a new version of a data set, and stage it in git.",
    "adopt": "Make versions of the states that git, Git LFS or DVC kept of a file.",
    "commit": "Record a version of every changed data set, and commit to git.",
    "status": "Show each data set's version, and whether its files still are it.",
    "log": "Show the versions of the data sets, newest first.",
    "show": "Show one version: its hashes, files, fields and counts.",
    "diff": "Show how metrics moved, which examples changed, and what kind of edit it was.",
    "metrics": "List and explain the metrics of the profile; measure versions.",
    "sample": "Draw examples at random, as a sheet to read, judge and edit.",
    "review": "Keep the verdicts of a sheet; show how far reviewers agree.",
    "apply": "Bring the edits of a sheet home, as a new version.",
    "check": "Check versions against the gates of dslineage.toml; waive a failure.",
    "ci": "Review what a pull request does to data sets.",
    "trust": "Let the code of a metric file of this repository run.",
    "train": "Run a trainer, and note which data it was given and which checkpoints it left.",
    "run": "Bring training runs that were captured elsewhere into the repository.",
    "model": "Record a model: its files, its tensors, and what it was trained on.",
    "source": "Record where rows come from: an address, a licence, a card; list sources.",
    "claim": "Say something about a version, a run or a model: a score, a licence, a use.",
    "lineage": "Show where data and models came from, and what was made of them.",
    "step": "Run a command, and record what it made as versions that name the step.",
    "mixture": "Mix data sets by weight, as a reviewed file says; record what was mixed.",
    "merge": "Merge two versions of a data set, example by example.",
    "checkout": "Restore the files of a version, byte for byte, and verify them.",
    "export": "Write a version, or a part of a diff, as JSONL, Parquet or CSV.",
    "remote": "Say where objects are kept for other clones, with DVC's remotes.",
    "push": "Send the objects of versions to a remote, and look whether they are all there.",
    "pull": "Bring objects from a remote, and the data files back.",
    "fetch": "Bring the objects of versions from a remote; data files stay as they are.",
    "verify": "Re-hash everything; name what is damaged and who needs it.",
    "du": "Say what each version takes on the disk, alone and shared.",
    "gc": "Say which objects no version needs any more; delete them.",
    "forget": "Delete the bytes of examples wherever they are kept; say where else they are.",
    "unlock": "Say who holds the lock of writers; end the hold of a machine that is gone.",
    "audit": "Say which data trained a model, how well that is known, and what is not.",
    "trace": "Trace an example: its origin, its versions, and the models that saw it.",
    "recall": "List what examples that must go affect, and what is to be decided.",
    "document": "Write what is recorded of a node as PROV, CycloneDX, a card, and so on.",
    "hooks": "Install git hooks that judge what is committed; take them away again.",
    "demo": "Make a small repository with four versions, and show the main job.",
    "doctor": "Check Python, git, the libraries, and the repository here.",
}
"""Each verb with the first line of its help, in the order of a first session."""

GROUPS: dict[str, tuple[str, ...]] = {
    "metrics": ("list", "explain", "run"),
    "review": ("import", "show"),
    "run": ("import",),
    "model": ("add",),
    "source": ("add", "link", "list"),
    "claim": ("add", "list"),
    "mixture": ("add", "build", "show"),
    "remote": ("add", "set", "list", "remove"),
    "hooks": ("install", "uninstall", "status", "run"),
}
"""The verbs that are followed by another one, and those."""
