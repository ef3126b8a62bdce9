"""Modules and functions of Elixir: `defmodule` is a class with its full name, `use X` makes `X` a base, `def` is a method.

The clauses of one function are one symbol with the parameters of the first; one that begins with a text or an atom is a `case` Block of
it. `use Web, :router` gives the base `:router`; what the `__using__` of a module uses is a base of that module too.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.elixir import requests
from backend_readiness.facts.languages.elixir.calls import add_call
from backend_readiness.facts.languages.elixir.functions import clauses, params_of
from backend_readiness.facts.languages.elixir.tree import MAX_DEPTH, Walk, child, forms, inner, unknown, value
from backend_readiness.facts.languages.elixir.values import bind, pairs
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Alt, Arg, Assign, Block, Import, Lit, Member, Name, Return, Symbol, Value

_KEPT = 60


@forms("defmodule", "defprotocol", "defimpl")
def lower_module(w: Walk, node: Node) -> Value:
    args, block = inner(child(node, "arguments")), child(node, "do_block")
    if not args or block is None or w.depth > MAX_DEPTH // 2:
        return unknown(w, node)
    written = plain(w.raw(args[0])).replace(" ", "")
    name = (
        f"{w.module_name}.{written}"
        if w.module_name and not w.raw(node).startswith("defimpl")
        else written.replace("__MODULE__", w.module_name)
    )
    start, end = node.start_byte, node.end_byte
    kind = "interface" if w.raw(node).startswith("defprotocol") else "class"
    symbol = w.builder.add_symbol(Symbol(kind, name, w.owner, w.line(start), w.last_line(end), start, end))
    outer = w.owner, w.module, w.module_name, dict(w.aliases), w.uses, w.passed_on, w.scope
    if w.module_name:
        w.aliases[written.partition(".")[0]] = f"{w.module_name}.{written.partition('.')[0]}"
    w.owner, w.module, w.module_name, w.uses, w.passed_on, w.scope = symbol, symbol, name, [], [], ""
    body = inner(block)
    for part in body:
        value(w, part)
    w.builder.amend(symbol, bases=tuple(w.name(u) for u in (*w.uses[:20], *w.passed_on[:20])), statements=len(body))
    aliases = w.aliases
    w.owner, w.module, w.module_name, w.aliases, w.uses, w.passed_on, w.scope = outer
    if w.module_name and written.partition(".")[0] in aliases:
        w.aliases[written.partition(".")[0]] = aliases[written.partition(".")[0]]
    return w.name(name)


@forms("alias", "import", "require", "use")
def lower_directive(w: Walk, node: Node) -> Value:
    head = w.raw(node).split(None, 1)[0].split("(")[0]
    args = inner(child(node, "arguments"))
    if not args:
        return Lit(None)
    options = dict(pairs(w, args[1])) if len(args) > 1 and args[1].type == "keywords" else {}
    saved, w.scope = w.scope, ""
    for module in _modules(w, args[0]):
        line = w.line(node.start_byte)
        if head == "use":
            asked = value(w, args[1]) if len(args) > 1 and args[1].type == "atom" else None
            w.uses.append(f":{asked.value}" if isinstance(asked, Lit) else module)
            w.name(w.uses[-1])
            routes = any(u.rpartition(".")[2].lstrip(":").lower() == "router" for u in w.uses[:-1])  # what else a router uses may add to it
            if routes or any(isinstance(v, Name) for v in options.values()):  # `use GRPC.Server, service: Orders.Service` runs `__using__`
                add_call(w, node, w.builder.member(w.name(module), "__using__"), tuple(Arg(v, k) for k, v in options.items()))
        if head == "import":
            w.builder.imports.append(Import(module, "*", None, line, w.owner))
        else:
            w.builder.imports.append(Import(module, None, None, line, w.owner))
        short = options.get("as")
        if head == "alias" or short is not None:
            local = short.id if isinstance(short, Name) else module.rpartition(".")[2]
            w.aliases[local.rpartition(".")[2]] = module
    w.scope = saved
    return Lit(None)


def _modules(w: Walk, node: Node) -> list[str]:
    """`A.B`, `A.{B, C}`, `__MODULE__`."""
    if node.type == "dot":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        base = w.module_of(plain(w.raw(left))) if left is not None else ""
        return [f"{base}.{plain(w.raw(c))}" for c in inner(right)[:_KEPT]] if right is not None else []
    return [w.module_of(plain(w.raw(node)))] if node.type in ("alias", "identifier") else []


@forms("scope")
def lower_scope(w: Walk, node: Node) -> Value:
    """A routing scope puts its module before the names of modules in its block."""
    from backend_readiness.facts.languages.elixir.calls import arguments, block_function

    args, block = inner(child(node, "arguments")), child(node, "do_block")
    given = arguments(w, child(node, "arguments"))
    outer = w.scope
    named = next((w.raw(a) for a in args if a.type == "alias"), "")
    keyed = next((a.value for a in given if a.name == "alias"), None)
    if named:
        w.scope = f"{outer}.{named}" if outer else w.module_of(named)
    elif isinstance(keyed, Name):
        w.scope = keyed.id
    elif keyed == Lit(False):
        w.scope = ""
    lowered = [*given, *([Arg(block_function(w, block), "do")] if block is not None else [])]
    w.scope = outer
    used = ":router" if w.quoting else next((u for u in w.uses if u.lower().endswith("router")), w.uses[0] if w.uses else "")
    callee: Value = w.builder.member(w.name(used), "scope") if used else w.name("scope")
    return add_call(w, node, callee, tuple(lowered))


# ---------------------------------------------------------------- functions


@forms("def", "defp", "defmacro", "defmacrop")
def lower_def(w: Walk, node: Node) -> Value:
    args, block = inner(child(node, "arguments")), child(node, "do_block")
    head = args[0] if args else None
    if head is not None and head.type == "binary_operator" and head.child_by_field_name("left") is not None:  # `when`
        head = head.child_by_field_name("left")
    if head is None or w.depth > MAX_DEPTH // 2:
        return unknown(w, node)
    named = head.child_by_field_name("target") if head.type == "call" else head
    given = inner(child(head, "arguments")) if head.type == "call" else []
    name = plain(w.raw(named)) if named is not None else ""
    start, end = node.start_byte, node.end_byte
    outer = w.owner
    key = (w.module, name, len(given))
    symbol = w.defined.get(key)
    if symbol is None:
        kind = "method" if w.module else "function"
        symbol = w.builder.add_symbol(Symbol(kind, name, w.owner, w.line(start), w.last_line(end), start, end, is_static=True))
        w.defined[key] = symbol
        w.owner = symbol
        w.builder.amend(symbol, params=tuple(params_of(w, given)))
    else:
        w.owner = symbol
        w.builder.amend(symbol, end_line=w.last_line(end), end=end)
        for part in given:
            bind(w, part, None)
    said = next(iter(inner(given[0])), None) if given and given[0].type == "tuple" else given[0] if given else None  # `{:save, order}`
    if said is not None and said.type in ("string", "atom") and isinstance(head_text := value(w, said), Lit):  # `handle_event("save", ...)`
        w.builder.blocks.append(Block("case", head_text, symbol, w.line(start), w.last_line(end), start, end))
    condition = requests.asked(w, given)
    if condition is not None:
        w.builder.blocks.append(Block("if", condition, symbol, w.line(start), w.last_line(end), start, end))
    bodies = clauses(w, block, None)
    for words in args[1:]:
        bodies.extend(v for k, v in (pairs(w, words) if words.type == "keywords" else ()) if k == "do")
    count = len(inner(block)) if block is not None else 1
    w.builder.amend(symbol, statements=w.builder.symbols[symbol].statements + count)
    for returned in bodies:
        for option in returned.options if isinstance(returned, Alt) else (returned,):
            w.builder.returns.append(Return(option, symbol, w.line(start), w.last_line(end), start))
    w.owner = outer
    return w.name(name)


@forms("defdelegate")
def lower_delegate(w: Walk, node: Node) -> Value:
    args = inner(child(node, "arguments"))
    head = args[0] if args else None
    options = dict(pairs(w, args[1])) if len(args) > 1 and args[1].type == "keywords" else {}
    to, other_name = options.get("to"), options.get("as")
    if head is None or to is None:
        return unknown(w, node)
    named = head.child_by_field_name("target") if head.type == "call" else head
    name = plain(w.raw(named)) if named is not None else ""
    start, end = node.start_byte, node.end_byte
    symbol = w.builder.add_symbol(
        Symbol("method", name, w.owner, w.line(start), w.last_line(end), start, end, is_static=True, statements=1)
    )
    outer, w.owner = w.owner, symbol
    params = params_of(w, inner(child(head, "arguments")))
    w.builder.amend(symbol, params=tuple(params))
    meant = str(other_name.value) if isinstance(other_name, Lit) else name
    result = add_call(w, node, Member(to, w.name(meant).id), tuple(Arg(w.name(p.name)) for p in params if p.name))
    w.builder.returns.append(Return(result, symbol, w.line(start), w.last_line(end), start))
    w.owner = outer
    return w.name(name)


@forms("defstruct", "field", "belongs_to", "has_many", "has_one", "many_to_many", "embeds_one", "embeds_many")
def lower_field(w: Walk, node: Node) -> Value:
    """Fields of a struct or schema are fields of the module; a related schema is the type of its field."""
    from backend_readiness.facts.languages.elixir.calls import arguments, block_function

    args = arguments(w, child(node, "arguments"))
    start, end = node.start_byte, node.end_byte
    block, written = child(node, "do_block"), node.child_by_field_name("target")
    if block is not None and written is not None and w.raw(written) == "field":  # of a schema of GraphQL: what resolves it stands inside
        args = [*args, Arg(block_function(w, block), "do")]
    first = args[0].value if args else None
    if isinstance(first, Lit) and isinstance(first.value, str) and w.module:
        declared = args[1].value if len(args) > 1 and args[1].name is None else None
        target = w.name(first.value)
        w.builder.assigns.append(Assign(target, None, declared, w.module, w.line(start), w.last_line(end), start, end, "field"))
    head = node.child_by_field_name("target")
    used = next((u for u in w.uses if "Schema" in u or u == ":schema"), w.uses[0] if w.uses else "")
    callee: Value = w.builder.member(w.name(used), w.raw(head)) if used and head is not None else w.name("field")
    return add_call(w, node, callee, tuple(args))
