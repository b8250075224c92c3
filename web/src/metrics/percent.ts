import { useWords } from "../app/words";

/** A share between 0 and 1 as the reader's language writes it. */
export function usePercent(): (share: number) => string {
  const { locale } = useWords();
  const format = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  return (share) => format.format(share);
}
