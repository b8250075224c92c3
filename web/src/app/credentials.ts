// The token of this tab: from signing in, or handed over by an embedding product in the address (`#token=…`).

export interface Credentials {
  token: string;
}

const KEY = "resolutionflow.token";

/** Where the page is served, with a slash at the end: the server's paths are relative to it. */
export function base(): string {
  return new URL(".", document.baseURI).href;
}

/** The token is taken out of the address at once, so that it stays in no history. */
export function remembered(): Credentials | null {
  const handed = /^#token=([\w-]+\.[\w-]+\.[\w-]+)$/.exec(location.hash)?.[1];
  if (handed !== undefined) {
    history.replaceState(null, "", "#/");
    remember({ token: handed });
  }
  const token = sessionStorage.getItem(KEY);
  return token === null ? null : { token };
}

export function remember(credentials: Credentials): void {
  sessionStorage.setItem(KEY, credentials.token);
}

export function forget(): void {
  sessionStorage.removeItem(KEY);
}
