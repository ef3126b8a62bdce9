"""Rules of cards for data: what touches it, how long that may take, how tables are declared and changed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backend_readiness.rules.card_rules import Closed, Ref


class DataRule(Closed):
    """Calls that touch data or an outside service. `receiver` is the path before the operation; `operations` maps
    read | write | delete | call to method names (or globs such as `get[A-Z]*`), matched against the called method; steps
    between the receiver and it do not matter.

    `callee` matches one exact callee with the fixed `operation` instead. The place reported is the outermost call of a chain.
    """

    receiver: str | tuple[str, ...] = ()
    callee: str | tuple[str, ...] = ()
    operations: dict[Literal["read", "write", "delete", "call"], tuple[str, ...]] = Field(default_factory=dict)
    operation: Literal["read", "write", "delete", "call", "statement", "sql", "named_sql"] | None = None
    default: Literal["read", "write", "delete", "call"] | None = None  # of a step that none names, of SQL that is not known
    statement: Ref | tuple[Ref, ...] | None = None  # an argument that is a statement or SQL text (several: the first that is one)
    target: tuple[Ref, ...] | Ref = ()
    kind: Literal["orm", "sql", "nosql", "cache", "queue", "storage", "mail", "payment", "http", "file", "external"] = "orm"
    service: str = ""  # shown when the target is not known
    when: Ref | None = None  # counts only when the text of this argument fits `matches` (a search, so one letter will do)
    matches: str = ""
    unless: tuple[str, ...] = ()  # the class of the receiver does it in a method of its own: follow that instead
    awaited: tuple[str, ...] = ()  # steps of a builder that read when their result is awaited or returned, not while it is built
    alone: bool = False  # counts only when nothing is called on its result
    lazy: bool = False  # builds a statement that another call runs: no touch of its own
    known: bool = False  # of `named_sql`: counts only when a statement of that name stands in a file
    stated: bool = False  # counts only when the statement that it is given is known: its name says too little (`execute`)
    only: tuple[str, ...] = ()  # counts only when what it touches is a class, or an instance of one, that stands on one of these bases
    ends: tuple[str, ...] = ()  # steps that give plain values: what is called on them touches nothing
    rows: bool = False  # functions that its steps are given look at rows: what is called on those touches nothing


class SigningRule(Closed):
    """A call that signs or checks tokens, sessions or cookies: `key` says where its key stands, looked for in order."""

    callee: str | tuple[str, ...]
    key: tuple[Ref, ...]


class TimeoutRule(Closed):
    """How long a call to another service may take.

    `limits`: where a limit stands, looked for in order; a value of nothing (`None`, `0`, `false`) is no limit. `default` says
    what bounds the call when none stands there, in words; empty when it waits for ever. `weak`: the default bounds it in part only.
    """

    callee: str | tuple[str, ...]
    limits: tuple[Ref, ...] = ()
    default: str = ""
    weak: bool = False


class QueryRule(Closed):
    """Calls that read rows: `many` all that the query selects, `single` one row or a number, `pages` a page of a bounded size.

    A query is bounded by a step of its chain named in `limit_steps`, or by a key of its argument object named in `limit_keys`.
    `statement`: the argument that holds the query, when a session runs it. `read_only`: steps of `many` that run writes too.
    `into`: the argument that the rows are read into; a single object there takes one row. `limit_arg`: which argument of a step is
    the number. `bare`: only calls without arguments are meant (`findAll()`); with some, what they are decides. `page_size`: the
    argument of `pages` that says how many rows a page has, where the library sets no upper limit to it.
    """

    many: tuple[str, ...] = ()
    single: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    limit_steps: tuple[str, ...] = ()
    limit_keys: tuple[str, ...] = ()
    statement: Ref | None = None
    read_only: tuple[str, ...] = ()
    into: Ref | None = None
    limit_arg: int = 0
    bare: bool = False
    page_size: Ref | None = None


class ColumnRule(Closed):
    """How a column is written: calls (`Column(...)`, `@Column({...})`) or, in an object of columns, plain values.

    The lists are words: keywords, keys of an object argument, steps of a chain (`.notNull()`). `optional`: what a column is when
    nothing says it: `yes` (may be null), `no`, or `annotation` (as its type says). `typed`: a field without a value whose type is wrapped
    in one of these is a column. `references`: calls inside that name another
    table's column, or keys that hold one.
    """

    callee: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    optional: Literal["yes", "no", "annotation"] = "yes"
    nullable: tuple[str, ...] = ("nullable", "null", "allowNull")
    required: tuple[str, ...] = ("notNull", "required", "notNullable")
    unique: tuple[str, ...] = ("unique",)
    index: tuple[str, ...] = ("index", "db_index")
    primary: tuple[str, ...] = ("primary_key", "primaryKey", "primary")
    references: tuple[str, ...] = ()
    on_delete: tuple[str, ...] = ("ondelete", "on_delete", "onDelete")
    indexed_keys: bool = False


class BuilderRule(Closed):
    """Calls on the builder of a table, each of which makes a column, by their names: `t.string "email", null: false`.

    A step that no list names makes a column of its own name as type. `column`: the type is the second argument (`add :email, :string`).
    `key`: makes the primary key; `own_key`: the key that the table gets unless the keyword `no_key` is given. `times` adds the columns of
    `time_columns`, which may be null unless `times_required`. `references`: the column leads elsewhere, its name ends in `suffix`.
    `foreign`: makes a key of a column that is there; `target` names the table in a later step. `flags`: later steps or keywords.
    """

    column: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    own_key: str = ""
    no_key: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    time_columns: tuple[str, ...] = ("created_at", "updated_at")
    times_required: bool = False
    references: tuple[str, ...] = ()
    suffix: str = ""
    constrained: tuple[str, ...] = ()  # keywords, steps or inner calls that make a reference a foreign key
    foreign: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    cascades: dict[str, str] = Field(default_factory=dict)  # steps that say what becomes of the row -> the words for it
    index: tuple[str, ...] = ("index",)
    unique: tuple[str, ...] = ("unique",)
    drop: tuple[str, ...] = ()
    drop_rules: tuple[str, ...] = ()  # take away what is over the columns, or goes by the name, that they are given
    rename: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


class TableRule(Closed):
    """What makes a table: classes with a base of `base` (whose head fits `head`, if given) or a decorator of `decorator`, or calls
    of `make` with the name at `name` and an object of columns at `columns`. `names`: fields of the class that hold the table's
    name, `arguments` those with indexes and constraints.

    `marks`: classes whose fields carry one of these are tables too. `every_field`: a field without any mark is a column, unless a mark of
    `no_column` stands on it; with `only_marked` it must carry one of the column's calls. `own_columns`: what the base brings, by name, with
    its words. `enforced`: associations make foreign keys.
    `documents`: the rows are documents: the library checks their fields, the database does not. `keys` and `unique_calls`: calls in the
    body of the class whose arguments are columns of the primary key, or of a unique index. `body_columns`, `body_references` and
    `body_indexes`: calls in the body that make a column by its name, one that holds the key of another table, and an index over columns.
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
    marks: tuple[str, ...] = ()
    every_field: bool = False
    only_marked: bool = False
    no_column: tuple[str, ...] = ()
    own_columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    enforced: bool = False
    documents: bool = False
    keys: tuple[str, ...] = ()
    unique_calls: tuple[str, ...] = ()
    body_columns: tuple[str, ...] = ()
    body_references: tuple[str, ...] = ()
    body_indexes: tuple[str, ...] = ()


