"""Lines that are for development or tests only, by the branch or section that they stand in."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.rules.signs import sign

_ASIDE = re.compile(sign("development", "aside"))
# A condition of a function that a setting is there: `if s.cfg.AuthHash != "" && !s.valid(r)`.
_IS_SET = re.compile(
    r"(?i)\b(cfg|conf|config|settings?|opts|options)(\.|->)[\w.>-]*(auth|passw|secret|token|key|user)[\w.>-]*\s*!==?\s*(\"\"|''|nil|null|undefined)(?!\w)"
)
_SETTING = re.compile(r"(?i)\bprocess\.env\b|\benviron\b|getenv|\bconfig\b|\bsettings?\b|\benabled?\b|\bflags?\b")
_PRODUCTION = re.compile(r"(?i)production|\bprod\b")
_NOT_ASIDE = re.compile(
    r"(?i)!\s*\w*[\w.]*is_?(?:development|dev|debug|test(?:ing)?|local|environment)\b|!=|\bnot\b|\bunless\b|^\s*\}?\s*else\b"
)


def stands_in_development(context: Context, file: str, line: int) -> bool:
    """Does the line stand in a branch or a section that is for development or tests only?"""
    lines = context.snapshot.lines(file)
    text = lines[line - 1]
    if _ASIDE.search(text) is not None and _NOT_ASIDE.search(text) is None and re.search(r"\bif\b|\?", text) is not None:
        return True
    indent = len(text) - len(text.lstrip())
    for number in range(line - 2, max(-1, line - 80), -1):
        above = lines[number]
        depth = len(above) - len(above.lstrip())
        if above.strip() in ("", "{"):
            continue
        if depth < indent:
            if _ASIDE.search(above) is not None and _NOT_ASIDE.search(above) is None:
                return True
            indent = depth
            if not indent:
                break
    return False


def stands_under_a_setting(context: Context, file: str, line: int) -> bool:
    """Does the line stand in an `if` of the module that asks the environment or the settings, whichever way they are in production?"""
    if file not in context.graph.facts.files:
        return False
    lines = context.snapshot.lines(file)
    blocks = [b for b in context.view(file).facts.blocks if b.kind == "if" and b.owner == 0 and b.line < line <= b.end_line]
    if any(_SETTING.search(lines[b.line - 1]) is not None and _PRODUCTION.search(lines[b.line - 1]) is None for b in blocks):
        return True
    inner = [b for b in context.view(file).facts.blocks if b.kind == "if" and b.line <= line <= b.end_line]
    return any(_IS_SET.search(lines[b.line - 1]) is not None for b in inner)
