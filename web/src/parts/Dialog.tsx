import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { useWords } from "../app/words";
import classes from "./Dialog.module.css";

/** The browser's own modal dialog: it keeps the focus inside, closes on Escape and gives the focus back. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const { say } = useWords();
  const heading = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    shown?.querySelector<HTMLElement>("form :is(input, textarea, select)")?.focus(); // rather than its closing button
    return () => shown?.close(); // before it leaves the document, or the focus would go nowhere
  }, []);
  return (
    <dialog
      ref={dialog}
      className={classes["dialog"]}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header className={classes["head"]}>
        <h2 id={heading}>{title}</h2>
        <button type="button" className={classes["close"]} onClick={onClose} aria-label={say.parts.close}>
          ×
        </button>
      </header>
      {children}
    </dialog>
  );
}
