"""How a new version replaces the old one, and how the old one comes back."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.charts import chart_of, values_in
from backend_readiness.controls.deployed.deployment import Manifest
from backend_readiness.controls.deployed.instances import counts
from backend_readiness.controls.deployed.startup import backend_services
from backend_readiness.controls.deployed.workloads import scalers, workloads
from backend_readiness.controls.deployed.yamlfile import Entry
from backend_readiness.controls.documents import is_aside, sections
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.model import Evidence
from backend_readiness.snapshot.places import is_for_development

# A way back that somebody wrote down or automated; migrations and transactions go back too, and are not meant.
_BACK = (
    r"(?i)\broll(?:ing)?[ -]?back (?:to )?(?:a |the |this )?(?:previous |last |old )?(?:release|deploy\w*|version|image|service)",
    r"(?i)\b(?:release|deploy\w*|version|image) rollback|rollout undo|\bhelm rollback|kamal rollback|failure_action",
    r"(?i)\bcap \w+ deploy:rollback|\bblue[ /-]?green|\bcanary\b",
)
_RETURNS = re.compile(r"(?i)\broll(?:ing)?[ -]?backs?\b|\broll(?:ing)? (?:a |the )?\w* ?back\b|\bgo(?:ing)? back to\b")
_OTHER = re.compile(r"(?i)migration|transaction|schema|database|replica|mongo|postgres|mysql|redis")
_BACK_PATHS = ("**/*.md", "**/*.sh", "**/*.y*ml", "**/Makefile", "**/justfile", "**/*.tf", "**/*.rb")
_PLATFORM = (
    "**/fly.toml", "**/render.y*ml", "**/vercel.json", "**/Procfile", "**/app.json", "**/serverless.y*ml", "**/netlify.toml",
    "**/railway.*", "**/wrangler.toml", "**/*.tf", "**/Chart.yaml", "**/config/deploy.y*ml", "**/config/deploy.rb", "**/Capfile",
    "**/captain-definition", "**/app.yaml", "**/*.nomad", "**/kustomization.y*ml", "**/appspec.y*ml", "**/heroku.yml",
)  # fmt: skip
# What puts a new version in place of the one that runs.
_IN_PLACE = r"^\s*(?:sudo )?git (?:pull|reset --hard|checkout -f)\b|\bartisan down\b"
_SCRIPTS = ("**/*.sh", "**/deploy*", "**/Makefile", ".github/workflows/*.y*ml")
# A tag that is put on each new version, or none.
_MOVES = re.compile(r":(latest|main|master|dev|develop|development|staging|stable|edge|prod|production|nightly|current|head)$|^[^:@]+$")
_TAG = re.compile(r"\.Values\.([\w.]{0,180}\btag)\b")
_DEPLOYS = re.compile(r"(?i)deploy|release|update")


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("The flow has no route of the backend.")
    rolled = [m for m in workloads(context) if m.kind in ("Deployment", "Rollout", "StatefulSet")]
    if rolled:
        found = [_of_cluster(context, m) for m in rolled]
        differs = next((f for f in found if f.verdict != found[0].verdict), None)
        if found[0].verdict == "pass" and differs is not None:
            why = "One workload rolls and can go back, and another one does not; which of them serves the flow was not settled."
            return unverified(why, *differs.evidence[:1], *found[0].evidence[:1])
        return found[0]
    services = [s for s in backend_services(context) if not is_for_development(s.path.rpartition("/")[2])]
    for service in services:
        update = service.get("deploy", "update_config")
        if update is not None:
            at = context.at(service.path, update.line, min(update.end_line, update.line + 4))
            action = update.get("failure_action")
            if action is not None and action.text == "rollback":
                return passed("A new version replaces the old one step by step, and a failing one is taken back.", at)
            return partial("A new version replaces the old one step by step, and nothing takes a failing one back.", at)
    told = [s for s in sections(context) if _RETURNS.search(s.heading) and not _OTHER.search(s.heading) and s.steps >= 1]
    spread = next((c for c in counts(context) if c.kind == "replicas" and c.number > 1), None)
    if told and spread is not None:
        way = context.at(told[0].file, told[0].line)
        return passed("Several instances are replaced one after the other, and the way back is written down.", way, spread.evidence)
    if told and services and not context.snapshot.glob(*_PLATFORM):
        why = "The way back is written down; a new version replaces the one instance in place."
        return partial(why, context.at(services[0].path, services[0].entry.line), context.at(told[0].file, told[0].line))
    back = [h for h in context.absences.all_hits(_BACK, _BACK_PATHS) if h[0].startswith(".github/workflows/") or not is_aside(h[0])]
    platform = context.snapshot.glob(*_PLATFORM)
    if platform:
        return unverified("The platform replaces versions; how one goes back is not in the repository.", context.at(platform[0], 1))
    if not services and not back:
        pulled = [h for h in context.absences.all_hits((_IN_PLACE,), _SCRIPTS) if _DEPLOYS.search(h[0])]
        if pulled:
            why = "A script brings the new version into the folder that runs, and no way back is written down."
            return failed(why, context.at(*pulled[0][:2]))
    if not services:
        return unverified("The repository does not say how a new version of the backend replaces the old one.")
    if back:
        return unverified("Something about going back is written down; whether it is this service's way was not settled.",
                          context.at(*back[0][:2]))  # fmt: skip
    service = services[0]
    why = f"`{service.name}` is one container of a compose file: a new version replaces it in place, and no way back is written down."
    return failed(why, context.at(service.path, service.entry.line))


def _of_cluster(context: Context, workload: Manifest) -> Judgement:
    """A Deployment rolls unless it says otherwise; what gates it is the probe, and what can come back is a version with a name."""
    entry = workload.entry
    at = context.at(workload.path, entry.line)
    strategy = entry.get("spec", "strategy", "type")
    if strategy is not None and strategy.text == "Recreate":
        return failed("The workload is stopped before the new version starts.", context.at(workload.path, strategy.line))
    if strategy is None and (update := entry.get("spec", "updateStrategy", "type")) is not None and update.text == "OnDelete":
        return partial("A new version is taken up only when somebody deletes what runs.", context.at(workload.path, update.line))
    kept = entry.get("spec", "revisionHistoryLimit")
    if kept is not None and kept.text == "0":
        return partial("Versions roll, and none of them is kept to go back to.", context.at(workload.path, kept.line))
    away = entry.get("spec", "strategy", "rollingUpdate", "maxUnavailable")
    count = entry.get("spec", "replicas")
    alone = count.text if count is not None else "" if scalers(context) else "1"  # a scaler may run more than one
    if away is not None and away.text.strip("\"'") in ("100%", alone) and away.text != "0":
        return partial("All instances may be taken away at once while a new version starts.", context.at(workload.path, away.line))
    walked = dict(_last(entry))
    image = walked.get("image")
    if "readinessProbe" not in walked:
        return partial("Versions roll, and no readiness probe stops one that is not healthy.", at)
    if image is not None and _MOVES.search(image.text.strip("\"'").rpartition("/")[2]) is not None:
        return partial("Versions roll, and the image has no version to go back to.", context.at(workload.path, image.line))
    tag = _default_tag(context, workload, image) if image is not None else None
    if tag is not None:
        return partial(
            "Versions roll, and the image has no version to go back to.",
            tag,
            context.at(workload.path, image.line if image else entry.line),
        )
    return passed("Versions roll, gated by the readiness probe, and the image names its version.", at)


def _default_tag(context: Context, workload: Manifest, image: Entry) -> Evidence | None:
    """Where the chart's values give the image a tag that is put on each new version."""
    chart = chart_of(workload.path)
    values = f"{chart or ''}values.yaml"
    if chart is None or context.snapshot.file(values) is None:
        return None
    named = _TAG.search(" ".join(context.snapshot.lines(workload.path)[image.line - 1 : image.line]))
    entry = values_in(context.snapshot.text(values))(named[1]) if named is not None else None
    moves = entry is not None and _MOVES.search(f":{entry.text.strip(chr(34) + chr(39))}") is not None and entry.text.strip("\"'") != ""
    return context.at(values, entry.line) if entry is not None and moves else None


def _last(entry: Entry) -> list[tuple[str, Entry]]:
    return [(k, e) for k, e in entry.walk() if k in ("image", "readinessProbe")]
