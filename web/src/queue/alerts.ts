// A tone and a notification for what is new and urgent: from one tab, however many are open.
import { Store } from "../realtime/store";
import type { HandoffView } from "../realtime/wire";

const MUTED = "resolutionflow.muted";
/** All tabs together are quiet for so long after a ring. */
const QUIET_AFTER = 2_000;
/** A tab may hear of a handoff so much later than another. */
const HELD = 5_000;

export const isMuted = new Store(localStorage.getItem(MUTED) === "1");

/** Who does not claim hears nothing, unless they chose to. */
export function muteByDefault(): void {
  if (localStorage.getItem(MUTED) === null) isMuted.set(true);
}
export const permission = new Store<NotificationPermission>("Notification" in window ? Notification.permission : "denied");

let audio: AudioContext | null = null;
let rangAt = 0;
const notifications = new Map<string, Notification>();

export function mute(muted: boolean): void {
  localStorage.setItem(MUTED, muted ? "1" : "0");
  isMuted.set(muted);
  if (!muted) ring();
}

/** To be called by a click: browsers answer no other asking. */
export async function askToNotify(): Promise<void> {
  if ("Notification" in window) permission.set(await Notification.requestPermission());
}

/** Makes sound possible from the first gesture on, as browsers want it; answers how to stop listening for one. */
export function listenForGesture(): () => void {
  const begin = () => {
    audio ??= new AudioContext();
    void audio.resume();
    end();
  };
  const end = () => {
    removeEventListener("pointerdown", begin);
    removeEventListener("keydown", begin);
  };
  addEventListener("pointerdown", begin);
  addEventListener("keydown", begin);
  return end;
}

/** Rings in one of the tabs that can be heard, and notifies from one of those that are not in sight. */
export function alertTo(handoff: HandoffView, title: string, body: string, open: () => void): void {
  const about = `${handoff.id}.${handoff.version}`;
  if (audio?.state === "running" && !isMuted.get()) once(`ring.${about}`, HELD, () => once("ring", QUIET_AFTER, ring));
  if (permission.get() === "granted" && document.hidden) {
    once(`notify.${about}`, HELD, () => notify(handoff.id, title, body, open));
  }
}

/** The tabs that could do it ask for a lock in its name: the first one does, and it alone for so long. */
function once(name: string, held: number, act: () => void): void {
  if (!("locks" in navigator)) {
    act(); // without TLS a browser has neither locks nor notifications
    return;
  }
  void navigator.locks.request(`resolutionflow.${name}`, { ifAvailable: true }, async (lock) => {
    if (lock === null) return;
    act();
    await new Promise((resolve) => setTimeout(resolve, held));
  });
}

/** Takes the notification back: somebody has it, or it is over. */
export function settle(handoffId: string): void {
  notifications.get(handoffId)?.close();
  notifications.delete(handoffId);
}

function notify(id: string, title: string, body: string, open: () => void): void {
  const made = new Notification(title, { body, tag: id });
  notifications.set(id, made);
  made.onclick = () => {
    window.focus();
    open();
    settle(id);
  };
}

/** Two soft notes; many at once are one. */
function ring(): void {
  if (audio === null || Date.now() - rangAt < QUIET_AFTER) return;
  rangAt = Date.now();
  for (const [pitch, after] of [[660, 0], [880, 0.16]] as const) {
    const start = audio.currentTime + after;
    const tone = new OscillatorNode(audio, { frequency: pitch });
    const loudness = new GainNode(audio, { gain: 0 });
    loudness.gain.setValueAtTime(0, start);
    loudness.gain.linearRampToValueAtTime(0.12, start + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, start + 0.35);
    tone.connect(loudness).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.4);
  }
}
