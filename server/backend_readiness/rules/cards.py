"""The shape of framework and library cards, and their loader.

A card says in data how a technology is written: which values are routers, which calls register routes, call out, touch
data or play a role. Patterns match the canonical path of a value (see `graph.values.Ext`):
`fastapi.APIRouter()`, `{router}.{verb}`, `django.db.models.Model.objects.**`. `*` is one step, `**` any number,
`{name}` a type of the card (or of a card it `uses`), `{verb}` one of `verbs`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend_readiness.errors import BadCard

RULES = Path(__file__).parent


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ref(_Closed):
    """Where a value stands among the arguments of a call.

    `arg` counts positional arguments (negative from the end), `kwarg` is a keyword, `key` a key of an object argument.
    `at` names an earlier step of the chain whose call is meant (`route` in `router.route("/x").get(h)`).
    `step` takes the text of a step of the path itself, counted after the receiver (`user` of `prisma.user.findMany`: 0).
    `receiver` takes the last step of the receiver's own path (`comments` of `post.comments.add`); `at: receiver` is its call.
    `subject` takes the class through which the receiver was reached. `const` is a fixed text.
    `member` goes on from that value to a member (`Meta.model`, `get_queryset()`); the first of several that exists.
    """

    arg: int | None = None
    kwarg: str | None = None
    key: str | None = None
    at: str | None = None
    step: int | None = None
    receiver: bool = False
    subject: bool = False
    const: str | None = None
    member: str | tuple[str, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        return (self.member,) if isinstance(self.member, str) else self.member


class Detect(_Closed):
    """When a card is active: a file imports one of `imports` (prefix of a module name), a manifest declares a dependency
    of `manifests`, or a file of `files` (globs) exists. A card without any of them is always active for its language."""

    imports: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class RouteRule(_Closed):
    """How routes are registered. `shape` selects the operation of `graph.routing`; the other keys are its parameters."""

    shape: Literal[
        "document",
        "decorator",
        "call",
        "mount",
        "table",
        "resource",
        "annotation",
        "file_path",
        "prefix",
        "object",
        "directive",
        "plugin",
        "actions",
    ]
    callee: str | tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    method: str | None = None  # a fixed method, or one upper-cased from {verb} when absent
    methods: Ref | None = None  # an argument that lists methods
    default_methods: tuple[str, ...] = ()
    path: Ref | None = None
    prefix: Ref | None = None
    child: Ref | None = None
    parent: Ref | None = None  # what a router is put on when it is made (`Api(app)`)
    handler: Ref | None = None
    handlers: Literal["last", "all", "class", "none"] | None = None
    name: Ref | None = None  # the name under which templates and code link to the route; the handler's name by default
    middleware: tuple[Ref, ...] = ()
    root: Literal["keep", "drop"] = "drop"
    slash: bool = False  # paths of the table are written without the leading slash
    suffix: str = ""
    glob: tuple[str, ...] = ()
    base: tuple[str, ...] = ()
    options: dict[str, Any] = Field(default_factory=dict)


class MiddlewareRule(_Closed):
    """A call that puts something in front of the handlers of a router. `order`: only routes that follow are covered."""

    callee: str | tuple[str, ...]
    value: Ref = Ref(arg=0)
    path: Ref | None = None
    order: bool = False
    all_args: bool = False


class ViewRule(_Closed):
    """Classes whose methods answer requests.

    `base`: paths of external base classes. `methods`: HTTP method -> methods of the class that answer it, tried in order;
    an HTTP method is answered when the class has the first of them or a base `provides` it (card key `provides`).
    `via`: calls that turn the class into a handler (`View.as_view()`).
    When the class leaves the answer to the base: `hooks` are methods that the base then runs (`serializer_class.create`
    looks at a field first), `touches` what it does to the model that `model` leads to.
    `guards` are fields that list guards, `guard_methods` methods that run before the answer.
    """

    base: tuple[str, ...]
    via: tuple[str, ...] = ()
    methods: dict[str, tuple[str, ...]]
    allowed: tuple[str, ...] = ()  # fields that list the HTTP methods
    hooks: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    touches: dict[str, Literal["read", "write", "delete"]] = Field(default_factory=dict)
    model: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    guard_methods: tuple[str, ...] = ()


class LimitRule(_Closed):
    """A decorator or wrapper that says which HTTP methods a handler takes."""

    callee: str | tuple[str, ...]
    methods: Ref | None = None
    fixed: tuple[str, ...] = ()


class DataRule(_Closed):
    """Calls that touch data or an outside service. `receiver` is the path before the operation; `operations` maps
    read | write | delete | call to method names (or globs such as `get[A-Z]*`), matched against the called method; steps
    between the receiver and it do not matter.

    `callee` matches one exact callee with the fixed `operation` instead. The place reported is the outermost call of a chain.
    """

    receiver: str | tuple[str, ...] = ()
    callee: str | tuple[str, ...] = ()
    operations: dict[Literal["read", "write", "delete", "call"], tuple[str, ...]] = Field(default_factory=dict)
    operation: Literal["read", "write", "delete", "call", "statement", "sql", "named_sql"] | None = None
    default: Literal["read", "write", "delete", "call"] | None = None
    statement: Ref | None = None  # an argument that is a statement or SQL text, when operation is statement or sql
    target: tuple[Ref, ...] | Ref = ()
    kind: Literal["orm", "sql", "nosql", "cache", "queue", "storage", "mail", "payment", "http", "file", "external"] = "orm"
    service: str = ""  # shown when the target is not known
    when: Ref | None = None  # counts only when the text of this argument fits `matches` (a search, so one letter will do)
    matches: str = ""
    unless: tuple[str, ...] = ()  # the class of the receiver does it in a method of its own: follow that instead
    awaited: tuple[str, ...] = ()  # steps of a builder that read when their result is awaited or returned, not while it is built
    lazy: bool = False  # builds a statement that another call runs: no touch of its own


class ClientRule(_Closed):
    """A call that sends an HTTP request. `base_url` is looked for on the client instance (`at` the step that made it).

    `when_url`: the callee is too common to be believed; it counts only when its URL looks like one.
    `base_assigned`: the base URL may be set later, by an assignment to a member of the client that matches.
    `owner`: the function that the request stands for, when it is described in an object. In `member` of a `url`, `()` is
    what calling the value returns.
    """

    callee: str | tuple[str, ...]
    verbs: tuple[str, ...] = ()
    method: tuple[Ref, ...] | Ref = ()
    default_method: str = "GET"
    url: tuple[Ref, ...]
    base_url: tuple[Ref, ...] = ()
    base_assigned: tuple[str, ...] = ()
    owner: Ref | None = None
    when_url: bool = False
    rpc: Literal["trpc", "graphql", "action"] | None = None


class DispatchRule(_Closed):
    """Calling `callee` runs the function found at `calls` (looked for at the call of step `at`, else at this call).

    `among`: the value is a name (`"auth/login"`), and the function stands under it in the only object that is called so
    (`actions`); with a `step` in `calls` the name is the called member. `hook`: a regular expression for a step of the callee
    (`use(\\w+)Query`): its group, first letter small, is the key of the object at `calls`.
    """

    callee: str | tuple[str, ...]
    calls: tuple[Ref, ...]
    among: tuple[str, ...] = ()
    hook: str | None = None


class ValueRule(_Closed):
    """What the result of an external call stands for.

    take: `arg`, the value at `value` itself; `result`, what calling it returns; `instance`, an instance of the class that it
    names (through a statement too); `made`, the same, made by this call; `new`, an instance of the type itself, ours or not;
    `context`, what a context holds; `element`, an element of it; `receiver`, what the method was called on;
    `joined`, a path put together; `listed`, the names of what lies in a folder; `setting`, that dotted name
    in a group of `source`. `value` may look at an earlier step (`at`) or the subject.
    """

    callee: str | tuple[str, ...]
    value: Ref = Ref(arg=0)
    take: Literal["arg", "result", "instance", "element", "made", "new", "context", "receiver", "joined", "listed", "setting"] = "arg"
    source: tuple[str, ...] = ()  # calls that register a group of settings under a name: `registerAs("app", () => ({...}))`


class ParamRule(_Closed):
    """What a framework gives to a parameter of a method that it runs: an instance of what `value` leads to from the class.

    `base`: paths of external base classes of the method's class. `method` may be a glob.
    """

    base: tuple[str, ...]
    method: tuple[str, ...]
    param: tuple[str, ...]
    value: tuple[str, ...]


class BaseRule(_Closed):
    """An external base class that has another one, of the repository, behind it (`SQLAlchemy(model_class=Base).Model`)."""

    path: str
    value: Ref


class ComponentRule(_Closed):
    """Components whose template stands apart from their code: where the names of the template come from.

    `language`: files that are components themselves; `options` are the keys of the object that such a file exports whose
    fields are members of the component (`setup()`: what calling it returns). `decorator`: classes that are components, with
    the keys of its argument that name the template's file and the element's tag.
    `loads`: functions of the component that run when it is shown; `watches`: keys of functions that run when data changes.
    """

    language: str | None = None
    options: tuple[str, ...] = ()
    decorator: str | None = None
    template: str = ""
    selector: str = ""
    loads: tuple[str, ...] = ()
    watches: tuple[str, ...] = ()


class PageRule(_Closed):
    """Files that a framework shows or runs for a path because of where they stand. `loads`: exports that it runs to show
    the page; the default export, or the file itself, is the page; `page` names the page's file beside a file with loads."""

    glob: tuple[str, ...]
    loads: tuple[str, ...] = ()
    page: tuple[str, ...] = ()


