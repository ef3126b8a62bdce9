"""Where values of the flow become HTML: templates with escaping on, no raw output, no HTML put together from input."""

import re

from backend_readiness.controls.callees import backend_files, chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import states
from backend_readiness.controls.judgement import Judgement, failed, passed, unverified
from backend_readiness.controls.protection.inputs import Taint, inputs_of
from backend_readiness.controls.protection.shown_raw import shown_raw
from backend_readiness.controls.protection.written_html import AS_IT_IS, written_html
from backend_readiness.facts.model import Lit, Name, Record
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence, Verdict
from backend_readiness.rules.signs import sign, signs, signs_by

_WAYS = (
    r"dangerouslySetInnerHTML|\bv-html\b|\.innerHTML\s*=(?!=)|\{@html\b|\[innerHTML\]|insertAdjacentHTML\(|document\.write\(|\|\s*safe\b|\{\{\{|<%-(?!\s*(?:include|partial|body|block|layout|contentFor|defineContent)\b)|mark_safe\(|\bMarkup\(|bypassSecurityTrust|\{%\s*autoescape\s+(off|false)",
    r"Html\.Raw\(|HtmlString\(|MarkupString|\{!!|\|\s*raw\b|\bth:utext\b|escapeXml\s*=\s*[\"']false|\.html_safe\b|<%==|(?:^|[\s=(,{!&|])raw\s*\(|<%=\s*raw\s+[\w@]|template\.HTML\(|PreEscaped\(|\|\s*n\b\s*\}|<\?=\s*\$_(GET|POST|REQUEST)",
    # A page put together by script: `$("#list").append("<li>" + item.text)`.
    r"\.(?:append|prepend|html|after|before)\(\s*(?:[\"'][^\"']*<[^\"']*[\"']\s*\+|`[^`]*<[^`]*\$\{)",
)
_RAW = re.compile("|".join(_WAYS))
# Without what looks ahead, for the search: which lines to look at.
_MAY_BE_RAW = tuple(
    way.replace(r"(?!=)", "").replace(r"(?!\s*(?:include|partial|body|block|layout|contentFor|defineContent)\b)", "") for way in _WAYS
)
_ESCAPING = ("autoescape|autoEscape|noEscape",)
_ENGINES = signs("sec-xss-output", "escaping")
_VIEW = re.compile(sign("sec-xss-output", "view"))
_DOUBTFUL = re.compile(r"\.(?:append|prepend|html|after|before)\(|\.innerHTML\s*=|insertAdjacentHTML\(|document\.write\(|\{\{\{")
_TEMPLATES = signs("sec-xss-output", "templates")
_SHOWS = (*_TEMPLATES, ".jsx", ".tsx", ".vue", ".svelte", ".js", ".ts")
# Markup in a text of the source.
_MARKUP = re.compile(r"""["'`][^"'`]{0,80}<(html|body|h\d|p|div|span|b|a|script|li|td|br|img|strong|title)\b""")
# Pages whose engine puts values out as they are, between tags or in attributes.
_PLAIN = signs("sec-xss-output", "plain")
_PLACES = signs("sec-xss-output", "places")
_BETWEEN, _OF_NUMBERS = re.compile(sign("sec-xss-output", "between")), re.compile(sign("sec-xss-output", "of_numbers"))
_CLEAN = re.compile(sign("sec-xss-output", "clean"))
_MADE = re.compile(sign("sec-xss-output", "made_by_hand"))
_SCRIPTS, _FOREIGN = signs("sec-xss-output", "scripts"), re.compile(sign("sec-xss-output", "foreign"))
_MARKDOWN = re.compile(r"markdown-to-jsx|rehype-raw|marked|showdown|markdown-it|vue-markdown\S*|snarkdown|remarkable")
_ANSWERS = frozenset({"send", "end", "write", "HTMLResponse", "make_response", "HttpResponse"})
_RENDERS = frozenset({"render", "render_template", "TemplateResponse", "renderToString", "view"})
_PAGES = (
    *(f"**/*{end}" for end in (*_TEMPLATES, ".jsx", ".tsx", ".vue", ".svelte") if end not in (".php", ".htm", ".pug")),
    "**/*.blade.php",
)


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    renders, written = _answers(context)
    if written is not None:
        return failed("HTML is put together with input and sent as it is.", written)
    told = written_html(context)
    if told is not None and (told.verdict is Verdict.FAIL or not renders):
        return told
    plain = _unescaped(context)
    if plain is not None:
        return plain
    off = _escaping_off(context)
    if off is not None and (renders or states(context, "html_escaping") is not None):
        return failed("Escaping is switched off for the templates.", off)
    files = {link.file for t in context.traced for link in t.chain.links if not context.is_apart(link.file)}
    raw = [(f, n, t) for f in sorted(files) if f.endswith(_SHOWS) for n, t in _raw_lines(context, f)]
    if raw:
        file, line, text = raw[0]
        if _DOUBTFUL.search(text):
            return unverified(
                "A page of the flow writes HTML by script; whether values of users reach it was not settled.", context.at(file, line)
            )
        clean = _CLEAN.search(text) or any(_CLEAN.search(t) for t in context.snapshot.lines(file)[max(0, line - 6) : line + 1])
        return (
            unverified("A page of the flow puts out HTML as it is, after what may be a sanitiser.", context.at(file, line))
            if clean
            else failed("A page of the flow puts out HTML as it is.", context.at(file, line))
        )
    handler = context.handlers[0] if context.handlers else None
    at = context.at_place(handler) if handler is not None else context.at_route()
    if not renders:
        made = next((context.at(f, n) for f, n, t in chain_text(context) if _MARKUP.search(t)), None)
        if made is not None:
            return unverified("The flow puts markup together by itself; whether input gets into it was not resolved.", made)
        elsewhere = [(f, n, t) for f in _raw_pages(context) for n, t in _raw_lines(context, f)]
        markdown = next((a for a in context.snapshot.applications if any(_MARKDOWN.fullmatch(d) for d in a.dependencies)), None)
        if not elsewhere and markdown is not None:
            return unverified("The flow answers with data; the pages render Markdown, and whether that leaves HTML in was not settled.", at)
        if not elsewhere:
            return passed("The flow answers with data, and the pages of the repository escape what they show.", at)
        if (stored := _stored(context, elsewhere)) is not None:
            return stored
        file, line, _ = elsewhere[0]
        return unverified("The flow answers with data; a page that puts out HTML as it is may show it.", context.at(file, line))
    place = renders[0]
    named = _templates(context)
    templates = [(f, n, t) for f in named for n, t in _raw_lines(context, f)]
    if templates:
        return failed("A template of the flow puts out values without escaping.", context.at(templates[0][0], templates[0][1]))
    if not named:
        anywhere = next(((f, n) for f in _raw_pages(context) for n, _ in _raw_lines(context, f)), None)
        if anywhere is not None:
            return unverified(
                "A template puts out values without escaping; whether the flow shows it was not resolved.", context.at(*anywhere)
            )
    if context.language == "php" and not context.snapshot.glob(*_ENGINES) and any(_VIEW.search(t) for _, _, t in chain_text(context)):
        return unverified("The views are PHP, which escapes nothing by itself; what they put out was not read.", place)
    stored = _stored(context, [(f, n, t) for f in _raw_pages(context) for n, t in _raw_lines(context, f)])
    return stored or passed("The flow's pages come from templates that escape.", place)


