// What this page does to the task lane: shown at once, and taken back where the server says otherwise.
import { useCallback, useMemo, useRef, useState } from "react";
import { useAskBeforeLeaving } from "../app/leaving";
import { useConnection } from "../app/live";
import { mint } from "../app/mint";
import type { Payload, Refusal } from "../realtime/commands";
import type { KeptCommand } from "../realtime/kept";
import type { TaskView } from "../realtime/wire";

export interface Change {
  state?: TaskView["state"];
  result?: string;
}

/** A change that is under way, or did not go through. */
export interface Attempt {
  asked: Change;
  status: "saving" | "saved" | "refused" | "overtaken";
  refusal: Refusal | null;
  /** The task as the server has it: after the change, or where somebody was faster. */
  task: TaskView | null;
}

export interface Adding {
  id: string;
  title: string;
  detail: string | null;
  refusal: Refusal | null;
}

export interface Lane {
  attempts: ReadonlyMap<string, Attempt>;
  adding: readonly Adding[];
  change: (task: TaskView, asked: Change) => void;
  forget: (taskId: string) => void;
  add: (title: string, detail: string | null) => void;
  dropped: (id: string) => void;
}

export function useChanges(sessionId: string, fencingToken: number | null): Lane {
  const connection = useConnection();
  const [attempts, setAttempts] = useState<ReadonlyMap<string, Attempt>>(new Map());
  const [adding, setAdding] = useState<readonly Adding[]>([]);
  /** Changes of one task follow one another: each needs the version that the one before it made. */
  const chains = useRef(new Map<string, { asked: Change; done: Promise<TaskView | null> }>());
  const [following, setFollowing] = useState(0);
  useAskBeforeLeaving(following > 0);
  const token = useMemo(() => (fencingToken === null ? {} : { fencing_token: fencingToken }), [fencingToken]);

  const forget = useCallback((taskId: string) => {
    setAttempts((known) => new Map([...known].filter(([id]) => id !== taskId)));
  }, []);
  const change = useCallback(
    (task: TaskView, asked: Change) => {
      const put = (attempt: Attempt) => setAttempts((known) => new Map(known).set(task.id, attempt));
      const before = chains.current.get(task.id);
      const all = { ...before?.asked, ...asked };
      put({ asked: all, status: "saving", refusal: null, task: null });
      // of a change that still waits for a connection this is a part: kept with it, also over a reload
      const isPart = ({ name, payload }: KeptCommand) =>
        name === "task:update" && (payload as Payload<"task:update">).task_id === task.id;
      if (before !== undefined && connection.amend(isPart, asked)) {
        chains.current.set(task.id, { ...before, asked: all });
        return;
      }
      const send = async (current: TaskView | null): Promise<TaskView | null> => {
        if (current === null) return null; // the one before did not go through, and takes this one's word with it
        const payload = { session_id: sessionId, task_id: task.id, version: current.version, ...asked, ...token };
        const result = await connection.send("task:update", payload);
        const last = chains.current.get(task.id);
        const isLast = last?.done === done;
        if (isLast || !result.ok) chains.current.delete(task.id);
        if (result.ok) {
          if (isLast) put({ asked: all, status: "saved", refusal: null, task: result.data.task });
          return result.data.task;
        }
        const { error } = result;
        const theirs = error.code === "id_conflict" ? (error.details["task"] as TaskView | undefined) : undefined;
        const status = theirs === undefined ? "refused" : "overtaken";
        put({ asked: last?.asked ?? all, status, refusal: error, task: theirs ?? null });
        return null;
      };
      if (before !== undefined) setFollowing((count) => count + 1);
      const follow = async (former: Promise<TaskView | null>) => {
        const current = await former;
        setFollowing((count) => count - 1); // it is the connection's now
        return send(current);
      };
      const done: Promise<TaskView | null> = before === undefined ? send(task) : follow(before.done);
      chains.current.set(task.id, { asked: all, done });
    },
    [connection, sessionId, token],
  );
  const dropped = useCallback((id: string) => setAdding((known) => known.filter((one) => one.id !== id)), []);
  const add = useCallback(
    (title: string, detail: string | null) => {
      const id = mint();
      setAdding((known) => [...known, { id, title, detail, refusal: null }]);
      const payload = { session_id: sessionId, task_id: id, title, detail, ...token };
      void connection.send("task:add", payload).then((result) => {
        if (result.ok) return; // shown until its event is here
        setAdding((known) => known.map((one) => (one.id === id ? { ...one, refusal: result.error } : one)));
      });
    },
    [connection, sessionId, token],
  );
  return { attempts, adding, change, forget, add, dropped };
}

/** The task as this page shows it: with what was asked of it, until the room has it or it did not go through. */
export function withAttempt(task: TaskView, attempt: Attempt | undefined): TaskView {
  if (attempt === undefined) return task;
  if (attempt.status === "saving") return { ...task, ...attempt.asked };
  if (attempt.task !== null && attempt.task.version > task.version) return attempt.task;
  return task;
}
