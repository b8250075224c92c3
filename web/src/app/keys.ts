// Keys without a field: they never fire while somebody types, with a modifier, or over a dialog.
import { useEffect, useRef } from "react";

const FIELDS = "input, textarea, select, [contenteditable='true'], dialog";

export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const current = useRef(keys);
  useEffect(() => {
    current.current = keys;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof Element && event.target.closest(FIELDS) !== null) return;
      if (document.querySelector("dialog[open]") !== null) return;
      if (event.key === "Enter" && event.target !== document.body) return; // it is the focused link's or button's
      const run = current.current[event.key];
      if (run === undefined) return;
      event.preventDefault();
      run();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}
