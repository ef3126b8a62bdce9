"""What macros are given that is no list of arguments: `mount! { app, "/v1", "/orders" => orders::routes() }`, `routes![settings: show]`."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.rust.chains import arguments
from backend_readiness.facts.languages.rust.pieces import AFTER_ARGS, BEFORE_ARGS, first, piece, split
from backend_readiness.facts.languages.rust.tree import IDENTIFIERS, MAX_ITEMS, Walk
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Lit, Name, Record, Unknown, Value


def paired(w: Walk, tree: Node) -> tuple[Arg, ...] | None:
    """The parts between commas; pairs `key => value` become one object, the last argument; labels are keywords. None without either."""
    args: list[Arg] = []
    items: list[tuple[str | None, Value]] = []
    computed: list[tuple[Value, Value]] = []
    labels = 0
    for part in list(split([c for c in tree.children[1:-1] if "comment" not in c.type]))[:MAX_ITEMS]:
        at = next((i for i, t in enumerate(part) if t.type == "=>"), 0)
        if at:
            key, value = _value(w, part[:at]), _value(w, part[at + 1 :])
            if isinstance(key, Lit) and isinstance(key.value, str):
                items.append((key.value, value))
            else:
                computed.append((key, value))
        elif len(part) > 2 and part[1].type == ":" and part[0].kind_id in IDENTIFIERS:
            labels += 1
            label = _value(w, part[:1])
            args.extend((Arg(_value(w, part[2:])), Arg(label, label.id if isinstance(label, Name) else None)))
        else:
            args.append(Arg(_value(w, part)))
    if items or computed:
        args.append(Arg(Record(tuple(items), tuple(computed))))
    return tuple(args) if items or computed or labels else None


def _value(w: Walk, tokens: list[Node]) -> Value:
    if not tokens:
        return Unknown("")
    start, end = tokens[0].start_byte, tokens[-1].end_byte
    with piece(w, BEFORE_ARGS, w.text[start:end], AFTER_ARGS, start) as root:
        call = first(root, "arguments") if root is not None and not root.has_error else None
        args = arguments(w, call) if call is not None else ()
    return args[0].value if len(args) == 1 and args[0].name is None else Unknown(plain(w.text[start : min(end, start + 80)]))
