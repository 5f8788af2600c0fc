"""Versions of data sets: recording, finding, restoring and checking them."""
