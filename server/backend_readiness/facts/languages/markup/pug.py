"""Pug (once Jade): templates whose nesting is their indentation. Each line is written as EJS, at its own line, and read as such.

Elements and blocks are closed at the end of the last line that stands below them. Offsets in the facts are those of the EJS text. A mixin
is a function and `+name(x)` a call of it; `extends` and `include` both take in another file; blocks of a layout leave no trace.
"""

from __future__ import annotations

import re

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.markup.ejs import Ejs
from backend_readiness.facts.languages.markup.elements import collect
from backend_readiness.facts.languages.markup.page import Page
from backend_readiness.facts.languages.markup.pug_attributes import as_html, end_of_brackets

MAX_LINES = 20_000
MAX_DEPTH = 400
MAX_JOINED = 60
MAX_INLINE = 20
MAX_CHARS = 20_000
END = "<% } %>"
_VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
_TAG = re.compile(r"([A-Za-z][\w-]{0,80}(?::[\w-]{1,80})?)?((?:[.#][\w-]{1,200}){0,40})")
_WORD = re.compile(r"(if|unless|else if|else|each|for|while|case|when|default|mixin|block|append|prepend|extends|include|doctype)\b")
_EACH = re.compile(r"\s*([\w$]+)\s*(?:,\s*([\w$]+)\s*)?\bin\b\s*(.+)", re.S)
_PUT_OUT = re.compile(r"([#!])\{([^{}]{0,400})\}")
_SILENT = ("case", "when", "default", "block", "append", "prepend", "doctype")  # what they hold stands as if they were not there


def extract(source: bytes, path: str) -> Builder:
    """The facts of one template in a Builder of language `ejs`: what its lines are written as."""
    lines = source.decode("utf-8", "replace").expandtabs(2).split("\n")[:MAX_LINES]
    written = _Template(lines).text().encode()
    builder = Builder(Ejs.language, written)
    collect(Page(builder, written, Ejs()), markup=True)
    return builder


