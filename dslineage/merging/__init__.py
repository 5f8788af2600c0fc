"""Merging two versions of a data set by example, from the version that both came from."""
