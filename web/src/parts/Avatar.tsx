import classes from "./Avatar.module.css";

const TINTS = 6;

/** The first letters of somebody's name. The name itself stands beside it, or in its title. */
export function Avatar({ name, isAway = false }: { name: string; isAway?: boolean }) {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""].map(first).join("");
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return (
    <span className={classes["avatar"]} data-tint={sum % TINTS} data-away={isAway} aria-hidden="true" title={name}>
      {letters.toUpperCase()}
    </span>
  );
}

function first(word: string | undefined): string {
  const code = word?.codePointAt(0);
  return code === undefined ? "" : String.fromCodePoint(code);
}
