"""Starts the server of the bundle over the folders that the user chose."""

import sys

from backend_readiness.cli import main

sys.exit(main(["mcp", *(part for root in sys.argv[1:] for part in ("--root", root))]))
