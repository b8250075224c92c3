// Runs before everything else of the page: whoever changes the address meanwhile must not lose the token in it.
import { takeHanded } from "./credentials";

takeHanded();

/** An embedding product that hands over another token, in an open page, begins anew with it. */
addEventListener("hashchange", () => {
  if (takeHanded()) location.reload();
});
