"""The shape of framework and library cards, and their loader.

A card says in data how a technology is written: which values are routers, which calls register routes, call out, touch
data or play a role. Patterns match the canonical path of a value (see `graph.values.Ext`):
`fastapi.APIRouter()`, `{router}.{verb}`, `django.db.models.Model.objects.**`. `*` is one step, `**` any number,
`{name}` a type of the card (or of a card it `uses`), `{verb}` one of `verbs`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from backend_readiness.errors import BadCard
from backend_readiness.rules import yaml_files
from backend_readiness.rules.brought_rules import BoundModelRule, BroughtRule
from backend_readiness.rules.bus_rules import BusRule, ExchangeRule
from backend_readiness.rules.card_rules import (
    AttachRule,
    BaseRule,
    BindingRule,
    ClassGuardRule,
    Closed,
    ConditionRule,
    DeclareRule,
    Detect,
    FilterRule,
    GuardTableRule,
    LimitRule,
    MiddlewareRule,
    ParamGuardRule,
    ParamRule,
    Ref,
    RouteRule,
    SettingMarkRule,
    StandInRule,
    ValueRule,
    ViewRule,
)
from backend_readiness.rules.data_rules import ChangeRule, DataRule, EntityRule, QueryRule, SigningRule, TableRule, TimeoutRule
from backend_readiness.rules.default_rules import FrameworkDefault, SessionCookieRule, Topic
from backend_readiness.rules.dispatch_rules import DispatchRule
from backend_readiness.rules.drawn_rules import DrawnAttributeRule, DrawnElementRule, DrawnRule
from backend_readiness.rules.guard_rules import ExtractorRule, PipelineRule, SparedRule, StandingRule, StrategyRule
from backend_readiness.rules.hook_rules import CallbackRule, HookRule
from backend_readiness.rules.input_rules import InputRule
from backend_readiness.rules.job_rules import JobRule
from backend_readiness.rules.page_rules import (
    AutoImportRule,
    ClientRule,
    ComponentRule,
    ConnectedRule,
    DescribedCallRule,
    DocumentRule,
    ElementValueRule,
    EventRule,
    HelperRule,
    LinkHelperRule,
    ListenerRule,
    MessageRule,
    NamedInjectionRule,
    PageControllerRule,
    PageRule,
    ProcedureRule,
    ScopeRule,
    ServerActionRule,
    ServiceClientRule,
    SettingsRequestRule,
)
from backend_readiness.rules.protection_rules import CorsRule, CorsSettings, HashRule, HeadersRule, SessionRule
from backend_readiness.rules.request_rules import DeclaredRequestRule, GatewayRule, MethodCallRule
from backend_readiness.rules.tag_rules import ActionAddressRule, TagLinkRule, TagRule, TypedLinkRule
from backend_readiness.rules.yaml_files import RULES

__all__ = [
    "RULES",
    "Card",
    "Example",
    "load_cards",
    "parse_card",
    "AttachRule",
    "BaseRule",
    "BindingRule",
    "BusRule",
    "ExchangeRule",
    "CallbackRule",
    "ChangeRule",
    "ClientRule",
    "ComponentRule",
    "ConditionRule",
    "DataRule",
    "DeclareRule",
    "DispatchRule",
    "ElementValueRule",
    "EventRule",
    "FilterRule",
    "HelperRule",
    "LimitRule",
    "ListenerRule",
    "MiddlewareRule",
    "PageRule",
    "ParamRule",
    "QueryRule",
    "Ref",
    "RouteRule",
    "StandInRule",
    "TableRule",
    "TimeoutRule",
    "ValueRule",
    "ViewRule",
]

_LANGUAGES = re.compile(r"^languages:[ \t]*(\[[^\]\n]*\])", re.MULTILINE)


class Example(Closed):
    name: str
    files: dict[str, str]
    expect: tuple[dict[str, Any], ...]


class Card(Closed):
    id: str
    title: str = ""
    why_hook: str = ""
    languages: tuple[str, ...] = ()  # the language of its folder when empty
    uses: tuple[str, ...] = ()
    detect: Detect = Detect()
    types: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    inner_modules: tuple[str, ...] = ()  # packages whose inner files are imported for what the package gives (`@nestjs/common/decorators`)
    wrapper_types: tuple[str, ...] = ()
    routes: tuple[RouteRule, ...] = ()
    any_case: bool = False  # a request's path is compared without regard to case
    path_extensions: tuple[str, ...] = ()  # what a request may write behind a path that has none: `/orders.json` asks `/orders`
    views: tuple[ViewRule, ...] = ()
    brought: tuple[BroughtRule, ...] = ()
    bound_models: BoundModelRule | None = None
    limits: tuple[LimitRule, ...] = ()
    decorators: Literal["", "wrap"] = ""  # of a language: a decorator of a function runs around it
    middleware: tuple[MiddlewareRule, ...] = ()
    guard_names: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # names of guards that the framework brings -> their paths
    param_guards: tuple[ParamGuardRule, ...] = ()
    class_guards: tuple[ClassGuardRule, ...] = ()
    guard_tables: tuple[GuardTableRule, ...] = ()
    guard_methods: tuple[str, ...] = ()  # the method of a guard's class that runs
    standing: tuple[StandingRule, ...] = ()
    strategies: tuple[StrategyRule, ...] = ()
    spared: tuple[SparedRule, ...] = ()
    upgrades: tuple[str, ...] = ()  # calls that take a request over for a WebSocket
    route_links: tuple[str, ...] = ()  # calls that give the URL of the route that their first argument names
    typed_links: tuple[TypedLinkRule, ...] = ()
    state_types: tuple[str, ...] = ()  # types of a handler's parameters that hold what the application keeps (`State<T>`)
    input_types: tuple[str, ...] = ()  # types of a handler's parameters that hold a part of the request (`Json<T>`)
    inputs: tuple[InputRule, ...] = ()
    pipelines: tuple[PipelineRule, ...] = ()
    extractors: tuple[ExtractorRule, ...] = ()
    dependencies: tuple[str, ...] = ()  # calls in a handler's signature whose argument runs before it (Depends)
    param_routers: bool = False  # functions are given a router as a parameter of its type, and put their routes on it
    message_param: int | None = None  # position, behind the receiver, of a handler's parameter that holds the message which a caller sent
    provides: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # external base class -> what it brings
    template_methods: dict[str, dict[str, tuple[str, ...]]] = Field(
        default_factory=dict
    )  # base -> its method -> what that runs of the class
    clients: tuple[ClientRule, ...] = ()
    settings_requests: tuple[SettingsRequestRule, ...] = ()
    service_requests: tuple[ClientRule, ...] = ()  # requests that a server sends, see `graph.remote`
    declared_requests: tuple[DeclaredRequestRule, ...] = ()
    gateways: tuple[GatewayRule, ...] = ()
    method_calls: tuple[MethodCallRule, ...] = ()
    described_calls: tuple[DescribedCallRule, ...] = ()
    dispatch: tuple[DispatchRule, ...] = ()
    only_named: tuple[str, ...] = ()  # calls that are given a function and do not run it (`cache.delete_memoized(find)`)
    values: tuple[ValueRule, ...] = ()
    constants: dict[str, str] = Field(default_factory=dict)  # names of a package that stand for a text (`net/http.MethodGet`)
    root_folders: tuple[str, ...] = ()  # values that stand for the folder of the whole program (`process.cwd()`)
    settings_objects: tuple[str, ...] = ()  # values whose members are settings of the application (`django.conf.settings`)
    params: tuple[ParamRule, ...] = ()
    bases: tuple[BaseRule, ...] = ()
    implements: tuple[str, ...] = ()  # base interfaces and annotations of interfaces whose methods a package implements
    conditions: tuple[ConditionRule, ...] = ()
    setting_marks: tuple[SettingMarkRule, ...] = ()
    stand_ins: tuple[StandInRule, ...] = ()
    data: tuple[DataRule, ...] = ()
    injections: tuple[str, ...] = ()  # decorators of parameters that ask for what is bound to their argument
    bindings: tuple[BindingRule, ...] = ()
    buses: tuple[BusRule, ...] = ()
    exchanges: tuple[ExchangeRule, ...] = ()
    jobs: tuple[JobRule, ...] = ()
    hooks: tuple[HookRule, ...] = ()
    attached: tuple[AttachRule, ...] = ()
    filters: tuple[FilterRule, ...] = ()
    helpers: tuple[HelperRule, ...] = ()
    link_suffixes: tuple[str, ...] = ()  # ends of functions whose name begins with that of a route: `orders_path`
    callbacks: tuple[CallbackRule, ...] = ()
    declares: tuple[DeclareRule, ...] = ()
    keyed_parts: tuple[str, ...] = ()  # bases whose keys in brackets are parts of the application that the class is given
    collections: tuple[str, ...] = ()  # values that stand for several things of their subject and have the members of its class
    auto_imports: tuple[AutoImportRule, ...] = ()
    server_modules: tuple[str, ...] = ()  # modules that no browser has: what loads one runs in a process, see `graph.sent.senders`
    procedure_calls: tuple[ProcedureRule, ...] = ()
    service_clients: tuple[ServiceClientRule, ...] = ()
    models: tuple[str, ...] = ()  # fields of a class that lead to the model which it stands for (`Meta.model`)
    documents: tuple[DocumentRule, ...] = ()
    events: tuple[EventRule, ...] = ()
    element_values: tuple[ElementValueRule, ...] = ()
    navigation: tuple[str, ...] = ()
    components: tuple[ComponentRule, ...] = ()
    connected: tuple[ConnectedRule, ...] = ()
    pages: tuple[PageRule, ...] = ()
    brings: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # module of a package -> its table: "GET,POST login/ name"
    forms: tuple[str, ...] = ()  # calls in a template that draw a form, which posts to its own page
    own_address: tuple[str, ...] = ()  # what a template calls the address of the page that it is shown on
    link_methods: tuple[str, ...] = ()  # attributes of links with the method by which a script of the page follows them
    part_tags: dict[str, str] = Field(default_factory=dict)  # beginnings of tags that draw a template, with the folder of these
    part_attributes: tuple[str, ...] = ()  # what such a template writes for all attributes of its tag
    template_fields: tuple[str, ...] = ()  # fields of a class of views, or arguments, that name its template
    templates_of: dict[str, str] = Field(default_factory=dict)  # base class -> what its template is called (`{model}_form.html`)
    listeners: tuple[ListenerRule, ...] = ()
    messages: tuple[MessageRule, ...] = ()
    server_actions: tuple[ServerActionRule, ...] = ()
    tags: tuple[TagRule, ...] = ()
    tag_links: tuple[TagLinkRule, ...] = ()
    action_addresses: tuple[ActionAddressRule, ...] = ()
    scopes: tuple[ScopeRule, ...] = ()
    drawn: tuple[DrawnRule, ...] = ()
    drawn_elements: tuple[DrawnElementRule, ...] = ()
    drawn_attributes: tuple[DrawnAttributeRule, ...] = ()
    link_helpers: tuple[LinkHelperRule, ...] = ()
    named_injections: tuple[NamedInjectionRule, ...] = ()
    page_controllers: tuple[PageControllerRule, ...] = ()
    effects: tuple[str, ...] = ()  # callees whose function argument runs when a page or component loads (useEffect)
    timeouts: tuple[TimeoutRule, ...] = ()
    signing: tuple[SigningRule, ...] = ()
    hashes: tuple[HashRule, ...] = ()
    queries: tuple[QueryRule, ...] = ()
    tables: tuple[TableRule, ...] = ()
    entities: tuple[EntityRule, ...] = ()
    changes: tuple[ChangeRule, ...] = ()
    roles: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    defaults: dict[Topic, FrameworkDefault] = Field(default_factory=dict)
    session_cookie: SessionCookieRule | None = None
    cors: tuple[CorsRule, ...] = ()  # middleware, and what its options allow
    cors_settings: tuple[CorsSettings, ...] = ()  # settings of files that switch it on
    headers: tuple[HeadersRule, ...] = ()
    sessions: tuple[SessionRule, ...] = ()
    examples: tuple[Example, ...] = ()

    @cached_property
    def played(self) -> dict[str, tuple[str, ...]]:
        """The roles with those that rules give: a call that is given a key plays `signing_key`."""
        signing = tuple(c for r in self.signing for c in ((r.callee,) if isinstance(r.callee, str) else r.callee))
        return {**self.roles, "signing_key": signing} if signing else self.roles


def parse_card(text: str, where: str, expected_id: str) -> Card:
    """One card. Errors: `BadCard` naming the file, the key, and the nearest known key."""
    try:
        data = yaml_files.parse(text)
    except yaml.YAMLError as error:
        raise BadCard(f"{where}: not YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(data, dict):
        raise BadCard(f"{where}: a card is a mapping")
    try:
        card = Card.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(p) for p in first["loc"])
        near = difflib.get_close_matches(str(first["loc"][-1]), list(Card.model_fields), 1)
        hint = f"; did you mean {near[0]}?" if near and first["type"] == "extra_forbidden" else ""
        raise BadCard(f"{where}: {key}: {first['msg']}{hint}") from error
    if card.id != expected_id:
        raise BadCard(f"{where}: id is {card.id}, the path says {expected_id}")
    return card


def _card_files() -> Iterator[tuple[str, Path]]:
    for kind in ("frameworks", "libraries"):
        for path in sorted((RULES / kind).glob("*/*.yml")):
            yield f"{path.parent.name}/{path.stem}", path


@cache
def load_cards(languages: frozenset[str] | None = None) -> Mapping[str, Card]:
    """Framework and library cards by id (`python/fastapi`): all, or those that speak of one of `languages`, which alone are parsed.

    Errors: `BadCard`; finding no card at all is one.
    """
    cards: dict[str, Card] = {}
    found: set[str] = set()
    for identifier, path in _card_files():
        if identifier in found:
            raise BadCard(f"{path}: {identifier} is both a framework and a library; put everything into one card")
        found.add(identifier)
        text = path.read_text("utf-8")
        if languages is None or not languages.isdisjoint(_spoken_of(identifier, text)):
            cards[identifier] = parse_card(text, str(path.relative_to(RULES)), identifier)
    if not found:
        raise BadCard("no framework or library card found")
    return cards


def _spoken_of(identifier: str, text: str) -> set[str]:
    """The languages of a card without parsing it: those of its key, which stands on one line, and that of its folder."""
    written = _LANGUAGES.search(text)
    return {identifier.partition("/")[0], *(re.findall(r"[\w-]+", written.group(1)) if written else ())}
