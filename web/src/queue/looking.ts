// Tells the others whether I am here, and what in the queue I look at.
import { useEffect, useState } from "react";
import { useConnection, useLight } from "../app/live";

/** Long enough that passing over a row is not looking at it. */
const A_LOOK = 1_000;

export function useLooking(handoffId: string | null): void {
  const connection = useConnection();
  const isLive = useLight().kind === "live"; // said again on each new connection
  const isHidden = useHidden();
  useEffect(() => {
    if (!isLive) return;
    const tell = () => void connection.send("presence:set", { state: isHidden ? "away" : "viewing", handoff_id: handoffId });
    const due = setTimeout(tell, handoffId === null ? 0 : A_LOOK);
    return () => clearTimeout(due);
  }, [connection, isLive, isHidden, handoffId]);
  useEffect(
    () => () => void connection.send("presence:set", { state: "viewing", handoff_id: null }),
    [connection],
  );
}

function useHidden(): boolean {
  const [isHidden, setHidden] = useState(document.hidden);
  useEffect(() => {
    const changed = () => setHidden(document.hidden);
    document.addEventListener("visibilitychange", changed);
    return () => document.removeEventListener("visibilitychange", changed);
  }, []);
  return isHidden;
}
