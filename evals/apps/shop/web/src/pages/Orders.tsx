import { useInfiniteQuery } from "@tanstack/react-query";
import { listOrders } from "../api/shop";
import { ErrorNote } from "../ErrorNote";
import { formatMoney } from "../money";

export function OrdersPage() {
  const orders = useInfiniteQuery({
    queryKey: ["orders"],
    queryFn: ({ pageParam }) => listOrders(pageParam),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next_before,
  });

  if (orders.isPending) return <p>Loading…</p>;
  if (orders.isError) return <ErrorNote error={orders.error} />;
  return (
    <>
      <h1>Orders</h1>
      <ul>
        {orders.data.pages.flatMap((page) =>
          page.items.map((order) => (
            <li key={order.id}>
              {new Date(order.created_at).toLocaleString()} {formatMoney(order.total_minor, order.currency)} {order.status}{" "}
              {order.status === "pending" && order.payment_url !== null && <a href={order.payment_url}>Pay</a>}
              <ul>
                {order.lines.map((line) => (
                  <li key={line.product_id}>
                    {line.quantity} × {line.product_name}
                  </li>
                ))}
              </ul>
            </li>
          )),
        )}
      </ul>
      {orders.hasNextPage && <button onClick={() => void orders.fetchNextPage()}>Show more</button>}
    </>
  );
}
