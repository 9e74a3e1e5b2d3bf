"""The Python environment, made by a bare Python before anything else is there."""
