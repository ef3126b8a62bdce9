"""Input is never turned into objects or code by a deserialiser that runs what it reads."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, unverified
from backend_readiness.controls.protection.sinks import Sink, judge, positional, sinks
from backend_readiness.facts.model import Member, Name, Value
from backend_readiness.rules.signs import signs

_NAMES = frozenset({"loads", "load", "unserialize", "load_all", "full_load", "unsafe_load", "decode", "Unpickler", "read_pickle"})
_PATH = re.compile(
    r"^(pickle|cPickle|dill|cloudpickle|marshal|jsonpickle|shelve|joblib|torch|pandas|numpy)\.(loads?|decode|Unpickler|read_pickle)$|^yaml\.(load|load_all|full_load|unsafe_load)$|^ruamel\.yaml|^(node-serialize|funcster|serialize-to-js)(\.|$)|^js-yaml\.(load|unsafeLoad)$"
)
_SAFE = re.compile(r"SafeLoader|CSafeLoader|FAILSAFE|JSON_SCHEMA")


def verify(context: Context) -> Judgement:
    turned = context.hits(signs("sec-unsafe-deserialization", "runs_what_it_reads"))
    kept = context.hits(signs("sec-unsafe-deserialization", "sessions_at_client")) if turned else []
    if turned and kept:
        why = "The whole session comes back from the browser, and a deserialiser that runs what it reads opens it."
        return failed(why, context.at(*turned[0][:2]), context.at(*kept[0][:2]))
    typed = context.hits(signs("sec-unsafe-deserialization", "names_of_types"))
    if typed:
        why = "Bodies may name the classes that they are read into; whether those that can do harm are kept out was not settled."
        return unverified(why, context.at(*typed[0][:2]))
    found = [s for s in sinks(context, _NAMES, _PATH) if not _is_safe(s)]
    return judge(
        context,
        found,
        lambda sink: positional(sink, 0),
        cleaners=None,
        fails="A deserialiser that runs what it reads is given {}.",
        passes="What is deserialised comes from the program itself.",
        none="The flow uses no deserialiser that could run what it reads.",
        noun="deserializers",
    )


def _is_safe(sink: Sink) -> bool:
    if sink.path.startswith("js-yaml.load"):
        return True
    loaders: list[Value] = [*positional(sink, 1, "Loader")]
    return sink.path.startswith("yaml.") and any(
        isinstance(v, Name | Member) and _SAFE.search(v.id if isinstance(v, Name) else v.name) for v in loaders
    )
