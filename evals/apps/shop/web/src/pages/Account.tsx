import { useState, type FormEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "react-router-dom";
import { eraseAccount, exportData } from "../api/shop";
import { ErrorNote } from "../ErrorNote";
import { useSession } from "../session";

export function AccountPage() {
  const { forget } = useSession();
  const navigate = useNavigate();
  const [password, setPassword] = useState("");
  const takeout = useMutation({ mutationFn: exportData });
  const erasure = useMutation({
    mutationFn: eraseAccount,
    onSuccess: () => {
      forget();
      navigate("/");
    },
  });

  function handleErase(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    erasure.mutate(password);
  }

  return (
    <>
      <h1>Your data</h1>
      <button onClick={() => takeout.mutate()}>Show what the shop knows about me</button>
      {takeout.data !== undefined && <pre>{JSON.stringify(takeout.data, null, 2)}</pre>}
      <form onSubmit={handleErase}>
        <h2>Erase my account</h2>
        <label>
          Password <input type="password" required value={password} onChange={(event) => setPassword(event.target.value)} />
        </label>
        <ErrorNote error={erasure.error ?? takeout.error} />
        <button type="submit" disabled={erasure.isPending}>Erase</button>
      </form>
    </>
  );
}
