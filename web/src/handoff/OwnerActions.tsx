import { useState } from "react";
import { useHello } from "../app/live";
import { useWords } from "../app/words";
import { Button } from "../parts/controls";
import type { HandoffView } from "../realtime/wire";
import classes from "./OwnerActions.module.css";
import { ReassignDialog } from "./ReassignDialog";
import { ReleaseDialog } from "./ReleaseDialog";
import { ResolveDialog } from "./ResolveDialog";

type Action = "release" | "reassign" | "resolve";

/** What its owner may do with a claimed handoff, and an admin for them. For others nothing is shown. */
export function OwnerActions({ handoff }: { handoff: HandoffView }) {
  const { say } = useWords();
  const user = useHello()?.user;
  // under the claim it was opened for: what was begun must not be sent under a later one
  const [open, setOpen] = useState<{ action: Action; token: number } | null>(null);
  const owner = handoff.claimed_by;
  const isOwner = owner !== null && owner.id === user?.id;
  const may = handoff.status === "claimed" && owner !== null && (isOwner || user?.role === "admin");
  const begin = (action: Action) => () => setOpen({ action, token: handoff.fencing_token });
  const close = () => setOpen(null);
  const isLost = open !== null && (!may || handoff.fencing_token !== open.token);
  const nowHas = owner !== null && !isOwner ? say.handoff.takenFromYou(owner.name) : say.handoff.goneFromYou;
  const shared = { handoff, lost: isLost ? nowHas : null, onClose: close };
  return (
    <>
      {may && (
        <div className={classes["actions"]} role="group">
          {!isOwner && <span className={classes["admin"]}>{say.handoff.asAdmin(owner.name)}</span>}
          <Button size="xs" variant="default" onClick={begin("release")}>
            {say.handoff.release}
          </Button>
          <Button size="xs" variant="default" onClick={begin("reassign")}>
            {say.handoff.reassign}
          </Button>
          <Button size="xs" variant="default" onClick={begin("resolve")}>
            {say.handoff.resolve}
          </Button>
        </div>
      )}
      {open?.action === "release" && <ReleaseDialog {...shared} token={open.token} />}
      {open?.action === "reassign" && <ReassignDialog {...shared} token={open.token} />}
      {open?.action === "resolve" && <ResolveDialog {...shared} token={open.token} />}
    </>
  );
}

/** What the dialogs are given. */
export interface OwnerDialog {
  handoff: HandoffView;
  token: number;
  lost: string | null;
  onClose: () => void;
}
