"""Tracing: in which versions an example is, what became of it, and who saw it."""
