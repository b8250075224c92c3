// Where the page is: a path and a query, both in the fragment of the address, so that the server needs no routes.
import { useCallback, useSyncExternalStore } from "react";

function parts(): [path: string, query: string] {
  const text = location.hash.replace(/^#?\/?/, "/");
  const mark = text.indexOf("?");
  return mark < 0 ? [text, ""] : [text.slice(0, mark), text.slice(mark + 1)];
}

const path = () => parts()[0];
const query = () => parts()[1];

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}

/** History entries that a script makes fire no `hashchange` by themselves. */
export function go(to: string, options: { replace?: boolean; state?: unknown } = {}): void {
  const oldURL = location.href;
  history[options.replace === true ? "replaceState" : "pushState"](options.state ?? null, "", `#${to}`);
  dispatchEvent(new HashChangeEvent("hashchange", { oldURL, newURL: location.href }));
}

/** The router's location: wouter's own hash location would take what follows the `?` for a part of the path. */
export function useAddress(): [string, typeof go] {
  return [useSyncExternalStore(subscribe, path), go];
}

useAddress.hrefs = (href: string) => `#${href}`;

/** The query of this place, and how to change some of it (null takes one out) without a new entry in the history. */
export function useQuery(): [URLSearchParams, (change: Record<string, string | null>) => void] {
  const text = useSyncExternalStore(subscribe, query);
  const change = useCallback((wanted: Record<string, string | null>) => {
    const next = new URLSearchParams(query());
    for (const [name, value] of Object.entries(wanted)) {
      if (value === null || value === "") next.delete(name);
      else next.set(name, value);
    }
    const said = next.toString();
    go(said === "" ? path() : `${path()}?${said}`, { replace: true });
  }, []);
  return [new URLSearchParams(text), change];
}
