"""The chains of the system: the directory chain, and those that anchor others."""
