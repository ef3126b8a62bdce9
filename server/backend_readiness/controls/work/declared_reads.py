"""How many rows a read gives when no builder says it: by the type that its method declares, or by the text of its SQL."""

from __future__ import annotations

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.columns import text_of
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Index, Lit, Value
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import Site, Thunk
from backend_readiness.graph.views import callee_name

_PAGES = regex.compile(r"^(Page|Slice|Window|PagedModel|CursoredPage|ScrollPosition)$")
_MANY = regex.compile(r"^(Mutable)?(List|Set|Collection|Iterable|Stream|Flux|Flow|Seq|Vector|Sequence|Map|IEnumerable|IList)$|^\[\]$")
_BOUNDED = regex.compile(r"^(Pageable|PageRequest|Limit|RowBounds|Page|PageQuery)$")
_PAGE = regex.compile(r"(^|\.)(PageRequest(\.of)?|Pageable\.(of|from|ofSize))$")
_WHOLE = regex.compile(r"(^|\.)(Pageable|Limit|PageRequest)\.(unpaged|unlimited|UNPAGED)$")
_HIGHEST = regex.compile(r"(^|\.)(MAX_VALUE|MaxValue|MAX_SAFE_INTEGER|Infinity|MaxInt(32|64)?|maxsize|PHP_INT_MAX)$")
MAX_ROWS = 10_000
_FIRST_FEW = regex.compile(r"(?:Top|First)\d")
_LISTED = regex.compile(r"By\w*In(?=[A-Z]|$)|ByIds?$|AllById$")  # rows of a list of keys that the caller has
_IN = regex.compile(r"(?i)\bin\s*(?:\(\s*)?[:$?#]|=\s*any\s*\(")
_ONE = regex.compile(r"(?i)row$|row_?context$|_one$|_optional$|scalar|^get(_?context)?$|single|first|^one|value$")
_SELECT = regex.compile(r"(?is)^\s*(?:--[^\n]*\n\s*)*(?:with\b|select\b)")
_NUMBER = regex.compile(r"(?is)^\s*(?:--[^\n]*\n\s*)*select\s+(?:(?:count|sum|min|max|avg|exists)\s*\(|1\b)")
_FIXED = regex.compile(r"(?i)\blimit\s+\d+\b|\bfetch\s+(?:first|next)\s+\d+|\btop\s*\(?\s*\d+")
_GIVEN = regex.compile(r"(?i)\blimit\b|\bfetch\s+(?:first|next)\b|\btop\s*\(|\boffset\b")


def declared_read(context: Context, effect: Effect) -> tuple[str, str, Thunk | None]:
    """`declared_kind`, and how long the page is that the caller makes for the read; a page without a bound holds every row."""
    kind, word = declared_kind(context, effect)
    if kind != "pages":
        return kind, word, None
    view = context.view(effect.site.file)
    for number in view.calls_of.get(view.facts.calls[effect.site.call].owner, ()):
        name = dotted(view.facts.calls[number].callee) or ""
        size = context.graph.ev.arg_thunk(Site(effect.site.file, number, effect.site.env), 1) if _PAGE.search(name) is not None else None
        if _WHOLE.search(name) is not None or (size is not None and is_boundless(size)):
            return "many", "", None
        if size is not None:
            return kind, word, size
    return kind, word, None


def is_boundless(limit: Thunk) -> bool:
    """Is a limit so high, or of such a name, that it leaves nothing out?"""
    if isinstance(limit.expr, Lit):
        return isinstance(limit.expr.value, int) and not isinstance(limit.expr.value, bool) and limit.expr.value >= MAX_ROWS
    return _HIGHEST.search(dotted(limit.expr) or "") is not None


def declared_kind(context: Context, effect: Effect) -> tuple[str, str]:
    """(kind, what bounds it): kinds as in `reads.Read`; `unknown` where nothing says how many rows come."""
    written = " ".join(texts(context.graph.ev, effect.statement)) if effect.statement is not None else ""
    select = _SELECT.match(written) is not None
    bound = "LIMIT" if _FIXED.search(written) is not None else ""
    if not bound and written and _GIVEN.search(written) is not None:
        return "unknown", ""  # a bound that the caller gives
    if effect.declared is not None:
        view = context.view(effect.declared.symbol.file)
        symbol = view.symbol(effect.declared.symbol.index)
        outer = _outer(symbol.returns)
        if not outer:
            return "unknown", ""
        if _PAGES.match(outer) is not None or any(_BOUNDED.match(_outer(p.type)) is not None for p in symbol.params):
            return "pages", ""
        if _MANY.match(outer) is None:
            return "single", ""
        few = _FIRST_FEW.search(symbol.name) is not None
        listed = _LISTED.search(symbol.name) is not None or _IN.search(written) is not None
        return "many", bound or ("First" if few else "In" if listed else "")
    if not select:
        return "unknown", ""
    name = callee_name(context.view(effect.site.file).facts.calls[effect.site.call]) or ""
    if _NUMBER.match(written) is not None or _ONE.search(name) is not None:
        return "single", ""
    return "many", bound or ("In" if _IN.search(written) is not None else "")


def _outer(value: Value | None) -> str:
    """`List` of `List<Order>`, `[]` of `[]Order`; the last name of a path."""
    if isinstance(value, Index):
        return _outer(value.base)
    return text_of(value).rpartition(".")[2]
