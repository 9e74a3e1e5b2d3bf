"""From a node of a Chromia chain to tables that hold what it wrote, beside the evidence for it."""
