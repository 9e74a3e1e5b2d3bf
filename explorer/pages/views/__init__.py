"""The views: parse, ask ``explorer.queries``, render."""
