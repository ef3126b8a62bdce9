"""PHP: namespaces, with dots here, and the files that belong to them."""

from __future__ import annotations

from backend_readiness.graph.modules import Namespaces

LANGUAGES = ("php",)


class Resolver(Namespaces):
    pass
