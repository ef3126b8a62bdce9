import type { ReactNode } from "react";
import { Link, Navigate, Route, Routes, useNavigate } from "react-router-dom";
import { AccountPage } from "./pages/Account";
import { CartPage } from "./pages/Cart";
import { CataloguePage } from "./pages/Catalogue";
import { CheckoutPage } from "./pages/Checkout";
import { OrdersPage } from "./pages/Orders";
import { ProductPage } from "./pages/Product";
import { SignInPage } from "./pages/SignIn";
import { SignUpPage } from "./pages/SignUp";
import { VerifyPage } from "./pages/Verify";
import { useSession } from "./session";

function SignedIn({ children }: { children: ReactNode }) {
  const { email, loading } = useSession();
  if (loading) return <p>Loading…</p>;
  return email === null ? <Navigate to="/sign-in" replace /> : children;
}

function Navigation() {
  const { email, signOut } = useSession();
  const navigate = useNavigate();

  async function handleSignOut() {
    await signOut();
    navigate("/");
  }

  if (email === null) {
    return (
      <nav>
        <Link to="/">Catalogue</Link> <Link to="/sign-in">Sign in</Link> <Link to="/sign-up">Sign up</Link>
      </nav>
    );
  }
  return (
    <nav>
      <Link to="/">Catalogue</Link> <Link to="/cart">Cart</Link> <Link to="/orders">Orders</Link> <Link to="/account">{email}</Link>{" "}
      <button onClick={() => void handleSignOut()}>Sign out</button>
    </nav>
  );
}

export function App() {
  return (
    <>
      <header>
        <Navigation />
      </header>
      <main>
        <Routes>
          <Route path="/" element={<CataloguePage />} />
          <Route path="/products/:id" element={<ProductPage />} />
          <Route path="/sign-in" element={<SignInPage />} />
          <Route path="/sign-up" element={<SignUpPage />} />
          <Route path="/verify" element={<VerifyPage />} />
          <Route path="/cart" element={<SignedIn><CartPage /></SignedIn>} />
          <Route path="/checkout" element={<SignedIn><CheckoutPage /></SignedIn>} />
          <Route path="/orders" element={<SignedIn><OrdersPage /></SignedIn>} />
          <Route path="/account" element={<SignedIn><AccountPage /></SignedIn>} />
          <Route path="*" element={<p>There is no such page.</p>} />
        </Routes>
      </main>
    </>
  );
}
