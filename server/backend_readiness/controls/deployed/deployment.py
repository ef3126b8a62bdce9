"""How the application is built and run, as the repository says: images, compose services, workflows, manifests, scripts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property

from backend_readiness.controls.deployed.charts import chart_of, plain, values_in
from backend_readiness.controls.deployed.templates import unwrapped, with_defaults
from backend_readiness.controls.deployed.yamlfile import Entry, documents
from backend_readiness.controls.places import is_test
from backend_readiness.snapshot import Snapshot
from backend_readiness.snapshot.places import is_workplace

_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)\s+(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction of a Dockerfile, continuation lines joined. `name` is upper case."""

    name: str
    text: str
    line: int
    end_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dockerfile:
    path: str
    instructions: tuple[Instruction, ...]

    def all(self, name: str) -> list[Instruction]:
        return [i for i in self.instructions if i.name == name]

    @property
    def final_stage(self) -> tuple[Instruction, ...]:
        """The instructions from the last FROM on: what the image is."""
        starts = [n for n, i in enumerate(self.instructions) if i.name == "FROM"]
        return self.instructions[starts[-1] :] if starts else self.instructions

    @property
    def run_stages(self) -> tuple[Instruction, ...]:
        """The final stage, and before it the stages of the file that it is built on, the lowest first."""
        stages: list[list[Instruction]] = []
        for instruction in self.instructions:
            if instruction.name == "FROM":
                stages.append([])
            if stages:
                stages[-1].append(instruction)
        names = [(w[-1].lower() if len(w := s[0].text.split()) >= 3 and w[-2].lower() == "as" else "", n) for n, s in enumerate(stages)]
        found: list[Instruction] = []
        at = len(stages) - 1
        while at >= 0:
            found = [*stages[at], *found]
            base = next((w for w in stages[at][0].text.split() if not w.startswith("--")), "").lower()
            at = next((n for name, n in reversed(names) if name and name == base and n < at), -1)
        return tuple(found) or self.instructions


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service of a compose file."""

    path: str
    name: str
    entry: Entry

    def get(self, *keys: str) -> Entry | None:
        return self.entry.get(*keys)

    @property
    def image(self) -> str:
        found = self.get("image")
        return found.text if found is not None else ""


_VARIANT = re.compile(r"(?i)(?:^|/)(?:docker-)?compose[._-](?!(?:prod|production|release)\b)[\w.-]+\.ya?ml$")
_SERVER = re.compile(r"(?m)^\s*server\s*\{")
_HANDS_ON = re.compile(r"\b[a-z]{2,20}_pass\b|(?m:^\s*include\s+(?![^;\n]{0,200}mime\.types))")


def _serves_files_only(text: str) -> bool:
    """A server of nginx that hands nothing on: the one in front of the files of a frontend, with no backend behind it."""
    return _SERVER.search(text) is not None and _HANDS_ON.search(text) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A Kubernetes object."""

    path: str
    kind: str
    entry: Entry

    @property
    def containers_line(self) -> int:
        """Where its containers are listed; the line of the object itself where it lists none."""
        return next((entry.line for key, entry in self.entry.walk() if key == "containers"), self.entry.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A script of a package.json."""

    path: str
    name: str
    command: str
    line: int


def _ships(path: str) -> bool:
    return not is_test(path) and not is_workplace(path)


def _is_variant(path: str) -> bool:
    """`docker-compose.mysql.yml`: one way among several, where `docker-compose.yml` or a file for production is what is meant first."""
    return _VARIANT.search(path) is not None


class Deployment:
    """Lazily parsed deployment files of a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    @cached_property
    def dockerfiles(self) -> tuple[Dockerfile, ...]:
        paths = self.snapshot.glob("**/Dockerfile", "**/dockerfile", "**/Dockerfile.*", "**/*.Dockerfile", "**/Containerfile")
        return tuple(Dockerfile(path=p, instructions=tuple(instructions(self.snapshot.text(p)))) for p in paths if _ships(p))

    @cached_property
    def compose(self) -> tuple[Service, ...]:
        """Services of all compose files, overrides for development included; look at `path`. Variants by database or the like come last."""
        found: list[Service] = []
        paths = self.snapshot.glob("**/docker-compose*.y*ml", "**/compose*.y*ml", "**/docker-compose/*.y*ml")
        for path in sorted(filter(_ships, paths), key=_is_variant):
            for document in documents(self.snapshot.text(path)):
                services = document.get("services")
                if services is None and any(e.get("image") is not None or e.get("build") is not None for _, e in document.items()):
                    services = document  # the first form of such files has no key above its services
                if services is not None:
                    found.extend(Service(path=path, name=n, entry=e) for n, e in services.items())
        return tuple(found)

    @cached_property
    def workflows(self) -> tuple[tuple[str, Entry], ...]:
        """(path, document) of CI definitions: GitHub, GitLab, CircleCI, Azure, Bitbucket, Drone, Travis."""
        paths = self.snapshot.glob(
            ".github/workflows/*.y*ml", ".gitlab-ci.y*ml", ".circleci/config.y*ml", "azure-pipelines*.y*ml",
            "bitbucket-pipelines.yml", ".drone.y*ml", ".travis.yml", ".woodpecker*.y*ml"
        )  # fmt: skip
        return tuple((p, d) for p in paths for d in documents(self.snapshot.text(p)))

    @cached_property
    def manifests(self) -> tuple[Manifest, ...]:
        """Kubernetes objects, from plain YAML files."""
        found: list[Manifest] = []
        for path in self.snapshot.glob("**/*.yml", "**/*.yaml"):
            text = self.snapshot.text(path)
            if "apiVersion:" in text and "kind:" in text:
                for document in documents(self._rendered(path, with_defaults(text))):
                    found.extend(Manifest(path=path, kind=k.text, entry=o) for o in unwrapped(document) if (k := o.get("kind")) is not None)
        return tuple(found)

    def _rendered(self, path: str, text: str) -> str:
        """The text of a chart's template with the values of the chart; other text as it is."""
        chart = chart_of(path) if "{{" in text else None
        if chart is None:
            return text
        values = f"{chart}values.yaml"
        return plain(text, values_in(self.snapshot.text(values) if self.snapshot.file(values) is not None else ""))

    @cached_property
    def proxies(self) -> tuple[str, ...]:
        """Configuration files of reverse proxies."""
        sites = (
            p for p in self.snapshot.glob("**/nginx/**", "**/sites-available/**", "**/sites-enabled/**") if "." not in p.rpartition("/")[2]
        )
        named = self.snapshot.glob(
            "**/nginx*.conf*",
            "**/*.nginx",
            "**/nginx/**/*.conf*",
            "**/Caddyfile*",
            "**/traefik*.y*ml",
            "**/traefik*.toml",
            "**/haproxy*.cfg",
            "**/envoy*.y*ml",
            "**/httpd*.conf",
        )
        found = (
            *named,
            *(p for p in sites if p not in named and re.search(r"(?m)^\s*(?:server\s*\{|proxy_pass\s)", self.snapshot.text(p))),
        )
        return tuple(p for p in found if not _serves_files_only(self.snapshot.text(p)))

    @cached_property
    def scripts(self) -> tuple[Script, ...]:
        """Scripts of package.json files outside of tests."""
        found: list[Script] = []
        for path in self.snapshot.glob("**/package.json"):
            try:
                data = json.loads(self.snapshot.text(path))
            except (ValueError, RecursionError):
                continue
            scripts = data.get("scripts") if isinstance(data, dict) else None
            lines = self.snapshot.lines(path)
            for name, command in scripts.items() if isinstance(scripts, dict) else ():
                if isinstance(command, str):
                    line = next((n for n, text in enumerate(lines, 1) if f'"{name}"' in text and ":" in text), 1)
                    found.append(Script(path=path, name=name, command=command, line=line))
        return tuple(found)

    @property
    def is_declared(self) -> bool:
        """Does the repository say how it is deployed at all?"""
        return bool(
            self.dockerfiles
            or self.compose
            or self.manifests
            or self.snapshot.glob(
                "**/fly.toml",
                "**/render.y*ml",
                "**/vercel.json",
                "**/Procfile",
                "**/app.y*ml",
                "**/*.tf",
                "**/serverless.y*ml",
                "**/netlify.toml",
                "**/railway.*",
                "**/Chart.yaml",
            )
        )


def instructions(text: str) -> list[Instruction]:
    """Instructions of a Dockerfile text; comments and blank lines are passed over, at most 2,000 lines are read."""
    found: list[Instruction] = []
    name, start = "", 0
    parts: list[str] = []
    for number, line in enumerate(text.split("\n")[:2_000], 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if not parts:
            match = _INSTRUCTION.match(stripped)
            if match is None:
                continue
            name, stripped, start = match.group(1).upper(), match.group(2), number
        more = stripped.endswith("\\")
        parts.append(stripped.removesuffix("\\").strip())
        if not more:
            found.append(Instruction(name=name, text=" ".join(parts), line=start, end_line=number))
            parts = []
    return found
