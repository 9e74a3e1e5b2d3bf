"""How values look on a page: template tags, charts, and texts of strangers made safe."""
