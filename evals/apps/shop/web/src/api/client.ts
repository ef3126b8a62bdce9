/** The one place that talks to the network. The session is an HttpOnly cookie; only the CSRF token passes through here. */

const BASE_URL: string = import.meta.env.VITE_API_BASE_URL ?? "/api/v1";
const TIMEOUT_MS = 20_000;

type Method = "GET" | "POST" | "PUT" | "DELETE";

let csrfToken = "";

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export async function request<T>(method: Method, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(`${BASE_URL}${path}`, {
    method,
    credentials: "include",
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(method === "GET" ? {} : { "X-CSRF-Token": csrfToken }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new ApiError(response.status, problem.code ?? "unknown", problem.detail ?? "The shop does not answer.");
  }
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}
