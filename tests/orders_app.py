"""A small application with an interface, a backend and a database: what the tests of the shells run on."""

from __future__ import annotations

import pytest

from tests.conftest import run_git

FILES = {
    "app/main.py": """\
from fastapi import FastAPI

from app.orders import router

app = FastAPI()
app.include_router(router, prefix="/api")


@app.get("/health")
def health():
    return {"ok": True}
""",
    "app/orders.py": """\
from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy.orm import Session

from app.database import Order, User, get_session

router = APIRouter()


def current_user(session: Session = Depends(get_session)) -> User:
    return session.query(User).first()


@router.post("/login")
def login(email: str, password: str, session: Session = Depends(get_session)):
    user = session.query(User).filter(User.email == email).first()
    if user is None or user.password != password:
        raise HTTPException(401)
    return {"id": user.id}


@router.get("/orders")
def list_orders(session: Session = Depends(get_session), user: User = Depends(current_user)):
    return session.query(Order).all()


@router.post("/orders")
def create_order(item: str, session: Session = Depends(get_session), user: User = Depends(current_user)):
    order = Order(item=item)
    session.add(order)
    session.commit()
    return order


@router.delete("/orders/{order_id}", dependencies=[Depends(current_user)])
def delete_order(order_id: int, session: Session = Depends(get_session)):
    session.delete(session.get(Order, order_id))
    session.commit()
""",
    "app/database.py": """\
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine("sqlite://")
API_TOKEN = "sk_live_4f9aB2c7D1e8F3a6"


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    password: Mapped[str]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]


def get_session():
    with Session(engine) as session:
        yield session
""",
    "requirements.txt": "fastapi==0.115.0\nsqlalchemy==2.0.36\n",
    "web/package.json": '{"name": "web", "dependencies": {"react": "18.3.1"}}\n',
    "web/src/Login.tsx": """\
async function signIn(email: string, password: string) {
  const answer = await fetch("/api/login", { method: "POST", body: JSON.stringify({ email, password }) });
  return answer.json();
}

export function Login() {
  return (
    <form onSubmit={() => signIn("a", "b")}>
      <button>Sign in</button>
    </form>
  );
}
""",
    "web/src/Orders.tsx": """\
async function order(item: string) {
  await fetch("/api/orders", { method: "POST", body: JSON.stringify({ item }) });
}

async function load() {
  return fetch("/api/ordres");
}

export function Orders() {
  return <button onClick={() => order("book")}>Order</button>;
}
""",
}


@pytest.fixture(scope="session")
def orders_repo(tmp_path_factory: pytest.TempPathFactory):
    """The application as a committed repository; read it, do not change it."""
    root = tmp_path_factory.mktemp("orders")
    for path, text in FILES.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    run_git(root, "init", "--quiet", "--initial-branch=main")
    run_git(root, "add", "--all")
    run_git(root, "commit", "--quiet", "--message=First")
    return root
