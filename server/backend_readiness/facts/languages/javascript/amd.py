"""Modules of the asynchronous module definition: `define("orders", ["api"], function (api) { return { load } })`, `require(["api"], run)`.

The parameters of the factory are Imports of the modules that the array names, each in the scope of the factory, and no Params. What the
factory of the only `define` of a file gives back is what the module exports (`Export` "=": a Call of the factory). A name that `define`
gives the module is the package of the file, under which other files ask for it; one without a name is `./`.
"""

from __future__ import annotations

from backend_readiness.facts.languages.javascript.walk import Walk
from backend_readiness.facts.model import Arg, Call, CallRef, Export, Func, Import, Lit, Record, Seq, Value

LOADERS = frozenset({"define", "require", "requirejs"})
UNNAMED = "./"
_GIVEN = frozenset({"require", "exports", "module"})  # what the loader itself hands over


def module_call(w: Walk, called: str, args: tuple[Arg, ...], place: tuple[int, int, int, int]) -> None:
    """Note what a call of a loader imports and defines; nothing when it is another function of that name."""
    values = [a.value for a in args if not a.spread]
    name = values.pop(0) if called == "define" and values and isinstance(values[0], Lit) and isinstance(values[0].value, str) else None
    listed = values.pop(0) if values and isinstance(values[0], Seq) else None
    made = values[0] if values else None
    if isinstance(made, Func) and isinstance(listed, Seq):
        _import_parameters(w, listed, made, place[0])
        w.builder.package = w.builder.package or UNNAMED
    if called != "define" or w.owner != 0 or not isinstance(made, Func | Record) or (name is None and listed is None):
        return
    if isinstance(name, Lit) and w.builder.package in ("", UNNAMED):
        w.builder.package = str(name.value)
    if w.exporting and not any(e.name == "=" for e in w.builder.exports):
        w.builder.exports.append(Export("=", _given(w, made, place), None, place[0]))


def _import_parameters(w: Walk, listed: Seq, made: Func, line: int) -> None:
    symbol = w.builder.symbols[made.symbol]
    left = []
    for number, param in enumerate(symbol.params):
        item = listed.items[number] if number < len(listed.items) else None
        if not param.name or not isinstance(item, Lit) or not isinstance(item.value, str) or item.value in _GIVEN:
            left.append(param)
            continue
        w.builder.imports.append(Import(item.value, None, param.name, line, made.symbol))
        w.builder.names.add(param.name)
    for item in listed.items[len(symbol.params) :]:
        if isinstance(item, Lit) and isinstance(item.value, str) and item.value not in _GIVEN:
            w.builder.imports.append(Import(item.value, None, None, line, made.symbol))
    w.builder.amend(made.symbol, params=tuple(left))


def _given(w: Walk, made: Value, place: tuple[int, int, int, int]) -> Value:
    if not isinstance(made, Func):
        return made
    return CallRef(w.builder.add_call(Call(made, (), w.owner, *place)))
