"""Recalls: what is affected by examples that must go, and what is decided about it."""
