import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { browser } from "../realtime/stand-ins";
import type { HandoffView } from "../realtime/wire";

let tones = 0;

beforeEach(() => {
  browser();
  vi.useFakeTimers();
  tones = 0;
  const gain = { setValueAtTime: vi.fn(), linearRampToValueAtTime: vi.fn(), exponentialRampToValueAtTime: vi.fn() };
  vi.stubGlobal("AudioContext", class {
    state = "running";
    resume = () => Promise.resolve();
  });
  vi.stubGlobal("OscillatorNode", class {
    connect = (next: unknown) => next;
    start = () => (tones += 1);
    stop = vi.fn();
  });
  vi.stubGlobal("GainNode", class {
    gain = gain;
    connect = vi.fn();
  });
  const gestures = new EventTarget();
  vi.stubGlobal("addEventListener", gestures.addEventListener.bind(gestures));
  vi.stubGlobal("removeEventListener", gestures.removeEventListener.bind(gestures));
  vi.stubGlobal("touch", () => gestures.dispatchEvent(new Event("keydown")));
});
afterEach(() => vi.useRealTimers());

/** A page of its own that somebody has touched. */
async function tab() {
  vi.resetModules();
  const alerts = await import("./alerts");
  alerts.listenForGesture();
  (globalThis as unknown as { touch: () => void }).touch();
  return (id: string) => alerts.alertTo({ id, version: 1 } as HandoffView, "", "", () => undefined);
}

const ONE_RING = 2;

test("many at once are one ring, whichever tabs hear of them first", async () => {
  const tabs = [await tab(), await tab(), await tab()];
  for (const [at, hears] of tabs.entries()) {
    hears(`handoff ${at}`);
    await vi.advanceTimersByTimeAsync(300);
  }
  expect(tones).toBe(ONE_RING);
  await vi.advanceTimersByTimeAsync(5_000);
  tabs[2]?.("a later one");
  await vi.advanceTimersByTimeAsync(5);
  expect(tones).toBe(2 * ONE_RING);
});

test("a tab that hears of it late does not ring again", async () => {
  const [first, second] = [await tab(), await tab()];
  first("handoff");
  await vi.advanceTimersByTimeAsync(3_000);
  second("handoff");
  await vi.advanceTimersByTimeAsync(5);
  expect(tones).toBe(ONE_RING);
});
