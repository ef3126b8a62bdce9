export function ErrorNote({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  return <p role="alert">{error instanceof Error ? error.message : "Something went wrong."}</p>;
}
