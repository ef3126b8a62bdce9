import { request } from "./client";

export interface Session {
  email: string;
  csrf_token: string;
}

export interface Credentials {
  email: string;
  password: string;
}

export interface Product {
  id: number;
  sku: string;
  name: string;
  description: string;
  price_minor: number;
  currency: string;
  stock: number;
}

export interface ProductPage {
  items: Product[];
  next_after: number | null;
}

export interface CartLine {
  product_id: number;
  name: string;
  unit_price_minor: number;
  currency: string;
  quantity: number;
}

export interface Cart {
  lines: CartLine[];
  total_minor: number;
}

export interface Address {
  name: string;
  street: string;
  postcode: string;
  city: string;
  country: string;
}

export interface Order {
  id: number;
  status: "pending" | "paid" | "cancelled" | "review";
  total_minor: number;
  currency: string;
  created_at: string;
  payment_url: string | null;
  lines: { product_id: number; product_name: string; unit_price_minor: number; quantity: number }[];
}

export interface OrderPage {
  items: Order[];
  next_before: number | null;
}

export const signUp = (credentials: Credentials) => request<{ detail: string }>("POST", "/accounts", credentials);
export const verifyAddress = (token: string) => request<void>("POST", "/accounts/verify", { token });
export const signIn = (credentials: Credentials) => request<Session>("POST", "/sessions", credentials);
export const currentSession = () => request<Session>("GET", "/sessions/current");
export const signOut = () => request<void>("DELETE", "/sessions/current");
export const eraseAccount = (password: string) => request<void>("DELETE", "/me", { password });
export const exportData = () => request<Record<string, unknown>>("GET", "/me/export");

export const listProducts = (after: number) => request<ProductPage>("GET", `/products?after=${after}`);
export const showProduct = (id: number) => request<Product>("GET", `/products/${id}`);

export const showCart = () => request<Cart>("GET", "/cart");
export const setQuantity = (productId: number, quantity: number) => request<Cart>("PUT", `/cart/lines/${productId}`, { quantity });
export const removeLine = (productId: number) => request<Cart>("DELETE", `/cart/lines/${productId}`);

export const checkOut = (address: Address, idempotencyKey: string) =>
  request<Order>("POST", "/orders", { address }, { "Idempotency-Key": idempotencyKey });
export const listOrders = (before: number | null) => request<OrderPage>("GET", before === null ? "/orders" : `/orders?before=${before}`);
export const showOrder = (id: number) => request<Order>("GET", `/orders/${id}`);
