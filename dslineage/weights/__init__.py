"""Hashes of a model: of its files with their names, and of its tensors, without torch.

The normative text is `docs/format.md`, section Models.
"""
