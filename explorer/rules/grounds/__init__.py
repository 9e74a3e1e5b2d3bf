"""The grounds, by how they can be settled. `explorer.rules.registry` lists them all."""