class ListenerRule(_Closed):
    """A call that has a function run when the user does something.

    `event` names the argument with the event's name (absent: `name`, or the last step of the callee); `handler` the function,
    the first that is one; `selector` the arguments with a CSS selector or id of the element, the last that is there.
    `loads`: events that mean that the page is shown.
    """

    callee: str | tuple[str, ...]
    verbs: tuple[str, ...] = ()
    event: Ref | None = None
    handler: tuple[Ref, ...]
    selector: tuple[Ref, ...] = ()
    loads: tuple[str, ...] = ()


class StandInRule(_Closed):
    """Names of a package that stand for an object of the repository (`flask_login.current_user`).

    It is what the functions return that are decorated with or passed to `callback`, or the class that `setting` names.
    """

    path: tuple[str, ...]
    callback: tuple[str, ...] = ()
    setting: str = ""
    take: Literal["instance", "class"] = "instance"


class BusRule(_Closed):
    """Work sent under a key (`send`, `key`) runs what is registered for it (`receive`, `receive_key`): commands, queues, events.

    Registered is a function among the arguments (`runs`), a decorated function, or of a decorated class its `methods` and the
    methods with a decorator of `marks`. `name` at the sender picks one job of several (`receive_name`, or the text of the mark).
    """

    send: tuple[str, ...]
    key: Ref = Ref(arg=0)
    name: Ref | None = None
    receive: tuple[str, ...]
    receive_key: Ref = Ref(arg=0)
    receive_name: Ref | None = None
    runs: tuple[Ref, ...] = ()
    methods: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


