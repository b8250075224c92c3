import { useState } from "react";
import { useAskBeforeLeaving } from "../app/leaving";
import { useHello, useSend } from "../app/live";
import { refusalSentence } from "../app/refusals";
import { toast } from "../app/toasts";
import { useWords } from "../app/words";
import type { HandoffView } from "../realtime/wire";
import classes from "./Tags.module.css";

const MOST = 10;
const LONGEST = 50;
const KINDS = ["skill", "client"] as const;

/** What it needs and whom it is for; editable while it is open. */
export function Tags({ handoff }: { handoff: HandoffView }) {
  const { say } = useWords();
  const role = useHello()?.user.role;
  const [isEditing, setEditing] = useState(false);
  const { send, busy } = useSend("handoff:tag");
  const isOpen = handoff.status === "queued" || handoff.status === "claimed";
  const mayEdit = isOpen && role !== undefined && role !== "viewer";
  const edits = mayEdit && isEditing;

  async function change(tags: string[]) {
    const result = await send({ handoff_id: handoff.id, version: handoff.version, tags });
    if (result === null || result.ok) return;
    const { error } = result;
    toast({ text: error.code === "id_conflict" ? say.handoff.tagsChanged : refusalSentence(say, error) });
  }

  return (
    <div className={classes["tags"]} aria-busy={busy}>
      <span className={classes["name"]}>{say.handoff.tags}</span>
      <ul>
        {handoff.tags.map((tag) => (
          <li key={tag} className={classes["tag"]}>
            {told(tag)}
            {edits && (
              <button
                type="button"
                aria-label={say.handoff.removeTag(told(tag))}
                onClick={() => void change(handoff.tags.filter((other) => other !== tag))}
              >
                ×
              </button>
            )}
          </li>
        ))}
        {handoff.tags.length === 0 && !edits && <li className={classes["none"]}>{say.handoff.noTags}</li>}
      </ul>
      {edits && <AddTag tags={handoff.tags} onAdd={(tag) => void change([...handoff.tags, tag])} />}
      {mayEdit && (
        <button type="button" className={classes["quiet"]} onClick={() => setEditing(!isEditing)}>
          {isEditing ? say.handoff.tagDone : say.handoff.editTags}
        </button>
      )}
    </div>
  );
}

function AddTag({ tags, onAdd }: { tags: readonly string[]; onAdd: (tag: string) => void }) {
  const { say } = useWords();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("skill");
  const [text, setText] = useState("");
  useAskBeforeLeaving(text.trim() !== "");
  if (tags.length >= MOST) return <span className={classes["none"]}>{say.handoff.tagsFull}</span>;
  return (
    <form
      className={classes["add"]}
      onSubmit={(event) => {
        event.preventDefault();
        const tag = `${kind}:${text.trim()}`;
        if (text.trim() === "" || tags.includes(tag)) return;
        onAdd(tag);
        setText("");
      }}
    >
      <select
        aria-label={say.handoff.tagKind}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value === "client" ? "client" : "skill")}
      >
        {KINDS.map((one) => (
          <option key={one} value={one}>
            {say.handoff.tagKinds[one]}
          </option>
        ))}
      </select>
      <input
        aria-label={say.handoff.tagText}
        value={text}
        maxLength={LONGEST}
        autoFocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit">{say.handoff.addTag}</button>
    </form>
  );
}

function told(tag: string): string {
  return tag.slice(tag.indexOf(":") + 1);
}
