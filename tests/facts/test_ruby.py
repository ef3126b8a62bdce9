"""Ruby lowered to facts: definitions, calls without parentheses, blocks, mixins, strings, statements."""

from __future__ import annotations

from backend_readiness.facts.languages.ruby import extract
from backend_readiness.facts.model import Alt, Call, CallRef, Concat, FileFacts, Func, Lit, Member, Name, Op, Record, Seq, Value


def facts(source: str) -> FileFacts:
    return extract(source.encode(), "file.rb").facts()


def calls_of(found: FileFacts, name: str) -> list[Call]:
    return [c for c in found.calls if (c.callee.id if isinstance(c.callee, Name) else getattr(c.callee, "name", "")) == name]


def named(call: Call, key: str) -> Value:
    return next(a.value for a in call.args if a.name == key)


def test_a_call_without_parentheses_has_its_arguments_and_symbols_are_texts() -> None:
    found = facts("class A < B::C\n  before_action :load, only: %i[show index], 'x' => 1, Web => '/w'\nend\n")
    call = calls_of(found, "before_action")[0]
    assert call.args[0].value == Lit("load")
    assert named(call, "only") == Seq((Lit("show"), Lit("index")))
    assert call.args[2].value == Record((("x", Lit(1)),), ((Name("Web"), Lit("/w")),))
    assert found.symbols[1].bases == (Member(Name("B"), "C"),)
    assert call.owner == 1


def test_a_name_that_is_no_local_variable_is_a_call() -> None:
    found = facts("def show(id)\n  item = find(id)\n  render item, user\nend\n")
    assert calls_of(found, "render")[0].args[0].value == Name("item")
    assert isinstance(calls_of(found, "render")[0].args[1].value, CallRef)
    assert calls_of(found, "find")[0].args[0].value == Name("id")


def test_a_block_is_the_last_argument_and_sees_the_local_variables_around_it() -> None:
    found = facts("x = 1\nitems.each do |item, (a, b)|\n  put item, x\nend\nitems.map(&:id)\n")
    each = calls_of(found, "each")[0]
    assert isinstance(each.args[-1].value, Func)
    assert found.symbols[1].params[0].name == "item"
    assert found.symbols[1].params[1].pattern == Seq((Name("a"), Name("b")))
    assert [a.value for a in calls_of(found, "put")[0].args] == [Name("item"), Name("x")]
    assert calls_of(found, "map")[0].args[0].name == "&"


def test_modules_and_compact_class_names_nest_and_mixins_are_bases() -> None:
    found = facts(
        "module Shop\n  class Api::Orders < Base\n    include Paging, Auth\n    def show; end\n    def self.all; end\n  end\nend\n"
    )
    assert [(s.name, s.parent) for s in found.symbols[1:]] == [("Shop", 0), ("Api", 1), ("Orders", 2), ("show", 3), ("all", 3)]
    assert found.symbols[3].bases == (Name("Paging"), Name("Auth"), Name("Base"))
    assert [s.is_static for s in found.symbols[4:]] == [False, True]


def test_what_a_concern_gives_to_a_class_belongs_to_the_concern_itself() -> None:
    source = "module Paging\n  included do\n    before_action :page\n  end\n  class_methods do\n    def per(n) = n\n  end\n"
    found = facts(source + "  module ClassMethods\n    def all; end\n  end\n  class << self\n    def one; end\n  end\nend\n")
    assert [(s.name, s.parent, s.is_static) for s in found.symbols if s.kind == "method"] == [
        ("per", 1, True),
        ("all", 1, True),
        ("one", 1, True),
    ]


def test_accessors_and_delegation_are_methods_with_what_they_return() -> None:
    source = "class A\n  attr_reader :store\n  delegate :find, to: :store\n  define_method(:go) { |x| x }\n"
    found = facts(source + "  def initialize(s) = @store = s\nend\n")
    assert [s.name for s in found.symbols[2:] if s.kind == "method"] == ["store", "find", "go", "initialize"]
    assert found.returns[0].value == Member(Name("self"), "@store")
    assert found.assigns[0].target == Member(Name("self"), "@store")
    assert isinstance(calls_of(found, "find")[0].callee, Member)


def test_delegation_with_a_prefix_bears_it() -> None:
    source = "class A\n  delegate :a, to: :one, prefix: true\n  delegate :b, to: :one, prefix: :my\n"
    source += "  delegate :c, to: :one, prefix: false\nend\n"
    assert [s.name for s in facts(source).symbols if s.kind == "method"] == ["one_a", "my_b", "c"]


def test_the_last_expression_of_each_branch_is_returned() -> None:
    found = facts(
        "def pick(a)\n  if a then 1\n  elsif a.b then 2\n  else 3\n  end\nend\ndef early\n  return 1, 2 unless ready\n  @kept ||= 4\nend\n"
    )
    assert found.returns[0].value == Alt((Lit(1), Lit(2), Lit(3)))
    assert [r.value for r in found.returns[1:]] == [Seq((Lit(1), Lit(2))), Lit(4)]
    assert found.assigns[0].kind == "assign"


def test_new_of_a_constant_makes_it_and_new_of_anything_else_is_a_method() -> None:
    found = facts("a = Order.new(total: 1)\nb = user.orders.new\n")
    assert (found.calls[0].kind, found.calls[0].callee) == ("new", Name("Order"))
    assert found.calls[-1].kind == "call"


def test_texts_are_joined_and_a_heredoc_stands_where_it_begins() -> None:
    found = facts('run(<<~SQL, "a#{id = 1}b" "c")\n  select 1\nSQL\nx = "/a/" + name\ny = "/%s/x" % id\nz = %w[a b].freeze\n')
    assert found.calls[0].args[0].value == Lit("\n  select 1\n")
    values = {a.target.id: a.value for a in found.assigns if isinstance(a.target, Name)}
    assert isinstance(values["x"], Concat)
    assert values["y"] == Concat((Lit("/"), Name("id"), Lit("/x")))
    assert values["z"] == Seq((Lit("a"), Lit("b")))


def test_rescue_makes_blocks_and_raise_is_a_throw() -> None:
    found = facts("def a\n  b\nrescue E, F => e\nensure\n  c\nend\nraise Gone, 'x' unless d\n")
    assert [(b.kind, b.line, b.end_line, b.empty, b.name) for b in found.blocks[:3]] == [
        ("try", 2, 2, False, None),
        ("catch", 3, 3, True, "e"),
        ("finally", 4, 5, False, None),
    ]
    assert isinstance(found.blocks[3].subject, Op)
    assert found.throws[0].value == Name("Gone")


def test_required_files_are_imports() -> None:
    found = facts("require 'sinatra/base'\nrequire_relative 'lib/a'\nautoload :B, 'b'\n")
    assert [i.module for i in found.imports] == ["sinatra/base", "./lib/a", "b"]


def test_super_calls_the_method_of_the_same_name() -> None:
    found = facts("class A < B\n  def save(x)\n    super\n    super(1)\n  end\nend\n")
    assert [c.callee for c in found.calls] == [Member(Name("super"), "save")] * 2
