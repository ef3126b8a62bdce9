"""Tokens that go out by mail or message: from a random source, with an end, and useless once they were used."""

import re

from backend_readiness.controls.callees import backend_files, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.protection.tokens import tokens_of
from backend_readiness.controls.subjects import Subject
from backend_readiness.rules.key_words import load_key_words
from backend_readiness.snapshot.matching import compile_patterns

_TOKEN = re.compile(
    r"(?i)(reset|verif\w*|confirm\w*|activation|invit\w*|recovery|magic|forgot\w*)\w{0,12}[_.]?(token|code|key|otp|hash)|\b(otp|pin_?code|reset_?code)\b"
)
_ISSUES = re.compile(
    r"(?i)^(create|generate|issue|make|sign|new|send)_?\w{0,20}(reset|verif\w*?|confirm\w*?|activation|invit\w*?)_?\w{0,12}(token|code|otp)"
)
_ABOUT = re.compile(r"(?i)token|code|otp|pin\b")
_EXPIRES = re.compile(
    r"(?i)(reset|verif\w*|confirm\w*|activation|invit\w*|token|code|otp)\w{0,16}[_.]?(expir\w*|sent_?at|valid_?(until|for)|created_?at|ttl|date|timestamp|max_?age)|expires?_?(at|in|on|date)?\b.{0,60}(date|time|now|hour|minute|\d)|max_age\s*="
)
# An end that a reset alone has: it ends no token that confirms an address.
_OF_SIGN_UP = re.compile(r"(?i)verif|confirm|activat|invit|sign_?up|regist")
_OF_RESET = re.compile(r"(?i)reset|forgot|recover")
_SPENT = re.compile(
    r"(?i)(token|code|otp|key|hash)\w*[\"'\]]?\s*(=|:|=>|,|\()\s*(none|null|nil|undefined|\"\"|'')|(delete|destroy|remove|forget|consume|invalidate|expire)\w*\b.{0,60}(token|code|otp|verification)"
    r"|(token|code|otp|verification\w*)\w*\.(delete|destroy|remove|consume)|used(_?at)?\s*[=:]|is_?used"
)

# A question whether the end has come spends nothing, nor does the key of a message: `text("auth.invalidToken", null)`.
_ENDED = re.compile(r"(?i)\b\w*expir(?:ed|es|y|ation|ing)\w*|[\"'][\w-]+(?:\.[\w-]+)+[\"']\s*,")
# What throws tokens away for another reason than their use: their end has come, or the account goes.
_PURGES = re.compile(r"(?i)expir|outdated|stale|purge|clean_?up|less_?than|older|before|\bsince\b|<=?\s*[?:@$\w]")
_REFUSES = re.compile(r"(?i)\b(throw|raise|abort|fail)|return\b.{0,60}(expir|invalid|error|false|null|none|nil|4\d\d)")
_PURGER = re.compile(
    r"(?i)purge|clean|expired|outdated|stale|prune|(delete|remove|destroy|erase|close|forget)_?\w{0,12}(user|account|customer|member|profile)s?$"
)

# Words by which an end may be set somewhere: beside the token, or given to what signs it (`expiration=3600`).
_MAY_END = (
    r"(?i)(token|code|otp|reset|verif\w*)\w{0,16}[_.]?(expir|valid|sent_?at|created_?at)",
    r"(?i)(token|code|otp|reset|verif\w*|confirm\w*)\w*\(.{0,40}\bexpir\w*\s*=\s*\d",
)


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    subject = Subject(context)
    lines = list(chain_text(context))
    asked = subject.reset or subject.verification or any(re.search(r"(?i)invit", p) for p in subject.paths)
    if not asked and not _issues_one(context) and not _mails_one(context):
        mailed = next((link for e, link in context.effects if e.kind == "mail"), None)
        signed_here = tokens_of(context).signs_here
        if subject.sign_up and mailed is not None and signed_here:
            why = "The flow signs a token and sends mail; whether the token is useless once it was used was not settled."
            return unverified(why, signed_here[0].evidence(), context.at_place(mailed))
        return not_applicable("The flow issues and accepts no token by mail or message.", context.at_route())
    brokers = compile_patterns(words_of(context, "reset_brokers") or ())
    if brokers is not None:
        broker = next(((f, n) for f, n, t in lines if brokers.search(t.encode("utf-8", "replace"))), None)
        if broker is not None:
            return passed("The library's own tokens are random, expire and are spent by their use.", context.at(*broker))
    kept = [(f, n, t) for f in backend_files(context) for n, t in _told(context, f)]
    weak = compile_patterns(words_of(context, "weak_random") or ())
    own = {f for f, _, _ in lines}
    for file, number, text in (*lines, *((f, n, t) for f, n, t in kept if f in own)):
        if weak is not None and weak.search(text.encode("utf-8", "replace")) is not None and _names_token(context, file, number):
            return failed("The token comes from a source that can be guessed.", context.at(file, number))
    signed = next((f for f in tokens_of(context).signs_here if re.search(r"(?i)jwt|sign", f.path) is not None), None)
    if signed is not None:
        return partial("The token is signed and expires, and nothing makes it useless once it was used.", signed.evidence())
    if not kept:
        return unverified("How the tokens of the flow are made was not found.", context.at_route())
    makes = re.compile(load_key_words().makes)
    near = [h for h in kept if h[0] in own]
    made = next((context.at(f, n) for f, n, t in (*near, *lines, *kept) if makes.search(t) and not _is_of_other_kind(context, f, n)), None)
    ends = next((context.at(f, n) for f, n, t in kept if _EXPIRES.search(t) and (subject.reset or _OF_RESET.search(t) is None)), None)
    spent = next(
        (context.at(f, n) for f, n, t in (*lines, *kept) if _SPENT.search(_ENDED.sub("", t)) and not _is_purge(context, f, n, t)), None
    )
    at = context.at(kept[0][0], kept[0][1])
    if made is not None and ends is not None and spent is not None:
        return passed("The token is random, has an end, and is cleared once it was used.", made, ends, spent)
    if ends is None and not context.is_found(_MAY_END):
        return failed("The token has no end: nothing says until when it is valid.", at, *([made] if made is not None else []))
    why = "Tokens are made and kept; whether they end and are spent by their use was not settled."
    return unverified(why, at, *(e for e in (made, ends, spent) if e is not None))


