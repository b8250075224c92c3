import { describe, expect, test } from "vitest";
import type { MessageView } from "../realtime/wire";
import { joined, type Mark, timeline } from "./timeline";

const at = (second: number) => `2026-01-01T00:00:0${second}.000000Z`;
const message = (second: number) => ({ id: `m${second}`, at: at(second) }) as MessageView;
const mark = (second: number, text = "") => ({ id: `k${second}`, at: at(second), text, detail: null }) satisfies Mark;
const told = (isWhole: boolean) =>
  timeline([message(2), message(4)], [mark(5), mark(1), mark(3)], isWhole).map((one) =>
    one.kind === "message" ? one.message.id : one.mark.id,
  );

describe("the conversation's order", () => {
  test("marks stand between the messages, by time", () => {
    expect(told(true)).toEqual(["k1", "m2", "k3", "m4", "k5"]);
  });

  test("a mark older than what is read waits until that is read", () => {
    expect(told(false)).toEqual(["m2", "k3", "m4", "k5"]);
  });

  test("an event knows more than what it led to", () => {
    expect(joined([mark(1, "standing"), mark(2)], [mark(1, "told")]).map((one) => one.text)).toEqual(["", "told"]);
  });
});