def _stored(context: Context, lines: list[tuple[str, int, str]]) -> Judgement | None:
    """Of pages that put out, as it is, what the flow stores."""
    raw = [
        (f, n, t[m.start() if (m := _RAW.search(t)) else 0 :]) for f, n, t in lines if not context.is_apart(f) and _CLEAN.search(t) is None
    ]
    shown = shown_raw(context, raw)
    return failed("A page puts out a text that the flow stores without escaping.", context.at(*shown)) if shown is not None else None


def _answers(context: Context) -> tuple[list[Evidence], Evidence | None]:
    """Calls that render a template, and the first answer that is HTML text with input in it."""
    renders: list[Evidence] = []
    inputs = inputs_of(context)
    wrapped = context.guard_with_role("template_render")  # `@template("page.html")` over the handler
    if wrapped is not None:
        renders.append(context.at_place(wrapped.place))
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            name = callee_name(call) or ""
            if name in _RENDERS and call.args and not any(a.name in AS_IT_IS for a in call.args):
                renders.append(context.at(file, call.line))
            elif name in _ANSWERS and call.args:
                text = "\n".join(context.snapshot.lines(file)[call.line - 1 : call.end_line])
                if re.search(r"<\w+[^>]*>", text) and inputs.of(call.args[0].value, file, call.owner, _CLEAN).taint is Taint.INPUT:
                    return renders, context.at(file, call.line)
    return renders, None


