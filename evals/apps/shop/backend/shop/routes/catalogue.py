"""The public catalogue."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy import select

from shop.cache import cached_page, store_page
from shop.errors import Problem
from shop.guards import Db
from shop.models import Product
from shop.schemas import ProductPage, ProductView

router = APIRouter(prefix="/products", tags=["catalogue"])


@router.get("")
def list_products(
    db: Db,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 24,
) -> ProductPage:
    """Active products by id; pass `next_after` back as `after` for the next page."""
    key, page = cached_page(after, limit)
    if page is not None:
        return page
    query = select(Product).where(Product.active, Product.id > after).order_by(Product.id).limit(limit)
    items = [ProductView.model_validate(product) for product in db.scalars(query)]
    page = ProductPage(items=items, next_after=items[-1].id if len(items) == limit else None)
    store_page(key, page)
    return page


@router.get("/{product_id}")
def show_product(product_id: Annotated[int, Path(ge=1, le=2**53)], db: Db) -> ProductView:
    product = db.scalar(select(Product).where(Product.id == product_id, Product.active))
    if product is None:
        raise Problem(404, "product_unknown", "There is no such product.")
    return ProductView.model_validate(product)