class EntityRule(Closed):
    """Classes that a context keeps in tables. `base`: external bases of contexts, whose properties of a type of `sets` name the classes.
    `configured`: generic interfaces of classes that configure the class of their type argument; `entity`: calls with it as type argument.

    `steps`: what calls on a builder do: `key`, `index`, `alternate` (a unique key), `column`, `foreign`, `table`, `check`. Later in their
    chain `unique` and `partial` speak of an index, `required` of a column, `delete` of a foreign key, which begins with `one` or `many`.
    `required` and `key_marks` are decorators of properties too. `open_types` may be null where no project file fits `strict`.
    """

    base: tuple[str, ...]
    sets: tuple[str, ...]
    configured: tuple[str, ...] = ()
    entity: tuple[str, ...] = ()
    steps: dict[Literal["key", "index", "alternate", "column", "foreign", "table", "check"], tuple[str, ...]] = Field(default_factory=dict)
    unique: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    one: tuple[str, ...] = ()
    many: tuple[str, ...] = ()
    key_marks: tuple[str, ...] = ()
    open_types: tuple[str, ...] = ()
    strict: str = ""


class ChainRule(Closed):
    """Steps that are chained on a call which opens a table or an index, by their names.

    `column` and `alter` take the column, its type and a function whose calls describe it by the words of `required`, `nullable`,
    `is_unique`, `is_key`, `references` (of `"users.id"`) and `on_delete`. `unique`, `key`, `foreign` and `check` take a name, then columns
    or an expression. An index names its table in `of_table`, its columns in `columns`, and what it is in `is_unique` and `partial`.
    """

    column: tuple[str, ...] = ()
    alter: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    drop_rule: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    of_table: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    nullable: tuple[str, ...] = ()
    is_unique: tuple[str, ...] = ()
    is_key: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    on_delete: tuple[str, ...] = ()


class ChangeRule(Closed):
    """A call of a migration that changes the schema. `does` names the change; the refs say where table and columns stand.

    `snapshot`: the call stands in a file that holds the whole schema after all migrations, and is no migration itself. `reversible`:
    methods whose changes the tool takes back by itself. `builder`: how the columns are made on the builder that a function argument gets.
    `chain`: how they are made by the steps that are chained on the call.
    `own`: the arguments of the call itself describe the column. `files`: the paths of such files, a regular expression.
    """

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
        "rename_table",
        "rename_column",
        "nullable",
        "drop_rules",
        "drop_foreign",
        "drop_built",
    ]
    table: Ref | None = None
    columns: Ref | None = None
    column: ColumnRule = ColumnRule()
    builder: BuilderRule | None = None
    chain: ChainRule | None = None
    target: Ref | None = None  # the table that a foreign key leads to
    snapshot: bool = False
    own: bool = False
    files: str = ""
    reversible: tuple[str, ...] = ()
