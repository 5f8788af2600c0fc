"""The semantic diff: which examples changed, and in what way."""
