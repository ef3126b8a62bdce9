"""Each tool's answer: the facts, what was left out, and what to try next when it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.conftest import MakeRepo, run_git

from backend_readiness.errors import ReadinessError, UnknownControl, UnknownFlow, UnknownStart, UnusableInput
from backend_readiness.report.redact import redact
from backend_readiness.rules.control_cards import load_controls
from backend_readiness.tools import Tools, marked
from backend_readiness.tools.workspaces import Workspaces


@pytest.fixture(scope="module")
def tools(orders_repo: Path) -> Tools:
    return Tools(Workspaces([orders_repo]))


def test_the_tools_are_those_that_were_promised(tools: Tools) -> None:
    assert [offered.name for offered in marked(tools)] == [
        "map_repository",
        "list_routes",
        "list_flows",
        "trace_call_chain",
        "grep",
        "read_file",
        "find_symbol",
        "run_check",
        "validate_report",
    ]
    assert all(offered.title and offered.method.__doc__ and offered.effect == "read" for offered in marked(tools))


def test_the_map_says_what_the_repository_is_made_of(tools: Tools, orders_repo: Path) -> None:
    answer = tools.map_repository()
    assert answer.about.commit == run_git(orders_repo, "rev-parse", "HEAD").strip()
    assert answer.about.dirty is False
    assert {"python/fastapi", "python/sqlalchemy"} <= set(answer.technologies)
    assert {c.name for c in answer.languages} >= {"python", "typescript"}
    assert [a.root for a in answer.applications] == [".", "web"]
    assert answer.routes == 5
    assert answer.unmatched_examples == ("GET /api/ordres at web/src/Orders.tsx:6: no such route",)


def test_routes_and_flows_are_listed_and_narrowed(tools: Tools) -> None:
    assert tools.list_routes().total == 5
    assert tools.list_routes(contains="LOGIN").routes == ("POST /api/login app/orders.py:14-18 login",)
    assert [r.path for r in tools.list_routes(contains="LOGIN", detail="full").routes if not isinstance(r, str)] == ["/api/login"]
    assert {f.name for f in tools.list_flows(detail="full").flows if not isinstance(f, str)} >= {"login", "create-order"}
    assert "login: POST /api/login (web/src/Login.tsx:8)" in tools.list_flows().flows
    assert tools.list_flows(contains="zzz").flows == ()


def test_a_chain_names_each_link_and_its_parent(tools: Tools) -> None:
    answer = tools.trace_call_chain(start="user signs in", detail="full")
    assert answer.start_kind == "text"
    assert answer.chains[0].endpoint == "POST /api/login"
    links = [link for link in answer.links if link.chain == 0]
    assert [link.number for link in links] == list(range(len(links)))
    assert links[0].stage == "user_action"
    assert links[0].at == "web/src/Login.tsx:8"
    assert all(link.parent is None or link.parent < link.number for link in links)
    with pytest.raises(UnknownStart, match="POST /api/login"):
        tools.trace_call_chain(start="POST /api/logn")


def test_the_name_of_a_flow_traces_its_endpoints(tools: Tools) -> None:
    for flow in tools.list_flows(detail="full").flows:
        assert not isinstance(flow, str)
        chains = tools.trace_call_chain(start=flow.name, detail="full").chains
        assert {chain.endpoint for chain in chains} == set(flow.endpoints)


def test_lines_are_searched_with_context_and_without_secrets(tools: Tools) -> None:
    hit = tools.grep(pattern="^DEF LOGIN", ignore_case=True, files="*.py", context=1).hits[0]
    before, line, _ = hit.text.split("\n")
    assert (hit.file, before) == ("app/orders.py", '13-@router.post("/login")')
    assert line.startswith("14:def login(")
    found = tools.grep(pattern="API_TOKEN").hits
    assert len(found) == 1
    assert "sk_live" not in found[0].text
    assert tools.grep(pattern="fetch", files="app/**").hits == ()


def test_hits_of_a_file_stand_together_and_few_of_one_hide_no_other(make_repo: MakeRepo) -> None:
    long = "x" * 500 + "needle" + "y" * 500
    files = {
        "a.md": "needle\n",
        "b.py": "needle = 1\nx = 2\nneedle = 3\n" + "x = 4\n" * 5,
        "c.py": f"a = '{long}'\n",
        "d.ts": "needle\n" * 20,
        "yarn.lock": "needle\n",
    }
    tools = Tools(Workspaces([make_repo(files)]))
    found = tools.grep(pattern="needle")
    assert [hit.file for hit in found.hits] == ["b.py", "c.py", "d.ts", "a.md"]
    assert found.hits[0].text == "1:needle = 1\n3:needle = 3"
    assert "needle" in found.hits[1].text
    assert len(found.hits[1].text) < 250
    assert found.hits[2].text.endswith("\n8:needle\n(12 more lines of this file: name it in files)")
    assert any("1 lock file" in gap for gap in found.about.left_out)
    assert [hit.file for hit in tools.grep(pattern="needle", files="*.lock").hits] == ["yarn.lock"]
    assert sum(len(hit.text.split("\n")) for hit in tools.grep(pattern="needle", files="d.ts").hits) == 20
    around = tools.grep(pattern="needle", files="b.py", context=1).hits[0].text
    assert around == "1:needle = 1\n2-x = 2\n3:needle = 3\n4-x = 4"


@pytest.mark.parametrize("pattern", ["(?=x)", "(a", r"(\w+)\1", "x" * 400])
def test_a_pattern_that_cannot_be_run_in_linear_time_is_refused(tools: Tools, pattern: str) -> None:
    with pytest.raises(UnusableInput, match="pattern"):
        tools.grep(pattern=pattern)


def test_a_pattern_that_explodes_elsewhere_is_harmless(make_repo: MakeRepo) -> None:
    tools = Tools(Workspaces([make_repo({"a.txt": "a" * 100_000 + "!\n"})]))
    assert tools.grep(pattern="(a+)+$").hits == ()


def test_files_are_read_in_bounded_parts(tools: Tools) -> None:
    part = tools.read_file(file="app/orders.py", line=13, count=2)
    assert part.text.split("\n") == [
        '13\t@router.post("/login")',
        "14\tdef login(email: str, password: str, session: Session = Depends(get_session)):",
    ]
    assert part.about.left_out[0].endswith("ask with line=15")
    assert "sk_live" not in tools.read_file(file="app/database.py").text
    cut = tools.read_file(file="app/orders.py", max_chars=1_000)
    assert 0 < len(cut.text.split("\n")) < cut.lines_in_all


@pytest.mark.parametrize("file", ["../outside.txt", "/etc/passwd", "app/../../x", "app", "", "app/main.py\0"])
def test_only_files_of_the_snapshot_are_read(tools: Tools, file: str) -> None:
    with pytest.raises(UnusableInput, match="not among the files"):
        tools.read_file(file=file)


def test_a_wrong_folder_or_line_names_what_is_there(tools: Tools) -> None:
    with pytest.raises(UnusableInput, match=r"there is app/orders\.py"):
        tools.read_file(file="src/orders.py")
    with pytest.raises(UnusableInput, match="has 11 lines"):
        tools.read_file(file="app/main.py", line=500)


def test_several_files_are_read_in_one_answer(tools: Tools) -> None:
    answer = tools.read_file(file="app/main.py", count=2, also=("app/orders.py:14-15", "./requirements.txt", "app/main.py:11", "gone.py"))
    assert answer.text.startswith("1\tfrom fastapi")
    assert [part.file for part in answer.also] == ["app/orders.py", "requirements.txt", "app/main.py"]
    assert [line.split("\t")[0] for line in answer.also[0].text.split("\n")] == ["14", "15"]
    assert answer.also[2].text == '11\t    return {"ok": True}'
    assert any("gone.py is not among" in gap for gap in answer.about.left_out)
    short = tools.read_file(file="app/orders.py", also=("app/main.py", "app/database.py"), max_chars=1_000)
    assert size(short) < 2_000
    assert any("app/main.py: 6 more lines: ask with line=6" in gap for gap in short.about.left_out)
    assert any("app/database.py did not fit" in gap for gap in short.about.left_out)


def test_symbols_are_found_by_name_by_class_and_by_part(tools: Tools) -> None:
    exact = tools.find_symbol(name="create_order").symbols
    assert [(s.file, s.line, s.end_line) for s in exact] == [("app/orders.py", 27, 31)]
    assert [s.inside for s in tools.find_symbol(name="Order.item").symbols] == ["Order"]
    assert {s.name for s in tools.find_symbol(name="_order").symbols} == {"create_order", "delete_order", "list_orders"}
    assert "create_order" in tools.find_symbol(name="create_ordre").nearest


def test_verdicts_come_with_their_question(tools: Tools) -> None:
    answer = tools.run_check(controls=("sec-cors", "observability"), flow="login", detail="full")
    assert answer.flow is not None
    assert answer.flow.endpoints == ("POST /api/login",)
    assert sum(c.count for c in answer.verdicts) == len([c for c in load_controls().values() if c.layer == "observability"]) + 1
    assert all(c.question for c in answer.controls if not isinstance(c, str) and c.verdict == "unverified")
    assert tools.run_check(controls=("sec-cors",), endpoints=("POST /orders",)).flow is not None
    with pytest.raises(UnknownControl, match="sec-cors"):
        tools.run_check(controls=("sec-corss",))
    with pytest.raises(UnknownFlow, match="nearest"):
        tools.run_check(flow="zzzlogni")


def test_verdicts_bring_the_source_that_they_cite_each_line_once(tools: Tools, orders_repo: Path) -> None:
    answer = tools.run_check(flow="login", max_chars=36_000)
    assert answer.about.next_cursor is None
    seen: set[tuple[str, int]] = set()
    for row in answer.source:
        file, _, span = row.at.rpartition(":")
        first, last = map(int, span.split("-"))
        lines = (orders_repo / file).read_text().splitlines()[first - 1 : last]
        assert row.text.strip()
        assert [line.strip() for line in row.text.splitlines()] == [redact(line).strip() for line in lines]
        places = {(file, number) for number in range(first, last + 1)}
        assert not places & seen
        seen |= places
    assert ("app/orders.py", 16) in seen
    assert "sk_live" not in str(answer.source)


def test_the_source_of_verdicts_comes_after_the_last_of_them(tools: Tools) -> None:
    cursor, pages = None, []
    while not pages or cursor:
        pages.append(tools.run_check(flow="login", cursor=cursor, max_chars=3_000))
        cursor = pages[-1].about.next_cursor
    last = max(number for number, page in enumerate(pages) if page.controls)
    assert not any(page.source for page in pages[:last])
    assert any(page.source for page in pages[last:])
    assert tools.run_check(flow="login", detail="full").source == ()


def test_a_report_is_validated_from_a_file_below_the_root(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"app.py": "a = 1\n"})
    (repo / "report.json").write_text(json.dumps({"schema": "backend-readiness/report/1"}))
    tools = Tools(Workspaces([repo]))
    answer = tools.validate_report(report="report.json")
    assert answer.valid is False
    assert answer.total == len(answer.problems) > 5
    outside = tmp_path / "other.json"
    outside.write_text("{}")
    for wrong in (str(outside), "gone.json", "../other.json"):
        with pytest.raises(UnusableInput):
            tools.validate_report(report=wrong)


# ---------------------------------------------------------------- pages and bounds


BIG = {
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"
    + "".join(f"\n\n@app.post('/things/{n}/{'long' * 12}')\ndef thing_{n}(body: dict):\n    return {n}\n" for n in range(200)),
    "notes.txt": "needle in a line\n" * 3_000,
    "one.txt": "needle " + "x" * 900_000,
}


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    root = tmp_path_factory.mktemp("big")
    (root / "app").mkdir()
    for path, text in BIG.items():
        (root / path).write_text(text)
    return Tools(Workspaces([root]))


def size(answer) -> int:
    return len(answer.model_dump_json(by_alias=True, exclude_none=True))


def test_every_answer_is_short_by_default_and_never_long(big: Tools) -> None:
    questions = {
        "map_repository": {},
        "list_routes": {},
        "list_flows": {},
        "trace_call_chain": {"start": "thing"},
        "grep": {"pattern": "needle", "context": 5},
        "read_file": {"file": "notes.txt", "count": 400},
        "find_symbol": {"name": "thing"},
        "run_check": {},
    }
    for name, arguments in questions.items():
        method = getattr(big, name)
        assert size(method(**arguments)) < 8_000, name
        assert size(method(**arguments, max_chars=36_000)) < 40_000, name
    assert size(big.read_file(file="one.txt")) < 8_000
    assert size(big.read_file(file="app/main.py", also=("one.txt", "notes.txt") * 6)) < 10_000


@pytest.mark.parametrize(
    "name,rows,arguments",
    [("list_routes", "routes", {}), ("list_flows", "flows", {}), ("grep", "hits", {"pattern": "needle", "files": "notes.txt"})],
)
def test_pages_together_hold_every_row_once(big: Tools, name: str, rows: str, arguments: dict[str, str]) -> None:
    method = getattr(big, name)
    seen: list[object] = []
    cursor = None
    for _ in range(200):
        answer = method(**arguments, cursor=cursor, max_chars=20_000)
        seen.extend(getattr(answer, rows))
        cursor = answer.about.next_cursor
        if cursor is None:
            break
        assert any("cursor" in text for text in answer.about.left_out)
    whole = {"routes": 200, "flows": 200, "hits": 375}[rows]
    assert len(seen) == len({str(row) for row in seen}) == whole


@pytest.mark.parametrize("cursor", ["zzz", "MTIuMDQ5", "!!", "🙂"])
def test_a_cursor_of_something_else_is_refused(big: Tools, cursor: str) -> None:
    with pytest.raises(ReadinessError, match="without a cursor"):
        big.list_routes(cursor=cursor)
    other = big.list_flows().about.next_cursor
    with pytest.raises(ReadinessError, match="without a cursor"):
        big.list_routes(cursor=other)


def test_a_changed_repository_is_read_anew_and_ends_old_cursors(make_repo: MakeRepo) -> None:
    repo = make_repo({"app/main.py": BIG["app/main.py"]})
    tools = Tools(Workspaces([repo]))
    first = tools.list_routes()
    assert first.about.dirty is False
    (repo / "app/main.py").write_text(BIG["app/main.py"].replace("/things/", "/goods/"))
    second = tools.list_routes()
    assert second.about.dirty is True
    assert " /goods/" in str(second.routes[0])
    with pytest.raises(ReadinessError, match="changed since"):
        tools.list_routes(cursor=first.about.next_cursor)


# ---------------------------------------------------------------- roots


def test_only_folders_below_a_root_are_opened(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo, other = make_repo({"sub/app.py": "a = 1\n"}), make_repo({"b.py": "b = 1\n"})
    (repo / "link").symlink_to(tmp_path)
    tools = Tools(Workspaces([repo, other]))
    assert tools.map_repository(path="sub").files == 1
    assert tools.map_repository(path=str(other)).files == 1
    for outside in ("..", "/", str(tmp_path), "link", "sub/../..", "a\0b"):
        with pytest.raises(UnusableInput):
            tools.map_repository(path=outside)


def test_a_root_that_is_no_folder_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ReadinessError, match="--root"):
        Workspaces([tmp_path / "gone"])


def test_a_longer_answer_shows_the_rest_of_a_long_handler(make_repo: MakeRepo) -> None:
    body = "\n".join(f"    total = {number}" for number in range(80))
    repository = make_repo(
        {"app/main.py": f"from fastapi import FastAPI\napp = FastAPI()\n@app.get('/sum')\ndef add():\n{body}\n    return total\n"}
    )
    tools = Tools(Workspaces([repository]))

    def shown(max_chars: int) -> str:
        [chain] = tools.trace_call_chain(start="GET /sum", max_chars=max_chars).chains
        assert not isinstance(chain, str)
        return chain.source[0].at

    assert shown(3_900) == "app/main.py:4-43 (to 85)"
    assert shown(12_000) == "app/main.py:4-85"
