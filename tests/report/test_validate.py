from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator

import pytest
from tests.conftest import MakeRepo
from tests.report.folder_source import CHAIN, LOGIN, RESULTS, FolderSource, login_app, login_report

from backend_readiness import snapshot
from backend_readiness.render import json as json_format
from backend_readiness.report import canonical
from backend_readiness.report.build import build
from backend_readiness.report.validate import is_valid, validate

Path = tuple[str | int, ...]
REPORT = canonical.plain(login_report())
SOURCE = login_app()

# Whoever alters a report can compute the digest again. These say how things were judged, not what was found where, so that
# nothing else in the report contradicts a change; everything else must be caught without the digest.
ONLY_THE_DIGEST_KNOWS = {
    "why", "question", "note", "text", "version", "engine", "dirty", "name", "entry_url", "success_criteria", "endpoints", "method",
    "complete", "stage", "status", "symbol", "operation", "target", "parent", "verified_by", "kind", "files", "skipped", "incomplete",
    "reason", "id", "created_at", "fix", "baseline", "endpoint", "gaps", "chains", "links", "title", "end_line",
}  # fmt: skip
MUST_BE_CAUGHT = {
    "line",
    "quote",
    "blob",
    "digest",
    "patterns",
    "paths",
    "roles",
    "scope",
    "rejected",
    "unread",
    "files_searched",
    "fingerprint",
}


