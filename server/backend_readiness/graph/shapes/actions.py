"""Forms' actions of a page, exported as one object: `export const actions = { save: async (event) => ... }`.

Options of the rule: `root` the folder below which paths start, `leaf` the stem of the files, `export` the object's name. An action is
answered at the page's path with `?/name`, the one called `default` at the path itself.
"""

from __future__ import annotations

from backend_readiness.graph.evaluation import exports
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import FuncV, Obj, options
from backend_readiness.model import Place


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape != "actions":
                continue
            for path in scan.graph.production:
                folder, _, name = path.rpartition("/")
                page = page_path(folder, str(rule.options["root"]))
                if page is None or name.rpartition(".")[0] != rule.options["leaf"]:
                    continue
                value = exports.exported(scan.graph.ev, path, str(rule.options["export"]))
                for option in options(value) if value is not None else ():
                    for key, thunk in option.fields.items() if isinstance(option, Obj) else ():
                        handler = scan.graph.ev.thunk(thunk)
                        line = scan.graph.view(path).exports[str(rule.options["export"])].line
                        if isinstance(handler, FuncV):
                            line = scan.graph.view(handler.symbol.file).symbol(handler.symbol.index).line
                        scan.routing.registrations.append(
                            Registration(
                                router=None, method="POST", path=page if key == "default" else f"{page}?/{key}",
                                place=Place(file=path, line=line, end_line=line), start=0, card=card, rule=rule, handler=handler,
                            )
                        )  # fmt: skip


def page_path(folder: str, root: str) -> str | None:
    """The path of the page in a folder; groups in brackets are no part of it. None: not below the root."""
    folders = folder.split("/")
    if root not in folders:
        return None
    inside = folders[folders.index(root) + 1 :]
    return "/" + "/".join(s for s in inside if not (s.startswith("(") and s.endswith(")")))
