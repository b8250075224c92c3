// What a handoff would lack if it went out now. Hints for whoever escalates: they stop nobody.
import type { SessionState } from "../realtime/apply";

export type Gap = "symptom" | "impact" | "since" | "tried" | "results";

const SYMPTOM =
  /\b(not|no|cannot|can't|won't|doesn't|fail\w*|error\w*|slow\w*|stuck|crash\w*|bounc\w*|drops?|dropp\w*|freez\w*|hangs?|offline|lost|unable|never|wrong|missing|broken|down|reject\w*|denied|refus\w*|nicht|kein\w*|fehl\w*|langsam\w*|h[äa]ngt|verloren|abgest[üu]rzt|kaputt|verweigert)\b/i;
const IMPACT =
  /\b(all|every\w*|users?|people|staff|site|office|production|reception|team|clients?|customers?|nobody|alle\w*|nutzer\w*|benutzer\w*|mitarbeiter\w*|leute|standort|b[üu]ro|produktion|empfang|niemand|\d+ (of|von))\b/i;
const SINCE =
  /\b(since|seit|yesterday|today|morning|afternoon|last (night|week)|ago|after|gestern|heute|morgens?|nachdem|vor \w+ (minuten|stunden|tagen)|monday|tuesday|wednesday|thursday|friday|montag|dienstag|mittwoch|donnerstag|freitag|\d{1,2}[:.]\d{2})\b/i;
const TRIED = /\b(tried|checked|restarted|rebooted|reset|cleared|tested|verified|versucht|gepr[üu]ft|neu gestartet|zur[üu]ckgesetzt|getestet)\b/i;

export function gaps({ session, messages, tasks }: Pick<SessionState, "session" | "messages" | "tasks">): Gap[] {
  const said = messages.filter((one) => one.kind === "note" || one.kind === "client").map((one) => one.body);
  const text = [session.title, session.problem, ...said].join("\n");
  const finished = tasks.filter((one) => one.state === "done" || one.state === "failed");
  const found: Gap[] = [];
  if (!SYMPTOM.test(text)) found.push("symptom");
  if (!IMPACT.test(text)) found.push("impact");
  if (!SINCE.test(text)) found.push("since");
  if (finished.length === 0 && !said.some((one) => TRIED.test(one))) found.push("tried");
  if (finished.some((one) => (one.result ?? "").trim() === "")) found.push("results");
  return found;
}
