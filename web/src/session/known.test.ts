import { describe, expect, test } from "vitest";
import type { MessageView } from "../realtime/wire";
import { merged } from "./known";

const messages = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ seq: from + i }) as MessageView);
const seqs = (known: readonly MessageView[]) => known.map((one) => one.seq);

describe("known messages", () => {
  test("older ones stay when new ones push them out of the room's newest", () => {
    expect(seqs(merged(messages(1, 200), messages(2, 201)))).toEqual(seqs(messages(1, 201)));
  });

  test("a hole is never shown: what is beyond it is given up", () => {
    expect(seqs(merged(messages(1, 200), messages(300, 499)))).toEqual(seqs(messages(300, 499)));
  });

  test("the first ones are the newest ones", () => {
    expect(seqs(merged([], messages(1, 3)))).toEqual([1, 2, 3]);
  });
});
