"""Postchain's REST API: questions, and answers made from a chain as its node shows it."""
