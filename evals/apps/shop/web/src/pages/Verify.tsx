import { useMutation } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { verifyAddress } from "../api/shop";
import { ErrorNote } from "../ErrorNote";

/** The token comes in the fragment, which browsers send to no server. A click is asked for because mail scanners open links. */
export function VerifyPage() {
  const verification = useMutation({ mutationFn: () => verifyAddress(window.location.hash.slice(1)) });

  if (verification.isSuccess) {
    return (
      <p>
        Your address is confirmed. <Link to="/sign-in">Sign in</Link>
      </p>
    );
  }
  return (
    <>
      <h1>Confirm your address</h1>
      <ErrorNote error={verification.error} />
      <button disabled={verification.isPending} onClick={() => verification.mutate()}>Confirm</button>
    </>
  );
}
