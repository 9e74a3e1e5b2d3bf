"""The chain that is measured against, which `devnet.build` makes.

python -m bench.chain --records 100000 --seed 1 --out FOLDER
"""

import sys

from devnet.build import (
    BLOCKS,
    CHAIN,
    CONFIGURATION,
    OFFSETS,
    OWNER,
    SIZES,
    VALIDATOR,
    VERSION,
    Chain,
    Plan,
    configuration_of,
    main,
    write,
)

__all__ = [
    "BLOCKS",
    "CHAIN",
    "CONFIGURATION",
    "OFFSETS",
    "OWNER",
    "SIZES",
    "VALIDATOR",
    "VERSION",
    "Chain",
    "Plan",
    "configuration_of",
    "main",
    "write",
]

if __name__ == "__main__":
    sys.exit(main())
