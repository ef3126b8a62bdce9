"""Branches on the pieces of a path: `parts = path.strip("/").split("/")`, then `if parts[0] == "orders" and len(parts) == 2`.

Options of a rule of shape `compared`: `splits` are the methods that cut the path, `trims` those that take its slashes away before,
`counts` the functions or members that give the number of pieces, `without_empty` the methods that leave out those without a text, `cuts`
the functions that cut it (`explode("/", $path)`). A piece that no condition names is a parameter; what an outer branch says of the pieces
holds in the inner ones too, and a branch that tells more of them apart inside of it is no route itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from backend_readiness.facts.model import Alt, Block, Call, CallRef, Index, Lit, Member, Name, Op, Seq, Unknown, Value
from backend_readiness.graph.routes.path_branches import Asked, is_named, parts
from backend_readiness.graph.views import FileView

MAX_PIECES = 12
MAX_DEPTH = 6
_AND, _OR = ("&&", "and"), ("||", "or")
_SAME, _OTHER = ("==", "==="), ("!=", "!==")


@dataclass(slots=True)
class Pieces:
    """What is known of the pieces of a path."""

    texts: dict[int, tuple[str, ...]] = field(default_factory=dict)
    count: int | None = None

    def paths(self) -> Iterator[str]:
        last = self.count if self.count is not None else max(self.texts, default=-1) + 1
        if last > MAX_PIECES or any(i >= last for i in self.texts):
            return
        found = [""]
        for number in range(last):
            steps = self.texts.get(number) or (f"{{part{number}}}",)
            found = [f"{f}/{s}" for f in found for s in steps]
        yield from (f or "/" for f in found)


def paths_of_pieces(view: FileView, asked: Asked, block: Block, blocks: list[Block]) -> list[str]:
    """The paths that a branch answers by the pieces that it asks for; none when it does not ask for any."""
    if block.subject is None or not (asked.options.get("splits") or asked.options.get("cuts")):
        return []
    if block.kind == "case":
        return _of_case(view, asked, block, blocks)
    known = Pieces()
    if block.kind != "if":
        return []
    if not _read(view, asked, block.owner, block.subject, known, 0):
        return []
    for other in blocks:
        if other.kind != "if" or other is block or other.subject is None or other.owner != block.owner:
            continue
        if other.start <= block.start and block.end <= other.end:
            _read(view, asked, other.owner, other.subject, known, 0)
        elif block.start <= other.start and other.end <= block.end and _read(view, asked, other.owner, other.subject, Pieces(), 0):
            return []
    return list(known.paths()) if known.texts or known.count == 0 else []


def refused_pieces(view: FileView, asked: Asked, block: Block) -> list[str]:
    """The path of what is left when a branch sends all others away: `if len(parts) != 2 or parts[0] != "orders": return`."""
    if block.subject is None or not (asked.options.get("splits") or asked.options.get("cuts")):
        return []
    known = Pieces()
    tests = parts(block.subject, _OR) or (block.subject,)
    for test in tests:
        if not isinstance(test, Op) or test.op not in _OTHER or not _read(view, asked, block.owner, Op("==", test.operands), known, 0):
            return []
    return list(known.paths()) if known.texts else []


def _of_case(view: FileView, asked: Asked, block: Block, blocks: list[Block]) -> list[str]:
    """The path of a `case` of a switch on one piece: `switch ($parts[1]) { case "users": ... }`, or on all: `["users", id] => show`."""
    around = [b for b in blocks if b.kind == "switch" and b.start <= block.start and block.end <= b.end]
    nearest = max(around, key=lambda b: b.start, default=None)
    listed = _of_list(view, asked, block, nearest.subject) if nearest is not None and nearest.subject is not None else []
    if listed:
        return listed
    piece = _piece(view, block.owner, nearest.subject) if nearest is not None and nearest.subject is not None else None
    known = Pieces()
    if not isinstance(piece, Index) or block.subject is None or not _of_index(view, asked, block.owner, piece, block.subject, known):
        return []
    return list(known.paths())


def _of_list(view: FileView, asked: Asked, block: Block, subject: Value) -> list[str]:
    """The path that a pattern of all pieces stands for, which may be one of several things that are looked at."""
    several = isinstance(subject, Seq) and isinstance(block.subject, Seq)
    pairs = zip(subject.items, block.subject.items, strict=False) if several else [(subject, block.subject)]  # type: ignore[union-attr]
    for of, wanted in pairs:
        offset = _offset(view, asked, block.owner, of) if isinstance(wanted, Seq) else None
        if offset is None or not isinstance(wanted, Seq):
            continue
        steps = [_step(item, n) for n, item in enumerate(wanted.items)][offset:]
        if any(isinstance(i, Lit) for i in wanted.items[offset:]) or not steps:
            return ["/" + "/".join(steps)]
    return []


def _step(item: Value, number: int) -> str:
    if isinstance(item, Lit) and isinstance(item.value, str):
        return item.value
    name = item.text if isinstance(item, Unknown) else ""
    return "{rest*}" if name == ".." else f"{{{name}}}" if name.isidentifier() and name != "_" else f"{{part{number}}}"


def _piece(view: FileView, owner: int, value: Value, depth: int = 0) -> Value:
    """The piece that a variable was given: `$endpoint = $parts[1] ?? null`."""
    if isinstance(value, Alt) and value.options and depth < MAX_DEPTH:
        return _piece(view, owner, value.options[0], depth + 1)
    if isinstance(value, Name) and depth < MAX_DEPTH:
        bound = next((b for scope in view.enclosing(owner) if (b := view.bindings.get((scope, value.id)))), ())
        given = [a.value for a, path in bound if a.value is not None and not path]
        found = _piece(view, owner, given[0], depth + 1) if given else value
        return found if isinstance(found, Index) else value
    return value


def _read(view: FileView, asked: Asked, owner: int, value: Value, known: Pieces, depth: int) -> bool:
    """Take what a condition says of the pieces; False when it says nothing of them."""
    if isinstance(value, Op) and value.op == "!" and len(value.operands) == 1 and isinstance(value.operands[0], Index):  # `!parts[1]`
        offset, key = _offset(view, asked, owner, value.operands[0].base), value.operands[0].key
        if offset is not None and isinstance(key, Lit) and isinstance(key.value, int):
            known.count = key.value - offset
            return True
    joined = parts(value, _AND) if depth < MAX_DEPTH else ()
    if joined:
        said = [_read(view, asked, owner, v, known, depth + 1) for v in joined]
        return True in said
    if not isinstance(value, Op) or len(value.operands) != 2 or value.op not in (*_SAME, "in"):
        return False
    left, right = value.operands
    if isinstance(left, Lit | Seq) and value.op in _SAME:
        left, right = right, left
    left = _piece(view, owner, left) if asked.options.get("cuts") else left
    count = _counted(view, asked, owner, left)
    if count is not None and isinstance(right, Lit) and isinstance(right.value, int):
        known.count = right.value - count
        return True
    if isinstance(left, Index):
        return _of_index(view, asked, owner, left, right, known)
    offset = _offset(view, asked, owner, left)
    texts = _texts(right)
    if offset is None or texts is None or value.op == "in":
        return False
    known.texts.update({n - offset: (t,) for n, t in enumerate(texts) if n >= offset})
    known.count = len(texts) - offset
    return True


def _of_index(view: FileView, asked: Asked, owner: int, left: Index, right: Value, known: Pieces) -> bool:
    """`parts[0] == "orders"`, `parts[0] in ("orders", "carts")` and `parts[:2] == ["api", "orders"]`."""
    offset = _offset(view, asked, owner, left.base)
    if offset is None:
        return False
    if isinstance(left.key, Lit) and isinstance(left.key.value, int) and left.key.value >= offset:
        options = (right.value,) if isinstance(right, Lit) and isinstance(right.value, str) else tuple(_texts(right) or ())
        if options:
            known.texts[left.key.value - offset] = options
        return bool(options)
    texts = _texts(right)
    if isinstance(left.key, Op) and left.key.op == ":" and texts:
        first = left.key.operands[0]
        start = first.value if isinstance(first, Lit) and isinstance(first.value, int) else 0
        known.texts.update({start + n - offset: (t,) for n, t in enumerate(texts) if start + n >= offset})
        return True
    return False


def _texts(value: Value) -> list[str] | None:
    items = value.items if isinstance(value, Seq) else None
    found = [i.value for i in items if isinstance(i, Lit) and isinstance(i.value, str)] if items is not None else []
    return found if items is not None and len(found) == len(items) else None


def _counted(view: FileView, asked: Asked, owner: int, value: Value) -> int | None:
    """What stands before the first piece in the list whose length is asked for."""
    if isinstance(value, Member) and value.name in asked.options.get("counts", ()):  # `parts.length`
        return _offset(view, asked, owner, value.base)
    call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
    if call is None or not isinstance(call.callee, Name) or call.callee.id not in asked.options.get("counts", ()) or len(call.args) != 1:
        return None
    return _offset(view, asked, owner, call.args[0].value)


def _offset(view: FileView, asked: Asked, owner: int, value: Value, depth: int = 0) -> int | None:
    """How many pieces stand before the first of the path: 1 when it was cut with its slash; None when it is no list of pieces."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, Name):
        bound = next((b for scope in view.enclosing(owner) if (b := view.bindings.get((scope, value.id)))), ())
        given = [a.value for a, path in bound if a.value is not None and not path and a.kind != "for"]
        return _offset(view, asked, owner, given[0], depth + 1) if given else None
    if isinstance(value, Seq) and len(value.items) == 1 and isinstance(value.items[0], Name):  # `[p for p in path.split("/") if p]`
        bound = next((b for scope in view.enclosing(owner) if (b := view.bindings.get((scope, value.items[0].id)))), ())
        looped = [a.value for a, path in bound if a.value is not None and not path]
        return 0 if looped and _offset(view, asked, owner, looped[-1], depth + 1) is not None else None
    if isinstance(value, Index) and isinstance(value.key, Op) and value.key.op == ":":  # `path.split("/")[1:]`
        first = value.key.operands[0] if value.key.operands else Lit(0)  # `&parts[..]`
        before = _offset(view, asked, owner, value.base, depth + 1)
        return max(0, before - first.value) if before is not None and isinstance(first, Lit) and isinstance(first.value, int) else None
    call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
    if call is not None and isinstance(call.callee, Name) and call.callee.id in asked.options.get("cuts", ()):
        return _cut(view, asked, owner, call, depth)
    if call is None or not isinstance(call.callee, Member):
        return None
    cut = call.args[0].value if call.args else None
    if call.callee.name in asked.options.get("same", ()):
        return _offset(view, asked, owner, call.callee.base, depth + 1)
    if call.callee.name in asked.options.get("without_empty", ()):  # `path.split("/").filter(Boolean)`
        return 0 if _offset(view, asked, owner, call.callee.base, depth + 1) is not None else None
    if call.callee.name in asked.options.get("trims", ()) and isinstance(cut, Lit) and isinstance(cut.value, int):  # `parts.slice(1)`
        before = _offset(view, asked, owner, call.callee.base, depth + 1)
        return max(0, before - cut.value) if before is not None else None
    if call.callee.name not in asked.options.get("splits", ()) or cut != Lit("/"):
        return None
    if not is_named(view, owner, _whole(view, asked, call.callee.base), asked.options["paths"]):
        return None
    return 0 if _is_trimmed(view, asked, owner, call.callee.base, 0) else 1


