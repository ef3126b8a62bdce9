"""Where a walk through nested blocks stands: what is before the paths, modules and names of the routes inside."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from backend_readiness.graph.evaluation.inflections import singular
from backend_readiness.graph.routes.routing import Guard, RouterKey
from backend_readiness.graph.values import SymbolId, Thunk

_OPTIONAL = re.compile(r"\(([^()]*)\)")
_OPTIONAL_PARAM = re.compile(r"/:(\w+)\?(?=/|$)")  # `/posts/:format?`, as Sinatra writes it
_PARAM = re.compile(r":([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A collection (or a single thing) whose routes are around; paths are complete."""

    name: str
    controller: str
    collection: str
    member: str
    nested: str
    collection_name: str
    member_name: str
    single: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """`level` says which path of `resource` a route inside has: that of a member, of the collection, or (empty) below a member."""

    path: str = ""
    own_path: str = ""  # what of it whole paths stand below when they are relative
    module: str = ""
    name: str = ""
    controller: str = ""
    action: str = ""
    resource: Resource | None = None
    level: str = ""
    shallow: bool = False
    shallow_path: str = ""
    router: RouterKey | None = None
    guards: tuple[Guard, ...] = ()
    only: tuple[str, ...] | None = None
    method: str = ""  # the only HTTP method that reaches what is inside
    kept: str | None = None  # the name under which what is walked now was kept
    depth: int = 0
    followed: tuple[SymbolId, ...] = ()  # the functions of the repository that are walked through now
    path_names: dict[str, str] = field(default_factory=dict)  # what the last parts of paths are called in resources
    concerns: dict[str, Thunk] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """What stands before the path of a route written here."""
        if self.resource is None:
            return self.path
        if self.level == "member":
            return self.resource.member
        if self.level and self.level != "collection":  # a page of the collection
            return f"{self.resource.collection}/{self.level}"
        return self.resource.collection if self.level == "collection" else self.resource.nested

    def below(self) -> Context:
        """The context for what is nested in the resource: it is no longer about the resource itself."""
        if self.resource is None:
            return self
        name = self.resource.collection_name if self.level == "collection" else self.resource.member_name
        return replace(self, path=self.base, name=f"{name}_", resource=None, level="", controller="")


def joined(base: str, path: str) -> str:
    """Two parts of a path with one slash between."""
    path = path.strip("/")
    return f"{base.rstrip('/')}/{path}" if path else base


def variants(path: str) -> list[str]:
    """A path with its optional parts left out and put in: `/orders(/:page)(.:format)`; the format is never put in."""
    path = path.replace("(.:format)", "").replace("(.format)", "").replace(".?:format?", "").removesuffix("/?")
    path = _OPTIONAL_PARAM.sub(r"(/:\1)", path.replace(")?", ")").replace("/?:", "/:")) if "?" in path else path
    path = _PARAM.sub(r"{\1}", path) if "(" in path else path  # what stands behind an optional part is no part of its name
    found = [path]
    for _ in range(2):
        if not any(_OPTIONAL.search(p) for p in found):
            break
        found = [each for p in found for each in ((_OPTIONAL.sub("", p, count=1), _OPTIONAL.sub(r"\1", p, count=1)) if "(" in p else (p,))]
    return list(dict.fromkeys(_OPTIONAL.sub("", p).rstrip("/") for p in found))


def member_name(name: str, *, single: bool) -> str:
    return name if single else singular(name)
