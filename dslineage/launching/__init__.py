"""Running a trainer that has no callback: what can be seen of a training from outside."""
