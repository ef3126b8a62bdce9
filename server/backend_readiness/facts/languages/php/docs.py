"""Doc comments: the types that they give (`@var`, `@param`, `@return`) and the annotations in them (`@Route("/orders")`)."""

from __future__ import annotations

import re

from backend_readiness.facts.languages.php.names import TYPES, class_name
from backend_readiness.facts.languages.php.tree import Walk
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Alt, Arg, Call, CallRef, Lit, Name, Record, Seq, Value

MAX_DOC_CHARS = 120
MAX_COMMENT = 20_000
MAX_NESTED = 16
_TYPE = r"(\??[\w\\]{1,200}(?:\|[\w\\]{1,200}){0,5})(?![\w\\<\[(])"
_VAR = re.compile(rf"@var\s+{_TYPE}")
_NAMED_VAR = re.compile(rf"@var\s+{_TYPE}\s+(\$\w{{1,100}})")
_PARAM = re.compile(rf"@param\s+{_TYPE}\s+&?(?:\.\.\.)?(\$\w{{1,100}})")
_RETURN = re.compile(rf"@return\s+{_TYPE}")
_ANNOTATION = re.compile(r"(?m)^[ \t]*(?:/\*)?\*[ \t]*@([A-Z]\w{0,100}(?:\\\w{1,100}){0,6})[ \t]*(\()?")
_TOKEN = re.compile(r'\s*(?:\*(?!/)\s*)*(?:"((?:[^"]|"")*)"|\'([^\']*)\'|(-?\d+(?:\.\d+)?)|@?([\w\\]+(?:::\w+)?)|([(){}\[\],=:]))')
_WORDS = {"true": True, "false": False, "null": None}


def first_line(doc: str) -> str:
    """What a doc comment says first."""
    for line in doc[:2_000].splitlines():
        text = plain(line.strip().removeprefix("/**").removesuffix("*/").strip().lstrip("*").strip())
        if text:
            return "" if text.startswith("@") else text[:MAX_DOC_CHARS]
    return ""


def doc_type(w: Walk, written: str) -> Value | None:
    """The classes of `A|B|null`; None where it names none."""
    names = [p for p in written.lstrip("?").split("|") if p and p.lstrip("\\").lower() not in TYPES and not p.startswith("$")]
    found = [class_name(w, "static" if n == "this" else n) for n in names]
    return None if not found else found[0] if len(found) == 1 else Alt(tuple(found))


def var_type(w: Walk, doc: str, name: str | None = None) -> Value | None:
    """The type of a property, or with `name` that of the variable named in the comment."""
    if "@var" not in doc:
        return None
    if name is None:
        found = _VAR.search(doc, 0, MAX_COMMENT)
        return doc_type(w, found[1]) if found else None
    for match in _NAMED_VAR.finditer(doc, 0, MAX_COMMENT):
        if match[2] == name:
            return doc_type(w, match[1])
    return None


def named_types(w: Walk, doc: str) -> list[tuple[str, Value]]:
    """The variables that a comment names with their types."""
    found = ((m[2], doc_type(w, m[1])) for m in _NAMED_VAR.finditer(doc, 0, MAX_COMMENT)) if "@var" in doc else ()
    return [(name, declared) for name, declared in found if declared is not None]


def param_types(doc: str) -> dict[str, str]:
    return {m[2]: m[1] for m in _PARAM.finditer(doc, 0, MAX_COMMENT)} if "@param" in doc else {}


def return_type(w: Walk, doc: str) -> Value | None:
    found = _RETURN.search(doc, 0, MAX_COMMENT) if "@return" in doc else None
    return doc_type(w, found[1]) if found else None


# ---------------------------------------------------------------- annotations


def doc_annotations(w: Walk, doc: str, start: int) -> tuple[Value, ...]:
    """The annotations of a doc comment that stands at `start`, as decorators."""
    if "@" not in doc or len(doc) > MAX_COMMENT:
        return ()
    found: list[Value] = []
    for match in _ANNOTATION.finditer(doc):
        callee = class_name(w, match[1])
        if not match[2]:
            found.append(callee)
            continue
        reader = _Reader(w, doc, match.end())
        args = reader.arguments(")")
        begin, end = start + match.start(1), start + reader.position
        call = Call(callee, args, w.owner, w.line(begin), w.last_line(end), begin + w.shift, end + w.shift, "decorator")
        found.append(CallRef(w.builder.add_call(call)))
    return tuple(found)


class _Reader:
    """Reads the arguments of one annotation: `"/x", name="y", methods={"GET"}, requirements={"id": "\\d+"}`."""

    def __init__(self, w: Walk, text: str, position: int) -> None:
        self.w, self.text, self.position, self.depth = w, text, position, 0

    def token(self) -> tuple[str, str] | None:
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            return None
        self.position = match.end()
        double, single, number, word, sign = match.groups()
        if double is not None:
            return "text", plain(double.replace('""', '"'))
        if single is not None:
            return "text", plain(single)
        return ("number", number) if number else ("word", word) if word else ("sign", sign)

    def arguments(self, close: str) -> tuple[Arg, ...]:
        args: list[Arg] = []
        for key, item in self.items(close):
            args.append(Arg(item, key))
        return tuple(args)

    def items(self, close: str) -> list[tuple[str | None, Value]]:
        found: list[tuple[str | None, Value]] = []
        key: str | None = None
        last: tuple[str, str] | None = None
        item: Value | None = None
        while (token := self.token()) is not None:
            kind, text = token
            if kind != "sign":
                item, last = self.plain_value(kind, text), token
            elif text in "=:":
                key, item = (last[1] if last else None), None
            elif text in "{[(" and self.depth < MAX_NESTED:
                self.depth += 1
                inner = self.items({"{": "}", "[": "]", "(": ")"}[text])
                self.depth -= 1
                item = Record(tuple(inner)) if any(k is not None for k, _ in inner) else Seq(tuple(i for _, i in inner))
            else:
                if item is not None:
                    found.append((key, item))
                key = item = None
                if text == close or text in "}])":
                    break
        return found

    def plain_value(self, kind: str, text: str) -> Value:
        if kind == "text":
            return Lit(text)
        if kind == "number":
            return Lit(float(text) if "." in text else int(text[:18]))
        if text.lower() in _WORDS:
            return Lit(_WORDS[text.lower()])
        cls, _, constant = text.partition("::")
        base: Name = class_name(self.w, cls)
        return base if constant in ("", "class") else self.w.builder.member(base, constant)
