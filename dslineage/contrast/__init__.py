"""Contrasts: what differs between two models, runs or mixtures."""
