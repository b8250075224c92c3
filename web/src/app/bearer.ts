// Who a token says it is for. Nothing is believed because of it: the server alone checks tokens.

export interface Bearer {
  /** Account and user; empty if the token does not say. */
  id: string;
  name: string;
  isOver: boolean;
}

export function bearerOf(token: string): Bearer {
  try {
    const bytes = atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"));
    const text = new TextDecoder().decode(Uint8Array.from(bytes, (one) => one.charCodeAt(0)));
    const claims = JSON.parse(text) as Record<string, unknown>;
    const said = (claim: string) => (typeof claims[claim] === "string" ? claims[claim] : "");
    return { id: `${said("account")}.${said("sub")}`, name: said("name"), isOver: Number(claims["exp"]) * 1_000 < Date.now() };
  } catch {
    return { id: "", name: "", isOver: false };
  }
}
