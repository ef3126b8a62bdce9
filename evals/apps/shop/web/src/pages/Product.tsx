import { useState, type FormEvent } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router-dom";
import { setQuantity, showProduct } from "../api/shop";
import { ErrorNote } from "../ErrorNote";
import { formatMoney } from "../money";
import { useSession } from "../session";

export function ProductPage() {
  const id = Number(useParams().id);
  const { email } = useSession();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [quantity, setWanted] = useState(1);
  const product = useQuery({ queryKey: ["product", id], queryFn: () => showProduct(id) });
  const addition = useMutation({
    mutationFn: () => setQuantity(id, quantity),
    onSuccess: (cart) => {
      queries.setQueryData(["cart"], cart);
      navigate("/cart");
    },
  });

  function handleSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (email === null) navigate("/sign-in");
    else addition.mutate();
  }

  if (product.isPending) return <p>Loading…</p>;
  if (product.isError) return <ErrorNote error={product.error} />;
  return (
    <form onSubmit={handleSubmit}>
      <h1>{product.data.name}</h1>
      <p>{product.data.description}</p>
      <p>{formatMoney(product.data.price_minor, product.data.currency)}</p>
      <label>
        Quantity{" "}
        <input type="number" min={1} max={20} required value={quantity} onChange={(event) => setWanted(event.target.valueAsNumber)} />
      </label>
      <ErrorNote error={addition.error} />
      <button type="submit" disabled={addition.isPending || product.data.stock === 0}>Put in cart</button>
    </form>
  );
}
