// What is true of the connection now, and what waits for it.
import type { Name } from "./commands";

export type Light =
  | { kind: "connecting" }
  | { kind: "catching_up" }
  | { kind: "live"; latency: number | null }
  | { kind: "offline"; since: number }
  | { kind: "refused"; code: string; message: string };

export interface Held {
  id: number;
  name: Name;
}
