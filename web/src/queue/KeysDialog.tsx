import { useWords } from "../app/words";
import { Dialog } from "../parts/Dialog";
import classes from "./KeysDialog.module.css";

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const { say } = useWords();
  const keys = [
    ["j", say.queue.keyNext],
    ["k", say.queue.keyPrevious],
    ["Enter", say.queue.keyOpen],
    ["c", say.queue.keyClaim],
    ["?", say.queue.keyHelp],
  ] as const;
  return (
    <Dialog title={say.queue.keysTitle} onClose={onClose}>
      <dl className={classes["keys"]}>
        {keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
