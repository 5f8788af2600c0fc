"""Audits: which data trained a model, how that is known, and what is not."""
