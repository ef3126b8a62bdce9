"""A generated repository: a FastAPI application with a React frontend, and around it as much other source as is asked for.

The same arguments give the same bytes. Every route has a service, a table, a client function and a page with a form that calls it.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from pathlib import Path

NOUNS = ("order", "cart", "user", "invoice", "payment", "product", "session", "coupon", "address", "shipment", "review", "refund")
VERBS = (
    "create", "load", "update", "remove", "check", "send", "charge", "cancel", "export",
    "approve", "archive", "assign", "close", "confirm", "copy", "merge", "price",
)  # fmt: skip

_MAIN = """from fastapi import FastAPI

{imports}

app = FastAPI(title="Generated")
{mounts}
"""
_DATABASE = """from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

engine = create_engine("postgresql+psycopg://app@database/app", pool_size=10)
SessionLocal = sessionmaker(bind=engine)


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
"""
_MODELS = (
    "from sqlalchemy import Column, ForeignKey, Integer, String\nfrom sqlalchemy.orm import declarative_base\n\nBase = declarative_base()\n"
)
_MODEL = """

class {Noun}(Base):
    __tablename__ = "{noun}s"
    id = Column(Integer, primary_key=True)
    owner_id = Column(Integer, index=True, nullable=False)
    name = Column(String(200), nullable=False)
    amount = Column(Integer, nullable=False)
"""
_ROUTER = """from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from app.database import get_db
from app.services import {noun}s as service

router = APIRouter(prefix="/{noun}s", tags=["{noun}s"])


class {Noun}In(BaseModel):
    name: str = Field(max_length=200)
    amount: int = Field(ge=0)
"""
_ROUTE = """

@router.post("/{{{noun}_id}}/{verb}")
def {verb}_{noun}({noun}_id: int, body: {Noun}In, db: Session = Depends(get_db)):
    found = service.{verb}_{noun}(db, {noun}_id, body.name, body.amount)
    if found is None:
        raise HTTPException(status_code=404)
    return {{"id": found.id, "name": found.name}}
"""
_SERVICE = """

def {verb}_{noun}(db: Session, {noun}_id: int, name: str, amount: int):
    found = db.query({Noun}).filter({Noun}.id == {noun}_id).one_or_none()
    if found is None:
        return None
    found.name = normalised(name)
    found.amount = amount
    db.commit()
    return found
"""
_CLIENT = 'import axios from "axios"\n\nexport const client = axios.create({ baseURL: "/api/v1", timeout: 5000 })\n'
_CALLS = """
export const {verb}{Noun} = (id: number, body: {Noun}Input) => client.post(`/{noun}s/${{id}}/{verb}`, body)
"""
_PAGE = """import {{ useState, type FormEvent }} from "react"
import {{ {verb}{Noun} }} from "../api/{noun}s"

export function {Verb}{Noun}Page({{ id }}: {{ id: number }}) {{
  const [name, setName] = useState("")
  const submit = async (event: FormEvent) => {{
    event.preventDefault()
    await {verb}{Noun}(id, {{ name, amount: 1 }})
  }}
  return (
    <form onSubmit={{submit}}>
      <input name="name" value={{name}} onChange={{(event) => setName(event.target.value)}} />
      <button type="submit">{Verb} the {noun}</button>
    </form>
  )
}}
"""


def generate(root: Path, *, total_bytes: int, files: int, seed: int) -> None:
    """Write a git repository of about that size and number of files below `root`, which exists and is empty."""
    pick = random.Random(seed)
    _application(root)
    written = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    shares = [pick.lognormvariate(0, 1) for _ in range(files)]
    for number, share in enumerate(shares):
        wanted = max(300, int((total_bytes - written) * share / sum(shares)))
        noun = pick.choice(NOUNS)
        if number % 2:
            _filled(root / f"backend/app/domain/{noun}s/part{number}.py", _python_head(pick, number), _python_part, wanted, pick)
        else:
            _filled(root / f"web/src/components/{noun}s/part{number}.tsx", _typescript_head(pick, number), _typescript_part, wanted, pick)
    for arguments in (
        ["init", "--quiet"],
        ["add", "--all"],
        ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "x"],
    ):
        subprocess.run(["git", *arguments], cwd=root, check=True, stdout=subprocess.DEVNULL)


def _application(root: Path) -> None:
    names = [{"noun": noun, "Noun": noun.title()} for noun in NOUNS]
    both = {n["noun"]: [n | {"verb": verb, "Verb": verb.title()} for verb in VERBS] for n in names}
    mounts = "\n".join(f'app.include_router({noun}s.router, prefix="/api/v1")' for noun in NOUNS)
    texts = {
        "backend/requirements.txt": "fastapi==0.115.0\nsqlalchemy==2.0.30\n",
        "backend/app/main.py": _MAIN.format(imports=f"from app.routes import {', '.join(f'{noun}s' for noun in NOUNS)}", mounts=mounts),
        "backend/app/database.py": _DATABASE,
        "backend/app/models.py": _MODELS + "".join(_MODEL.format(**n) for n in names),
        "backend/app/words.py": "def normalised(text: str) -> str:\n    return text.strip()\n",
        "web/package.json": '{"name": "web", "dependencies": {"react": "^19.0.0", "axios": "^1.7.0"}}\n',
        "web/src/api/client.ts": _CLIENT,
    }
    for package in ("", "routes/", "services/", "domain/", *(f"domain/{noun}s/" for noun in NOUNS)):
        texts[f"backend/app/{package}__init__.py"] = ""
    for n in names:
        noun, rows = n["noun"], both[n["noun"]]
        head = f"from sqlalchemy.orm import Session\n\nfrom app.models import {n['Noun']}\nfrom app.words import normalised\n"
        calls = f'import {{ client }} from "./client"\n\nexport interface {n["Noun"]}Input {{ name: string; amount: number }}\n'
        texts[f"backend/app/routes/{noun}s.py"] = _ROUTER.format(**n) + "".join(_ROUTE.format(**row) for row in rows)
        texts[f"backend/app/services/{noun}s.py"] = head + "".join(_SERVICE.format(**row) for row in rows)
        texts[f"web/src/api/{noun}s.ts"] = calls + "".join(_CALLS.format(**row) for row in rows)
        for row in rows:
            texts[f"web/src/pages/{row['Verb']}{row['Noun']}.tsx"] = _PAGE.format(**row)
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _filled(path: Path, head: str, part: Callable[[random.Random, int], str], wanted: int, pick: random.Random) -> None:
    pieces, size = [head], len(head)
    while size < wanted:
        pieces.append(part(pick, pick.randrange(100_000)))
        size += len(pieces[-1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(pieces), encoding="utf-8")


def _python_head(pick: random.Random, number: int) -> str:
    one, other = pick.choice(NOUNS), pick.choice(NOUNS)
    return f"""import logging
