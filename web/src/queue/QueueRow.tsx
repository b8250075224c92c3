import { memo } from "react";
import { Link } from "wouter";
import { useWords } from "../app/words";
import { Avatar } from "../parts/Avatar";
import { Severity } from "../parts/Severity";
import type { HandoffView } from "../realtime/wire";
import { subjectOf } from "./filters";
import classes from "./QueueRow.module.css";
import { Wait } from "./Wait";

export interface QueueRowProps {
  handoff: HandoffView;
  me: string;
  /** Names of who looks at it, in one text so that an unchanged one is the same. */
  looking: string;
  isSelected: boolean;
  mayClaim: boolean;
  isClaiming: boolean;
  onSelect: (id: string) => void;
  onClaim: (handoff: HandoffView) => void;
}

/** Drawn again only when its handoff is another object: events about the others cost it nothing. */
export const QueueRow = memo(function QueueRow(props: QueueRowProps) {
  const { handoff, me, looking, isSelected, mayClaim, isClaiming, onSelect, onClaim } = props;
  const { say } = useWords();
  const headline = subjectOf(handoff);
  const client = handoff.package.background.client;
  const owner = handoff.claimed_by;
  return (
    <article className={classes["row"]} data-selected={isSelected} data-claimed={owner !== null} data-acts={mayClaim}>
      <div className={classes["severity"]}>
        <Severity level={handoff.severity} />
      </div>
      <div className={classes["what"]}>
        <Link
          href={`/handoffs/${handoff.id}`}
          id={`queue-${handoff.id}`}
          className={classes["headline"] ?? ""}
          title={headline}
          onFocus={() => onSelect(handoff.id)}
        >
          {headline}
        </Link>
        <div className={classes["about"]}>
          {client !== null && <span className={classes["client"]}>{client}</span>}
          <span>{say.queue.from(handoff.handed_off_by_name)}</span>
          <span className={classes["reason"]}>{say.parts.reason[handoff.reason]}</span>
          {handoff.attempt_no > 1 && <span>{say.queue.attempt(handoff.attempt_no)}</span>}
          {handoff.tags.map((tag) => (
            <span key={tag} className={classes["tag"]}>
              {tag.slice(tag.indexOf(":") + 1)}
            </span>
          ))}
        </div>
      </div>
      <div className={classes["who"]}>
        {looking !== "" && owner === null && (
          <span className={classes["looking"]}>
            {looking.includes(", ") ? say.queue.lookingMany(looking) : say.queue.looking(looking)}
          </span>
        )}
        {handoff.stale && (
          <span className={classes["stale"]} title={say.queue.staleHint}>
            {say.queue.stale}
          </span>
        )}
        {owner !== null && (
          <span className={classes["owner"]}>
            <Avatar name={owner.name} />
            {owner.id === me ? say.queue.youHave : say.queue.has(owner.name)}
          </span>
        )}
      </div>
      <Wait handoff={handoff} />
      {mayClaim && owner === null && (
        <button
          type="button"
          className={classes["claim"]}
          disabled={isClaiming}
          aria-label={say.queue.claimLabel(headline)}
          onClick={() => onClaim(handoff)}
        >
          {say.queue.claim}
        </button>
      )}
    </article>
  );
});
