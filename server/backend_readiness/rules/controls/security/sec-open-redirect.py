"""Where the flow sends the browser is not taken from input, or was checked."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement
from backend_readiness.controls.protection.sinks import Sink, has_fixed_start, judge, sinks
from backend_readiness.facts.model import Lit, Value
from backend_readiness.rules.signs import sign

_NAMES = frozenset({"redirect", "RedirectResponse", "HttpResponseRedirect"})
_PATH = re.compile(sign("sec-open-redirect", "path"))
_CLEANERS = re.compile(r"(?i)^(url_for|reverse|url_has_allowed_host_and_scheme|is_safe_url|safe_next|encodeURIComponent|urlencode)$")
_LOCAL = re.compile(r"/[^/\\]|https?://[^/]+/|[?#]")


def verify(context: Context) -> Judgement:
    return judge(
        context,
        list(sinks(context, _NAMES, _PATH)),
        _dangerous,
        cleaners=_CLEANERS,
        fails="The browser is sent to an address that comes from {}.",
        passes="The targets of redirects are fixed.",
        none="The flow redirects nowhere.",
        noun="redirects",
    )


def _dangerous(sink: Sink) -> list[Value]:
    plain = [a.value for a in sink.call.args if a.name in (None, "url", "location", "redirect_to")]
    targets = [v for v in plain if not (isinstance(v, Lit) and isinstance(v.value, int))][:1]
    return [t for t in targets if not has_fixed_start(t, _LOCAL)]
