// Short, calm messages at the edge of the page. They leave by themselves unless they offer something to do.
import { useSyncExternalStore } from "react";
import { Store } from "../realtime/store";
import classes from "./toasts.module.css";

export interface Toast {
  text: string;
  tone?: "calm" | "good" | "bad";
  action?: { label: string; run: () => void };
  /** Milliseconds; 6,000 where nothing is said. */
  stays?: number;
}

interface Shown extends Toast {
  id: number;
}

const shown = new Store<readonly Shown[]>([]);
let next = 1;

export function toast(made: Toast): () => void {
  const id = next++;
  const dismiss = () => shown.set(shown.get().filter((other) => other.id !== id));
  shown.set([...shown.get().slice(-3), { ...made, id }]);
  setTimeout(dismiss, made.stays ?? 6_000);
  return dismiss;
}

export function Toasts() {
  const all = useSyncExternalStore(shown.subscribe, shown.get);
  return (
    <div className={classes["toasts"]} role="status" aria-live="polite">
      {all.map((one) => (
        <div key={one.id} className={classes["toast"]} data-tone={one.tone ?? "calm"}>
          <span>{one.text}</span>
          {one.action !== undefined && (
            <button type="button" onClick={one.action.run}>
              {one.action.label}
            </button>
          )}
        </div>
      ))}
    </div>
  );
}
