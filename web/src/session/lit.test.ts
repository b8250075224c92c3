import { expect, test } from "vitest";
import { namedIn } from "./lit";

test("an address names a message or a task, and nothing else", () => {
  const id = "6f0b3a52-8f0e-4c1d-9a57-2f4f1f6f0d11";
  expect(namedIn(`message:${id}`)).toEqual({ kind: "message", id });
  expect(namedIn(`task:${id}`)).toEqual({ kind: "task", id });
  for (const other of [null, "", "message:", `handoff:${id}`, `message:${id}"]`]) expect(namedIn(other)).toBeNull();
});
