"""Rules of cards for functions that a library runs when it is called."""

from __future__ import annotations

from backend_readiness.rules.card_rules import Closed, Ref


class DispatchRule(Closed):
    """Calling `callee` runs the function found at `calls` (looked for at the call of step `at`, else at this call).

    In a `member` of `calls` `{called}` is the name of the called method, `{Called}` the same with its first letter large.
    `among`: the value is a name (`"auth/login"`), and the function stands under it in the only object that is called so
    (`actions`); with a `step` in `calls` the name is the called member. `hook`: a regular expression for a step of the callee
    (`use(\\w+)Query`): its group, first letter small, is the key of the object at `calls`.
    `setting`: a setting that lists classes by their names; of each the first of `runs` runs. `task_file`: the value at `calls` is a name,
    and the first of `runs` in the file that these globs mean by it (`{task}`) runs. `only`: names of methods, for what a library looks up
    by itself: the one method of the repository by the first of them runs. `message`: the argument whose text says which of the clauses
    runs (`{:put, order}`: `put`). `beside`: where `calls` leads nowhere, the method of that name in the module of the call.
    `declared`: calls in the body of the class that the call is about, whose arguments run: a class by the first of `runs`, a name as a
    method of the class itself (`organize Save, Charge`, `step :persist`).
    `folder`: the steps of the callee behind the folder's name (but for `beside` at their end) lead to a file, of whose export the first of
    `runs` runs: `sails.helpers.orders.find()` for `api/helpers/orders/find.js`.
    """

    callee: str | tuple[str, ...]
    calls: tuple[Ref, ...] = ()
    among: tuple[str, ...] = ()
    hook: str | None = None
    setting: tuple[str, ...] = ()
    task_file: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    message: int | None = None
    declared: tuple[str, ...] = ()
    beside: str = ""
    folder: str = ""
