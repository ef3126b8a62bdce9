"""Facts: what one file says by itself, in the same shape for every language.

A language adapter lowers a syntax tree to these values once; everything after it (graph, cards, controls) reads
facts and never a tree. The structs are `msgspec` ones because a repository has millions of them: they are
encoded in C, cached by blob hash and decoded lazily.

Indexes (`owner`, `parent`, `CallRef.call` ...) point into the lists of the same `FileFacts`. Symbol 0 is the file's
module itself. Lines count from 1; `start`/`end` are byte offsets in the file, so containment is exact.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class _Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Base of all facts: positional on the wire, never collected as garbage."""


# ---------------------------------------------------------------- values: expressions, lowered


class Lit(_Fact, frozen=True, tag="l"):
    """A literal. Strings are without quotes and with escapes decoded where that is simple."""

    value: str | int | float | bool | None


class Name(_Fact, frozen=True, tag="n"):
    """An identifier. `self`, `cls`, `this` and `$this` are all written `self`."""

    id: str


ELEMENT = "[]"  # the name in a type that is a list with a name of its own under which its elements' type stands
ATTRIBUTES = "#"  # the base of the name of an attribute, where the language has names of attributes apart and the file has that name twice


class Member(_Fact, frozen=True, tag="m"):
    """`base.name`, `base?.name`, `base->name`, `Base::name`."""

    base: Value
    name: str


class Index(_Fact, frozen=True, tag="i"):
    """`base[key]`; also a generic type `Base[Arg]` / `Base<Arg>` (several arguments: `key` is a Seq)."""

    base: Value
    key: Value


class CallRef(_Fact, frozen=True, tag="c"):
    """A call, `new`, decorator call or tagged template: `FileFacts.calls[call]`."""

    call: int


class Concat(_Fact, frozen=True, tag="t"):
    """Text put together: template literal, f-string, `%`/`.format` of a literal, `+` with a text part."""

    parts: tuple[Value, ...]


class Record(_Fact, frozen=True, tag="o"):
    """Object or dict literal, or a destructuring pattern. Key None: spread. A computed key is a Value in `computed`."""

    items: tuple[tuple[str | None, Value], ...]
    computed: tuple[tuple[Value, Value], ...] = ()


class Seq(_Fact, frozen=True, tag="a"):
    """Array, list, tuple, set, or a pattern of one."""

    items: tuple[Value, ...]


class Func(_Fact, frozen=True, tag="f"):
    """A function, lambda or class written as an expression: `FileFacts.symbols[symbol]`."""

    symbol: int


class Alt(_Fact, frozen=True, tag="?"):
    """One of several: ternary, `||`, `??`, `or`, `if` expression.

    `fallback`: the first that is there counts, and none of the options is a ternary's. `test`: the condition of a ternary of two
    options where it is a name, or `not` before one; the first option is that of the true name.
    """

    options: tuple[Value, ...]
    fallback: bool = False
    test: Name | None = None


class Op(_Fact, frozen=True, tag="b"):
    """An operator: comparison, arithmetic, `not`, `and`, `in`, `await` of nothing else. Operands in source order."""

    op: str
    operands: tuple[Value, ...]


class ElementRef(_Fact, frozen=True, tag="e"):
    """A JSX element used as a value: `FileFacts.elements[element]`."""

    element: int


class Unknown(_Fact, frozen=True, tag="u"):
    """Anything else; `text` is the source, at most 80 characters."""

    text: str


Value = Lit | Name | Member | Index | CallRef | Concat | Record | Seq | Func | Alt | Op | ElementRef | Unknown


# ---------------------------------------------------------------- statements and declarations


class Arg(_Fact, frozen=True):
    """`name` is the keyword; `spread` is `*x`, `**x`, `...x`."""

    value: Value
    name: str | None = None
    spread: bool = False


class Call(_Fact, frozen=True):
    """A call. `await`, parentheses, `as T`, `!` and `!!` around a value are transparent; `awaited` keeps the first.

    kind: `call`, `new`, `template` (tagged template: one Arg with a Concat), `decorator` (`@x(...)`).
    """

    callee: Value
    args: tuple[Arg, ...]
    owner: int
    line: int
    end_line: int
    start: int
    end: int
    kind: Literal["call", "new", "template", "decorator"] = "call"
    awaited: bool = False
    type_args: tuple[Value, ...] = ()


class Assign(_Fact, frozen=True):
    """`target = value`, a declaration, or a field. Target: Name, Member, Index, or a pattern (Record, Seq).

    kind: `let` (declaration or Python assignment), `const`, `assign` (to an existing target), `field` (class body),
    `aug` (`+=`), `for` (loop variable: `value` is what is iterated), `with` (`with value as target`), `walrus`.
    """

    target: Value
    value: Value | None
    type: Value | None
    owner: int
    line: int
    end_line: int
    start: int
    end: int
    kind: str = "let"


class Return(_Fact, frozen=True):
    """`return value`, `yield value`, or the expression body of an arrow function or lambda."""

    value: Value | None
    owner: int
    line: int
    end_line: int
    start: int


