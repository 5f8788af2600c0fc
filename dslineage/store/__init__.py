"""The object store: packs, views, layouts and blobs, in git's common directory.

The normative text is `docs/format.md`, section Files on disk. Nothing here knows what a version is.
"""
