"""Pages: parse, ask ``explorer.queries``, render."""
