import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { applyToQueue, applyToSession, type QueueState, type SessionState } from "./apply";
import type { LogEntry } from "./wire";

interface Golden {
  kind: "session" | "queue";
  me: string;
  snapshot: SessionState | QueueState;
  events: LogEntry[];
  later: SessionState | QueueState;
}

/** Who is there is told by signals, not by the log. */
function withoutMembers(state: SessionState | QueueState): SessionState | QueueState {
  const copy: Partial<SessionState> & { members?: unknown } = { ...state };
  delete copy.members;
  return copy as SessionState | QueueState;
}

const folder = process.env["GOLDEN"];
const files = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith(".json"));

type State = SessionState | QueueState;

function folded(golden: Golden, events: readonly LogEntry[], state: State): State {
  if (golden.kind === "queue") return applyToQueue(state, events, golden.me);
  return events.reduce(applyToSession, state as SessionState);
}

describe.skipIf(files.length === 0)("what the server told, applied, is what it answers later [R7]", () => {
  test(`${files.length} goldens`, () => {
    for (const name of files) {
      const golden = JSON.parse(readFileSync(`${folder ?? ""}/${name}`, "utf8")) as Golden;
      const before = withoutMembers(golden.snapshot);
      const byOne = golden.events.reduce((state, event) => folded(golden, [event], state), before);
      expect(byOne, name).toEqual(withoutMembers(golden.later));
      expect(folded(golden, golden.events, before), `${name}, all together`).toEqual(byOne);
      expect(before, `${name}, untouched`).toEqual(withoutMembers(golden.snapshot));
    }
  });
});
