import { describe, expect, test } from "vitest";
import type { HandoffView } from "../realtime/wire";
import { filtersIn, isFiltering, shown, subjectOf } from "./filters";

function handoff(id: string, over: Partial<HandoffView>, client = "Harbor Dental"): HandoffView {
  const about = { headline: `${client}: mail bounces`, background: { client, asset: null, recent_changes: [] } };
  return { id, status: "queued", severity: "normal", tags: [], handed_off_by_name: "Jonas", package: about, ...over } as unknown as HandoffView;
}

const QUEUE = [
  handoff("a", { severity: "critical", status: "claimed" }),
  handoff("b", { severity: "high", tags: ["skill:exchange"] }),
  handoff("c", {}, "Quarry Books"),
];

const ids = (query: string) => shown(QUEUE, filtersIn(new URLSearchParams(query))).handoffs.map((one) => one.id);

describe("the queue's filters", () => {
  test("without any, what waits comes before what is in work", () => {
    expect(ids("")).toEqual(["b", "c", "a"]);
    expect(isFiltering(filtersIn(new URLSearchParams()))).toBe(false);
  });

  test.each([
    ["severity=critical,high", ["b", "a"]],
    ["severity=nonsense", ["b", "c", "a"]],
    ["tag=skill:exchange", ["b"]],
    ["client=BOOKS quarry", ["c"]],
    ["waiting=1", ["b", "c"]],
  ])("%s", (query, expected) => expect(ids(query)).toEqual(expected));

  test("counts are of the whole queue", () => {
    const { all } = shown(QUEUE, filtersIn(new URLSearchParams("waiting=1&severity=low")));
    expect(all).toEqual({
      waiting: 2,
      claimed: 1,
      bySeverity: { critical: 1, high: 1, normal: 1, low: 0 },
      tags: ["skill:exchange"],
    });
  });

  test("a subject does not say the client's name again", () => {
    expect(QUEUE.map(subjectOf)).toEqual(["mail bounces", "mail bounces", "mail bounces"]);
  });
});
