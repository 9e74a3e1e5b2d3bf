"""The one place that knows the environment."""
