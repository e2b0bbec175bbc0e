"""The cases about one Entrepot alone: how it starts, and what the size of the cache costs it."""
