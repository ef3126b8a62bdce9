"""Files of hosting platforms and infrastructure tools: which of them run the backend, and which set up something beside it."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context

# Resources that run an application, or stand in front of one. A bare machine with a network around it says nothing of the backend.
_RUNS = re.compile(
    r"(?i)\b(ecs_|eks_|lambda_function|apprunner|elastic_beanstalk|amplify|lightsail_container|autoscaling|launch_template|cloud_run|app_engine"
    r"|container_(cluster|app|group)|gke|aks|kubernetes|helm_release|web_app|app_service|function_app|digitalocean_app|heroku_app|fly_app"
    r"|docker_(container|service|image)|nomad_job|(aws_|azurerm_)?(alb|elb|lb)_?(listener|target)?\b|load_?balancer|cloudfront|module\s+\")"
)


def platform_files(context: Context, globs: tuple[str, ...]) -> tuple[str, ...]:
    """The files of `globs`, those of infrastructure left out that set up machines without anything that runs an application."""
    found = context.snapshot.glob(*globs)
    plans = [p for p in found if p.endswith(".tf")]
    folders = {p.rpartition("/")[0] for p in plans if _RUNS.search(context.snapshot.text(p)[:200_000]) is not None}
    return tuple(p for p in found if not p.endswith(".tf") or any(_below(p, f) for f in folders))


def _below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")
