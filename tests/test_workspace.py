"""What is remembered of a repository must never show: after any change the answers are those of a run that remembers nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_readiness.workspace import Workspace

_MAIN = "from fastapi import FastAPI\n\nfrom app.orders import router\n\napp = FastAPI()\napp.include_router(router, prefix={prefix!r})\n"
_ORDERS = """from fastapi import APIRouter, Depends

from app.guards import signed_in
from app.store import save

router = APIRouter(prefix="/orders")


@router.post("/{{order_id}}/pay"{guard})
def pay(order_id: int, amount: int):
    return save(order_id, amount)
"""
_GUARDS = "from fastapi import HTTPException\n\n\ndef signed_in():\n    {body}\n"
_STORE = """import logging

import {package}

logger = logging.getLogger(__name__)


def save(order_id, amount):
    logger.info("saved %s", {logged})
    {package}.post("https://pay.example.com/charges", json={{"amount": amount}}{timeout})
"""
_API = 'import axios from "axios"\n\nexport const pay = (id: number) => axios.post(`{base}/orders/${{id}}/pay`, {{ amount: 1 }})\n'
_PAGE = """import {{ {name} }} from "./{module}"

export function Pay({{ id }}: {{ id: number }}) {{
  return <button onClick={{() => {name}(id)}}>{text}</button>
}}
"""
# Every way in which each file may be written; None: it is not there.
VARIANTS: dict[str, tuple[str | None, ...]] = {
    "app/__init__.py": ("", None),
    "app/main.py": (_MAIN.format(prefix="/api"), _MAIN.format(prefix="/v2"), "x = 1\n", None),
    "app/orders.py": (_ORDERS.format(guard=", dependencies=[Depends(signed_in)]"), _ORDERS.format(guard=""), None),
    "app/guards.py": (_GUARDS.format(body="raise HTTPException(status_code=401)"), _GUARDS.format(body="return None"), None),
    "app/store.py": (
        _STORE.format(package="httpx", logged="order_id", timeout=", timeout=5"),
        _STORE.format(package="requests", logged="password", timeout=""),
        None,
    ),
    "app/notes.py": (None, "import structlog\n\nstructlog.configure()\n", "# TODO: later\n"),
    "web/api.ts": (_API.format(base="/api"), _API.format(base="/v2"), None),
    "web/client.ts": (None, 'export { pay as send } from "./api"\n'),
    "web/Pay.tsx": (
        _PAGE.format(name="pay", module="api", text="Pay the order"),
        _PAGE.format(name="send", module="client", text="Send the money"),
        None,
    ),
    "package.json": ('{"dependencies": {"axios": "^1.7.0", "react": "^19.0.0"}}\n', None),
    "Dockerfile": (None, 'FROM python:3.12\nCMD ["uvicorn", "app.main:app", "--reload"]\n'),
    "README.md": ("# Shop\n", "# Shop\n\nLogs are kept for 30 days.\n", None),
}
CHANGES = st.lists(
    st.sampled_from([(path, number) for path, texts in VARIANTS.items() for number in range(len(texts))]), min_size=1, max_size=3
)


def _write(root: Path, chosen: dict[str, int]) -> None:
    for path, number in chosen.items():
        text, file = VARIANTS[path][number], root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            file.unlink(missing_ok=True)
        else:
            file.write_text(text, encoding="utf-8")


def _answers(root: Path, cache: Path) -> tuple[object, ...]:
    workspace = Workspace(root, cache_dir=cache)
    flows = workspace.flows()
    traced = [workspace.trace(str(route.endpoint)) for route in workspace.routes()]
    reports = [workspace.audit(flow).integrity for flow in flows[:1]]
    return workspace.routes(), flows, traced, reports


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(CHANGES, min_size=1, max_size=3))
def test_after_any_change_the_answers_are_those_of_a_run_without_a_cache(
    steps: list[list[tuple[str, int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("changes")
    root, kept = folder / "repository", folder / "kept"
    chosen = dict.fromkeys(VARIANTS, 0)
    _write(root, chosen)
    _answers(root, kept)
    for number, changes in enumerate(steps):
        chosen |= dict(changes)
        _write(root, chosen)
        assert _answers(root, kept) == _answers(root, folder / f"fresh{number}"), f"after {changes}"


def test_a_change_of_one_file_leaves_the_searches_of_other_blocks_as_they_were(tmp_path: Path) -> None:
    from backend_readiness.controls.absence import Absences

    root, kept = tmp_path / "repository", tmp_path / "kept"
    for number in range(60):
        file = root / f"app/part{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("limiter = 1\n" + "# filler\n" * 8_000, encoding="utf-8")
    searched: list[str] = []

    def hits() -> list[tuple[str, int, str]]:
        workspace = Workspace(root, cache_dir=kept)
        absences = Absences(workspace.snapshot, workspace.facts)
        found = absences.hits((r"limiter",), ("**/*.py",))
        searched[:] = [p for _, block in absences._blocks_of(("**/*.py",)) if block.held_bytes for p in block.paths]
        return found

    assert len(hits()) == 60
    assert len(searched) == 60
    (root / "app/part7.py").write_text("x = 1\n", encoding="utf-8")
    assert len(hits()) == 59
    assert "app/part7.py" in searched
    assert len(searched) < 60
