// The account's targets until a claim, in seconds by severity. The server tells them to admins, over HTTP.
import { useEffect, useState } from "react";
import { base, remembered } from "../app/credentials";
import { useHello } from "../app/live";
import type { AccountSettingsAnswer } from "../realtime/wire";

export type Targets = AccountSettingsAnswer["settings"]["claim_targets_s"];

/** Null where they are not known: then no target is drawn. */
export function useTargets(): Targets | null {
  const isAdmin = useHello()?.user.role === "admin";
  const [targets, setTargets] = useState<Targets | null>(null);
  useEffect(() => {
    const token = remembered()?.token;
    if (!isAdmin || token === undefined) return;
    const stop = new AbortController();
    const ask = { headers: { authorization: `Bearer ${token}` }, signal: stop.signal };
    fetch(new URL("api/account", base()), ask)
      .then(async (reply) => {
        if (reply.ok) setTargets(((await reply.json()) as AccountSettingsAnswer).settings.claim_targets_s);
      })
      .catch(() => undefined);
    return () => stop.abort();
  }, [isAdmin]);
  return targets;
}
