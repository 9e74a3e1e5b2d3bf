"""Tests of the checks: pure functions of what the chain holds."""
