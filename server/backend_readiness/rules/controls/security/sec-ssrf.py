"""The host of requests that the flow sends is not taken from input."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement
from backend_readiness.controls.sinks import Sink, has_fixed_start, judge, positional, sinks
from backend_readiness.facts.model import Value

_NAMES = frozenset(
    [
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "head",
        "request",
        "fetch",
        "urlopen",
        "axios",
        "got",
        "needle",
        "send",
        "stream",
        "urlretrieve",
        "default",
        "superagent",
        "goto",
    ]
)
_PATH = re.compile(
    r"^(requests|httpx|urllib3?|aiohttp|axios|node-fetch|cross-fetch|got|needle|superagent|request|undici|ofetch|(node:)?https?|puppeteer|playwright)([./(]|$)|^~fetch$"
)
_CLEANERS = re.compile(r"^(encodeURIComponent|quote|quote_plus|urlencode)$")
_HOST = re.compile(r"https?://[^/{}]+/")


def verify(context: Context) -> Judgement:
    if context.language == "python":
        found = [s for s in sinks(context, _NAMES, _PATH) if not s.path.startswith(("~fetch", "urllib.parse"))]
    else:
        found = list(sinks(context, _NAMES, _PATH))
    return judge(
        context,
        found,
        _dangerous,
        cleaners=_CLEANERS,
        fails="A request is sent to an address that comes from {}.",
        passes="The addresses of the requests that the flow sends are the program's own.",
        none="The flow sends no requests.",
        noun="requests",
    )


def _dangerous(sink: Sink) -> list[Value]:
    url = positional(
        sink,
        1 if sink.path.endswith((".request", ".stream")) and len(sink.call.args) > 1 and sink.path.startswith(("requests", "httpx")) else 0,
        "url",
    )
    return [u for u in url if not has_fixed_start(u, _HOST)]
