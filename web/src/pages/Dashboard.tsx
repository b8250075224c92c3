import { useCallback, useMemo, useState } from "react";
import { useQuery } from "../app/address";
import { useClaim } from "../app/claiming";
import { useKeys } from "../app/keys";
import { useHello, useMe } from "../app/live";
import { useWords } from "../app/words";
import { fill } from "../parts/fill";
import { FilterBar } from "../queue/FilterBar";
import { filtersIn, isFiltering, shown } from "../queue/filters";
import { KeysDialog } from "../queue/KeysDialog";
import { useLooking } from "../queue/looking";
import { MyHandoffs } from "../queue/MyHandoffs";
import { useMyHandoffs } from "../queue/mine";
import { QueueList } from "../queue/QueueList";
import { QueueTools } from "../queue/QueueTools";
import { lookersByHandoff, useQueue } from "../queue/room";
import type { HandoffView } from "../realtime/wire";
import classes from "./Dashboard.module.css";

const NONE: readonly HandoffView[] = [];

/** The escalation queue, live. */
export function Dashboard() {
  const { say } = useWords();
  const me = useMe();
  const role = useHello()?.user.role;
  const { mine, hear } = useMyHandoffs();
  const { state, presence } = useQueue(hear);
  const [query, change] = useQuery();
  const { claim, busy } = useClaim();
  const [selected, setSelected] = useState<string | null>(null);
  const [hasKeys, setHasKeys] = useState(false);
  const asked = query.toString();
  const filters = useMemo(() => filtersIn(new URLSearchParams(asked)), [asked]);
  const handoffs = state.kind === "ready" ? state.state.handoffs : NONE;
  const seen = useMemo(() => shown(handoffs, filters), [handoffs, filters]);
  const claimed = seen.handoffs.length - seen.waiting;
  const lookers = useMemo(() => lookersByHandoff(presence, me), [presence, me]);
  useLooking(selected);
  const showKeys = useCallback(() => setHasKeys(true), []);
  useKeys({ "?": showKeys });
  return (
    <div className={classes["page"]} ref={fill}>
      <header className={classes["head"]}>
        <h1>{say.queue.title}</h1>
        {state.kind === "ready" && (
          <p className={classes["counts"]}>
            {isFiltering(filters)
              ? say.queue.countsOf(seen.waiting, seen.all.waiting, claimed, seen.all.claimed)
              : say.queue.counts(seen.all.waiting, seen.all.claimed)}
          </p>
        )}
        <QueueTools onKeys={showKeys} />
      </header>
      <FilterBar filters={filters} all={seen.all} change={change} />
      {state.kind === "loading" && <p className={classes["note"]}>{say.queue.loading}</p>}
      {state.kind === "refused" && <p className={classes["note"]}>{say.queue.refused}</p>}
      {state.kind === "ready" && seen.handoffs.length === 0 && (
        <div className={classes["empty"]}>
          <p>{handoffs.length === 0 ? say.queue.empty : say.queue.noMatch}</p>
          {handoffs.length === 0 && <p className={classes["hint"]}>{say.queue.emptyHint}</p>}
        </div>
      )}
      {seen.handoffs.length > 0 && seen.waiting === 0 && seen.all.waiting > 0 && (
        <p className={classes["note"]}>{say.queue.noWaitingMatch}</p>
      )}
      {seen.handoffs.length > 0 && claimed === 0 && seen.all.claimed > 0 && !filters.onlyWaiting && (
        <p className={classes["note"]}>{say.queue.noClaimedMatch}</p>
      )}
      {state.kind === "ready" && seen.handoffs.length > 0 && (
        <QueueList
          handoffs={seen.handoffs}
          waiting={seen.waiting}
          me={me}
          lookers={lookers}
          mayClaim={role === "senior" || role === "admin"}
          claiming={busy}
          onClaim={claim}
          onSelected={setSelected}
        />
      )}
      {/* it comes later than the rows, and comes and goes: below them it moves none */}
      <MyHandoffs handoffs={mine} lookers={lookers} />
      {hasKeys && <KeysDialog onClose={() => setHasKeys(false)} />}
    </div>
  );
}
