"""A chain as a Mermaid flowchart. Every name in it is repository text, so only letters, digits and a few signs stay."""

from __future__ import annotations

from backend_readiness.render.plain import STAGE_TITLES, children_of, one_line
from backend_readiness.report.schema import ChainOut, LinkOut

MAX_NODES = 60
_MAX_LABEL = 60
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _./,-")
_STYLES = (
    "classDef confirmed stroke:#2da44e",
    "classDef inferred stroke:#bf8700,stroke-dasharray:4",
    "classDef missing stroke:#cf222e,stroke-dasharray:2",
    "classDef stubbed stroke:#cf222e",
)


def diagram(chain: ChainOut) -> str:
    """The flowchart of at most `MAX_NODES` links; what is left out and every gap stand in it as nodes."""
    lines = ["flowchart TD"]
    for index, link in enumerate(chain.links[:MAX_NODES]):
        lines.append(f'  n{index}["{_label(link)}"]:::{link.status.value}')
    for parent, children in children_of(chain).items():
        for child in children:
            if parent is not None and child < MAX_NODES:
                arrow = "-->" if chain.links[child].status == "confirmed" else "-.->"
                lines.append(f"  n{parent} {arrow} n{child}")
    if len(chain.links) > MAX_NODES:
        lines.append(f'  more["{len(chain.links) - MAX_NODES} more links stand in the table"]')
    for number, gap in enumerate(chain.gaps[:MAX_NODES]):
        lines.append(
            f'  g{number}["{_escape(STAGE_TITLES[gap.stage.value])} missing#58; {_escape(one_line(gap.why, _MAX_LABEL))}"]:::missing'
        )
    return "\n".join([*lines, *(f"  {style}" for style in _STYLES)])


def _label(link: LinkOut) -> str:
    title = STAGE_TITLES[link.stage.value]
    name = _escape(one_line(link.symbol, _MAX_LABEL))
    target = f"<br/>{_escape(one_line(' '.join(filter(None, (link.operation, link.target))), _MAX_LABEL))}" if link.target else ""
    where = _escape(f"{one_line(link.file, _MAX_LABEL)}") + f"#58;{link.line}"
    return f"{title}<br/>{name}{target}<br/>{where}"


def _escape(text: str) -> str:
    """Every sign that Mermaid, Markdown or HTML could read as more than text becomes a character code."""
    return "".join(c if c in _PLAIN else f"#{ord(c)};" for c in text)
