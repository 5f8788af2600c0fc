"""Record schemas: how an example of each family becomes a conversation."""
