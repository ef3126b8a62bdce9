"""Rules of cards for the way through a backend: routes, handlers, values, injection and what runs what."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend_readiness.rules.shapes import Shape


class Closed(BaseModel):
    """A part of a card: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Ref(Closed):
    """Where a value stands among the arguments of a call.

    `arg` counts positional arguments (negative from the end), `kwarg` is a keyword, `key` a key of an object argument.
    `at` names an earlier step of the chain whose call is meant (`route` in `router.route("/x").get(h)`).
    `step` takes the text of a step of the path itself, counted after the receiver (`user` of `prisma.user.findMany`: 0).
    `receiver` takes the last step of the receiver's own path (`comments` of `post.comments.add`), a number n the n-th from the end
    (`Note` of `pkg.models.Note.objects.get`: 2); `at: receiver` is its call.
    `subject` takes the class through which the receiver was reached. `const` is a fixed text. `inherited` takes an argument that the
    subject's class gives to the constructor of its base (`super(User)`, `parent::__construct($registry, User::class)`); with `arg` the
    class of the object there.
    `type_arg` counts the type arguments (`Set<Order>()`); a call without one has it at `arg` or `kwarg`. With `subject` it is the one that
    the class gives to its base (`class Orders extends Repository<Order>`), where it gives one.
    `member` goes on from that value to a member (`Meta.model`, `get_queryset()`); the first of several that exists.
    """

    arg: int | None = None
    kwarg: str | None = None
    key: str | None = None
    at: str | None = None
    step: int | None = None
    receiver: int = 0
    subject: bool = False
    inherited: int | None = None
    const: str | None = None
    type_arg: int | None = None
    member: str | tuple[str, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        return (self.member,) if isinstance(self.member, str) else self.member


class Detect(Closed):
    """When a card is active: a file imports one of `imports` (prefix of a module name), a manifest declares a dependency
    of `manifests`, a file of `files` (globs) exists, or one of `names` stands in the code, where there is nothing to import.
    A card without any of them is always active for its language."""

    imports: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


class RouteRule(Closed):
    """How routes are registered. `shape` selects the operation of `graph.routes.routing`; the other keys are its parameters."""

    shape: Shape
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


class MiddlewareRule(Closed):
    """A call that puts something in front of the handlers of a router.

    `order`: only routes that follow are covered; `before`: only routes that stand before it (`router.route(...).layer(guard)`).
    `itself`: the call is the guard, with or without arguments (`group.RequireAuthorization()`). `parameter`: it runs for the paths only
    that have a parameter of the name there (`router.param("order", load)`). `exact`: it runs for `path` alone, for nothing below.
    `never`: calls that make something which runs beside requests, and is put up by the same call (`AdHoc::on_ignite("db", migrate)`).
    """

    callee: str | tuple[str, ...]
    value: Ref = Ref(arg=0)
    path: Ref | None = None
    exact: bool = False
    never: tuple[str, ...] = ()
    parameter: Ref | None = None
    order: bool = False
    before: bool = False
    itself: bool = False
    all_args: bool = False


class ViewRule(Closed):
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


class LimitRule(Closed):
    """A decorator or wrapper that says which HTTP methods a handler takes."""

    callee: str | tuple[str, ...]
    methods: Ref | None = None
    fixed: tuple[str, ...] = ()


class ValueRule(Closed):
    """What the result of an external call stands for.

    take: `arg`, the value at `value` itself; `result`, what calling it returns; `instance`, an instance of the class that it
    names (through a statement too; with `source` one of the folders that are called so); `made`, the same, made by this call;
    `new`, an instance of the type itself, ours or not;
    `class`, the class whose name is the last text among the arguments; `labelled`, an instance of the class below the base `source[0]`
    whose field of the next names (the first that it has) is that text;
    `state`, what a value that changes begins with (an empty one says nothing);
    `chosen`, what the function that the call is given takes from the result of the function at `value`, all of it without one;
    `context`, what a context holds; `element`, an element of it; `receiver`, what the method was called on, or the step `at` of `value`;
    `merged`, the members of all arguments; `record`, the keywords, and the arguments under the names that the step `at` lists;
    `joined`, a path put together; `address`, the same of any parts, which need not be known;
    `chained`, the first arguments of the steps `source` of the chain, one behind the other;
    `listed`, the names of what lies in a folder; `globbed`, the paths that fit a pattern; `file_name`, the last part of a path
    (`file_parts`: name and ending apart); `folder`, a record of what the files of a folder give, by their names (`value` is the folder,
    that of the file itself where nothing is given);
    `module`, the file of that path from the root of the program, else the package of that name (`source`: heads of names and their
    folders, `App/=app/`);
    `member`, what the function gives in the file of the folder `source` that the steps behind the folder's name lead to;
    `held`: not of a call, of a field that the class has from a base of a package, an instance of the class at `value`;
    `setting`, that dotted name in a group of `source`; `file_setting`, the same in what a file of the folders `source` returns.
    `value` may look at an earlier step (`at`) or the subject.
    """

    callee: str | tuple[str, ...]
    value: Ref = Ref(arg=0)
    take: Literal[
        "arg", "result", "instance", "element", "made", "new", "class", "context", "receiver", "joined",
        "listed", "setting", "file_setting", "address", "merged", "record", "module", "file_name", "file_parts", "globbed", "folder",
        "member", "state", "chosen", "chained", "labelled", "held",
    ] = "arg"  # fmt: skip
    source: tuple[str, ...] = ()  # calls that register a group of settings under a name: `registerAs("app", () => ({...}))`


class ParamRule(Closed):
    """What a framework gives to a parameter of a method that it runs: an instance of what `value` leads to from the class.

    `base`: paths of external base classes of the method's class. `method` may be a glob.
    """

    base: tuple[str, ...]
    method: tuple[str, ...]
    param: tuple[str, ...]
    value: tuple[str, ...]


class BaseRule(Closed):
    """An external base class that has another one, of the repository, behind it (`SQLAlchemy(model_class=Base).Model`).

    A base that is put together of several (`extends Mixins(Orders, Messages)`) has a row for each of its arguments.
    """

    path: str
    value: Ref


class StandInRule(Closed):
    """Names of a package that stand for an object of the repository (`flask_login.current_user`): what functions return that are passed to
    or decorated with `callback`, the class of `setting`, the class in a file that fits `named` and is called as the last step, or what the
    file of `folder` gives that the steps behind the folder's name lead to (`app.service.orders` for `app/service`), or the only class with
    the base `only_below`."""

    path: tuple[str, ...]
    callback: tuple[str, ...] = ()
    setting: str = ""
    named: str = ""
    folder: str = ""
    suffix: str = ""  # of `named`: what the class's name has behind the last step
    only_below: str = ""
    accessor: str = ""  # the method of a class with the base `path` that names what it stands in front of
    loaded: tuple[str, ...] = ()  # calls whose second text is the last step: their first one is the name of the class
    take: Literal["instance", "class"] = "instance"


class ConditionRule(Closed):
    """A decorator that names when a class is used, and the settings of the application that list what holds (the first that is set)."""

    decorator: tuple[str, ...]
    settings: tuple[str, ...]


class SettingMarkRule(Closed):
    """An annotation that gives a field or parameter a setting of the application: `@Value("${stock.url}") String url`.

    Its first argument is the name, or a text with `${name}`; `keys` are the names of arguments that may hold the same.
    """

    callee: str | tuple[str, ...]
    keys: tuple[str, ...] = ("name", "value")


class AttachRule(Closed):
    """A call that puts its second argument on its receiver under the name of its first one. `holder`: what the name is read from.

    `items_by_importers_of`: also `app["name"] = value` in files that import one of these packages. `reader`: the method of the holder
    by which a value is asked for (`app.get("name")`); without one it is a member of the holder (`app.name`), and with `as_member` too.
    `members_of`: also `Vue.prototype.name = value`, what is assigned to a member of one of these. `makers`: what is put is what these
    calls make of their argument (`register({ orders: asClass(Orders) })`), which gets `gives` as its first argument. `params`: also
    `req.order = order`, what a function puts on a parameter of its own of one of these names (`event.locals`: on a member of it).
    `given_back`: what is put is what the object at this key of the answer of the function holds that the call is given
    (`plugin(() => ({ provide: { api } }))`).
    `members`: what is put may be a record, or the answer of the function that the call is given, with a value for each name.
    `before` stands before the name where it is read (`$` of `$api`). `made_with`: members that hold what the holder was made with.
    """

    callee: tuple[str, ...] = ()
    holder: tuple[str, ...]
    reader: str = ""
    as_member: bool = False
    items_by_importers_of: tuple[str, ...] = ()
    members_of: tuple[str, ...] = ()
    makers: tuple[str, ...] = ()
    gives: str = ""
    params: tuple[str, ...] = ()
    given_back: str = ""
    members: bool = False
    before: str = ""
    made_with: tuple[str, ...] = ()


class DeclareRule(Closed):
    """A call in a class body that gives the class members under the names at `name`: `has_many :orders`, `scope :paid, -> { ... }`.

    `function`: the member is the function there, `result`: what that gives. Else its path is that of the call and the name
    (`Base.has_many.orders`), with the class at `subject` (`"Shop::Order"`) as its subject, or the class that the name means (`orders`:
    Order, or one beside the class).
    `instance`: it is a field with an object of that class; where the call names none, the class around without this suffix does.
    """

    callee: tuple[str, ...]
    name: Ref = Ref(arg=0)
    all_args: bool = False  # every positional argument is a name
    function: Ref | None = None
    result: Ref | None = None
    subject: tuple[Ref, ...] = ()
    instance: str = ""


class FilterRule(Closed):
    """A call in a class body that has functions run before the methods of the class: `before_action :load, only: [:show]`.

    Every positional argument is one: the name of a method, a function, a class. `skips`: it takes them away again; `first`: they run
    before the others. `conditions` are keywords under which it holds at times only. `itself`: the call is the filter, under this name.
    """

    callee: tuple[str, ...]
    only: Ref | None = None
    but: Ref | None = None
    conditions: tuple[str, ...] = ()
    skips: bool = False
    first: bool = False
    itself: str = ""


class GuardTableRule(Closed):
    """Where an application keeps names of guards: `fields` of its classes with an external base of `base`, or the argument of `callee`,
    each a record of name and guard (or list of guards). A call with a text and a guard gives one name."""

    base: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    callee: tuple[str, ...] = ()


class ParamGuardRule(Closed):
    """Classes (with an external base of `base`) that check a request when a handler asks for them as a parameter; `methods` run first."""

    base: tuple[str, ...]
    methods: tuple[str, ...] = ()


class ClassGuardRule(Closed):
    """Guards that a class puts before its own methods: calls of `callee` in its constructor, whose later steps `only` and `without` name
    the methods, or a static method of `returned` that lists them."""

    callee: tuple[str, ...]
    only: str = "only"
    without: str = "except"
    returned: tuple[str, ...] = ()


class BindingRule(Closed):
    """Records that bind a token to what is injected for it: `{provide: Token, useClass: X}`. `files`: names that such a file has.

    `callee`: calls that do it, with the token at `key` and at `gives` what is injected, an instance of it when it is `made`:
    `container.bind(TYPES.Orders).to(SqlOrders)`. `run`: what is given is a function that gives it: `single(named("x")) { Orders(get()) }`.
    """

    files: tuple[str, ...]
    token: str = ""
    callee: tuple[str, ...] = ()
    key: Ref = Ref(arg=0)
    gives: Ref = Ref(arg=1)
    made: bool = False
    run: bool = False
    class_keys: tuple[str, ...] = Field(default=(), alias="class")
    factory: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
