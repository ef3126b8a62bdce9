"""A report in which every text that can come from a repository tries to break out of every format."""

from __future__ import annotations

from dataclasses import replace

from tests.report.folder_source import CHAIN, LOGIN, FolderSource, place, result

from backend_readiness.model import Endpoint, Evidence, EvidenceKind, Gap, Layer, RejectedHit, Search, Severity, Skipped, Stage, Verdict
from backend_readiness.report.build import build
from backend_readiness.report.schema import Report

ATTACKS = (
    "<script>alert(1)</script>",
    "</pre></code></table><img src=x onerror=alert(1)>",
    "[click](https://evil.example/x)",
    "![x](https://evil.example/x.png)",
    "https://evil.example/auto www.evil.example @everyone",
    "`code` ``` ~~~ ```` end",
    "| a | b |\n| --- | --- |",
    "\n\n# Heading\n\n- [x] done\n",
    "\r\n> quote\n1. one\n    indented",
    "**bold** _em_ ~~gone~~ &lt;b&gt; &#60;",
    "[bold red]markup[/] [link=https://evil.example]x[/link] :boom:",
    "\x1b[31mred\x1b]8;;https://evil.example\x07link\x1b[0m",
    "right\u202eleft\u2066x\u200b\u2028y",
    '"] --> evil["x"]; click n0 "https://evil.example" %%{init: {}}%%',
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7}",
    "--- \n+++ \n=== \n",
    "file name with spaces #?%&;:.py",
    "javascript:alert(1)",
)


def hostile_report() -> Report:
    everything = " ".join(ATTACKS)
    bad_file = "src/<b>|`x`[y](https://evil.example)\u202e #?%.py"
    lines = [line for attack in ATTACKS for line in attack.split("\n")]
    source = FolderSource(
        {bad_file: "\n".join(lines), "ok.py": "```\n</pre>\n" + "\n".join(ATTACKS)},
        skipped=tuple(Skipped(path=attack, reason=attack) for attack in ATTACKS),
    )
    links = tuple(
        replace(
            CHAIN.links[n % len(CHAIN.links)],
            file=bad_file,
            line=1,
            end_line=2,
            symbol=attack,
            target=attack,
            why=attack,
            parent=n - 1 if n else None,
        )
        for n, attack in enumerate(ATTACKS)
    )
    chain = replace(
        CHAIN,
        endpoint=Endpoint(method="GET", path=everything),
        links=links,
        gaps=tuple(Gap(stage=Stage.DATA, why=attack) for attack in ATTACKS),
    )
    search = Search(
        scope=everything,
        roles=ATTACKS,
        paths=("*.none",),
        patterns=("<script>|`|\\|",),
        unread=ATTACKS,
        rejected=tuple(RejectedHit(file=attack, line=1, why=attack) for attack in ATTACKS),
    )
    results = [
        replace(
            result(
                f"sec-{n}",
                Layer.SECURITY,
                Verdict.FAIL,
                Severity.HIGH,
                place(bad_file, 1, 9, note=attack),
                place("ok.py", 1, 12),
                Evidence(kind=EvidenceKind.ABSENCE, search=search),
            ),
            title=attack,
            why=attack,
            fix=(attack, everything),
        )
        for n, attack in enumerate(ATTACKS)
    ]
    results.append(result("sec-q", Layer.SECURITY, Verdict.UNVERIFIED, Severity.CRITICAL, question=everything))
    flow = replace(
        LOGIN, name=everything, entry_url=everything, success_criteria=ATTACKS, endpoints=(Endpoint(method="GET", path=everything),)
    )
    return build(source, flow, [chain], results, engine="static", tool_version="0.1.0", incomplete=ATTACKS)
