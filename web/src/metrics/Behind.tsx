import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import { useAnswer } from "../app/live";
import { refusalSentence } from "../app/refusals";
import { useWords } from "../app/words";
import { Dialog } from "../parts/Dialog";
import { Severity } from "../parts/Severity";
import { withoutClient } from "../queue/filters";
import type { CountedHandoff } from "../realtime/wire";
import { type Counted, figureName } from "./behind";
import classes from "./Behind.module.css";
import type { Asked } from "./window";

/** The handoffs that a number counts, newest first. */
export function Behind({ of, asked, onClose }: { of: Counted; asked: Asked; onClose: () => void }) {
  const { say } = useWords();
  return (
    <Dialog title={say.metrics.behind(figureName(say, of))} onClose={onClose}>
      <BehindTable hasTime={isTimed(of)}>
        <Page of={of} asked={asked} before={null} />
      </BehindTable>
    </Dialog>
  );
}

/** Seconds are told of what was measured. */
function isTimed(of: Counted): boolean {
  return of.figure.endsWith(".n");
}

export function BehindTable({ hasTime, children }: { hasTime: boolean; children: ReactNode }) {
  const { say } = useWords();
  return (
    <table className={classes["table"]}>
      <thead>
        <tr>
          <th scope="col">{say.metrics.what}</th>
          <th scope="col">{say.metrics.made1}</th>
          <th scope="col">{say.metrics.severity}</th>
          <th scope="col">{say.metrics.status}</th>
          {hasTime && <th scope="col">{say.metrics.took}</th>}
        </tr>
      </thead>
      {children}
    </table>
  );
}

function Page({ of, asked, before }: { of: Counted; asked: Asked; before: string | null }) {
  const { say } = useWords();
  const [wantsMore, setWantsMore] = useState(false);
  const answer = useAnswer("queue:metrics_handoffs", { ...asked, ...of, before });
  if (answer.kind !== "ready") {
    const text = answer.kind === "loading" ? say.metrics.loading : refusalSentence(say, answer.error);
    return <Line>{text}</Line>;
  }
  const { handoffs, next } = answer.data;
  if (handoffs.length === 0) return <Line>{say.metrics.noneBehind}</Line>;
  return (
    <>
      <Rows handoffs={handoffs} tz={asked.tz} hasTime={isTimed(of)} />
      {next !== null && wantsMore && <Page of={of} asked={asked} before={next} />}
      {next !== null && !wantsMore && (
        <Line>
          <button type="button" className={classes["more"]} onClick={() => setWantsMore(true)}>
            {say.metrics.more}
          </button>
        </Line>
      )}
    </>
  );
}

export function Rows({ handoffs, tz, hasTime }: {
  handoffs: readonly CountedHandoff[];
  tz: string;
  hasTime: boolean;
}) {
  const { say, locale } = useWords();
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone: tz });
  return (
    <tbody>
      {handoffs.map(({ id, client, headline, created_at: made, severity, status, seconds }) => (
        <tr key={id}>
          <td>
            {client !== null && <b>{client}</b>}{" "}
            <Link href={`/handoffs/${id}`}>
              {headline === null ? say.handoff.noHeadline : withoutClient(headline, client)}
            </Link>
          </td>
          <td className={classes["made"]}>{when.format(new Date(made))}</td>
          <td>
            <Severity level={severity} />
          </td>
          <td>{say.handoff.status[status]}</td>
          {hasTime && <td>{seconds === null ? "" : say.parts.lasting(seconds * 1_000)}</td>}
        </tr>
      ))}
    </tbody>
  );
}

function Line({ children }: { children: ReactNode }) {
  return (
    <tbody>
      <tr>
        <td colSpan={5}>{children}</td>
      </tr>
    </tbody>
  );
}
