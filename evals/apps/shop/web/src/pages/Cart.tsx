import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { removeLine, setQuantity, showCart, type Cart } from "../api/shop";
import { ErrorNote } from "../ErrorNote";
import { formatMoney } from "../money";

export function CartPage() {
  const queries = useQueryClient();
  const cart = useQuery({ queryKey: ["cart"], queryFn: showCart });
  const onSuccess = (changed: Cart) => queries.setQueryData(["cart"], changed);
  const change = useMutation({
    mutationFn: (line: { productId: number; quantity: number }) => setQuantity(line.productId, line.quantity),
    onSuccess,
  });
  const removal = useMutation({ mutationFn: removeLine, onSuccess });

  if (cart.isPending) return <p>Loading…</p>;
  if (cart.isError) return <ErrorNote error={cart.error} />;
  const [first] = cart.data.lines;
  if (first === undefined) return <p>Your cart is empty.</p>;
  return (
    <>
      <h1>Cart</h1>
      <ul>
        {cart.data.lines.map((line) => (
          <li key={line.product_id}>
            {line.name} {formatMoney(line.unit_price_minor, line.currency)}{" "}
            <select
              aria-label="Quantity"
              value={line.quantity}
              onChange={(event) => change.mutate({ productId: line.product_id, quantity: Number(event.target.value) })}
            >
              {Array.from({ length: 20 }, (_, index) => <option key={index + 1}>{index + 1}</option>)}
            </select>{" "}
            <button onClick={() => removal.mutate(line.product_id)}>Remove</button>
          </li>
        ))}
      </ul>
      <p>Total: {formatMoney(cart.data.total_minor, first.currency)}</p>
      <ErrorNote error={change.error ?? removal.error} />
      <Link to="/checkout">Check out</Link>
    </>
  );
}
