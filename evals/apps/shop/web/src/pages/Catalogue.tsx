import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { listProducts } from "../api/shop";
import { ErrorNote } from "../ErrorNote";
import { formatMoney } from "../money";

export function CataloguePage() {
  const catalogue = useInfiniteQuery({
    queryKey: ["products"],
    queryFn: ({ pageParam }) => listProducts(pageParam),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next_after,
  });

  if (catalogue.isPending) return <p>Loading…</p>;
  if (catalogue.isError) return <ErrorNote error={catalogue.error} />;
  return (
    <>
      <h1>Catalogue</h1>
      <ul>
        {catalogue.data.pages.flatMap((page) =>
          page.items.map((product) => (
            <li key={product.id}>
              <Link to={`/products/${product.id}`}>{product.name}</Link> {formatMoney(product.price_minor, product.currency)}
              {product.stock === 0 && " (sold out)"}
            </li>
          )),
        )}
      </ul>
      {catalogue.hasNextPage && (
        <button disabled={catalogue.isFetchingNextPage} onClick={() => void catalogue.fetchNextPage()}>Show more</button>
      )}
    </>
  );
}