def _whole(view: FileView, asked: Asked, value: Value) -> Value:
    """The path before its slashes are taken away by a call: `path.slice(1)`."""
    call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
    trims = asked.options.get("trims", ())
    return call.callee.base if call is not None and isinstance(call.callee, Member) and call.callee.name in trims else value


def _cut(view: FileView, asked: Asked, owner: int, call: Call, depth: int) -> int | None:
    """What stands before the first piece of `explode("/", trim($path, "/"))`, also without its empty ones (`array_filter`)."""
    if len(call.args) > 1 and call.args[0].value == Lit("/"):
        path = call.args[1].value
        return None if not is_named(view, owner, path, asked.options["paths"]) else 0 if _is_trimmed(view, asked, owner, path, 0) else 1
    return _offset(view, asked, owner, call.args[0].value, depth + 1) if call.args else None


def _is_trimmed(view: FileView, asked: Asked, owner: int, value: Value, depth: int) -> bool:
    """Were the slashes in front taken away?"""
    call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
    if call is not None and isinstance(call.callee, Member) and depth < MAX_DEPTH:
        if call.callee.name in asked.options.get("trims", ()):
            return True
        return _is_trimmed(view, asked, owner, call.callee.base, depth + 1)
    if call is not None and isinstance(call.callee, Name) and call.args and depth < MAX_DEPTH:
        return call.callee.id in asked.options.get("trims", ()) or _is_trimmed(view, asked, owner, call.args[0].value, depth + 1)
    if isinstance(value, Index):
        front = isinstance(value.key, Op) and value.key.op == ":" and value.key.operands[0] == Lit(1)  # `path[1:]`
        return front or (depth < MAX_DEPTH and _is_trimmed(view, asked, owner, value.base, depth + 1))
    if isinstance(value, Name) and depth < MAX_DEPTH:
        bound = next((b for scope in view.enclosing(owner) if (b := view.bindings.get((scope, value.id)))), ())
        given = [a.value for a, path in bound if a.value is not None and not path]
        return bool(given) and _is_trimmed(view, asked, owner, given[0], depth + 1)
    return False
