"""Loads the catalogue from a CSV file: `python -m shop.import_products products.csv`. Run by an operator, never at start."""

import csv
import sys
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy import select

from shop import audit
from shop.cache import drop_pages
from shop.database import session_factory
from shop.models import Product


class Row(BaseModel):
    sku: Annotated[str, Field(min_length=1, max_length=40)]
    name: Annotated[str, Field(min_length=1, max_length=120)]
    description: Annotated[str, Field(max_length=2000)]
    price_minor: Annotated[int, Field(gt=0)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    stock: Annotated[int, Field(ge=0)]


def import_products(path: Path) -> int:
    """Adds or updates by `sku`, all or nothing."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [Row.model_validate(row) for row in csv.DictReader(file)]
    with session_factory().begin() as db:
        wanted = {row.sku for row in rows}
        known = {product.sku: product for product in db.scalars(select(Product).where(Product.sku.in_(wanted)).with_for_update())}
        for row in rows:
            product = known.get(row.sku)
            if product is None:
                db.add(Product(**row.model_dump(), active=True))
                continue
            for name, value in row.model_dump().items():
                setattr(product, name, value)
        audit.record(db, actor="system:operator", action="catalogue.imported", object=f"file:{path.name[:60]}")
    drop_pages()
    return len(rows)


if __name__ == "__main__":
    sys.stdout.write(f"{import_products(Path(sys.argv[1]))} products\n")
