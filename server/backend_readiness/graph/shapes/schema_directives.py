"""Operations of a GraphQL schema whose document says by directives what answers them: `users: [User!]! @all`.

The rule names the documents by `glob`. Options: `types` maps the types of a schema to methods. `resolvers` are directives with the
arguments that name a class, or one with a method behind an at sign; of a class one of `methods` runs. `folders`: for each type the folder
that keeps the classes of fields without such an argument, each called as its field with a capital. `touches`: directives with what they do
to the model, which is the text of the argument `model`, else the type of the field. `guards`: directives that run before, with their paths.
"""

from __future__ import annotations

from fnmatch import fnmatch

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.handling.handler_names import class_named
from backend_readiness.graph.routes.routing import Guard, Registration, Touch
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.routes.sdl import SchemaField, schema_fields
from backend_readiness.graph.values import ClassV, Ext, FuncV, InstV, SymbolId
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card
from backend_readiness.snapshot.places import is_production

MAX_FILES = 400
MAX_FIELDS = 2_000


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "schema_directives":
                _documents(scan, card, rule)


def _documents(scan: Scan, card: Card, rule: RouteRule) -> None:
    """A copy of the schema that a tool printed without its directives says less: what says who answers stands for a field."""
    best: dict[tuple[str, str], Registration] = {}
    wanted = [f.path for f in scan.graph.snapshot.files if is_production(f.path) and any(fnmatch(f.path, g) for g in rule.glob)]
    for path in wanted[:MAX_FILES]:
        for field in schema_fields(scan.graph.text(path)):
            key = (field.kind, field.name)
            if field.kind not in rule.options["types"] or (key not in best and len(best) >= MAX_FIELDS):
                continue
            item = _registration(scan, card, rule, field, Place(file=path, line=field.line, end_line=field.line))
            if key not in best or (_is_answered(item) and not _is_answered(best[key])):
                best[key] = item
    scan.routing.registrations.extend(best.values())


def _is_answered(item: Registration) -> bool:
    return item.handler is not None or bool(item.touches)


def _registration(scan: Scan, card: Card, rule: RouteRule, field: SchemaField, place: Place) -> Registration:
    given = rule.options
    handler = _handler(scan, rule, field)
    touches = [
        Touch(operation=operation, target=_last(d.texts.get("model", "")) or field.result, place=place)
        for d in field.directives
        if (operation := given["touches"].get(d.name)) is not None
    ]
    paths = [given["guards"][d.name] for d in field.directives if d.name in given["guards"]]
    return Registration(
        router=None, method=given["types"][field.kind], path=field.name, place=place, start=place.line, card=card, rule=rule,
        handler=handler, touches=tuple(touches) if handler is None else (),
        guards=tuple(Guard(value=Ext(p), place=place, start=0) for p in dict.fromkeys(paths)),
    )  # fmt: skip


def _handler(scan: Scan, rule: RouteRule, field: SchemaField) -> FuncV | None:
    """The method that a directive names, else the one of the class that is called as the field, where no directive answers."""
    given = rule.options
    for directive in field.directives:
        for name in given["resolvers"].get(directive.name, ()):
            written, _, method = directive.texts.get(name, "").partition("@")
            cls = class_named(scan, "", written, ()) if written else None
            if cls is not None and _stands_in(cls.symbol, _last(written, -2)):
                return _method(scan, cls, (method,) if method else tuple(given["methods"]))
        if directive.name in given["resolvers"] or directive.name in given["touches"]:
            return None
    wanted = field.name[:1].upper() + field.name[1:]
    found = [
        s
        for s in scan.graph.defining(wanted)
        if s.file in scan.graph.production and any(_stands_in(s, f) for f in given["folders"].get(field.kind, ()))
    ]
    return _method(scan, ClassV(found[0]), tuple(given["methods"])) if len(found) == 1 else None


def _stands_in(where: SymbolId, folder: str) -> bool:
    """Is that the folder of the file? Without a name every folder is."""
    above = where.file.rpartition("/")[0].rpartition("/")[2]
    return not folder or above.lower() == folder.lower()


def _last(written: str, position: int = -1) -> str:
    """A part of a class name with its name space, counted from the end; empty when there are fewer."""
    parts = [p for p in written.split("\\") if p]
    return parts[position] if len(parts) >= -position else ""


def _method(scan: Scan, cls: ClassV, names: tuple[str, ...]) -> FuncV | None:
    for name in names:
        found = members.own_member(scan.graph.ev, InstV(cls), name)
        if isinstance(found, FuncV):
            return found
    return None
