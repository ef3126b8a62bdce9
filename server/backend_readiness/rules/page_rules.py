"""Rules of cards for the way through a frontend: components, pages, events, and the calls that send requests."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backend_readiness.rules.card_rules import Closed, Ref


class ClientRule(Closed):
    """A call that sends an HTTP request. `base_url` is looked for on the client instance (`at` the step that made it).

    `when_url`: the callee is too common to be believed; it counts only when its URL looks like one.
    `base_assigned`: the base URL may be set later, by an assignment to a member of the client that matches. `hooks`: members of a client
    that are given functions which may put something before the `url` of what they are given.
    `parts` follow the URL, each behind a slash, as far as they are there (`one("orders", id).post("items", item)`).
    `of_all`: a last parameter that is written in the address (`/orders/:id`) is left out.
    `without`: the call sends nothing by itself where one of these is given, `by` where a function without parameters is.
    `joined`: the URL is a list, its texts are its segments.
    `owner`: the function that the request stands for, when it is described in an object. In `member` of a `url`, `()` is
    what calling the value returns.
    """

    callee: str | tuple[str, ...]
    verbs: tuple[str, ...] = ()
    method: tuple[Ref, ...] | Ref = ()
    default_method: str = "GET"
    url: tuple[Ref, ...]
    parts: tuple[Ref, ...] = ()
    base_url: tuple[Ref, ...] = ()
    base_assigned: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    owner: Ref | None = None
    without: tuple[Ref, ...] = ()
    by: tuple[Ref, ...] = ()
    joined: bool = False
    when_url: bool = False
    of_all: bool = False
    rpc: Literal["trpc", "graphql", "action"] | None = None


class SettingsRequestRule(Closed):
    """A call with settings that describe requests somewhere inside: what stands under `key` is an address, or an object with one under
    `url` and with the method under one of `method`."""

    callee: tuple[str, ...]
    key: str
    url: str = "url"
    method: tuple[str, ...] = ()


class ComponentRule(Closed):
    """Components whose template stands apart from their code: where the names of the template come from.

    `language`: files that are components themselves; `options` are the keys of the object that such a file exports whose
    fields are members of the component (`setup()`: what calling it returns). `decorator`: classes that are components, with
    the keys of its argument that name the template's file and the element's tag.
    `loads`: functions of the component that run when it is shown; `watches`: keys of functions that run when data changes.
    `base`: classes below it are components; `props` is the member of an instance with what it is given by who shows it.
    Of a language whose component files hold a class: `beside` is what the name of a file with more of that class has behind that of the
    component's (`Cart.razor.cs`), `shared` the name of a file whose members all components of its folder and below have.
    """

    language: str | None = None
    options: tuple[str, ...] = ()
    decorator: str | None = None
    template: str = ""
    selector: str = ""
    loads: tuple[str, ...] = ()
    watches: tuple[str, ...] = ()
    beside: str = ""
    shared: str = ""
    base: tuple[str, ...] = ()
    props: str = ""


class ConnectedRule(Closed):
    """A call whose result is called with a component, or stands above its class, and gives it the members of what stands at `members`:
    objects, or functions that return them (`connect(state, { save })(Form)`)."""

    callee: tuple[str, ...]
    members: tuple[Ref, ...]


class PageRule(Closed):
    """Files that a framework shows or runs for a path because of where they stand. `loads`: exports that it runs to show
    the page; the default export, or the file itself, is the page; `page` names the page's file beside a file with loads.
    `directive`: a call in a component file that makes it a page, with the path as its text."""

    glob: tuple[str, ...] = ()
    directive: str = ""
    loads: tuple[str, ...] = ()
    page: tuple[str, ...] = ()


class MessageRule(Closed):
    """Attributes that name a message which the page sends to the class that shows it (`phx-click="save"`).

    `attribute` is a regular expression; `push` are calls in it that send a text. `method` receives messages, as its first parameter.
    `templates`: the end of a template's name, and that of the file beside it with its class.
    """

    languages: tuple[str, ...]
    attribute: str
    push: tuple[str, ...] = ()
    method: tuple[str, ...]
    templates: tuple[str, str] = ("", "")


class ServerActionRule(Closed):
    """Components that run on the server. `endpoint` is a regular expression for the framework's own endpoint (`WS /_blazor`).

    `language`: component files, whose events run methods; unless the text of the project file around them (`projects`, a glob) says, by
    the regular expression `elsewhere`, that they run in the browser. Or `base`: classes below it, with attributes (`attribute`, a regular
    expression) in their view that name a public method. The view is that which a call of `view_calls` names, or the one in `view_folder`
    that stands there as the class stands in `class_folder`, with `view_ending`. `inner_tags`: beginnings of tags that draw another
    template, with its folder (`<x-orders.row>`). `object`: what stands for the component in scripts of its view; of its members
    `object_calls` take the name of a method."""

    endpoint: str
    inner_tags: dict[str, str] = Field(default_factory=dict)
    language: str = ""
    projects: str = ""
    elsewhere: str = ""
    base: tuple[str, ...] = ()
    attribute: str = ""
    object: str = ""
    object_calls: tuple[str, ...] = ()
    view_calls: tuple[str, ...] = ()
    class_folder: str = ""
    view_folder: str = ""
    view_ending: str = ""


class HelperRule(Closed):
    """A function of a template that draws a form or a link. `url`: where the address or the name of a route stands; `named`: where only the
    name of a route does, or a list that begins with it; `model`: what a form is about when it has none. `method_keys`: keys of an object at
    a place of `method`. `of_route`: the method is that of the route. `action` and `controller`: what names an action as the tags of a
    card's `tag_links` do; without a name it is that of the view. `own`: without an address a form is sent to what shows the view
    (`action_addresses`).
    """

    callee: tuple[str, ...]
    kind: Literal["form", "link"] = "form"
    url: tuple[Ref, ...] = ()
    named: tuple[Ref, ...] = ()
    model: tuple[Ref, ...] = ()
    method: tuple[Ref, ...] = ()
    method_keys: tuple[str, ...] = ()
    of_route: bool = False
    own: bool = False
    action: Ref | None = None
    controller: Ref | None = None
    default_method: str = "POST"


class ListenerRule(Closed):
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


class AutoImportRule(Closed):
    """Folders whose exports the files of an application have without importing them, see `graph.evaluation.auto_imports`.

    `known_as`: what a file gives also stands for that path with its name (`waterline.models.Order`), for what a library adds to it.
    """

    marks: tuple[str, ...]
    folders: tuple[str, ...]
    inside: str = ""
    listed: tuple[str, ...] = ()
    known_as: str = ""


class ProcedureRule(Closed):
    """Calls of remote procedures by the path of their name, between the `client` and one of the `steps` that call.

    With `method`, a regular expression for the step with the group `verb`, the names between are those of a path (`root` is its end alone):
    `client.orders[":id"].$get()`. `direct`: the name itself is called too, or is the value of an attribute (`client.orders.add(order)`);
    `prefix` stands before the names of such procedures. `runs`: what a step gives has these members, which send the call when they run:
    `const { mutate } = client.orders.add.useMutation()`."""

    client: str | tuple[str, ...]
    steps: tuple[str, ...]
    runs: tuple[str, ...] = ()
    named: bool = False  # the first argument of the step is the name, or a list that begins with it
    method: str = ""
    root: str = ""
    direct: bool = False
    prefix: str = ""


class ServiceClientRule(Closed):
    """Calls of methods of a client that is generated for a service. `path` is a regular expression for the path of such a call, with the
    groups `service` and `method`. Without a group `service` its name stands at `service` of the call that made the client; `full_name` is
    the argument that gives both (`/shop.Orders/GetOrder`). `interface`: an API call of the interface, not one service calling another."""

    path: str
    service: Ref | None = None
    full_name: Ref | None = None
    interface: bool = False


class EventRule(Closed):
    """Attributes of elements that are user actions. `attribute` is a regular expression matched against the whole name.

    On the element of a component its group `event` is the name of an event that the component sends: by calls of `emits` with that name
    as their first argument, or by calls of `emits_on` on a member of that name (`this.saved.emit(order)`).
    Its group `made` names what a package made and puts on the element by that name (`use:form`), where it has no value: by `dispatch`.
    `methods`: the text names methods, by a regular expression with the groups `controller` and `method`, of the class in the file that
    `files` names (`{controller}_controller`); with `runs` these methods run, whatever the text says.
    `hands`: names of what a function inside of the element is given that runs the attribute (`{(form) => <form onSubmit={form.send}>}`).
    `told`: attributes beside one with a `request` that say the method.
    """

    attribute: str
    loads: bool = False  # it runs when the element is shown
    emits: tuple[str, ...] = ()
    emits_on: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    hands: tuple[str, ...] = ()
    request: bool = False  # the attribute's value is a URL that is requested (htmx)
    method: str | None = None
    told: tuple[str, ...] = ()
    methods: str = ""
    files: str = ""
    runs: tuple[str, ...] = ()


class ElementValueRule(Closed):
    """What a class reads from the attribute of an element: `this.urlValue` is what `data-cart-url-value` says.

    `read` is a regular expression for the path of the value, with the group `name`; `attribute` is that of the element, in which
    `{controller}` is the class in the file that `files` names (see `EventRule`), and `{name}` the name with dashes. Without `files` any
    element with the attribute is meant; `named` is then the argument with the name (`$(row).data("saveUrl")`). `drawn_with`: keywords
    of calls that draw an element, with an object whose keys are the rest of the names of attributes (`data: { cart_url_value: path }`).
    """

    read: str
    attribute: str
    files: str = ""
    named: Ref | None = None
    drawn_with: tuple[str, ...] = ()


class DocumentRule(Closed):
    """Calls of a GraphQL client, with the places where their document may stand. `later`: the result is the function that sends it.
    `own`: what callers give to the function around it is not looked for.

    Generated code that is not in the repository: `constant` is a regular expression for the names of documents (`AllOrdersDocument`),
    `hook` one for the names of functions that send them (`useAllOrdersQuery`), both with the group `name` for that of the operation.
    """

    callee: str | tuple[str, ...] = ()
    document: tuple[Ref, ...] = ()
    later: bool = False
    own: bool = False
    constant: str = ""
    hook: str = ""


class DescribedCallRule(Closed):
    """A request that generated code describes: by variables of a function (`url_variable`, and `method_variable` with a key `method`), or
    by the record of a call of `call` on itself in a class with the base `base`, with keys `url` and `method`. `base_variable` is the
    variable of a file beside it, or above, with what stands before all paths."""

    url_variable: str = ""
    method_variable: str = ""
    method: str
    call: str = ""
    base: str = ""
    url: str = ""
    base_variable: str = ""


class ScopeRule(Closed):
    """An attribute whose value brings in names for the elements below: an object, a function that returns one, or a name that a call of
    `registered` gave one. `stores` are calls that register objects which every element reads from the name `store`; the methods `starts`
    of an object run when its element is shown. `made`: calls with an object that brings its names to the page whose script calls them:
    what stands at its keys `parts`, or what they return (`data()`)."""

    attribute: str = ""
    made: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    registered: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    store: str = ""
    starts: tuple[str, ...] = ()


class LinkHelperRule(Closed):
    """Functions that give the address of a route: they are called after the class of its handler, which ends with `class_end`, and end with
    one of `suffixes`; `action` is the argument that names the method. Or members of `within`, which has those of a package's classes."""

    suffixes: tuple[str, ...] = ()
    class_end: str = ""
    within: str = ""
    action: Ref = Ref(arg=1)


