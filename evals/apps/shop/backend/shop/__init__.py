"""A small shop: accounts, catalogue, cart, checkout, orders."""
