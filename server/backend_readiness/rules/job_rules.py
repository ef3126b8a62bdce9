"""Rules of cards for work that no request starts: what a clock runs."""

from __future__ import annotations

from backend_readiness.rules.card_rules import Closed, Ref


class JobRule(Closed):
    """How work is put on a schedule.

    `callee`: the call, decorator or annotation that does. A decorated function runs itself; else the functions at `runs` run, and of a
    class or object there its `methods`. A text at `runs` names a task: `shop.tasks.clean`, `Invoices::Reminder`, `orders:purge`; with
    `task_name` that is the text of the class's own field (`protected $signature = "orders:purge"`), and `methods` run.
    `when`: where the schedule stands, the first that has a text; `steps`: the steps behind the call that say it (`->dailyAt("13:00")`).
    `base`: classes with this external base are jobs wherever they are put on a schedule; their `methods` run.
    `assigned`: names of settings that hold a record of jobs, each a record with the task at `task_key` and the schedule at `when_key`.
    `rows`: names of settings, at any depth of a call's arguments, that hold a list of jobs, each a list with the schedule first and then
    the task: a class with one of `methods`, a function, or a list of a module, the name of its function and what that is given.
    `commands`: regular expressions of command lines in crontabs and in documents of cron jobs, whose group `task` names what runs.
    `task_file`: globs of the file in which a named task stands, `{task}` being its name and `{module}` the same with slashes for dots; of
    it the first of `methods` runs (`Command.handle`), or the file itself.
    `documents`: globs of YAML files that hold such records, at any key but those of `skips`.
    """

    callee: str | tuple[str, ...] = ()
    runs: tuple[Ref, ...] = ()
    methods: tuple[str, ...] = ()
    when: tuple[Ref, ...] = ()
    steps: tuple[str, ...] = ()
    task_name: tuple[str, ...] = ()
    base: tuple[str, ...] = ()
    assigned: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    task_key: str = "task"
    when_key: str = "schedule"
    documents: tuple[str, ...] = ()
    skips: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    task_file: tuple[str, ...] = ()
