import type { Phrases } from "./en";
import { shell } from "./de/shell";
import { refusals } from "./de/refusals";
import { handoff } from "./de/handoff";
import { parts } from "./de/parts";
import { queue } from "./de/queue";
import { session } from "./de/session";
import { sessions } from "./de/sessions";
import { metrics } from "./de/metrics";

export const de: Phrases = { shell, refusals, handoff, parts, queue, session, sessions, metrics };
