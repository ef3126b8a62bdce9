"""Cheap questions about how a call is written, asked before the costly one what its callee stands for.

Those whose names end in `_in` are asked of the index of a file, before its facts are loaded: what they leave out no call of the
file would pass, see `facts.file_index`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet

from backend_readiness.facts.file_index import COMPUTED, TOP, FileIndex, First, bits_of, own_field
from backend_readiness.facts.model import Assign, Call, CallRef, Concat, Func, Index, Lit, Member, Name, Record, Seq, Value
from backend_readiness.graph.views import FileView, callee_name

_URL_KEYS = ("url", "path", "uri")
_IN_STEPS = frozenset({"java", "kotlin", "scala"})  # requests are built step by step, or their addresses have a port and a host before them
_VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "all"}
_OF_PATHS = "/<{^*:"
_SECOND = re.compile(r"\[[1-9]\]")
_REQUESTS = bits_of(f for f in First if f not in (First.NONE, First.LITERAL, First.FUNCTION, First.LIST))
_LONE_TEXT = bits_of((First.TEXT,), kinds=("call",), more=(False,))


def may_request(call: Call, view: FileView, *, bare: bool) -> bool:
    """Can it be a request of a client? `bare`: the callee is a name or a field alone (`api("/orders")`, `this.client(url)`)."""
    steps = view.language in _IN_STEPS and isinstance(call.callee, Member)
    if not call.args:
        return steps and isinstance(call.callee, Member) and isinstance(call.callee.base, CallRef)
    first = call.args[0].value
    if steps and isinstance(first, Lit) and not isinstance(first.value, str):
        return first.value is None or any(_is_address(a.value) for a in call.args[1:])
    if isinstance(first, Func | Seq) or (isinstance(first, Lit) and not isinstance(first.value, str)):
        return False
    if bare:
        record = isinstance(first, Record) and any(k in _URL_KEYS for k, _ in first.items)
        text = isinstance(first, Concat) or (isinstance(first, Lit) and "/" in str(first.value))
        return record or text or isinstance(call.callee, Member | Index) or (isinstance(call.callee, Name) and call.callee.id in view.made)
    if isinstance(first, Lit) and "/" not in str(first.value) and isinstance(call.callee, Member):  # `headers.get("x-id")`
        base = call.callee.base
        if isinstance(base, Name):
            return (
                base.id in view.imports or base.id in view.made or base.id in view.handed or base.id[:1] in ("$", "_") or base.id == "self"
            )
        return isinstance(base, Member | CallRef)
    return True


def _is_address(value: Value) -> bool:
    return isinstance(value, Concat) or (isinstance(value, Lit) and "/" in str(value.value))


def may_request_in(index: FileIndex, wanted: AbstractSet[str], *, bare: bool, is_external: Callable[[str], bool]) -> bool:
    """Can a call of the file be a request? `wanted`: the names of clients; `bare`: clients may be called by any name."""
    if any(shapes & _REQUESTS for shapes in index.called(wanted | {COMPUTED} if bare else wanted).values()):
        return True
    return bare and (bool(index.given) or any(not modules or not all(map(is_external, modules)) for _, modules in index.made))


def may_be_clients(view: FileView, is_external: Callable[[str], bool]) -> set[str]:
    """The imported and bound names, and the fields (as `self.name`), of a file that may be a client.

    What a package's function gives behind the first value of its answer (`const [order, setOrder] = useState()`) is none.
    """

    def is_second(assign: Assign, path: tuple[str, ...]) -> bool:
        if not path or not _SECOND.fullmatch(path[-1]) or not isinstance(assign.value, CallRef):
            return False
        callee = view.facts.calls[assign.value.call].callee
        made_by = view.imports.get(callee.id, ()) if isinstance(callee, Name) else ()
        return bool(made_by) and all(item.module in outside for item in made_by)

    outside = {item.module for items in view.imports.values() for item in items if is_external(item.module)}
    held = {name for (_, name), bound in view.bindings.items() if not all(is_second(a, p) for a, p in bound)}
    fields = {f"self.{n}" for a in view.facts.assigns if isinstance(a.value, CallRef) and (n := own_field(a.target, a.kind)) is not None}
    return held | set(view.imports) | fields


def client_name(call: Call, view: FileView) -> str | None:
    """The last name of what is called, or of the call that gives it: `useClient()(url)`."""
    made_by = view.facts.calls[call.callee.call] if isinstance(call.callee, CallRef) else call
    return callee_name(made_by)


def lone_name(call: Call) -> str:
    """The name of a callee that is called itself: a name, or a field of its own object as `self.client`; else empty."""
    callee = call.callee
    if isinstance(callee, Name):
        return callee.id
    own = isinstance(callee, Member) and isinstance(callee.base, Name) and callee.base.id == "self"
    return f"self.{callee.name}" if isinstance(callee, Member) and own else ""


def may_register(call: Call) -> bool:
    """Can it register a route? `cache.get("key")` has neither a path nor a function."""
    if call.kind != "call" or not call.args or callee_name(call) not in _VERBS:
        return True
    first = call.args[0].value
    if len(call.args) > 1 or not isinstance(first, Lit) or not isinstance(first.value, str):
        return True
    return first.value == "" or any(c in first.value for c in _OF_PATHS)


def may_register_in(index: FileIndex, wanted: AbstractSet[str]) -> bool:
    """Can a call of the file register a route under one of these names?"""
    return any(shapes & ~(_LONE_TEXT | TOP) if name in _VERBS else shapes for name, shapes in index.called(wanted).items())