class Throw(_Fact, frozen=True):
    value: Value | None
    owner: int
    line: int
    start: int


class Block(_Fact, frozen=True):
    """A compound statement. `subject` is the condition, the iterated value, the caught type, the switched value.

    kind: `if`, `else`, `loop`, `comprehension`, `try`, `catch`, `finally`, `with`, `switch`, `case`. The span covers the block with its
    head; an `if` ends before its `else`. `empty`: the body holds no statement but `pass`, a comment or nothing.
    `name` is the caught variable of a `catch`.
    """

    kind: str
    subject: Value | None
    owner: int
    line: int
    end_line: int
    start: int
    end: int
    empty: bool = False
    name: str | None = None


class Param(_Fact, frozen=True):
    """A parameter. `pattern` is set for a destructured one (`name` is then ""). kind: "", "*", "**".

    `field`: the parameter also declares a field of the class (TypeScript `constructor(private x: X)`).
    """

    name: str
    type: Value | None = None
    default: Value | None = None
    kind: str = ""
    pattern: Value | None = None
    decorators: tuple[Value, ...] = ()
    field: bool = False


class Symbol(_Fact, frozen=True):
    """A module, class, function, method or lambda. The span covers the definition without its decorators.

    kind: `module`, `class`, `function` (named), `method`, `lambda` (anonymous; `name` is that of the variable, field or
    key it is assigned to, else ""), `interface`, `enum`, `type`.
    `parent` is the enclosing symbol (-1 for the module). `statements` counts the statements of the body.
    `doc` is the first line of the docstring or doc comment, at most 120 characters.
    `partial`: a class that holds methods of one that is declared in another file of its package (receivers of Go, `impl` of Rust);
    its `returns` is that class where a path leads there (`impl super::Orders`).
    `type_params`: how many a method of C# has, where they tell overloads apart, or a class of it; of a function of Rust which it gives.
    """

    kind: str
    name: str
    parent: int
    line: int
    end_line: int
    start: int
    end: int
    params: tuple[Param, ...] = ()
    decorators: tuple[Value, ...] = ()
    bases: tuple[Value, ...] = ()
    returns: Value | None = None
    is_async: bool = False
    is_static: bool = False
    statements: int = 0
    doc: str = ""
    partial: bool = False
    type_params: int = 0


class Import(_Fact, frozen=True):
    """A name that comes from another module. One fact for each local name.

    `module` is written as in the source (`./x`, `..models`, `app.core.config`). `name` is the imported name; None means
    the module itself (`import x`, `import * as x`, `const x = require("x")`); `default` the default export.
    `local` None: imported for its effect, lazily (`import("./x")`), or with a star (`name` is then "*").
    `erased`: the import says that only a type is meant (`import type`): it loads nothing at run time.
    """

    module: str
    name: str | None
    local: str | None
    line: int
    owner: int = 0
    erased: bool = False


class Export(_Fact, frozen=True):
    """JavaScript: `export`, `export default` (name `default`), `module.exports = value` (name "="), `exports.x = value`.

    A re-export has `module`, and `value` Name(the name there), or None for all (`export * from`, name "*").
    """

    name: str
    value: Value | None
    module: str | None
    line: int


class Attr(_Fact, frozen=True):
    """An attribute as written (`onClick`, `@click.prevent`, `(submit)`, `v-model`, `hx-post`, `action`).

    The value of a binding is the lowered expression; of a plain attribute a Lit; `name` "..." is a JSX spread.
    Template output in a plain attribute (`action="/orders/{{ id }}"`) is a Concat.
    """

    name: str
    value: Value | None
    line: int


class Element(_Fact, frozen=True):
    """An element of JSX, HTML or a template. `line`..`end_line` is the opening tag, `close_line` the end of the element.

    `parent` is the enclosing element or -1. `text` is the visible text directly inside, at most 80 characters.
    `owner` is the enclosing symbol.
    """

    tag: str
    attrs: tuple[Attr, ...]
    text: str
    owner: int
    parent: int
    line: int
    end_line: int
    close_line: int
    start: int
    end: int


class Comment(_Fact, frozen=True):
    """Only comments that say TODO, FIXME, XXX, HACK, stub, mock, not implemented, placeholder, eslint-disable, nosec."""

    text: str
    line: int


class FileFacts(msgspec.Struct, frozen=True, array_like=True):
    """All that one file says. `errors` counts syntax errors; the facts of the rest still stand.

    `template` names the files that a template includes or extends, as written.
    """

    language: str
    symbols: tuple[Symbol, ...]
    calls: tuple[Call, ...] = ()
    assigns: tuple[Assign, ...] = ()
    returns: tuple[Return, ...] = ()
    throws: tuple[Throw, ...] = ()
    blocks: tuple[Block, ...] = ()
    imports: tuple[Import, ...] = ()
    exports: tuple[Export, ...] = ()
    elements: tuple[Element, ...] = ()
    comments: tuple[Comment, ...] = ()
    template: tuple[str, ...] = ()
    errors: int = 0
