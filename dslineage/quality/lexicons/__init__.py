"""Lexicons as data files; a changed file gets a new version in its name."""
