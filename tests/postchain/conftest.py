"""Hypothesis profiles: `pytest tests/postchain -k fuzz --hypothesis-profile=long` is the longer run."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "long", max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
