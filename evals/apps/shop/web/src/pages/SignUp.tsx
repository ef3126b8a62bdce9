import { useState, type FormEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { signUp } from "../api/shop";
import { ErrorNote } from "../ErrorNote";

export function SignUpPage() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const account = useMutation({ mutationFn: signUp });

  function handleSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    account.mutate({ email, password });
  }

  if (account.isSuccess) return <p>{account.data.detail}</p>;
  return (
    <form onSubmit={handleSubmit}>
      <h1>Sign up</h1>
      <label>
        Email <input type="email" autoComplete="username" required value={email} onChange={(event) => setEmail(event.target.value)} />
      </label>
      <label>
        Password{" "}
        <input
          type="password"
          autoComplete="new-password"
          required
          minLength={12}
          maxLength={128}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      <ErrorNote error={account.error} />
      <button type="submit" disabled={account.isPending}>Sign up</button>
    </form>
  );
}
