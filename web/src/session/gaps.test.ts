import { describe, expect, test } from "vitest";
import type { SessionState } from "../realtime/apply";
import { gaps } from "./gaps";

function state(problem: string, notes: string[], tasks: { state: string; result: string | null }[]): SessionState {
  const messages = notes.map((body) => ({ kind: "note", body }));
  return { session: { title: "Mail", problem }, messages, tasks, handoffs: [] } as unknown as SessionState;
}

describe("what a handoff would lack", () => {
  test("everything, of a session that says nothing", () => {
    expect(gaps(state("Mail", [], []))).toEqual(["symptom", "impact", "since", "tried"]);
  });

  test("nothing, in either language", () => {
    const done = [{ state: "done", result: "No change" }];
    expect(gaps(state("Mail bounces with an error for all users since Monday", [], done))).toEqual([]);
    expect(gaps(state("Mail geht nicht, alle Nutzer, seit gestern", ["Neu gestartet"], []))).toEqual([]);
  });

  test("a finished task without its result", () => {
    const text = "Mail fails for everyone since 9:30";
    expect(gaps(state(text, [], [{ state: "failed", result: null }]))).toEqual(["results"]);
  });
});
