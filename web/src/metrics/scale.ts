// A scale for durations that lie between seconds and days: each step is ten times the one before.

/** Where so many seconds lie, as a share of the width; held within it. */
export type Place = (seconds: number) => number;

const LEAST = 1;

export function scaleOf(values: readonly (number | null)[]): Place {
  const told = values.filter((value) => value !== null).map((value) => Math.max(value, LEAST));
  const low = Math.log10(Math.max(Math.min(...told, 600) / 2, LEAST));
  const high = Math.log10(Math.max(...told, 600) * 2);
  return (seconds) => Math.min(1, Math.max(0, (Math.log10(Math.max(seconds, LEAST)) - low) / (high - low)));
}

const TICKS = [1, 10, 60, 600, 3_600, 6 * 3_600, 86_400, 10 * 86_400, 100 * 86_400];
const APART = 0.16;

/** Round times to write along the scale, none over another. */
export function ticks(place: Place): number[] {
  let last = -1;
  return TICKS.filter((seconds) => {
    const at = place(seconds);
    if (at <= 0 || at > 0.9 || at - last < APART) return false;
    last = at;
    return true;
  });
}

/** The style of a mark at `from`, or of a bar up to `to`. */
export function placed(place: Place, from: number, to?: number): { left: string; width?: string } {
  const left = place(from) * 100;
  return to === undefined ? { left: `${left}%` } : { left: `${left}%`, width: `${place(to) * 100 - left}%` };
}
