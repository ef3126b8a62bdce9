import { useRef, useState, type ChangeEvent, type FormEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "react-router-dom";
import { ApiError } from "../api/client";
import { checkOut, type Address } from "../api/shop";
import { ErrorNote } from "../ErrorNote";

const EMPTY: Address = { name: "", street: "", postcode: "", city: "", country: "DE" };
const LABELS: Record<keyof Address, string> = { name: "Name", street: "Street", postcode: "Postcode", city: "City", country: "Country (two letters)" };

export function CheckoutPage() {
  const navigate = useNavigate();
  const [address, setAddress] = useState(EMPTY);
  // One key for this attempt, however often it is sent; a new one only when the server asks to start again.
  const key = useRef(crypto.randomUUID());
  const order = useMutation({
    mutationFn: () => checkOut(address, key.current),
    onSuccess: (placed) => {
      if (placed.payment_url !== null) window.location.assign(placed.payment_url);
      else navigate("/orders");
    },
    onError: (error) => {
      if (error instanceof ApiError && (error.status === 409 || error.status === 422)) key.current = crypto.randomUUID();
    },
  });

  function handleChange(event: ChangeEvent<HTMLInputElement>) {
    setAddress({ ...address, [event.target.name]: event.target.value });
  }

  function handleSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    order.mutate();
  }

  return (
    <form onSubmit={handleSubmit}>
      <h1>Check out</h1>
      {(Object.keys(LABELS) as (keyof Address)[]).map((field) => (
        <label key={field}>
          {LABELS[field]} <input name={field} required maxLength={200} value={address[field]} onChange={handleChange} />
        </label>
      ))}
      <ErrorNote error={order.error} />
      <button type="submit" disabled={order.isPending}>Continue to payment</button>
    </form>
  );
}