def leaves(value: object, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path


def containers(value: object, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield (*path, key)
            yield from containers(value[key], (*path, key))  # type: ignore[index]


def at(value: object, path: Path) -> object:
    for key in path:
        value = value[key]  # type: ignore[index]
    return value


def replaced(path: Path, new: object) -> dict[str, object]:
    report = copy.deepcopy(REPORT)
    at(report, path[:-1])[path[-1]] = new  # type: ignore[index]
    return report


def altered(value: object) -> list[object]:
    """Other values of the same kind, and one of another."""
    if isinstance(value, bool):
        found: list[object] = [not value, None]
    elif isinstance(value, (int, float)):
        found = [value + 1, value - 1, str(value)]
    elif isinstance(value, str):
        found = [value + "x", value[:-1], value.upper(), 7]
    else:
        found = ["x", 1]
    return [new for new in found if new != value]


def resealed(report: dict[str, object]) -> dict[str, object]:
    return {**report, "integrity": canonical.integrity(report)}


def test_a_fresh_report_is_valid_as_text_as_bytes_and_as_a_value() -> None:
    text = json.dumps(REPORT)
    assert validate(REPORT, SOURCE) == validate(text, SOURCE) == validate(text.encode(), SOURCE) == []


LEAVES = sorted(leaves(REPORT), key=str)
PARTS = sorted(REPORT)


@pytest.mark.parametrize("part", PARTS)
def test_any_altered_value_is_found(part: str) -> None:
    for path in (path for path in LEAVES if path[0] == part):
        for new in altered(at(REPORT, path)):
            valid = is_valid(validate(replaced(path, new), SOURCE))
            assert valid is (part == "run" and path[-1] in ("id", "created_at") and isinstance(new, str)), (path, new)


def test_anything_left_out_or_doubled_is_found() -> None:
    for path in containers(REPORT):
        if path in (("run", "id"), ("run", "created_at")):
            continue
        report = copy.deepcopy(REPORT)
        parent = at(report, path[:-1])
        if isinstance(parent, list):
            assert isinstance(path[-1], int)
            parent.insert(path[-1], copy.deepcopy(parent[path[-1]]))
            assert not is_valid(validate(report, SOURCE)), path
            del parent[path[-1]]
        del parent[path[-1]]  # type: ignore[attr-defined]
        assert not is_valid(validate(report, SOURCE)), path


@pytest.mark.parametrize("part", [part for part in PARTS if part != "integrity"])
def test_an_altered_value_is_found_even_when_the_digest_was_made_again(part: str) -> None:
    checked = 0
    for path in (path for path in LEAVES if path[0] == part and must_be_caught(path)):
        for new in altered(at(REPORT, path)):
            assert not is_valid(validate(resealed(replaced(path, new)), SOURCE)), (path, new)
            checked += 1
    assert checked or part in ("attestations", "engine", "flow", "repository", "run", "tool")


def must_be_caught(path: Path) -> bool:
    names = [key for key in path if isinstance(key, str)]
    if names[0] in ("run", "repository", "flow") or names == ["chains", "endpoint", "path"]:
        return False  # another commit with the same files is a note
    return bool(set(names) & MUST_BE_CAUGHT) or names[-1] not in ONLY_THE_DIGEST_KNOWS


def test_a_digest_made_again_does_not_hide_a_verdict_that_was_turned() -> None:
    for index, control in enumerate(REPORT["controls"]):  # type: ignore[arg-type, var-annotated]
        for verdict in {"pass", "fail", "partial", "not_applicable", "unverified"} - {control["verdict"]}:
            report = resealed(replaced(("controls", index, "verdict"), verdict))
            assert not is_valid(validate(report, SOURCE)), (control["id"], verdict)


def test_the_problem_names_the_place_in_the_report() -> None:
    path = next(p for p in LEAVES if p[-1] == "quote" and p[0] == "controls")
    problems = validate(resealed(replaced(path, "something else")), SOURCE)
    assert f"controls[{path[1]}].evidence[{path[3]}].quote" in {problem.path for problem in problems}


# ---------------------------------------------------------------- the repository moves on


def test_a_changed_file_is_found_through_its_hash() -> None:
    texts = {**SOURCE.texts, "app/main.py": SOURCE.texts["app/main.py"] + "\n# more\n"}
    messages = [str(problem) for problem in validate(REPORT, FolderSource(texts))]
    assert any("blob: app/main.py has changed" in message for message in messages)


def test_a_limiter_that_was_added_since_refutes_the_absence() -> None:
    texts = {**SOURCE.texts, "app/limits.py": "limiter = Limiter()\n"}
    messages = [str(problem) for problem in validate(REPORT, FolderSource(texts))]
    assert any("finds something at app/limits.py:1" in message for message in messages)


def test_a_file_that_is_gone_is_found() -> None:
    texts = {path: text for path, text in SOURCE.texts.items() if path != "app/models.py"}
    assert not is_valid(validate(REPORT, FolderSource(texts)))


def test_another_commit_with_the_same_files_is_a_note() -> None:
    problems = validate(REPORT, FolderSource(SOURCE.texts, commit="d" * 40))
    assert [problem.note for problem in problems] == [True]
    assert is_valid(problems)


def test_another_commit_with_other_files_is_a_problem() -> None:
    texts = {**SOURCE.texts, "app/main.py": "changed\n" * 20}
    problems = validate(REPORT, FolderSource(texts, commit="d" * 40))
    assert any(problem.path == "repository.commit" and not problem.note for problem in problems)


def test_the_chain_is_checked_where_no_evidence_stands() -> None:
    texts = {**SOURCE.texts, "web/Login.tsx": "export const Login = 1;\n"}
    paths = {problem.path for problem in validate(REPORT, FolderSource(texts))}
    assert {"chains[0].links[0]", "chains[0].links[1]"} <= paths


# ---------------------------------------------------------------- hostile reports


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        '{"a":1,"a":2}',
        "[" * 200_000,
        '{"schema":"backend-readiness/report/2"}',
        "NaN",
        b"\xff\xfe",
        '{"a":' * 100_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_is_no_report_is_one_clear_problem_or_more_and_no_crash(text: str | bytes) -> None:
    assert not is_valid(validate(text, SOURCE))


def test_a_key_named_twice_cannot_hide_a_value() -> None:
    text = json.dumps(REPORT).replace('"engine": "static"', '"engine": "agent", "engine": "static"')
    assert "names a key twice" in str(validate(text, SOURCE)[0])


def test_random_damage_to_the_text_never_crashes_and_is_always_found() -> None:
    text = json.dumps(REPORT)
    rng = random.Random(7)
    for _ in range(300):
        at_ = rng.randrange(len(text))
        damaged = text[:at_] + rng.choice('x0"{}[],:\\') + text[at_ + 1 :]
        try:
            same = json.loads(damaged) == REPORT
        except ValueError:
            same = False
        if not same:
            assert not is_valid(validate(damaged, SOURCE)), damaged[max(0, at_ - 30) : at_ + 30]


def test_a_report_on_a_real_repository_holds_until_the_repository_changes(make_repo: MakeRepo) -> None:
    root = make_repo(SOURCE.texts)
    first = snapshot.take(root)
    text = json_format.render(build(first, LOGIN, [CHAIN], RESULTS, engine="static", tool_version="0.1.0"))
    assert validate(text, first) == validate(text, snapshot.take(root)) == []
    assert json.loads(text)["repository"] == {"commit": first.commit, "dirty": False}
    main = root / "app" / "main.py"
    main.write_text(main.read_text(encoding="utf-8").replace("f3A9", "e3A9"), encoding="utf-8")
    assert any("app/main.py has changed" in str(problem) for problem in validate(text, snapshot.take(root)))
