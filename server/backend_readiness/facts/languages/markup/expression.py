"""Expressions of the Jinja family (Jinja, Django, Nunjucks, Swig, Twig), lowered to values.

They are close to Python and to JavaScript and are neither: filters with `:` arguments, `a.0`, `x is defined`, `a ~ b`, `&&`. One small
operator-precedence parser reads them all. A filter is `Op("|", (value, Name or CallRef))`: not a function of any scope.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Alt, Arg, CallRef, Concat, Index, Lit, Member, Name, Op, Record, Seq, Unknown, Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

_TOKEN = re.compile(
    rb"\s*(?:(?P<string>\"[^\"\\]*(?:\\.[^\"\\]*)*\"|'[^'\\]*(?:\\.[^'\\]*)*')|(?P<number>\d+(?:\.\d+)?)"
    rb"|(?P<name>[A-Za-z_$\x80-\xff][\w$\x80-\xff]*)|(?P<sign>===|!==|==|!=|<=|>=|&&|\|\||\*\*|//|\?\?|[-+*/%~<>=!|.,:?()\[\]{}]))",
    re.DOTALL,
)
_BINARY = {
    **dict.fromkeys(("or", "||", "??"), 1),
    **dict.fromkeys(("and", "&&"), 2),
    **dict.fromkeys(("==", "!=", "===", "!==", "<", ">", "<=", ">=", "in", "not in", "is", "is not"), 4),
    **dict.fromkeys(("+", "-", "~"), 5),
    **dict.fromkeys(("*", "/", "//", "%", "**"), 6),
}
_CONSTANTS: dict[str, bool | None] = {
    "true": True, "True": True, "false": False, "False": False, "none": None, "None": None, "null": None, "undefined": None
}  # fmt: skip
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
MAX_DEPTH = 20
MAX_CHAIN = 25
MAX_OPERANDS = 200
MAX_TOKENS = 4000


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    start: int
    end: int
    spaced: bool


class Reader:
    """Reads values from `start`..`end` of the page; offsets are those of the page. It never raises: what it cannot read is Unknown."""

    def __init__(self, page: Page, start: int, end: int) -> None:
        self._page = page
        self._start, self._end = start, end
        self._tokens: list[Token] = []
        self._at = 0
        self._depth = 0
        position = start
        while len(self._tokens) < MAX_TOKENS and (match := _TOKEN.match(page.source, position, end)):
            kind = match.lastgroup or ""
            begin = match.start(kind)
            self._tokens.append(Token(kind, page.text(begin, match.end()), begin, match.end(), begin > position))
            position = match.end()
        if page.source[position:end].strip():
            page.builder.errors += 1

    # ------------------------------------------------------------ tokens

    @property
    def done(self) -> bool:
        return self._at >= len(self._tokens)

    def peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at].text if at < len(self._tokens) else ""

    def take(self) -> str:
        text = self.peek()
        self._at += 1
        return text

    def accept(self, *texts: str) -> bool:
        if not self.done and self._tokens[self._at].kind != "string" and self.peek() in texts:
            self._at += 1
            return True
        return False

    def _token(self) -> Token | None:
        return self._tokens[self._at] if not self.done else None

    def _last_end(self) -> int:
        return self._tokens[min(self._at, len(self._tokens)) - 1].end if self._at else self._start

    # ------------------------------------------------------------ values

    def value(self) -> Value:
        """One expression, as far as it goes; ternaries in both notations."""
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                self._at = len(self._tokens)
                return self._unknown()
            value = self._binary(0)
            if self.accept("?"):
                first = self.value()
                self.accept(":")
                return Alt((first, self.value()))
            if self.accept("if"):
                self._binary(0)
                return Alt((value, self.value() if self.accept("else") else Lit("")))
            return value
        finally:
            self._depth -= 1

    def _binary(self, floor: int) -> Value:
        left = self._unary()
        nested = operands = 0
        while True:
            operator = self._operator()
            power = _BINARY.get(operator, -1)
            if power <= floor:
                return left
            operands += 1
            if nested > MAX_CHAIN or operands > MAX_OPERANDS:
                self._at = len(self._tokens)
                return self._unknown()
            self._at += 2 if " " in operator else 1
            right = self._binary(power)
            if operator in ("or", "||", "??"):
                left = Alt((*(left.options if isinstance(left, Alt) else (left,)), right))
            elif operator == "~" or (operator == "+" and (_is_text(left) or _is_text(right))):
                left = Concat((*_parts(left), *_parts(right)))
            elif isinstance(left, Op) and left.op == operator:
                left = Op(operator, (*left.operands, right))
            else:
                nested += 1
                left = Op(operator, (left, right))

    def _operator(self) -> str:
        token = self._token()
        if token is None or token.kind in ("string", "number"):
            return ""
        if token.text == "not" and self.peek(1) == "in":
            return "not in"
        if token.text == "is" and self.peek(1) == "not":
            return "is not"
        return token.text

    def _unary(self) -> Value:
        operators: list[str] = []
        while not self.done and self._tokens[self._at].kind != "string" and self.peek() in ("not", "!", "-", "+"):
            operators.append(self.take())
        token = self._token()
        start = token.start if token else self._end
        value = self._filters(self.primary(), start)
        for operator in reversed(operators[-MAX_DEPTH:]):
            value = Op("not" if operator == "!" else operator, (value,))
        return value

    def _filters(self, value: Value, start: int) -> Value:
        chain = 0
        while chain < MAX_CHAIN and self.accept("|"):
            chain += 1
            token = self._token()
            if token is None or token.kind != "name":
                break
            self._at += 1
            if token.text in ("safe", "raw", "safeseq"):
                value = self.called(Name("raw_output"), (Arg(value),), start)
                continue
            applied: Value = self._page.builder.name(token.text)
            if self.accept("("):
                applied = self.called(applied, self._arguments(")"), token.start)
            elif self.accept(":"):
                args = [Arg(self.primary())]
                while self.accept(","):
                    args.append(Arg(self.primary()))
                applied = self.called(applied, tuple(args), token.start)
            value = Op("|", (value, applied))
        return value

    def called(self, callee: Value, args: tuple[Arg, ...], start: int) -> CallRef:
        return CallRef(self._page.call(callee, args, start, self._last_end()))

    def primary(self) -> Value:
        """A literal, name, collection or parenthesis with its members, indexes and calls; no filters."""
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                self._at = len(self._tokens)
                return self._unknown()
            return self._trailed()
        finally:
            self._depth -= 1

    def _trailed(self) -> Value:
        token = self._token()
        if token is None:
            return self._unknown()
        value = self._atom(token)
        links = 0
        while links < MAX_CHAIN and (following := self._token()) is not None and not following.spaced:
            links += 1
            if self.accept("."):
                value = self._page.builder.member(value, self.take())
            elif self.accept("["):
                value = Index(value, self._subscript())
            elif isinstance(value, Name | Member | Index | CallRef) and self.accept("("):
                value = self.called(value, self._arguments(")"), token.start)
            else:
                break
        return value

    def _atom(self, token: Token) -> Value:
        self._at += 1
        if token.kind == "string":
            return Lit(_ESCAPE.sub(lambda m: _ESCAPES.get(m[1], m[1]), token.text[1:-1]))
        if token.kind == "number":
            return Lit(float(token.text) if "." in token.text else int(token.text[:300]))
        if token.kind == "name":
            if token.text in _CONSTANTS:
                return Lit(_CONSTANTS[token.text])
            name = "self" if token.text in ("self", "this") else token.text
            return self._page.builder.name(name)
        if token.text == "(":
            items = [arg.value for arg in self._arguments(")")]
            return items[0] if len(items) == 1 else Seq(tuple(items))
        if token.text == "[":
            return Seq(tuple(arg.value for arg in self._arguments("]")))
        if token.text == "{":
            return self._record()
        self._page.builder.errors += 1
        return Unknown(token.text)

    def _subscript(self) -> Value:
        key = self.value() if self.peek() != ":" else self._unknown()
        while not self.done and not self.accept("]"):
            self._at += 1
        return key

    def _record(self) -> Value:
        items: list[tuple[str | None, Value]] = []
        while not self.done and not self.accept("}"):
            at = self._at
            key = self.primary()
            value = self.value() if self.accept(":") else key
            name = key.value if isinstance(key, Lit) else key.id if isinstance(key, Name) else None
            items.append((None if name is None else str(name), value))
            self.accept(",")
            self._at = max(self._at, at + 1)
        return Record(tuple(items))

    def _arguments(self, closer: str) -> tuple[Arg, ...]:
        args: list[Arg] = []
        while not self.done and not self.accept(closer):
            at = self._at
            args.append(self.argument())
            self.accept(",")
            self._at = max(self._at, at + 1)
        return tuple(args)

    def argument(self, *, whole: bool = True) -> Arg:
        """`value`, `name=value`, `*value`. Not `whole`: one word with its filters, as tags separate their arguments by spaces."""
        spread = self.accept("*", "**")
        name = None
        token = self._token()
        if token is not None and token.kind == "name" and self.peek(1) == "=":
            name = token.text
            self._at += 2
        return Arg(self.value() if whole else self._filters(self.primary(), token.start if token else self._end), name, spread)

    def words(self) -> tuple[Arg, ...]:
        """The rest as arguments separated by spaces or commas (`{% url 'order' order.id next=path %}`), up to `as`."""
        args: list[Arg] = []
        while not self.done and self.peek() != "as":
            at, token = self._at, self._tokens[self._at]
            arg = self.argument(whole=False)
            while not self.done and not self._tokens[self._at].spaced and self.peek() not in (",", ")"):  # `fill-920x575`
                self._at += 1
                arg = Arg(Unknown(self._page.text(token.start, self._last_end())[:80]), arg.name)
            args.append(arg)
            self.accept(",")
            self._at = max(self._at, at + 1)
        return tuple(args)

    def _unknown(self) -> Unknown:
        return Unknown(self._page.text(self._start, min(self._end, self._start + 80)).strip())


def _is_text(value: Value) -> bool:
    return isinstance(value, Concat) or (isinstance(value, Lit) and isinstance(value.value, str))


def _parts(value: Value) -> tuple[Value, ...]:
    return value.parts if isinstance(value, Concat) else (value,)
