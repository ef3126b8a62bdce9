"""Input that a condition looks at and does not hold: a prefix, a pattern that lets anything follow.

For what a shell or a file system reads, `path.startsWith("/srv/")` and `/^[a-z]+/.test(host)` prove nothing about the rest of the text.
"""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import compared, written
from backend_readiness.controls.kept import once
from backend_readiness.controls.protection.inputs import Inputs
from backend_readiness.facts.model import Alt, Call, CallRef, Op, Value
from backend_readiness.graph.values import FuncV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name

_PREFIX = frozenset({"startswith", "startsWith", "HasPrefix", "StartsWith", "start_with?", "starts_with"})
_MATCHES = frozenset({"match", "test", "search", "find", "MatchString", "IsMatch", "preg_match"})
_RESOLVES = re.compile(
    r"(?i)normali[sz]e|realpath|canonical|abspath|\bresolve|\bClean\(|GetFullPath|toRealPath|expand_path|safe_join|basename"
)
_COMPARES = re.compile(
    r"\.find\(\s*\)|\.matche?s?\(|fullmatch|\.test\(|\.search\(|MatchString\(|IsMatch\(|preg_match\(|includes\(|contains\(|in_array\(|\bin\b|equals\("
)
_BELOW = re.compile(r"(?i)starts_?with|HasPrefix|relative_to|commonpath|commonprefix|\.relative\(|Rel\(")
_FINDS = re.compile(r"\.find\(\s*\)|\bre\.(match|search)\(|\.test\(|\.match\(|\.search\(|MatchString\(|IsMatch\(|preg_match\(")
_PATTERN = (
    r"(?:=|\()\s*(?:Pattern\.compile|re\.compile|regexp\.MustCompile|new\s+Reg(?:ex|Exp)|Regex)?\(?\s*@?r?"
    r"[\"'`/](?P<text>[^\n]{2,300}?)[\"'`/][gimsuy]*\s*(?:,|\)|;|$)"
)
_ANY = re.compile(r"(?<!\\)\.[*+]|\\S[*+]")
MAX_LINES = 80


class StrictInputs(Inputs):
    """Input of one flow; a condition counts as a test only where it holds the whole text."""

    def _is_tested(self, name: str, view: FileView, owner: int) -> bool:
        texts = [self._text(SymbolId(view.path, s)) for s in view.enclosing(owner) if s > 0]
        if any(_RESOLVES.search(t) is not None and _BELOW.search(t) is not None for t in texts):
            return True  # a path is resolved and compared with a folder, by whichever name
        return any(
            b.kind in ("if", "switch", "loop") and b.subject is not None and self._holds(b.subject, name, view, scope)
            for scope in view.enclosing(owner)
            if scope > 0
            for b in view.blocks_of.get(scope, ())
        )

    def _holds(self, subject: Value, name: str, view: FileView, scope: int, depth: int = 0) -> bool:
        parts = subject.operands if isinstance(subject, Op) and subject.op in ("&&", "||", "and", "or", "!", "not") else ()
        parts = subject.options if isinstance(subject, Alt) else parts
        if parts and depth < 6:
            return any(self._holds(p, name, view, scope, depth + 1) for p in parts)
        call = view.facts.calls[subject.call] if isinstance(subject, CallRef) else None
        if not compared(subject, name, view) and not (call is not None and self._asks(call, name, view)):
            return False
        return call is None or not self._is_loose(call, view, scope)

    def _asks(self, call: Call, name: str, view: FileView) -> bool:
        """Is it a function of the repository that is given the variable and compares what it is given?"""
        if not any(written(a.value) == name for a in call.args):
            return False
        targets = [v.symbol for v in options(self.graph.ev.value(call.callee, view.path, call.owner)) if isinstance(v, FuncV)]
        return any(_COMPARES.search(self._text(t)) is not None for t in targets)

    def _is_loose(self, call: Call, view: FileView, scope: int) -> bool:
        called = callee_name(call) or ""
        if called in _PREFIX:
            return _RESOLVES.search(self._text(SymbolId(view.path, scope))) is None
        if called in _MATCHES:
            asked = " ".join([written(call.callee), *(written(a.value) for a in call.args)])
            return self._lets_follow(view.path, asked, SymbolId(view.path, scope))
        for target in options(self.graph.ev.value(call.callee, view.path, call.owner)):
            if isinstance(target, FuncV):
                body = self._text(target.symbol)
                return _FINDS.search(body) is not None and self._lets_follow(target.symbol.file, body, target.symbol)
        return False

    def _lets_follow(self, file: str, asked: str, where: SymbolId) -> bool:
        """Are all patterns that the text names found, and does each let something follow?"""
        lines = self.context.snapshot.lines(file)
        names = set(re.findall(r"[A-Za-z_]\w{2,}", asked))
        found = []
        for text in lines[:2_000]:
            if len(text) < 500 and (match := re.search(_PATTERN, text)) is not None:
                named = re.search(r"(\w+)\s*(?::[^=]{1,30})?:?=", text)
                if (named is not None and named.group(1) in names) or match["text"] in asked:
                    found.append(match["text"])
        return bool(found) and all(re.search(r"(\$|\\[zZ])$", p) is None or _ANY.search(p) is not None for p in found)

    def _text(self, where: SymbolId) -> str:
        symbol = self.graph.view(where.file).symbol(where.index)
        return "\n".join(self.context.snapshot.lines(where.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_LINES)])


def strict_inputs_of(context: Context) -> StrictInputs:
    """The one of a context."""
    return once(context, StrictInputs)
