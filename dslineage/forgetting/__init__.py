"""Forgetting examples: which are meant, where they are, and what was done about it."""
