"""The programs of a repository, and the names under which one asks another: of folders, manifests, settings and services of containers."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from functools import cached_property

from backend_readiness.graph.evaluation.plurals import singular
from backend_readiness.graph.settings.application_settings import ApplicationSettings, settings_in
from backend_readiness.graph.world import Graph
from backend_readiness.rules.setting_rules import load_setting_rules
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.places import is_test

MAX_FILES, MAX_CHARS, MAX_VALUES = 400, 200_000, 20
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_BUILD = re.compile(r"services\.([\w.-]{1,100}?)\.build(?:\.(context|dockerfile))?")


class Programs:
    """What runs by itself: the folders with a manifest or a recipe of an image."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._settings = ApplicationSettings(graph)
        self._roots: dict[str, str] = {}

    def root(self, file: str) -> str:
        """The folder of the program that a file is part of."""
        folder = posixpath.dirname(file)
        known = self._roots.get(folder)
        if known is None:
            known = folder
            while known and known not in self._folders:
                known = posixpath.dirname(known)
            self._roots[folder] = known
        return known

    def named(self, host: str) -> frozenset[str]:
        """The folders of the programs that a host names (`orders-service:8080`); none for a host outside of the repository."""
        label = host.partition(":")[0]
        if "." in label and not self.is_inner(host):
            return frozenset()
        words = words_of(label.partition(".")[0])
        return self._named.get(words) or self._named.get(plain(words)) or self._ending(plain(words))

    def is_inner(self, host: str) -> bool:
        """Is it a host with dots that only a cluster knows?"""
        return re.search(sign("programs", "inner_hosts"), host.partition(":")[0]) is not None

    def about(self, name: str) -> frozenset[str]:
        """The programs that the name of a setting speaks of: `ORDERS_API_ADDRESS`, `customerServiceHost`.

        `shop-order-service` is meant by `orderServiceUrl` rather than `shop-order-history-service`.
        """
        words = set(plain(words_of(name)))
        near = {r: d for r, kept in self._spoken.items() if (d := min((_distance(set(k), words) for k in kept), default=99)) < 99}
        return frozenset(r for r, d in near.items() if d == min(near.values()))

    def filled(self, text: str, file: str) -> str:
        """`${name}` and `${name:default}` replaced by what the settings of the application say that a file is part of."""
        return self._settings.filled(text, file)

    def values(self, name: str) -> tuple[str, ...]:
        """What the files of deployments give a variable of the environment."""
        if not re.fullmatch(r"\w{3,80}", name):
            return ()
        given = re.compile(rf"\b{name}\b[\"']?[ \t]*(?:[:=][ \t]*|\r?\n[ \t-]*value[ \t]*:[ \t]*)[\"']?([^\s\"',]{{1,300}})")
        found = (m[1] for text in self._texts if name in text for m in given.finditer(text))
        said = (v for v, _ in zip(found, range(MAX_VALUES), strict=False))
        return tuple(dict.fromkeys(v for v in said if name.isupper() or "://" in v))  # other words are keys of anything

    # ------------------------------------------------------------ names

    @cached_property
    def _folders(self) -> frozenset[str]:
        recipes = signs("programs", "images")
        images = {posixpath.dirname(f.path) for f in self._graph.snapshot.files if posixpath.basename(f.path) in recipes}
        return frozenset({a.root for a in self._graph.snapshot.applications} | images | set(self._built.values()))

    @cached_property
    def _built(self) -> dict[str, str]:
        """The services that files of containers build -> the folder."""
        found: dict[str, str] = {}
        for path in self._deployments:
            text = self._graph.text(path)[:MAX_CHARS]
            for key, value in settings_in(path, text) if "build" in text and "services" in text else ():
                built = _BUILD.fullmatch(key)
                if built is None or "$" in value or "://" in value:
                    continue
                folder = posixpath.dirname(value) if built[2] == "dockerfile" else value
                whole = posixpath.normpath(posixpath.join(posixpath.dirname(path), folder))
                is_inside = whole != "." and not whole.startswith(("/", "../")) and whole != ".."
                if is_inside and (built[1] not in found or built[2] == "dockerfile"):
                    found[built[1]] = whole
        return found

    @cached_property
    def _spoken(self) -> dict[str, set[tuple[str, ...]]]:
        """Folder of a program -> its names, each as its words without those that all programs have."""
        found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for root, names in self._names.items():
            found[root] = {p for n in names if (p := plain(words_of(n)))}
        return found

    @cached_property
    def _names(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for root in self._folders:
            found[root].add(posixpath.basename(root))
        for application in self._graph.snapshot.applications:
            found[application.root].add(application.name.rpartition("/")[2].rpartition(":")[2])
        for service, root in self._built.items():
            found[root].add(service)
        for path in (p for n in load_setting_rules().files for p in self._graph.files_named(n) if not is_test(p)):
            found[self.root(path)].add(self._settings.value(signs("programs", "names"), path))
        return {root: names - {""} for root, names in found.items() if root}

    @cached_property
    def _named(self) -> dict[tuple[str, ...], frozenset[str]]:
        found: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for root, names in self._names.items():
            for words in {w for n in names for w in (words_of(n), plain(words_of(n)))} - {()}:
                found[words].add(root)
        return {words: frozenset(roots) for words, roots in found.items()}

    def _ending(self, words: tuple[str, ...]) -> frozenset[str]:
        """The only program whose name ends with these words: `customer` of `shop-customer`."""
        fitting = {r for known, roots in self._named.items() if words and known[-len(words) :] == words for r in roots}
        return frozenset(fitting) if len(fitting) == 1 else frozenset()

    # ------------------------------------------------------------ deployments

    @cached_property
    def _deployments(self) -> list[str]:
        wanted = re.compile(sign("programs", "deployments"))
        return [f.path for f in self._graph.snapshot.files if wanted.search(f.path) and not is_test(f.path)][:MAX_FILES]

    @cached_property
    def _texts(self) -> list[str]:
        return [self._graph.text(p)[:MAX_CHARS] for p in self._deployments]


def _distance(known: set[str], said: set[str]) -> int:
    """How many words one name has more than the other, which has all of its own; 99 where neither has."""
    return len(known ^ said) if known <= said or said <= known else 99


def words_of(name: str) -> tuple[str, ...]:
    """`ordersService`, `orders-service` and `ORDERS_SERVICE` as the same words."""
    return tuple(w.lower() for w in _WORDS.findall(name[:200]))


def plain(words: tuple[str, ...]) -> tuple[str, ...]:
    """In the singular, without the words that say that it is a program or an address; all of them where nothing else is left."""
    return tuple(singular(w) for w in words if w not in signs("programs", "general")) or words
