"""Tests of what programs send of challenges."""