class NamedInjectionRule(Closed):
    """Functions that are given what their parameters are called after, and the calls that register it: `m.value("orders", [])`.

    `makes`: calls with a name and a function, by what a parameter of that name is: an instance (`new`), what the function returns
    (`result`), what its method `method` returns, or the argument itself (`value`); `runs`: calls whose functions are only run. `keys` of
    objects hold such functions too. A list of texts before the function (`["$http", function (http) {}]`), or one in the member `listed` of
    it, says what its parameters are instead of their names. `own` is the path of a name that nobody registers, by a regular expression for
    such names; without `makes` that of a library's name, whoever registers it.
    """

    makes: dict[str, Literal["new", "result", "method", "value"]] = Field(default_factory=dict)
    method: str = ""
    runs: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    listed: str = ""
    own: str = ""
    names: str = ""


class PageControllerRule(Closed):
    """Functions whose members are names of the pages that they are put on: by an attribute with their name, or an object that names both.

    `registered`: calls that give a function a name. `attribute` is a regular expression; `template`, `controller` and `alias` are keys of
    objects. `scope` is the parameter whose members are names of the page; other members are reached through the alias, which a name may
    have in its text (`Orders as vm`, by the regular expression `named`), and which is one of `aliases` without. `loaded` is the key under
    which a page stands that is loaded as a module.
    """

    registered: tuple[str, ...]
    attribute: str
    template: str
    loaded: str = ""
    controller: str
    alias: str
    aliases: tuple[str, ...]
    scope: str
    named: str
