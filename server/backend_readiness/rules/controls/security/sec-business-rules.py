"""Amounts, quantities and states: what the server takes from its own data, and what it believes the client."""

import re

from backend_readiness.controls.callees import chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, unverified
from backend_readiness.controls.protection.inputs import Taint, inputs_of
from backend_readiness.controls.protection.model_checks import bodies_taken
from backend_readiness.controls.subjects import Subject
from backend_readiness.facts.model import Record
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence

_SUBJECT = re.compile(
    r"(?i)price|amount|total|quantit|\bqty\b|stock|inventor|balance|credit|coupon|discount|quota|approv|payment|invoice|\border(s|_|\b)|cart|checkout|booking|reserv|seat|vot(e|ing)|stake|bid\b|withdraw|transfer|subscri|refund|expir|status|\bstate\b|limit|wallet|\bcoins?\b|\bpoints?\b|\bscores?\b|\bloans?\b|interest_?rate|\binterest\b|deposit|salary|capacity|\btickets?\b|bonus|reward"
)
_MONEY = r"(?:unit_?)?(?:price|amount|total|sub_?total|total_?(?:price|amount)|grand_?total|cost|fee)"
# The client's own figure: a member of the body that is a price or a total.
_CLIENT = re.compile(
    rf"(?i)(\breq(uest)?\.(body|data|json|POST|params)\b|\bbody\b|\bpayload\b|\bdto\b|\w+(Request|Dto|Input|Command|Form)\b|\bparams\b|\$request->(input\(|get\()?|\bc\.(PostForm|FormValue)\()\W{{0,16}}(get)?{_MONEY}\b",
)
# The server's own: a price that a stored thing has.
_STORED = re.compile(
    rf"(?i)\b(product|item|plan|variant|sku|offer|ticket|room|course|book|service|line|article|catalog\w*|rate)\w*(\.|->|\[[\"'])(get)?_?{_MONEY}\b|calculate\w*|compute\w*|get_?total|recalc"
)
_SUM = re.compile(rf"(?i)^{_MONEY}(_?(minor|cents|amount|price|value|sum))?$")
_CHECKS = re.compile(r"(?i)valid|check|assert|expect|log|info|warn|error|Field|Column|render|json")
_STORES = re.compile(r"(?i)save|\bset|create|insert|charge|store|update|add\(|persist|=|:")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    subject = Subject(context)
    paid = any(e.kind == "payment" for e, _ in context.effects)
    if (subject.credentials and not paid) or subject.health or not (context.writes or subject.changes):
        return not_applicable("The flow depends on no amounts, states or quotas.", context.at_route())
    lines = list(chain_text(context))
    taken = [(cls.file, context.view(cls.file).symbol(cls.index)) for cls in bodies_taken(context, inputs_of(context).handlers)]
    fields = [t for file, symbol in taken for t in context.snapshot.lines(file)[symbol.line - 1 : symbol.end_line]]
    if not any(_SUBJECT.search(t) for t in (*(t for _, _, t in lines), *fields, *subject.paths, *(e.target for e, _ in context.effects))):
        return not_applicable("The flow depends on no amounts, states or quotas.", context.at_route())
    ordered = any(re.search(r"(?i)order|checkout|cart|purchase|invoice|payment|booking", p) for p in subject.paths)
    own = any(_STORED.search(t) for _, _, t in lines)
    for file, line, text in lines:
        if (
            _CLIENT.search(text)
            and _STORES.search(text)
            and not own
            and (paid or ordered)
            and not re.match(r"\s*(if|unless|while)\b", text)
        ):
            return failed(
                "The price or total that the client sends is taken as it is: nothing on the flow computes it from stored data.",
                context.at(file, line),
            )
    given = _given(context) if paid or ordered else None
    if given is not None:
        return failed("The price or total of what is stored or charged is a figure of the request.", given)
    return unverified("The flow depends on amounts, states or quotas; which rules must hold is not written down.", context.at_route())


def _given(context: Context) -> Evidence | None:
    """A call of the flow that is given request input under the name of a price or total."""
    inputs = inputs_of(context)
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            if call.kind == "decorator" or _CHECKS.search(callee_name(call) or "") is not None:
                continue
            named = [(a.name, a.value) for a in call.args if a.name]
            named += [(k, v) for a in call.args[:4] if isinstance(a.value, Record) for k, v in a.value.items if k]
            for name, value in named:
                if _SUM.match(str(name)) and inputs.of(value, file, call.owner).taint is Taint.INPUT:
                    lines = context.snapshot.lines(file)[call.line - 1 : call.end_line]
                    at = next((n for n, t in enumerate(lines) if re.search(rf"\b{re.escape(str(name))}\b", t)), 0)
                    return context.at(file, call.line + at)
    return None
