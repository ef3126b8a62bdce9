"""Names of Elixir across files: whole names, aliases and imports, and what a module gets from one that it uses."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of

from backend_readiness.graph.values import Ext, FuncV, options


def places(files: dict[str, str], file: str, name: str) -> list[str]:
    """Where the functions stand that the calls of `name` in a file run; the path of what is outside."""
    tracer = tracer_of(files)
    view = tracer.graph.view(file)
    found = []
    for number in view.calls_by_name[name]:
        call = view.facts.calls[number]
        for value in options(tracer.graph.ev.value(call.callee, file, call.owner)):
            if isinstance(value, FuncV):
                found.append(f"{value.symbol.file}:{tracer.graph.view(value.symbol.file).symbol(value.symbol.index).line}")
            else:
                found.append(value.path if isinstance(value, Ext) else type(value).__name__)
    return found


FILES = {
    "lib/shop/orders.ex": "defmodule Shop.Orders do\n  def list(x), do: one(x)\n  defp one(x), do: x\nend\n",
    "lib/shop/tools.ex": "defmodule Shop.Tools do\n  def clean(x), do: x\nend\n",
    "lib/web.ex": "defmodule Web do\n  def controller do\n    quote do\n      alias Shop.{Orders, Users}\n"
    "      import Shop.Tools\n    end\n  end\n"
    "  def view do\n    quote do\n      alias Other.Orders\n    end\n  end\nend\n",
    "lib/web/order_controller.ex": "defmodule Web.OrderController do\n  use Web, :controller\n  def index(conn, _) do\n"
    "    Orders.list(1)\n    clean(conn)\n    Enum.map([], 1)\n  end\nend\n",
    "lib/web/plain.ex": "defmodule Web.Plain do\n  import Shop.Tools\n  def f(x), do: clean(x)\n  def g(x), do: Orders.list(x)\nend\n",
}


def test_functions_of_the_module_and_of_whole_names_are_found() -> None:
    assert places(FILES, "lib/shop/orders.ex", "one") == ["lib/shop/orders.ex:3"]
    assert places(FILES, "lib/web/plain.ex", "clean") == ["lib/shop/tools.ex:2"]
    assert places(FILES, "lib/web/plain.ex", "list") == ["Orders.list"]


def test_a_module_gets_the_aliases_and_imports_that_another_one_quotes_for_it() -> None:
    assert places(FILES, "lib/web/order_controller.ex", "list") == ["lib/shop/orders.ex:2"]
    assert places(FILES, "lib/web/order_controller.ex", "clean") == ["lib/shop/tools.ex:2"]
    assert places(FILES, "lib/web/order_controller.ex", "map") == ["Enum.map"]


def test_what_a_quoted_use_quotes_in_turn_comes_too() -> None:
    files = {
        **FILES,
        "lib/web.ex": "defmodule Web do\n  def controller do\n    quote do\n      use Shop.Shared\n    end\n  end\nend\n",
        "lib/shop/shared.ex": "defmodule Shop.Shared do\n  defmacro __using__(_) do\n    quote do\n      alias Shop.{Orders, Users}\n"
        "      import Shop.Tools\n    end\n  end\nend\n",
    }
    assert places(files, "lib/web/order_controller.ex", "list") == ["lib/shop/orders.ex:2"]
    assert places(files, "lib/web/order_controller.ex", "clean") == ["lib/shop/tools.ex:2"]
    assert places(files, "lib/web/plain.ex", "list") == ["Orders.list"]
