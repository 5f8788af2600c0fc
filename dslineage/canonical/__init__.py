"""The canonical form of an example: the bytes that its digest is taken of.

The normative text is `docs/format.md`, section Canonical form.
"""
