// A refusal as a sentence for a person, in their language. Codes are for programs.
import type { Refusal } from "../realtime/commands";
import type { Phrases } from "./words/en";

export type Refused = Pick<Refusal, "code"> & Partial<Pick<Refusal, "details">>;

export function refusalSentence(say: Phrases, error: Refused): string {
  const { refusals } = say;
  const details = error.details ?? {};
  const holder = nameOf(details["claimed_by"]);
  if (error.code === "already_claimed" && holder !== null) return refusals.claimedBy(holder);
  if (error.code === "not_owner" && holder !== null) return refusals.heldBy(holder);
  const ending = told(refusals.ended, details["status"]);
  if ((error.code === "closed" || error.code === "not_owner") && ending !== null) return ending;
  const fields = fieldsIn(details["fields"]);
  if (error.code === "invalid_payload" && fields !== "") return refusals.invalid(fields);
  return told(refusals.sentences, error.code) ?? refusals.other;
}

function told(phrases: Readonly<Record<string, string>>, key: unknown): string | null {
  return typeof key === "string" && Object.hasOwn(phrases, key) ? (phrases[key] ?? null) : null;
}

function nameOf(person: unknown): string | null {
  if (typeof person !== "object" || person === null || !("name" in person)) return null;
  return typeof person.name === "string" ? person.name : null;
}

function fieldsIn(fields: unknown): string {
  if (!Array.isArray(fields)) return "";
  return (fields as { loc?: unknown[] }[]).map((field) => field.loc?.join(".") ?? "").join(", ");
}
