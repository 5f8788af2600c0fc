"""Remotes: where the objects of a repository are kept for its other clones."""
