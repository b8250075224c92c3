// Which handoffs of the queue are shown: kept in the address, so that it survives a reload and the way back.
import { LEVELS, type Level } from "../parts/Severity";
import type { HandoffView } from "../realtime/wire";

export interface Filters {
  /** None means all. */
  severities: readonly Level[];
  tag: string;
  text: string;
  onlyWaiting: boolean;
}

export interface Shown {
  /** What waits, by urgency, and then what is in work. */
  handoffs: readonly HandoffView[];
  waiting: number;
  /** Of the whole queue, whatever the filters. */
  all: { waiting: number; claimed: number; bySeverity: Readonly<Record<Level, number>>; tags: readonly string[] };
}

export function filtersIn(query: URLSearchParams): Filters {
  const asked = (query.get("severity") ?? "").split(",");
  return {
    severities: LEVELS.filter((level) => asked.includes(level)),
    tag: query.get("tag") ?? "",
    text: query.get("client") ?? "",
    onlyWaiting: query.get("waiting") === "1",
  };
}

export function isFiltering(filters: Filters): boolean {
  return filters.severities.length > 0 || filters.tag !== "" || filters.text.trim() !== "" || filters.onlyWaiting;
}

export function headlineOf(handoff: HandoffView): string {
  return handoff.package.headline ?? handoff.ask;
}

/** The headline without the client's name in front of it, for where that stands beside it. */
export function subjectOf(handoff: HandoffView): string {
  return withoutClient(headlineOf(handoff), handoff.package.background.client);
}

export function withoutClient(headline: string, client: string | null): string {
  const front = `${client ?? ""}: `;
  return headline.startsWith(front) ? headline.slice(front.length) : headline;
}

/** One pass over the queue, which keeps its order of urgency. */
export function shown(handoffs: readonly HandoffView[], filters: Filters): Shown {
  const waiting: HandoffView[] = [];
  const claimed: HandoffView[] = [];
  const bySeverity = { critical: 0, high: 0, normal: 0, low: 0 };
  const tags = new Set<string>();
  let all = 0;
  const words = filters.text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const handoff of handoffs) {
    const isWaiting = handoff.status === "queued";
    if (isWaiting) all += 1;
    bySeverity[handoff.severity] += 1;
    for (const tag of handoff.tags) tags.add(tag);
    if (!isWaiting && filters.onlyWaiting) continue;
    if (filters.severities.length > 0 && !filters.severities.includes(handoff.severity)) continue;
    if (filters.tag !== "" && !handoff.tags.includes(filters.tag)) continue;
    if (words.length > 0 && !words.every((word) => textOf(handoff).includes(word))) continue;
    (isWaiting ? waiting : claimed).push(handoff);
  }
  return {
    handoffs: claimed.length === 0 ? waiting : [...waiting, ...claimed],
    waiting: waiting.length,
    all: { waiting: all, claimed: handoffs.length - all, bySeverity, tags: [...tags].sort() },
  };
}

const texts = new WeakMap<HandoffView, string>();

/** What a search looks in; made once for each state of a handoff. */
function textOf(handoff: HandoffView): string {
  let text = texts.get(handoff);
  if (text === undefined) {
    const parts = [handoff.package.background.client ?? "", headlineOf(handoff), handoff.handed_off_by_name];
    text = parts.join("\n").toLowerCase();
    texts.set(handoff, text);
  }
  return text;
}
