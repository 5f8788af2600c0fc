"""The metrics of the default profile, one family a module."""
