from __future__ import annotations

from backend_readiness.graph.values import Env, FuncV, SymbolId


def test_a_value_is_written_out_shortly_however_deep_its_bindings_lead() -> None:
    where = SymbolId("app.py", 1)
    value = FuncV(where)
    for _ in range(60):  # each binds the one before twice: written out whole it would be 2 ** 60 times as long
        env = Env(symbol=where, args={"first": value, "second": value}, self_value=value, outer=None, depth=0)
        value = FuncV(where, None, env)
    assert len(repr(value)) < 1_000
