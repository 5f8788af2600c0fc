"""The demo: a small chat set whose four versions tell a story."""
