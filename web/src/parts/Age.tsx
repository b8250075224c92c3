import { useTicking } from "../app/clock";
import { useWords } from "../app/words";

/** How long ago something was, ticking; the moment itself stands in its title. */
export function Age({ since, className }: { since: string; className?: string | undefined }) {
  const { say, language } = useWords();
  const then = Date.parse(since);
  const text = useTicking((now) => say.parts.lasting(now - then));
  return (
    <time dateTime={since} title={new Date(then).toLocaleString(language)} className={className}>
      {text}
    </time>
  );
}

/** The time of day, with the date where it was not today. */
export function Moment({ at, className }: { at: string; className?: string | undefined }) {
  const { language } = useWords();
  const then = new Date(at);
  const isToday = then.toDateString() === new Date().toDateString();
  const time = then.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  const day = isToday ? "" : `${then.toLocaleDateString(language, { day: "numeric", month: "short" })}, `;
  return (
    <time dateTime={at} title={then.toLocaleString(language)} className={className}>
      {day + time}
    </time>
  );
}
