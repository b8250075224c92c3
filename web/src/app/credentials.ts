// The token of this tab: from signing in, or handed over by an embedding product in the address (`#token=…`).
import { Store } from "../realtime/store";
import { bearerOf } from "./bearer";

export interface Credentials {
  token: string;
}

const KEY = "resolutionflow.token";

/** Where the page is served, with a slash at the end: the server's paths are relative to it. */
export function base(): string {
  return new URL(".", document.baseURI).href;
}

/** The token of somebody else than who is signed in: a page that opened this one could have handed it over unseen. */
export const offered = new Store<string | null>(null);

/**
 * Takes a token that was handed over out of the address, so that it stays in no history; answers whether it is the tab's
 * now. Where that would be another person, they are asked first.
 */
export function takeHanded(): boolean {
  const handed = /^#token=([\w-]+\.[\w-]+\.[\w-]+)$/.exec(location.hash)?.[1];
  if (handed === undefined) return false;
  history.replaceState(null, "", "#/");
  const now = remembered();
  const mayReplace = now === null || bearerOf(now.token).isOver || bearerOf(now.token).id === bearerOf(handed).id;
  if (mayReplace) remember({ token: handed });
  else offered.set(handed);
  return mayReplace;
}

export function remembered(): Credentials | null {
  const token = sessionStorage.getItem(KEY);
  return token === null ? null : { token };
}

export function remember(credentials: Credentials): void {
  sessionStorage.setItem(KEY, credentials.token);
}

export function forget(): void {
  sessionStorage.removeItem(KEY);
}
