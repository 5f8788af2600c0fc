"""A diff as one page for a browser, which asks nothing of a network."""
