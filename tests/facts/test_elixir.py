"""The Elixir adapter: what each construct is lowered to, and that hostile input is borne."""

from __future__ import annotations

import time

from backend_readiness.facts.languages import elixir
from backend_readiness.facts.model import Alt, CallRef, Concat, FileFacts, Func, Lit, Member, Name, Op, Record, Seq, Symbol, Value


def facts(source: str) -> FileFacts:
    return elixir.extract(source.encode(), "file.ex").facts()


def symbol(found: FileFacts, name: str) -> Symbol:
    return next(s for s in found.symbols if s.name == name)


def body(source: str) -> FileFacts:
    return facts(f"defmodule Web do\n  alias Shop.Accounts.{{User, Team}}\n  def f(conn, params) do\n{source}\n  end\nend")


def returned(source: str) -> Value | None:
    found = body(source)
    return next(r.value for r in found.returns if found.symbols[r.owner].name == "f")


def test_modules_are_classes_with_their_whole_name_and_what_they_use_as_bases() -> None:
    found = facts("defmodule Shop.Repo do\n  use Ecto.Repo, otp_app: :shop\n  defmodule Inner do\n    use Web, :router\n  end\nend")
    repo, inner = symbol(found, "Shop.Repo"), symbol(found, "Shop.Repo.Inner")
    assert (repo.kind, repo.bases) == ("class", (Name("Ecto.Repo"),))
    assert inner.bases == (Name(":router"),)
    assert found.symbols[inner.parent] == repo


def test_aliases_are_put_in_place() -> None:
    found = facts(
        "defmodule A do\n  alias Shop.{Users, Teams}\n  alias Shop.Web, as: W\n"
        "  def f, do: {Users.x(), Teams.Sub.y(), W.z(), __MODULE__.g(), Other.h()}\nend"
    )
    assert [c.callee for c in found.calls] == [
        Member(Name("Shop.Users"), "x"),
        Member(Name("Shop.Teams.Sub"), "y"),
        Member(Name("Shop.Web"), "z"),
        Member(Name("A"), "g"),
        Member(Name("Other"), "h"),
    ]


def test_clauses_of_a_function_are_one_symbol() -> None:
    found = facts("defmodule A do\n  def f(:a), do: b()\n  def f(x) when is_nil(x) do\n    c()\n  end\n  defp g(y \\\\ 1), do: y\nend")
    assert [s.name for s in found.symbols] == ["", "A", "f", "g"]
    assert {c.owner for c in found.calls if c.callee in (Name("b"), Name("c"))} == {2}
    assert found.symbols[3].params[0].default == Lit(1)


def test_a_pipe_is_a_call_with_its_left_side_first() -> None:
    found = body("user |> User.changeset(params) |> Repo.insert()")
    change, insert = found.calls
    assert change.callee == Member(Name("Shop.Accounts.User"), "changeset")
    assert [a.value for a in change.args] == [Name("user"), Name("params")]
    assert (insert.callee, insert.args[0].value) == (Member(Name("Repo"), "insert"), CallRef(0))


def test_tagged_tuples_are_what_they_carry() -> None:
    found = body("with {:ok, user} <- find(1), {:error, _} <- other() do\n {:ok, user}\nend")
    assert [a.target for a in found.assigns if a.kind == "let"] == [Name("user")]
    assert returned("{:ok, params}") == Name("params")
    assert returned("{conn, params}") == Seq((Name("conn"), Name("params")))


def test_choices_are_alternatives() -> None:
    assert returned("if conn, do: a, else: b") == Name("a")
    assert returned("case conn do\n x -> x\n _ -> nil\nend") is not None
    found = body("case find() do\n {:ok, user} -> user\n :error -> raise Missing\nend")
    assert found.assigns[0].target == Name("user")
    assert found.throws[0].value == Name("Missing")
    assert Alt is not Op


def test_maps_structs_keywords_texts_and_attributes() -> None:
    assert returned('%{"id" => conn, name: 1}') == Record((("id", Name("conn")), ("name", Lit(1))))
    assert returned('"/users/#{conn.id}/x"') == Concat((Lit("/users/"), Member(Name("conn"), "id"), Lit("/x")))
    assert returned('~p"/users/#{conn}"') == Concat((Lit("/users/"), Name("conn")))
    assert returned(":show") == Lit("show")
    made = body('%User{name: "x"}').calls[0]
    assert (made.kind, made.callee, made.args[0].name) == ("new", Name("Shop.Accounts.User"), "name")
    found = facts('defmodule A do\n  @base "/api"\n  @doc "x"\n  def f, do: @base\nend')
    assert [(a.target, a.value, a.kind) for a in found.assigns] == [(Name("@base"), Lit("/api"), "field")]


def test_blocks_and_scopes_of_a_router() -> None:
    found = facts(
        'defmodule R do\n  use Shop, :router\n  scope "/api", Web, as: :api do\n    scope "/v1", V1 do\n'
        '      get "/x", ItemController, :show\n    end\n  end\n  def g(conn), do: get(conn, 1)\nend'
    )
    get = found.calls[0]
    assert get.callee == Member(Name(":router"), "get")
    assert get.args[1].value == Name("Web.V1.ItemController")
    scope = found.calls[2]
    assert isinstance(next(a.value for a in scope.args if a.name == "do"), Func)
    assert found.calls[3].callee == Name("get")


def test_captures_and_anonymous_functions() -> None:
    found = body("Enum.map(xs, &User.name/1)\nEnum.map(xs, &g(&1, 2))\nEnum.map(xs, fn {:ok, x} -> x end)")
    assert found.calls[0].args[1].value == Member(Name("Shop.Accounts.User"), "name")
    assert isinstance(found.calls[2].args[1].value, Func)
    assert [s.kind for s in found.symbols].count("lambda") == 2


def test_a_delegate_calls_what_it_names() -> None:
    found = facts("defmodule A do\n  defdelegate list(id), to: Shop.B, as: :all\nend")
    assert found.calls[0].callee == Member(Name("Shop.B"), "all")
    assert symbol(found, "list").params[0].name == "id"


def test_a_map_pattern_with_a_name_for_the_whole_binds_both() -> None:
    found = facts('defmodule A do\n  def save(conn, %{"id" => id} = params), do: params\nend')
    assert symbol(found, "save").params[1].pattern == Record((("id", Name("id")), (None, Name("params"))))


def test_hostile_files_are_borne() -> None:
    started = time.process_time()
    for source in (
        "(" * 10_000 + ")" * 10_000,
        "defmodule A do " * 3_000 + "end " * 3_000,
        "x " + "|> f() " * 5_000,
        "x" + ".y()" * 5_000,
        "[" * 5_000 + "]" * 5_000,
        "if a do " * 3_000 + "end " * 3_000,
        "1 " + "+ 1 " * 5_000,
        "fn x -> " * 3_000 + "1 " + "end " * 3_000,
        "%{" * 3_000 + "}" * 3_000,
        '"' + "#{" * 3_000,
        "def f(" * 3_000,
        "\x00\xff do",
        "",
    ):
        elixir.extract(source.encode(), "file.ex").index()
    assert time.process_time() - started < 60
