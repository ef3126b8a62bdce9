"""What stands in the arguments of a step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from math import prod

from backend_readiness.facts.model import CallRef, Lit, Name, Record, Value
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.nested.options import Nested, options_of
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import from_regex, texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, Obj, UnknownV, options
from backend_readiness.graph.views import callee_name
from backend_readiness.rules.card_rules import Ref

MAX_WAYS = 16


class Arguments:
    """Reads the arguments of steps as texts, values, functions."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.ev = scan.graph.ev

    def block_of(self, hit: Hit) -> AV | None:
        """The function that is the last argument of the call, or is handed on as its block (`get(path, &block)`, `&method(:list)`)."""
        handed = next((a.value for a in hit.call.args if a.name == "&"), None)
        value = self.scan.value(hit, Ref(arg=-1)) if handed is None else self._handed(hit, handed)
        return value if value is not None and (handed is not None or any(isinstance(o, FuncV) for o in options(value))) else None

    def _handed(self, hit: Hit, written: Value) -> AV:
        """The value of what stands behind `&`."""
        call = self.scan.graph.view(hit.site.file).facts.calls[written.call] if isinstance(written, CallRef) else None
        named = call.args[0].value if call is not None and call.callee == Name("method") and call.args else None
        if isinstance(named, Lit) and isinstance(named.value, str):
            written = Name(named.value)
        return self.ev.value(written, hit.site.file, hit.call.owner, hit.site.env)

    def first(self, hit: Hit, refs: tuple[Ref, ...]) -> AV | None:
        return next((v for ref in refs if (v := self.scan.value(hit, ref)) is not None and v != Const(None)), None)

    def texts(self, hit: Hit, refs: tuple[Ref, ...]) -> list[str]:
        """The texts at the first of the places that has one."""
        for ref in refs:
            value = self.scan.value(hit, ref) if ref.const is None else Const(ref.const)
            if value is None or isinstance(value, FuncV | Obj | ClassV):
                continue
            if value in (Const(None), Const(False)):
                return []
            return texts(self.ev, value)
        return []

    def all_texts(self, hit: Hit) -> list[str]:
        """The texts of all positional arguments."""
        found: list[str] = []
        for arg in hit.call.args:
            if arg.name is None:
                value = self.ev.value(arg.value, hit.site.file, hit.call.owner, hit.site.env)
                found.extend(texts(self.ev, value) if isinstance(value, Const | ListV) and value != Const(None) else ())
        return found

    def paths(self, hit: Hit, rule: Nested) -> list[str]:
        if rule.segments:
            return segments(self, hit, rule)
        if any(word in rule.unless[key] for key in rule.unless for word in self.texts(hit, (Ref(kwarg=key),))):
            return []
        for ref in rule.path:
            value = self.scan.value(hit, ref) if ref.const is None else None
            if isinstance(value, Ext) and rule.pattern and value.path == rule.pattern and isinstance(value.base, Const):
                return ["/" + from_regex(str(value.base.value).replace("\\/", "/")).lstrip("/")]
            if isinstance(value, UnknownV) and value.why.startswith("/") and value.why.endswith("/"):
                return [from_regex(value.why[1:-1].replace("\\/", "/").replace("\\A", "").replace("\\z", ""))]
        found = self.texts(hit, rule.path)
        return [f":{p}" for p in found] if rule.as_param else found

    def asked(self, hit: Hit) -> list[str]:
        """The HTTP methods that calls among the arguments ask for."""
        verbs = options_of(hit.rule).verbs
        calls = [a.value.call for a in hit.call.args if isinstance(a.value, CallRef)] if verbs else []
        names = (callee_name(self.scan.graph.view(hit.site.file).facts.calls[n]) or "" for n in calls)
        return [n.rstrip("?").upper() for n in names if n.rstrip("?") in verbs]

    def methods(self, hit: Hit) -> list[str]:
        rule = hit.rule
        asked = self.asked(hit)
        if asked:
            return asked
        if rule.methods is not None:
            named = [t.upper() for t in self.scan.texts(hit, rule.methods)]
            if named:
                return ["ANY" if m in ("ALL", "ANY", "*") else m for m in named if m.isalpha() or m == "*"]
        if rule.method is not None:
            return [rule.method]
        verb = hit.verb.upper()
        return [verb] if verb and verb not in ("ANY", "ALL") else list(rule.default_methods) or ["ANY"]

    def pairs(self, hit: Hit) -> Iterator[tuple[AV, str]]:
        """The pairs `value => path` among the arguments, and the pairs `path => value` of classes."""
        for arg in hit.call.args:
            for path, item in arg.value.items if isinstance(arg.value, Record) else ():
                value = self.ev.value(item, hit.site.file, hit.call.owner, hit.site.env)
                if path is not None and isinstance(value, ClassV | InstV | Ext | FuncV):
                    yield value, path
            for key, item in arg.value.computed if isinstance(arg.value, Record) else ():
                value = self.ev.value(key, hit.site.file, hit.call.owner, hit.site.env)
                for path in texts(self.ev, self.ev.value(item, hit.site.file, hit.call.owner, hit.site.env)):
                    yield value, path

    def renamings(self, hit: Hit, rule: Nested) -> dict[str, str]:
        """What `path_names` calls the last parts of paths."""
        value = self.scan.value(hit, rule.path_names) if rule.path_names is not None else None
        pairs = value.fields.items() if isinstance(value, Obj) else ()
        return {k: str(v.value) for k, t in pairs if isinstance(v := self.ev.thunk(t), Const)}


