// Parts of the page that the first screen does not need: fetched when they are first shown, or before, in a quiet moment.
import { type ComponentType, useEffect, useState } from "react";
import { useWords } from "./words";
import classes from "./later.module.css";

const QUIET_AFTER = 1_500;
const parts: (() => Promise<unknown>)[] = [];

/** The component that `load` will find. Once it is here it is drawn at once, like any other. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let found: ComponentType<P> | null = null;
  let coming: Promise<ComponentType<P>> | null = null;
  const fetched = () => {
    coming ??= load().then(
      (component) => (found = component),
      (problem: unknown) => {
        coming = null;
        throw problem;
      },
    );
    return coming;
  };
  parts.push(fetched);
  return function Later(props: P) {
    const [, setFound] = useState<ComponentType<P> | null>(() => found);
    const [isMissing, setMissing] = useState(false);
    useEffect(() => {
      if (found !== null) return;
      let isCurrent = true;
      fetched().then(
        (component) => isCurrent && setFound(() => component),
        () => isCurrent && setMissing(true),
      );
      return () => {
        isCurrent = false;
      };
    }, []);
    const Found = found;
    if (Found !== null) return <Found {...props} />;
    return isMissing ? <Missing /> : null;
  };
}

/** Fetches what has not been asked for yet, so that it is there without a connection too, and after a new release. */
export function fetchTheRest(): () => void {
  const timer = setTimeout(() => {
    for (const fetched of parts) fetched().catch(() => undefined); // asked for again when it is shown
  }, QUIET_AFTER);
  return () => clearTimeout(timer);
}

/** Without a connection, or where a new release has taken the place of this page's: what is written is kept over it. */
function Missing() {
  const { say } = useWords();
  return (
    <div className={classes["missing"]} role="alert">
      <p>{say.shell.missing}</p>
      <button type="button" onClick={() => location.reload()}>
        {say.shell.reload}
      </button>
    </div>
  );
}
