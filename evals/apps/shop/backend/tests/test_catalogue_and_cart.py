from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from shop.models import Product
from tests.doubles import MailBox
from tests.steps import customer, put_in_cart


def test_the_catalogue_is_paged_and_the_page_size_is_capped(app: TestClient, db: Session) -> None:
    db.add_all(Product(sku=f"s{n}", name=f"P{n}", description="", price_minor=100, currency="EUR", stock=1) for n in range(7))
    db.commit()
    first = app.get("/api/v1/products?limit=5").json()
    rest = app.get(f"/api/v1/products?limit=5&after={first['next_after']}").json()
    assert [len(first["items"]), len(rest["items"]), rest["next_after"]] == [5, 2, None]
    assert app.get("/api/v1/products?limit=101").status_code == 422


def test_inactive_products_are_unknown(app: TestClient, product: Product, db: Session) -> None:
    product.active = False
    db.commit()
    assert app.get(f"/api/v1/products/{product.id}").status_code == 404


def test_the_cart_keeps_lines_and_totals(app: TestClient, mails: MailBox, product: Product) -> None:
    customer(app, mails)
    put_in_cart(app, product.id, 2)
    put_in_cart(app, product.id, 3)
    cart = app.get("/api/v1/cart").json()
    assert [cart["lines"][0]["quantity"], cart["total_minor"]] == [3, 1350]
    assert app.delete(f"/api/v1/cart/lines/{product.id}").json()["lines"] == []


def test_the_cart_refuses_strangers_and_bad_quantities(app: TestClient, mails: MailBox, product: Product) -> None:
    assert app.get("/api/v1/cart").status_code == 401
    customer(app, mails)
    for quantity in (0, -1, 21, "1.5"):
        assert app.put(f"/api/v1/cart/lines/{product.id}", json={"quantity": quantity}).status_code == 422
    assert app.put("/api/v1/cart/lines/999", json={"quantity": 1}).status_code == 404