_BLOCK = re.compile(r"\bdo\b|\{")


def _is_symbol(walker: Arguments, hit: Hit, name: str) -> bool:
    """Is the argument written as a Symbol (`:id`)? Facts keep Symbols as texts."""
    head = walker.scan.graph.text(hit.site.file).encode()[hit.call.start : hit.call.start + 200].decode(errors="replace")
    head = _BLOCK.split(head, maxsplit=1)[0]
    return name.isidentifier() and re.search(rf"[\s(,]:{re.escape(name)}\b", head) is not None


def segments(walker: Arguments, hit: Hit, rule: Nested) -> list[str]:
    """Arguments that are segments: texts are themselves, a class or an expression is a parameter of the block's next name.

    A list has one for each of its items, and `true` in it leaves the segment out.
    """
    ev = walker.ev
    function = walker.block_of(hit)
    names = (
        [
            p.name
            for o in options(function)
            if isinstance(o, FuncV)
            for p in walker.scan.graph.view(o.symbol.file).symbol(o.symbol.index).params
        ]
        if function is not None
        else []
    )
    found: list[list[str]] = []
    for arg in hit.call.args:
        pairs = arg.value.items if isinstance(arg.value, Record) else ((arg.name, arg.value),)
        shown = [(rule.keyed[k], v) for k, v in pairs if k in rule.keyed]
        for pattern, written in shown:
            given = texts(ev, ev.value(written, hit.site.file, hit.call.owner, hit.site.env)) if "{text}" in pattern else [""]
            name = names.pop(0) if names and ":" in pattern else "id"
            found.append([pattern.replace("{text}", g).replace(":it", f":{name}") for g in given])
        if shown or arg.name is not None:
            continue
        value = ev.value(arg.value, hit.site.file, hit.call.owner, hit.site.env)
        if rule.conditions and not (isinstance(value, Const) and isinstance(value.value, str)):
            pattern = value.why if isinstance(value, UnknownV) else ""
            found.append(
                [from_regex(pattern[1:-1].replace("\\/", "/"))] if pattern[:1] == pattern[-1:] == "/" and len(pattern) > 1 else [""]
            )
        elif isinstance(value, Const) and isinstance(value.value, str):
            symbol = _is_symbol(walker, hit, value.value)
            if symbol and value.value in names:
                names.remove(value.value)
            found.append([f":{value.value}" if symbol else from_regex(value.value) if "(" in value.value else value.value])
        elif isinstance(value, ListV):
            found.append(list(_alternatives(ev, value, names.pop(0) if names else "id")))
        elif isinstance(value, UnknownV) and len(value.why) > 2 and value.why[0] == value.why[-1] == "/":  # a regular expression
            found.append([from_regex(value.why[1:-1].replace("\\/", "/"))])
        elif isinstance(value, Ext | ClassV | UnknownV) and not isinstance(arg.value, CallRef):
            found.append([f":{names.pop(0) if names else 'id'}"])
    ways = product(*found) if prod(map(len, found)) <= MAX_WAYS else ()
    return list(dict.fromkeys("/".join(part.strip("/") for part in way if part.strip("/")) for way in ways))


def _alternatives(ev: Evaluator, value: ListV, name: str) -> Iterator[str]:
    for item in value.items[:MAX_WAYS]:
        one = ev.thunk(item)
        if one == Const(True):
            yield ""
        elif isinstance(one, Const) and isinstance(one.value, str):
            yield one.value
        elif isinstance(one, Ext | ClassV | UnknownV):
            yield f":{name}"
