import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { ApiError, setCsrfToken } from "./api/client";
import * as shop from "./api/shop";

interface SessionState {
  email: string | null;
  loading: boolean;
  signIn(credentials: shop.Credentials): Promise<void>;
  signOut(): Promise<void>;
  forget(): void;
}

const SessionContext = createContext<SessionState | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [email, setEmail] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const queries = useQueryClient();

  const begin = useCallback((session: shop.Session) => {
    setCsrfToken(session.csrf_token);
    setEmail(session.email);
  }, []);

  const forget = useCallback(() => {
    setCsrfToken("");
    setEmail(null);
    queries.clear();
  }, [queries]);

  useEffect(() => {
    shop
      .currentSession()
      .then(begin)
      .catch((error: unknown) => {
        if (!(error instanceof ApiError && error.status === 401)) console.error("session check failed", error);
      })
      .finally(() => setLoading(false));
  }, [begin]);

  const state = useMemo<SessionState>(
    () => ({
      email,
      loading,
      forget,
      signIn: async (credentials) => begin(await shop.signIn(credentials)),
      signOut: async () => {
        await shop.signOut();
        forget();
      },
    }),
    [email, loading, begin, forget],
  );
  return <SessionContext.Provider value={state}>{children}</SessionContext.Provider>;
}

export function useSession(): SessionState {
  const state = useContext(SessionContext);
  if (state === null) throw new Error("useSession outside of SessionProvider");
  return state;
}