def _is_of_other_kind(context: Context, file: str, number: int) -> bool:
    """Is the token that a line makes one of another kind than the flow's: that of a sign-up, where the flow resets a password?"""
    lines = context.snapshot.lines(file)
    symbols = context.view(file).facts.symbols if file in context.graph.facts.files else ()
    around = [s.name for s in symbols if s.kind in ("function", "method") and s.line <= number <= s.end_line]
    said = " ".join((*around, *lines[max(0, number - 3) : number + 2]))
    return Subject(context).reset and _OF_SIGN_UP.search(said) is not None and _OF_RESET.search(said) is None


def _is_purge(context: Context, file: str, number: int, text: str) -> bool:
    """Does the line only throw away what has expired, or the tokens of an account that is deleted; or is it a comment?"""
    if text.lstrip().startswith(("//", "#", "*", "/*")):
        return True
    if re.search(r"(?i)delete|destroy|remove", text) is None:
        return False
    if _PURGES.search(text) is not None:
        return True
    lines = context.snapshot.lines(file)
    asks = next((n for n in range(number, max(0, number - 5), -1) if re.search(r"\b(if|unless|elsif)\b", lines[n - 1])), None)
    if (
        asks is not None
        and _PURGES.search(" ".join(lines[asks - 1 : number - 1]))
        and _REFUSES.search(" ".join(lines[number : number + 2]))
    ):
        return True
    inner = [s for s in context.view(file).facts.symbols if s.kind in ("function", "method") and s.line <= number <= s.end_line]
    return any(_PURGER.search(s.name) is not None for s in inner)


def _issues_one(context: Context) -> bool:
    """Does a function of the chain make such a token, by its name: a sign-up that sends a link to confirm the address?"""
    symbols = (context.view(r.function.symbol.file).symbol(r.function.symbol.index) for r in context.functions)
    return any(_ISSUES.search(s.name) is not None for s in symbols)


def _mails_one(context: Context) -> bool:
    """Does a function that goes on to send mail speak of such a token: a sign-up that mails a code?"""
    mails = any(e.kind == "mail" for e, _ in context.effects)
    handlers = {w.file: context.view(w.file).symbol(w.index) for w in inputs_of(context).handlers} if mails else {}
    for file, symbol in handlers.items():
        lines = context.snapshot.lines(file)[symbol.line - 1 : symbol.end_line]
        if any(_TOKEN.search(t) is not None and not t.lstrip().startswith(("//", "#", "*", "/*")) for t in lines):
            return True
    return False


def _told(context: Context, file: str) -> list[tuple[int, str]]:
    """The lines of a file that speak of such a token, with the lines beside them."""
    text = context.snapshot.text(file)
    if len(text) > 400_000 or _TOKEN.search(text) is None:
        return []
    lines = context.snapshot.lines(file)
    hits = [n for n, t in enumerate(lines, 1) if len(t) < 500 and _TOKEN.search(t) and not t.lstrip().startswith(("//", "#", "*", "/*"))]
    near = sorted({m for n in hits[:60] for m in range(n - 3, n + 4) if 1 <= m <= len(lines)})
    return [(n, lines[n - 1]) for n in near]


def _names_token(context: Context, file: str, number: int) -> bool:
    lines = context.snapshot.lines(file)
    return any(_ABOUT.search(t) is not None for t in lines[max(0, number - 6) : number + 3])
