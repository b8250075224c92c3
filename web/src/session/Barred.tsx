import { useWords } from "../app/words";
import type { Standing } from "./standing";

interface Props {
  isViewer: boolean;
  isClosed: boolean;
  standing: Standing;
}

/** Why nothing can be written here now. What was being written stays. */
export function Barred({ isViewer, isClosed, standing }: Props) {
  const { say } = useWords();
  if (isViewer) return say.session.onlyReading;
  if (isClosed) return say.session.isClosed;
  const now = standing.lost;
  const holder = now?.status === "claimed" ? now.claimed_by_name : null;
  return (
    <>
      <span>
        {holder !== null
          ? say.session.lostTo(holder)
          : now?.status === "queued"
            ? say.session.lostToQueue
            : say.session.lostToEnd}
      </span>
      <button type="button" onClick={standing.accept}>
        {say.session.writeOn}
      </button>
    </>
  );
}
