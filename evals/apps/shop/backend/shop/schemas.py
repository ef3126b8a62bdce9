"""What goes in and out. Inputs are closed (`extra="forbid"`), bounded and stripped."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, SecretStr

from shop.passwords import MAX_LENGTH, MIN_LENGTH

Email = Annotated[EmailStr, Field(max_length=254), AfterValidator(lambda value: value.lower())]
NewPassword = Annotated[SecretStr, Field(min_length=MIN_LENGTH, max_length=MAX_LENGTH)]
Password = Annotated[SecretStr, Field(min_length=1, max_length=MAX_LENGTH)]


class Input(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Output(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SignUp(Input):
    email: Email
    password: NewPassword


class SignIn(Input):
    email: Email
    password: Password


class Verification(Input):
    token: Annotated[str, Field(min_length=20, max_length=128)]


class Erasure(Input):
    password: Password


class Quantity(Input):
    quantity: Annotated[int, Field(ge=1, le=20)]


class Address(Input):
    name: Annotated[str, Field(min_length=1, max_length=120)]
    street: Annotated[str, Field(min_length=1, max_length=200)]
    postcode: Annotated[str, Field(min_length=2, max_length=12)]
    city: Annotated[str, Field(min_length=1, max_length=120)]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]


class Checkout(Input):
    address: Address


class Message(Output):
    detail: str


class SessionView(Output):
    email: str
    csrf_token: str


class ProductView(Output):
    id: int
    sku: str
    name: str
    description: str
    price_minor: int
    currency: str
    stock: int


class ProductPage(Output):
    items: list[ProductView]
    next_after: int | None


class CartLineView(Output):
    product_id: int
    name: str
    unit_price_minor: int
    currency: str
    quantity: int


class CartView(Output):
    lines: list[CartLineView]
    total_minor: int


class OrderLineView(Output):
    product_id: int
    product_name: str
    unit_price_minor: int
    quantity: int


class OrderView(Output):
    id: int
    status: str
    total_minor: int
    currency: str
    created_at: datetime
    payment_url: str | None
    lines: list[OrderLineView]


class OrderPage(Output):
    items: list[OrderView]
    next_before: int | None


class Export(Output):
    email: str
    created_at: datetime
    orders: list[OrderView]
    addresses: list[str]
