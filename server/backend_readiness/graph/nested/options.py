"""What the `options` of a rule of shape `nested` say."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backend_readiness.rules.card_rules import Closed, Ref, RouteRule


class Target(Closed):
    """How a text names a handler. `orders#show` in the module `admin` with `{module}::{class}Controller` is Admin::OrdersController.

    `separator` stands between class and method; `classes` are patterns of the class's full name in which `{module}` is the module around,
    `{class}` the first part and `{method}` the second one as names of classes; `methods` are tried in order, `{method}` is the text's own.
    """

    separator: str = "#"
    classes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("{method}",)
    page: tuple[str, str, str] = ("", "", "")  # folder and end of the class's file, and the folder of pages that are shown without a method


class Group(Closed):
    """Some routes of an expansion: (HTTP method, path, method of the controller). `needs`: of which the model must list one.

    `name`: links mean the routes as `{thing}_{name}`, and in pages that are drawn for any thing as `{name}`; `named`: methods and the word
    that stands before it (`new_user_session`). `each`: a keyword of the model's call that lists names, one of which stands for `{each}`.
    `under`: the word to which `path_names` may give a path that stands before those of the group.
    """

    needs: tuple[str, ...] = ()
    name: str = ""
    named: dict[str, str] = Field(default_factory=dict)
    each: str = ""
    under: str = ""
    controller: str = ""
    routes: tuple[tuple[str, str, str], ...]


class Nested(Closed):
    """One step of a nested routing language.

    does: `root` the block is a table of routes; `body` so is the body of a class with a base of `base`, or of a file that fits `files`;
    `scope` the block stands below a path, module, name or controller; `route` one route; `resources` the routes of a collection and its
    members; `resource` those of a single thing; `level` the block is about the `member` or the `collection` of the resource around;
    `concern` keeps its block under a name, `concerns` puts it here; `mount` puts another table below a path; `file` goes on in a file;
    `prefix` the rest stands below a path; `guard` runs before what follows or is inside; `expand` adds the routes of `groups`;
    `extend` runs the methods `hooks` of the modules that it is given with the application, which `receiver` is the path of.
    """

    does: Literal[
        "root", "body", "scope", "route", "resources", "resource", "level", "concern", "concerns", "mount", "file", "prefix", "guard",
        "expand", "extend",
    ]  # fmt: skip
    base: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    own_requests: tuple[str, ...] = ()  # of `body`: names of classes and modules that an application gives methods of requests in
    modules: tuple[str, ...] = ()  # so is a file that imports one of these, and what such a file imports
    loaders: tuple[str, ...] = ()  # calls that load all packages which the application names: a file with one imports `modules`
    outside: tuple[str, ...] = ()  # conditions that do not hold in production: what stands under them is no route
    isolated: str = ""  # of `root`: the call in the body of the table's owner that names the module of its targets
    inherits: bool = False  # of `body`: prefixes and guards of a base class of the repository hold for the class
    inside: bool = False  # of `body`: targets are looked for in the module of the class
    path: tuple[Ref, ...] = ()
    module: tuple[Ref, ...] = ()
    name: tuple[Ref, ...] = ()
    controller: tuple[Ref, ...] = ()
    to: tuple[Ref, ...] = ()  # what answers, when it is no function; the value of a pair `path => target` comes last
    action: tuple[Ref, ...] = ()
    level_at: Ref | None = None  # where a route itself says whether it is of the member or the collection
    guards: bool = False  # the call of a scope stands in front of what is inside
    level: Literal["", "member", "collection"] = ""
    pages: tuple[str, ...] = ()  # of `resources`: names of calls whose block stands at that path of the collection (`new do ... end`)
    nested_controllers: bool = False  # of `resources`: the controller stands in the folder of the one around: `orders.lines`
    plain_controller: bool = False  # of `resource`: the controller has the name of the thing itself, not its plural
    only: Ref | None = None
    but: Ref | None = None  # actions that are left out
    param: Ref | None = None
    shallow: Ref | None = None
    shallows: bool = False  # of `scope`: members of the resources inside stand below none of the resources around them
    shallow_at: tuple[Ref, ...] = ()  # of `scope`: the path of such members
    reduced: tuple[str, str, tuple[str, ...]] = ("", "", ())  # of `resources`: a file, a pattern in it, the actions that it leaves out
    lambdas: bool = False  # of `mount`: a function is an application that answers all that is below the path
    outside_but: tuple[str, ...] = ()  # of `outside_too`: applications whose routes are known
    keyed: dict[str, str] = Field(default_factory=dict)  # of `segments`: keyword -> the segment, of which `{text}` is the value
    uses: Ref | None = None  # concerns
    path_names: Ref | None = None
    anywhere: bool = False  # of `mount`: it stands in no table
    pairs: bool = False  # `path => target` may stand in place of the first argument
    as_param: bool = False  # the path is the name of a parameter
    pattern: str = ""  # the value by which a text is a regular expression
    in_front: bool = False  # of `prefix`: it stands before the prefixes that are there
    top: bool = False  # the module stands in no other
    unless: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # keyword -> words with which the step says nothing
    child: tuple[Ref, ...] = ()  # of `mount`, when it is not the first argument; a text names a class
    bases: bool = False  # of `mount`: what the base classes of a mounted class put up stands there too
    outside_too: bool = False  # of `mount`: what a package brings answers all that is below the path
    sockets: tuple[str, ...] = ()  # of `outside_too`: what answers WebSockets
    selves: tuple[str, ...] = ()  # of `mount`: methods that give the application itself; what another method of it gives is its own
    own_table: str = ""  # of `scope`: the full name of a table that stands at its path; `{class}` is the module as the name of a class
    leaf: bool = False  # of `scope`: a block without any route inside answers itself
    hooks: tuple[str, ...] = ()  # of `extend`
    receiver: str = ""  # of `extend`
    kept: Ref | None = None  # of `scope`: the name under which it is kept for a step that `brings` it; a path stands before its own
    or_prefix: bool = False  # of `scope`: without a block it stands before what follows
    keyed_by_name: bool = False  # of `kept`: the name and a second argument, the space that the name is in, are the key
    by_name: bool = False  # of `brings`: it brings what is `keyed_by_name`
    brings_all: bool = False  # of `brings`: all that is `keyed_by_name` in the space of the first argument, each below its name
    brings: bool = False  # of `scope`: what is kept under the name in the first argument, or under none, stands here
    asked_leaf: bool = False  # the same for a block that asks for HTTP methods
    segments: bool = False  # every argument is a segment, a class or a Symbol stands for a parameter
    verbs: tuple[str, ...] = ()  # of `segments`: calls among the arguments that ask for an HTTP method (`on get, "orders"`)
    conditions: bool = False  # of `segments`: what is neither a text nor a regular expression asks for something else than the path
    made: bool = False  # of `root`: the call makes the table, which other calls mount
    whole_path: tuple[Ref, ...] = ()  # a path that stands below no scope of its table; a relative one stands below `own_path`
    own_path: tuple[Ref, ...] = ()  # of `root`: the path that the table names itself, and no name that stands for one
    parents: Ref | None = None  # of `root`: names of things that the table is about, each with a parameter before the path
    asks_by_name: bool = False  # of `route`: `methods` names the call (`send(verb, path)`), which may be no route
    many: bool = False  # of `route`: every text among the arguments is a path
    listed: bool = False  # the arguments are HTTP methods and then paths
    folder_module: str = ""  # of `body`: the name of the folder below this one is the module
    application: str = ""  # of `folder_module`: the base of the class of such a folder, which is what gets mounted
    canonical_actions: tuple[str, ...] = ()  # names of actions that add nothing to the path of a collection or a member
    named_actions: dict[str, str] = Field(default_factory=dict)  # paths that are names of actions: `index` at the path itself
    with_params: Ref | None = None  # names of parameters that follow the path
    collection: dict[str, tuple[tuple[str, str], ...]] = Field(default_factory=dict)  # action -> (HTTP method, path)
    member: dict[str, tuple[tuple[str, str], ...]] = Field(default_factory=dict)
    target: Target = Target()
    folder: str = ""  # of `file`, beside the file that names it
    needs_call: str = ""  # of `expand`: the call in the model's body that lists what `Group.needs` asks for
    model: tuple[Ref, ...] = ()
    skip: Ref | None = None
    controllers: Ref | None = None
    skip_call: str = ""  # of `expand`: calls in the block that say the same as `skip` and `controllers`
    controllers_call: str = ""
    presets: dict[str, dict[str, str]] = Field(default_factory=dict)  # of `expand`: a value given -> names of last parts, "" the path
    groups: dict[str, Group] = Field(default_factory=dict)


_known: dict[int, tuple[RouteRule, Nested]] = {}


def options_of(rule: RouteRule) -> Nested:
    """The options of a rule. Errors: pydantic's ValidationError for a card that is written wrongly."""
    known = _known.get(id(rule))
    if known is None or known[0] is not rule:
        known = _known[id(rule)] = (rule, Nested.model_validate(rule.options))
    return known[1]
