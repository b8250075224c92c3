import { memo } from "react";
import { useStore } from "../app/live";
import { useWords } from "../app/words";
import { askToNotify, isMuted, mute, permission } from "./alerts";
import classes from "./QueueTools.module.css";

/** Sound, notifications, and the page's keys. */
export const QueueTools = memo(function QueueTools({ onKeys }: { onKeys: () => void }) {
  const { say } = useWords();
  const muted = useStore(isMuted);
  const allowed = useStore(permission);
  return (
    <div className={classes["tools"]}>
      <button type="button" title={say.queue.soundHint} aria-pressed={!muted} onClick={() => mute(!muted)}>
        {muted ? say.queue.soundOff : say.queue.soundOn}
      </button>
      {allowed === "default" ? (
        <button type="button" onClick={() => void askToNotify()}>
          {say.queue.notify}
        </button>
      ) : (
        <span>{allowed === "granted" ? say.queue.notifying : say.queue.notifyBlocked}</span>
      )}
      <button type="button" onClick={onKeys} aria-keyshortcuts="?">
        {say.queue.keys} <kbd>?</kbd>
      </button>
    </div>
  );
});
