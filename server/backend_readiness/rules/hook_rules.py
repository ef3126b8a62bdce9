"""Rules of cards for functions of models that a library runs with operations on them."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from backend_readiness.rules.card_rules import Closed, Ref


class CallbackRule(Closed):
    """A call in a class body that has methods of the class run with operations on it: `after_create :notify`. `operations`: which.

    `said`: the argument that narrows them (`after_commit :notify, on: :create`), by words whose operations stand in `words`.
    `marks`: it is no call, but a decorator of the methods themselves (`@BeforeInsert()`, `@PrePersist`).
    """

    callee: tuple[str, ...]
    operations: tuple[str, ...]
    said: Ref | None = None
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    marks: bool = False


class HookRule(Closed):
    """Functions put on a schema run through its models. `schema` says where the making of a model (`receiver`) names the schema.

    `members` are the objects on it that hold functions (`schema.statics.find = ...`), `puts` the calls that add such functions
    (`schema.static("find", f)`, `schema.static({find: f})`), `before` the calls that add hooks (`schema.pre("save", f)`), `runs` the
    operations that a hook of a name runs for. `held`: where what makes the model is given the hooks by their names
    (`define("Order", {}, {hooks: {beforeCreate: f}})`); with `begins` a class is the model, and such a call on it makes it. Of a model that
    holds hooks `before` adds them on the model itself (`Order.addHook("beforeCreate", f)`), and so does a call of the name of a hook.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    receiver: str | tuple[str, ...]
    schema_refs: tuple[Ref, ...] = Field(default=(), alias="schema")
    members: tuple[str, ...] = ()
    puts: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    runs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    held: tuple[Ref, ...] = ()
    begins: tuple[str, ...] = ()
