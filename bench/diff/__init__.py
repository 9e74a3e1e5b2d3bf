"""How well and how fast texts are compared, beside other engines."""
