"""`python -m devnet.recorded FOLDER [--port P] [--host H]`: serve a recorded chain as its node did."""

import sys

from devnet.recorded.node import main

if __name__ == "__main__":
    sys.exit(main())