class ProcedureRule(_Closed):
    """Calls of remote procedures by the path of their name, between the `client` and one of the `steps` that call."""

    client: str | tuple[str, ...]
    steps: tuple[str, ...]


class AttachRule(_Closed):
    """A call that puts its second argument on its receiver under the name of its first one. `holder`: what the name is read from."""

    callee: tuple[str, ...]
    holder: tuple[str, ...]


class HookRule(_Closed):
    """Functions put on a schema run through its models. `schema` says where the making of a model (`receiver`) names the schema.

    `members` are the objects on it that hold functions (`schema.statics.find = ...`), `before` the calls that add hooks
    (`schema.pre("save", f)`), `runs` the operations that a hook of a name runs for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    receiver: str | tuple[str, ...]
    schema_refs: tuple[Ref, ...] = Field(alias="schema")
    members: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    runs: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class BindingRule(_Closed):
    """Records that bind a token to what is injected for it: `{provide: Token, useClass: X}`. `files`: names that such a file has."""

    files: tuple[str, ...]
    token: str
    class_keys: tuple[str, ...] = Field(default=(), alias="class")
    factory: tuple[str, ...] = ()
    value: tuple[str, ...] = ()


class EventRule(_Closed):
    """Attributes of elements that are user actions. `attribute` is a regular expression matched against the whole name."""

    attribute: str
    tags: tuple[str, ...] = ()
    request: bool = False  # the attribute's value is a URL that is requested (htmx)
    method: str | None = None


class TimeoutRule(_Closed):
    """How long a call to another service may take.

    `limits`: where a limit stands, looked for in order; a value of nothing (`None`, `0`, `false`) is no limit. `default` says
    what bounds the call when none stands there, in words; empty when it waits for ever. `weak`: the default bounds it in part only.
    """

    callee: str | tuple[str, ...]
    limits: tuple[Ref, ...] = ()
    default: str = ""
    weak: bool = False


class QueryRule(_Closed):
    """Calls that read rows: `many` all that the query selects, `single` one row or a number, `pages` a page of a bounded size.

    A query is bounded by a step of its chain named in `limit_steps`, or by a key of its argument object named in `limit_keys`.
    `statement`: the argument that holds the query, when a session runs it. `read_only`: steps of `many` that run writes too.
    """

    many: tuple[str, ...] = ()
    single: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    limit_steps: tuple[str, ...] = ()
    limit_keys: tuple[str, ...] = ()
    statement: Ref | None = None
    read_only: tuple[str, ...] = ()


class ColumnRule(_Closed):
    """How a column is written: calls (`Column(...)`, `@Column({...})`) or, in an object of columns, plain values.

    The lists are words: keywords, keys of an object argument, steps of a chain (`.notNull()`). `optional`: what a column is when
    nothing says it: `yes` (may be null), `no`, or `annotation` (as its type says). `references`: calls inside that name another
    table's column, or keys that hold one.
    """

    callee: tuple[str, ...] = ()
    optional: Literal["yes", "no", "annotation"] = "yes"
    nullable: tuple[str, ...] = ("nullable", "null", "allowNull")
    required: tuple[str, ...] = ("notNull", "required", "notNullable")
    unique: tuple[str, ...] = ("unique",)
    index: tuple[str, ...] = ("index", "db_index")
    primary: tuple[str, ...] = ("primary_key", "primaryKey", "primary")
    references: tuple[str, ...] = ()
    on_delete: tuple[str, ...] = ("ondelete", "on_delete", "onDelete")


class TableRule(_Closed):
    """What makes a table: classes with a base of `base` (whose head fits `head`, if given) or a decorator of `decorator`, or calls
    of `make` with the name at `name` and an object of columns at `columns`. `names`: fields of the class that hold the table's name, `arguments` those with indexes and constraints.
    """

    base: tuple[str, ...] = ()
    head: str | None = None
    decorator: tuple[str, ...] = ()
    make: tuple[str, ...] = ()
    name: Ref | None = None
    columns: Ref | None = None
    names: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    column: ColumnRule = ColumnRule()
    indexes: tuple[str, ...] = ()
    uniques: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    foreign_keys: tuple[str, ...] = ()


class ChangeRule(_Closed):
    """A call of a migration that changes the schema. `does` names the change; the refs say where table and columns stand."""

    callee: tuple[str, ...]
    does: Literal[
        "create_table",
        "drop_table",
        "add_column",
        "drop_column",
        "alter_column",
        "index",
        "unique",
        "drop_index",
        "drop_constraint",
        "foreign_key",
        "check",
        "sql",
    ]
    table: Ref | None = None
    columns: Ref | None = None
    column: ColumnRule = ColumnRule()


class Example(_Closed):
    name: str
    files: dict[str, str]
    expect: tuple[dict[str, Any], ...]


class Card(_Closed):
    id: str
    title: str = ""
    why_hook: str = ""
    languages: tuple[str, ...] = ()  # the language of its folder when empty
    uses: tuple[str, ...] = ()
    detect: Detect = Detect()
    types: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    wrapper_types: tuple[str, ...] = ()
    routes: tuple[RouteRule, ...] = ()
    views: tuple[ViewRule, ...] = ()
    limits: tuple[LimitRule, ...] = ()
    decorators: Literal["", "wrap"] = ""  # of a language: a decorator of a function runs around it
    middleware: tuple[MiddlewareRule, ...] = ()
    route_links: tuple[str, ...] = ()  # calls that give the URL of the route that their first argument names
    dependencies: tuple[str, ...] = ()  # calls in a handler's signature whose argument runs before it (Depends)
    handler_params: tuple[str, ...] = ()
    provides: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # external base class -> what it brings
    clients: tuple[ClientRule, ...] = ()
    dispatch: tuple[DispatchRule, ...] = ()
    values: tuple[ValueRule, ...] = ()
    params: tuple[ParamRule, ...] = ()
    bases: tuple[BaseRule, ...] = ()
    stand_ins: tuple[StandInRule, ...] = ()
    data: tuple[DataRule, ...] = ()
    injections: tuple[str, ...] = ()  # decorators of parameters that ask for what is bound to their argument
    bindings: tuple[BindingRule, ...] = ()
    buses: tuple[BusRule, ...] = ()
    hooks: tuple[HookRule, ...] = ()
    attached: tuple[AttachRule, ...] = ()
    procedure_calls: tuple[ProcedureRule, ...] = ()
    models: tuple[str, ...] = ()  # fields of a class that lead to the model which it stands for (`Meta.model`)
    events: tuple[EventRule, ...] = ()
    navigation: tuple[str, ...] = ()
    components: tuple[ComponentRule, ...] = ()
    pages: tuple[PageRule, ...] = ()
    forms: tuple[str, ...] = ()  # calls in a template that draw a form, which posts to its own page
    listeners: tuple[ListenerRule, ...] = ()
    effects: tuple[str, ...] = ()  # callees whose function argument runs when a page or component loads (useEffect)
    timeouts: tuple[TimeoutRule, ...] = ()
    queries: tuple[QueryRule, ...] = ()
    tables: tuple[TableRule, ...] = ()
    changes: tuple[ChangeRule, ...] = ()
    roles: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    defaults: dict[str, str] = Field(default_factory=dict)
    examples: tuple[Example, ...] = ()


def parse_card(text: str, where: str, expected_id: str) -> Card:
    """One card. Errors: `BadCard` naming the file, the key, and the nearest known key."""
    try:
        data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
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
def load_cards() -> Mapping[str, Card]:
    """All framework and library cards by id (`python/fastapi`). Errors: `BadCard`; finding none is one."""
    cards: dict[str, Card] = {}
    for identifier, path in _card_files():
        if identifier in cards:
            raise BadCard(f"{path}: {identifier} is both a framework and a library; put everything into one card")
        cards[identifier] = parse_card(path.read_text("utf-8"), str(path.relative_to(RULES)), identifier)
    if not cards:
        raise BadCard("no framework or library card found")
    return cards
