"""Scenarios: what happens on a devnet's chain without anyone doing it, by a seed.

for step in begin("demo", seed=1, dapp=dapp): …
"""

from devnet.scenarios.repertoire import SCENARIOS, begin
from devnet.scenarios.stage import NoKey, Pause, Post, Step

__all__ = ["SCENARIOS", "NoKey", "Pause", "Post", "Step", "begin"]