class _Template:
    """One template that is being written as EJS."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.out: list[str] = []
        self.open: list[tuple[int, str]] = []

    def text(self) -> str:
        number = 0
        while number < len(self.lines):
            written = self.lines[number]
            body = written.strip()[:MAX_CHARS]
            indent = len(written) - len(written.lstrip())
            if not body:
                self.out.append("")
                number += 1
                continue
            self._close(indent, goes_on=body.startswith("else"))
            if body.startswith(("//", ":")) or body == "-":
                number = self._below(number, indent, "<%" if body == "-" else "", "%>" if body == "-" else "", keep=body == "-")
                continue
            last = number
            while last + 1 < len(self.lines) and last - number < MAX_JOINED and _is_open(body):
                last += 1
                body = f"{body}\n{self.lines[last].strip()}"[:MAX_CHARS]
            deeper = self._has_below(last, indent)
            opened, closer, raw = _line(body, deeper=deeper)
            self.out.append(opened.replace("\n", " "))
            self.out.extend([""] * (last - number))
            number = last + 1
            if raw:
                number = self._below(last, indent, "", closer, keep=True, written=True)
            elif closer:
                if len(self.open) < MAX_DEPTH:
                    self.open.append((indent, closer))
                else:
                    self.out[-1] += closer
        self._close(-1, goes_on=False)
        return "\n".join(self.out)

    def _has_below(self, number: int, indent: int) -> bool:
        after = next((line for line in self.lines[number + 1 : number + 1 + MAX_JOINED] if line.strip()), "")
        return bool(after) and len(after) - len(after.lstrip()) > indent

    def _close(self, indent: int, *, goes_on: bool) -> None:
        while self.open and self.open[-1][0] >= indent:
            at, closer = self.open.pop()
            if goes_on and at == indent and closer == END:
                return  # `<% } else { %>` closes it
            self.out[-1] += closer

    def _below(self, number: int, indent: int, before: str, after: str, *, keep: bool, written: bool = False) -> int:
        """Take all lines that stand deeper as they are, or leave them out. `written`: the line above them is there already."""
        if not written:
            self.out.append(before)
        number += 1
        while number < len(self.lines):
            line = self.lines[number]
            if line.strip() and len(line) - len(line.lstrip()) <= indent:
                break
            self.out.append(line.strip()[:MAX_CHARS] if keep else "")
            number += 1
        self.out[-1] += after
        return number


def _is_open(body: str) -> bool:
    """Do the attributes of an element go on in the next line?"""
    tag = _TAG.match(body)
    start = tag.end() if tag is not None else 0
    return body[start : start + 1] == "(" and end_of_brackets(body, start) is None


def _line(body: str, *, deeper: bool, depth: int = 0) -> tuple[str, str, bool]:
    """A line as EJS, what closes it, and whether what stands below is no Pug."""
    if body.startswith(("|", "<")):
        return _plain(body.removeprefix("|").strip()), "", False
    if body.startswith(("=", "!=")):
        return _output(body), "", False
    if body.startswith("-"):
        code = body[1:].strip()
        return (f"<% {code} {{ %>", END, False) if deeper and not code.endswith("{") else (f"<% {code} %>", "", False)
    if body.startswith("+"):
        return _mixin_call(body), "", False
    word = _WORD.match(body)
    if word is not None and body[word.end() : word.end() + 1] in ("", " "):
        return *_statement(word[1], body[word.end() :].strip()), False
    return _element(body, deeper=deeper, depth=depth)


def _statement(word: str, rest: str) -> tuple[str, str]:
    each = _EACH.match(rest) if word in ("each", "for") else None
    if word in _SILENT:
        return "", ""
    if word in ("extends", "include"):
        return f"<%- include('{rest.removesuffix('.pug').removesuffix('.jade')}') %>" if "'" not in rest else "", ""
    if each is not None:
        return f"<% for (const {each[1]} of {each[3]}) {{ %>", END
    if word == "mixin":
        return f"<% function {rest if '(' in rest else rest + '()'} {{ %>", END
    if word == "unless":
        return f"<% if (!({rest})) {{ %>", END
    if word == "else":
        return "<% } else { %>", END
    head = "} else if" if word == "else if" else word
    return f"<% {head} ({rest}) {{ %>", END


def _mixin_call(body: str) -> str:
    name = re.match(r"\+\s*([\w$-]{1,80})", body)
    if name is None:
        return ""
    end = end_of_brackets(body, name.end()) if body[name.end() : name.end() + 1] == "(" else None
    return f"<% {name[1]}{body[name.end() : end] if end is not None else '()'} %>"


def _element(body: str, *, deeper: bool, depth: int) -> tuple[str, str, bool]:
    head = _TAG.match(body)
    if head is None or not head[0]:
        return _plain(body), "", False
    tag, position = head[1] or "div", head.end()
    marks = re.findall(r"([.#])([\w-]+)", head[2])
    attributes = ""
    while body[position : position + 1] == "(" and (end := end_of_brackets(body, position)) is not None:
        attributes += as_html(body[position + 1 : end - 1])
        position = end
    classes = " ".join(name for mark, name in marks if mark == ".")
    named = "".join(f' id="{name}"' for mark, name in marks if mark == "#")
    attributes += named + (f' class="{classes}"' if classes and " class=" not in attributes else "")
    rest = re.sub(r"^&attributes\([^()]{0,400}\)", "", body[position:])
    opened, closer = f"<{tag}{attributes}>", "" if tag in _VOID else f"</{tag}>"
    if rest == ".":
        return opened, closer, True
    if rest.startswith(":") and depth < MAX_INLINE:  # `li: a(href="/x")`
        inner, inner_closer, raw = _line(rest[1:].strip(), deeper=deeper, depth=depth + 1)
        return opened + inner, inner_closer + closer, raw
    if rest.startswith(("=", "!=")):
        return opened + _output(rest), closer, False
    return opened + _plain(rest.strip().removesuffix("/") if rest == "/" else rest.strip()), closer, tag in ("script", "style") and deeper


def _output(text: str) -> str:
    raw = text.startswith("!")
    return f"<%{'-' if raw else '='} {text[2 if raw else 1 :].strip()} %>"


def _plain(text: str) -> str:
    """Text with what it interpolates put out."""
    return _PUT_OUT.sub(lambda m: f"<%{'-' if m[1] == '!' else '='} {m[2]} %>", text.replace("<%", "&lt;%"))
