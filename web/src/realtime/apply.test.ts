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

describe.skipIf(files.length === 0)("what the server told, applied, is what it answers later [R7]", () => {
  test(`${files.length} goldens`, () => {
    for (const name of files) {
      const golden = JSON.parse(readFileSync(`${folder ?? ""}/${name}`, "utf8")) as Golden;
      const folded = golden.events.reduce<SessionState | QueueState>(
        (state, event) =>
          golden.kind === "session"
            ? applyToSession(state as SessionState, event)
            : applyToQueue(state, event, golden.me),
        withoutMembers(golden.snapshot),
      );
      expect(folded, name).toEqual(withoutMembers(golden.later));
    }
  });
});
