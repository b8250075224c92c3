import { shell } from "./en/shell";
import { refusals } from "./en/refusals";
import { handoff } from "./en/handoff";
import { parts } from "./en/parts";
import { queue } from "./en/queue";
import { session } from "./en/session";
import { sessions } from "./en/sessions";
import { metrics } from "./en/metrics";

/** Each part of the page keeps its phrases in a file of its own, in both languages. */
export const en = { shell, refusals, handoff, parts, queue, session, sessions, metrics };

export type Phrases = typeof en;
