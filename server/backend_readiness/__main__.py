"""`python -m backend_readiness` is the command line."""

from __future__ import annotations

import sys

from backend_readiness.cli import main

if __name__ == "__main__":
    sys.exit(main())
