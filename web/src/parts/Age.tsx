import { useTicking } from "../app/clock";
import { useWords } from "../app/words";

/** How long ago something was, ticking; the moment itself stands in its title. */
export function Age({ since, className }: { since: string; className?: string | undefined }) {
  const { say, locale } = useWords();
  const then = Date.parse(since);
  const text = useTicking((now) => say.parts.lasting(now - then));
  return (
    <time dateTime={since} title={new Date(then).toLocaleString(locale)} className={className}>
      {text}
    </time>
  );
}

/** The time of day, with the date where it was not today. */
export function Moment({ at, className }: { at: string; className?: string | undefined }) {
  const { locale } = useWords();
  const then = new Date(at);
  const isToday = then.toDateString() === new Date().toDateString();
  const time = then.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  const day = isToday ? "" : `${then.toLocaleDateString(locale, { day: "numeric", month: "short" })}, `;
  return (
    <time dateTime={at} title={then.toLocaleString(locale)} className={className}>
      {day + time}
    </time>
  );
}
