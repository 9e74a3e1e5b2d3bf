"""The same questions as JSON: parse, ask ``explorer.queries``, serialise."""
