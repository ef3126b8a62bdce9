"""Pages that a call makes routes of by the place of their files: `Folio::path(resource_path("views/pages"))->uri("/shop")`.

`path` of the rule is the folder, `prefix` what stands before all paths, `suffix` what the names of pages end with. A page called `index`
stands at its folder; `[id]`, `[Order]` and `[Order-slug]` are parameters, `[...names]` takes all that follows.
"""

from __future__ import annotations

import re

from backend_readiness.facts.model import CallRef, Lit
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import FuncV, SymbolId
from backend_readiness.model import Place

MAX_PAGES = 500
_PARAMETER = re.compile(r"\[(\.{3})?\.?([\w\\.]{1,80})(?:[:-][\w|$-]{1,80})?\]")


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("page_views", ()):
        said = [t.rpartition("}")[2].strip("/") for t in _folders(scan, hit)]
        above = next(iter(scan.texts(hit, hit.rule.prefix)), "") if hit.rule.prefix is not None else ""
        for folder in [t for t in said if t]:
            _pages(scan, hit, folder, above.strip("/"))


def _folders(scan: Scan, hit: Hit) -> list[str]:
    """The text of the folder, also one that a function of the framework completes: `resource_path("views/pages")`."""
    thunk = scan.thunk(hit, hit.rule.path)
    written = thunk.expr if thunk is not None else None
    if thunk is not None and isinstance(written, CallRef):
        call = scan.graph.view(thunk.file).facts.calls[written.call]
        return [str(a.value.value) for a in call.args[:1] if isinstance(a.value, Lit)]
    return scan.texts(hit, hit.rule.path)


def _pages(scan: Scan, hit: Hit, folder: str, above: str) -> None:
    files = [f.path for f in scan.graph.snapshot.files if f.path.endswith(hit.rule.suffix) and f"/{folder}/" in f"/{f.path}"]
    for path in files[:MAX_PAGES]:
        below = f"/{path}".partition(f"/{folder}/")[2].removesuffix(hit.rule.suffix)
        segments = [_PARAMETER.sub(_named, s) for s in below.split("/")]
        shown = "/".join(p for p in [above, *(segments[:-1] if segments[-1] == "index" else segments)] if p)
        handler = FuncV(SymbolId(path, 0)) if path in scan.graph.facts.files else None
        scan.routing.registrations.append(
            Registration(
                router=None, method="GET", path=f"/{shown}", place=Place(file=path, line=1, end_line=1), start=0, card=hit.card,
                rule=hit.rule, handler=handler,
            )
        )  # fmt: skip


def _named(found: re.Match[str]) -> str:
    name = found.group(2).replace("\\", ".").rpartition(".")[2]
    return f"{{{name[:1].lower()}{name[1:]}{'*' if found.group(1) else ''}}}"
