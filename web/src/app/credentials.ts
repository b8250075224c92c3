// The token of this tab: from signing in, or handed over by an embedding product in the address (`#token=…`).

export interface Credentials {
  token: string;
}

const KEY = "resolutionflow.token";

/** Where the page is served, with a slash at the end: the server's paths are relative to it. */
export function base(): string {
  return new URL(".", document.baseURI).href;
}

/** Takes a token that was handed over out of the address, so that it stays in no history; answers whether there was one. */
export function takeHanded(): boolean {
  const handed = /^#token=([\w-]+\.[\w-]+\.[\w-]+)$/.exec(location.hash)?.[1];
  if (handed === undefined) return false;
  history.replaceState(null, "", "#/");
  remember({ token: handed });
  return true;
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