def _unescaped(context: Context) -> Judgement | None:
    """Of a template engine that puts values out as they are: fails where it fills the answer with values."""
    doubt: Evidence | None = None
    for role in context.chain_role("template_unescaped"):
        view = context.view(role.file)
        given = {p.name for scope in view.body(role.call.owner) for p in view.symbol(scope).params} if role.call.owner else set()
        values = [a.value for a in role.call.args[1:] if not isinstance(a.value, Lit)]
        if not values:
            continue
        to = role.call.args[0].value
        if isinstance(to, Name) and to.id in given:
            return failed("The page comes from a template engine that escapes nothing.", context.at_call(role))
        doubt = doubt or context.at_call(role)
    return (
        unverified("A template engine that escapes nothing is filled; whether that is the answer was not settled.", doubt)
        if doubt
        else None
    )


def _escaping_off(context: Context) -> Evidence | None:
    for file, line, text in context.hits((_MADE.pattern,)):
        said = " ".join(context.snapshot.lines(file)[line - 1 : line + 8])
        if file in context.graph.facts.files and "oader" in said and "escape" not in said and not text.lstrip().startswith("#"):
            return context.at(file, line)
    named = {hit[0] for hit in context.absences.all_hits(_ESCAPING, context.source_globs)}
    for file in backend_files(context):
        if file not in named:
            continue
        view = context.view(file)
        for call in view.facts.calls:
            for arg in call.args:
                off = isinstance(arg.value, Lit) and arg.value.value is False and arg.name == "autoescape"
                if isinstance(arg.value, Record):
                    for key, value in arg.value.items:
                        wrong = (key in ("autoescape", "autoEscape") and value == Lit(False)) or (key == "noEscape" and value == Lit(True))
                        off = off or wrong
                if off:
                    lines = context.snapshot.lines(file)
                    line = next(
                        (n for n in range(call.line, call.end_line + 1) if re.search(r"autoescape|autoEscape|noEscape", lines[n - 1])),
                        call.line,
                    )
                    return context.at(file, line)
        for assign in view.facts.assigns:
            if isinstance(assign.target, Name) and assign.target.id == "autoescape" and assign.value == Lit(False):
                return context.at(file, assign.line)
    return None


def _raw_pages(context: Context) -> tuple[str, ...]:
    """Pages of the repository that may put something out as it is, in order."""
    hits = [h for h in context.absences.all_hits(_MAY_BE_RAW, _SCRIPTS) if _FOREIGN.search(f"/{h[0]}") is None]
    for end, patterns in signs_by("sec-xss-output", "raw_in").items():
        hits += context.absences.all_hits(patterns, (f"**/*{end}",))
    hits = [
        *context.absences.all_hits(_MAY_BE_RAW, _PAGES),
        *hits,
        *context.absences.all_hits(_PLACES, tuple(f"**/*{end}" for end in _PLAIN)),
    ]
    return tuple(dict.fromkeys(hit[0] for hit in hits))


def _is_plain(line: str) -> bool:
    """Does a page whose engine escapes nothing by itself put a value between its tags, which may be a text of somebody's?"""
    return _BETWEEN.search(line) is not None and _OF_NUMBERS.search(line) is None and _CLEAN.search(line) is None


def _raw_lines(context: Context, file: str) -> list[tuple[int, str]]:
    found = []
    own = [re.compile(p) for end, patterns in signs_by("sec-xss-output", "raw_in").items() if file.endswith(end) for p in patterns]
    for number, line in enumerate(context.snapshot.lines(file), 1):
        match = (
            _RAW.search(line[:2000])
            or any(p.search(line[:2000]) for p in own)
            or (_is_plain(line[:2000]) if file.endswith(_PLAIN) else None)
        )
        if not match or line.lstrip().startswith(("//", "#", "*", "<!--")):
            continue
        if re.search(r"innerHTML\s*=\s*(['\"`])[^$+]*\1\s*;?\s*$", line):
            continue  # a constant
        found.append((number, line))
    return found


def _templates(context: Context) -> list[str]:
    """Templates whose names the rendering calls of the flow give."""
    found: list[str] = []
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            if callee_name(call) in _RENDERS:
                for arg in call.args[:3]:
                    if isinstance(arg.value, Lit) and isinstance(arg.value.value, str) and re.fullmatch(r"[\w./-]+", arg.value.value):
                        name = arg.value.value.lstrip("/")
                        meant = [f for f in context.snapshot.glob(f"**/{name}", f"**/{name}.*") if f.endswith(_TEMPLATES)]
                        if "/" in name or len(meant) == 1:
                            found.extend(meant)
    return [f for f in dict.fromkeys(found) if f.endswith(_TEMPLATES)]
