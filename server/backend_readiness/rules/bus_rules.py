"""Rules of cards for messages: what is sent under a key, who receives it, and queues that are bound to exchanges."""

from __future__ import annotations

from backend_readiness.rules.card_rules import Closed, Ref


class BusRule(Closed):
    """Work sent under a key (`send`, `key`) runs what is registered for it (`receive`, `receive_key`): commands, queues, events.

    Registered is a function among the arguments (`runs`), a decorated function, or of a decorated class its `methods` and the
    methods with a decorator of `marks`; a call in a class registers its `methods` too (`from_queue "orders"`). `receive_base`: generic
    base classes whose first type argument is the key (`methods` of `class A : IRequestHandler<Pay, Unit>`); one of the repository may
    stand between; `receive_listed`: the method of a class below that gives a table of keys and names of methods.
    `typed` are methods that receive what their first parameter's type says. `name` at the sender picks one job of several
    (`receive_name`, or the text of the mark).
    A consumer that is no callback: `beside` names later calls on the same receiver whose functions run (`consumer.run({eachMessage})`);
    `handlers` names members of its receiver or an argument that are assigned a function (`consumer.Received += handle`);
    `reads` names later calls on the same field, whose function works on what arrives (`this.consumer.poll()`);
    `encloses`: it is the function that the call stands in; `receive_typed`: the key is what the first parameter's type says. Rules of one
    `channel`, in whatever card and language, share what is registered: another service may be the one that receives. `key_marks`: the
    key is the text of an annotation of what sends (`@Channel("a") Emitter e`), `key_fields`: of the field at `key` (`@Value("${a}")`).
    `receive_first`: what the first argument may be. `around` are calls that are given classes below `around_base`, which run around all
    that is sent. `made`: where the call that made what stands at `key`, `receive_key` or `exchange` says its name
    (`channel.queueDeclare("orders").getQueue()`); with `subject` it is the class that what stands there is of (`Event<OrderPlaced>`).
    `exchange`: what it is sent to, where that has a name; the queues that `exchanges` bind
    to it under the key receive it. `cases`: the function that receives, or one that it gives what arrives, tells by its cases which
    message it is (`match rx.recv() { Command::Add { id } => ... }`); that part of it runs which takes what is sent.
    """

    send: tuple[str, ...]
    key: Ref = Ref(arg=0)
    name: Ref | None = None
    receive: tuple[str, ...] = ()
    receive_base: tuple[str, ...] = ()
    receive_listed: str = ""
    receive_key: Ref = Ref(arg=0)
    receive_name: Ref | None = None
    runs: tuple[Ref, ...] = ()
    methods: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    encloses: bool = False
    receive_typed: bool = False
    key_marks: tuple[str, ...] = ()
    key_fields: tuple[str, ...] = ()
    receive_first: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    around_base: tuple[str, ...] = ()
    handlers: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    made: Ref | None = None
    exchange: Ref | None = None
    cases: bool = False
    channel: str = ""


class ExchangeRule(Closed):
    """A call that binds a queue to an exchange (`queue_bind(queue, exchange, routing_key)`): what is sent to one arrives at the other.

    `queue`, `exchange` and `key` are where it says them; `made` is where the call that made the queue names it (of a queue without a name:
    nowhere), `made_exchange` the same of the exchange. `channel` is that of the rules of `buses` that send and receive.
    """

    callee: tuple[str, ...]
    queue: Ref
    exchange: Ref
    key: Ref | None = None
    made: Ref | None = None
    made_exchange: Ref | None = None
    channel: str
