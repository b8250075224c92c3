import { useMemo, useState } from "react";
import { useMe, useRoom, useSend } from "../app/live";
import { toast } from "../app/toasts";
import { useWords } from "../app/words";
import { Avatar } from "../parts/Avatar";
import { useQueue } from "../queue/room";
import type { HandoffView, Person, PresenceSignal } from "../realtime/wire";
import type { SessionState } from "../realtime/apply";
import { useDraft } from "../session/drafts";
import { ActionDialog, Note } from "./ActionDialog";
import forms from "./ActionDialog.module.css";
import type { OwnerDialog } from "./OwnerActions";

export function ReassignDialog({ handoff, token, lost, onClose }: OwnerDialog) {
  const { say } = useWords();
  const { send, busy } = useSend("handoff:reassign");
  const [note, setNote] = useDraft(`${useMe()}.reassign.${handoff.id}`);
  const [to, setTo] = useState<Person | null>(null);
  const session = useRoom("session", handoff.session_id);
  const queue = useQueue();
  const state = session.state.kind === "ready" ? session.state.state : null;
  const people = useMemo(
    () => known(handoff, state, [session.presence, queue.presence]),
    [handoff, state, session.presence, queue.presence],
  );

  async function reassign() {
    if (to === null) return null;
    const result = await send({ handoff_id: handoff.id, fencing_token: token, to_user_id: to.id, note });
    if (result === null) return null;
    if (!result.ok) return result.error.code === "role_required" ? say.handoff.roleOf(to.name) : result.error;
    setNote("");
    toast({ text: say.handoff.reassigned(to.name), tone: "good" });
    onClose();
    return null;
  }

  const missing = to === null ? say.handoff.personMissing : say.handoff.noteMissing;
  return (
    <ActionDialog
      title={say.handoff.reassignTitle}
      does={say.handoff.reassignDo}
      busy={busy}
      lost={lost}
      problem={to === null || note.trim() === "" ? missing : null}
      onSend={reassign}
      onClose={onClose}
    >
      <fieldset className={forms["people"]} disabled={lost !== null}>
        <legend>{say.handoff.reassignTo}</legend>
        <p className={forms["hint"]}>{people.length > 0 ? say.handoff.reassignKnown : say.handoff.reassignNobody}</p>
        {people.map(({ person, isHere }) => (
          <label key={person.id} className={forms["person"]}>
            <input type="radio" name="to" checked={to?.id === person.id} onChange={() => setTo(person)} />
            <Avatar name={person.name} isAway={!isHere} />
            {person.name} {isHere && <small>{say.handoff.isHere}</small>}
          </label>
        ))}
      </fieldset>
      <Note label={say.handoff.reassignNote} text={note} onWrite={setNote} isReadOnly={lost !== null} />
    </ActionDialog>
  );
}

/**
 * Those whom this page has seen, who is here first. The server lists no members and tells no roles, so some of them
 * may be refused; never its originator, who cannot own it, nor who has it.
 */
function known(handoff: HandoffView, state: SessionState | null, here: readonly (PresenceSignal | null)[]) {
  const found = new Map<string, { person: Person; isHere: boolean }>();
  const add = (person: Person | null | undefined, isHere: boolean) => {
    if (person === null || person === undefined || found.has(person.id)) return;
    if (person.id === handoff.handed_off_by.id || person.id === handoff.claimed_by?.id) return;
    found.set(person.id, { person: { id: person.id, name: person.name }, isHere });
  };
  for (const presence of here) for (const member of presence?.members ?? []) add(member, true);
  for (const other of state?.handoffs ?? []) {
    add(other.claimed_by, false);
    add(other.closed_by, false);
  }
  for (const message of state?.messages ?? []) if (message.kind === "note") add(message.author, false);
  for (const task of state?.tasks ?? []) add(task.updated_by, false);
  return [...found.values()].sort(
    (a, b) => Number(b.isHere) - Number(a.isHere) || a.person.name.localeCompare(b.person.name),
  );
}