from dataclasses import dataclass

from app.models import {one.title()}
from app.services import {other}s
from app.words import normalised

logger = logging.getLogger(__name__)
PART = {number}
"""


def _python_part(pick: random.Random, number: int) -> str:
    verb, noun, other = pick.choice(VERBS), pick.choice(NOUNS), pick.choice(NOUNS)
    return f'''

@dataclass(frozen=True)
class {verb.title()}{noun.title()}{number}:
    """What it takes to {verb} one {noun}."""

    {noun}_id: int
    names: tuple[str, ...] = ()
    limit: int = {number}

    def total(self, lines, *, rate: float = 0.19) -> int:
        found = 0
        for line in lines:
            if line.count > self.limit:
                logger.warning("{verb}: %s has more than %d", line.name, self.limit)
                continue
            found += int(line.price * line.count * (1 + rate))
        return found

    def labels(self) -> list[str]:
        return [normalised(name).lower() for name in self.names if name and not name.startswith("_")]


def {verb}_{noun}_{number}({other}_id: int, settings: dict[str, str]) -> {verb.title()}{noun.title()}{number}:
    text = settings.get("{noun}.{verb}") or "{other}-{number}"
    parts = [part for part in text.split(",") if part]
    try:
        first = int(parts[0]) if parts and parts[0].isdigit() else {other}_id
    except (IndexError, ValueError) as error:
        logger.debug("no {noun} in %r: %s", text, error)
        raise
    return {verb.title()}{noun.title()}{number}({noun}_id=first, names=tuple(parts))
'''


def _typescript_head(pick: random.Random, number: int) -> str:
    noun = pick.choice(NOUNS)
    return f"""import {{ useMemo, useState, type ReactNode }} from "react"
import type {{ {noun.title()}Input }} from "../../api/{noun}s"

export const part = {number}
export type Shown = {noun.title()}Input & {{ children?: ReactNode }}
"""


def _typescript_part(pick: random.Random, number: int) -> str:
    verb, noun, other = pick.choice(VERBS), pick.choice(NOUNS), pick.choice(NOUNS)
    name = f"{verb.title()}{noun.title()}{number}"
    return f"""
interface Line {{ id: number; price: number; count: number }}
export interface {name}Props {{ {noun}Id: number; lines: Line[]; onDone?: (total: number) => void }}

export function {name}({{ {noun}Id, lines, onDone }}: {name}Props) {{
  const [{other}, set{other.title()}] = useState<string | null>(null)
  const total = useMemo(() => lines.reduce((sum, line) => sum + line.price * line.count, {number}), [lines])
  const shown = {other} ? {other}.trim().toLowerCase() : `{noun}-${{{noun}Id}}`
  const choose = (value: string) => {{
    set{other.title()}(value)
    if (value !== shown && onDone) onDone(total)
  }}
  return (
    <section className="{noun}-{verb}">
      {{lines.map((line) => (<span key={{line.id}}>{{line.count}} x {{line.price}}</span>))}}
      <select value={{shown}} onChange={{(event) => choose(event.target.value)}}>
        <option value="{verb}">{verb}</option>
        <option value="{other}">{other}</option>
      </select>
    </section>
  )
}}
"""
