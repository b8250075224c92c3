// The window that is looked at, as it stands in the address: so many days up to today, or from one day to another.
import { useMemo } from "react";
import { useQuery } from "../app/address";

export const DAYS = [7, 30, 90] as const;
const LONGEST = 400;
const A_DAY = 86_400_000;

export interface Asked {
  from: string;
  to: string;
  tz: string;
}

export interface Chosen {
  /** How many days up to today; null where both ends were chosen. */
  days: number | null;
  /** The first and the last day, as dates of `tz`. */
  first: string;
  last: string;
  tz: string;
  /** The same for the server, whose windows end before their `to`. */
  asked: Asked;
}

export function useWindow(): [Chosen, (change: Record<string, string | null>) => void] {
  const [query, change] = useQuery();
  const [days, from, to, tz] = ["days", "from", "to", "tz"].map((name) => query.get(name));
  const chosen = useMemo(() => choose(days ?? null, from ?? null, to ?? null, tz ?? null), [days, from, to, tz]);
  return [chosen, change];
}

export function myZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function choose(days: string | null, from: string | null, to: string | null, tz: string | null): Chosen {
  const zone = tz !== null && isZone(tz) ? tz : myZone();
  if (from !== null && to !== null && isDay(from) && isDay(to) && from <= to && between(from, to) < LONGEST) {
    return { days: null, first: from, last: to, tz: zone, asked: { from, to: later(to, 1), tz: zone } };
  }
  const count = DAYS.find((one) => String(one) === days) ?? 30;
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date());
  const first = later(today, 1 - count);
  return { days: count, first, last: today, tz: zone, asked: { from: first, to: later(today, 1), tz: zone } };
}

function isDay(text: string): boolean {
  return /^20\d\d-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}

function isZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Dates are counted as the calendar has them, without a zone: none of their days is shorter. */
function later(day: string, days: number): string {
  return new Date(Date.parse(day) + days * A_DAY).toISOString().slice(0, 10);
}

function between(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / A_DAY;
}
