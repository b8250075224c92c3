// The connection for the components: who I am, rooms, commands, the light.
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import type { Connection } from "../realtime/connection";
import type { Held, Light } from "../realtime/light";
import type { Answer, Name, Payload, Refusal, Result } from "../realtime/commands";
import { ownerOf } from "../realtime/kept";
import type { Kind, RoomState, StateOf } from "../realtime/room";
import type { Store } from "../realtime/store";
import type { Hello, LogEntry, PresenceSignal } from "../realtime/wire";

const Context = createContext<Connection | null>(null);

export function Live({ connection, children }: { connection: Connection; children: ReactNode }) {
  return <Context value={connection}>{children}</Context>;
}

export function useConnection(): Connection {
  const connection = useContext(Context);
  if (connection === null) throw new Error("useConnection outside of <Live>");
  return connection;
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

export function useLight(): Light {
  return useStore(useConnection().light);
}

export function useHeld(): readonly Held[] {
  return useStore(useConnection().held);
}

export function useHello(): Hello | null {
  return useStore(useConnection().hello);
}

/** My id; empty before the server has said hello. */
export function useMe(): string {
  return useHello()?.user.id ?? "";
}

/** Whose a thing is that this browser keeps: the same user may work in two accounts. Empty before `hello`. */
export function useOwner(): string {
  const hello = useHello();
  return hello === null ? "" : ownerOf(hello);
}

export type Loaded<T> =
  | { kind: "loading" }
  | { kind: "ready"; data: T }
  | { kind: "refused"; error: Pick<Refusal, "code" | "message"> };

export interface JoinedRoom<K extends Kind> {
  state: RoomState<StateOf<K>>;
  presence: PresenceSignal | null;
}

/** A room joined while the component is shown. `onEvent` hears each event that is applied, in order. */
export function useRoom<K extends Kind>(kind: K, id: string, onEvent?: (event: LogEntry) => void): JoinedRoom<K> {
  const connection = useConnection();
  const room = useMemo(() => connection.room(kind, id), [connection, kind, id]);
  useEffect(() => connection.hold(room), [connection, room]);
  useEffect(() => (onEvent === undefined ? undefined : room.listen(onEvent)), [room, onEvent]);
  return { state: useStore(room.state), presence: useStore(room.members) };
}

const LOADING = { kind: "loading" } as const;

/** What a command that reads answers; asked again when the payload changes, and by `again`. */
export function useAnswer<N extends Name>(name: N, payload: Payload<N>): Loaded<Answer<N>> & { again: () => void } {
  const connection = useConnection();
  const isLive = useLight().kind === "live";
  const [round, setRound] = useState(0);
  const [loaded, setLoaded] = useState<Loaded<Answer<N>>>(LOADING);
  const asked = JSON.stringify(payload);
  useEffect(() => {
    if (!isLive) return;
    let isCurrent = true;
    void connection.send(name, JSON.parse(asked) as Payload<N>).then((result: Result<Answer<N>>) => {
      if (!isCurrent) return;
      setLoaded(result.ok ? { kind: "ready", data: result.data } : { kind: "refused", error: result.error });
    });
    return () => {
      isCurrent = false;
    };
  }, [connection, name, asked, round, isLive]);
  return { ...loaded, again: () => setRound((count) => count + 1) };
}

/** Sends one command at a time: `busy` from the first call to its answer, and calls meanwhile are not sent. */
export function useSend<N extends Name>(name: N) {
  const connection = useConnection();
  const [busy, setBusy] = useState(false);
  const send = useCallback(
    async (payload: Payload<N>, drafts?: readonly string[]): Promise<Result<Answer<N>> | null> => {
      if (busy) return null;
      setBusy(true);
      try {
        return await connection.send(name, payload, drafts);
      } finally {
        setBusy(false);
      }
    },
    [connection, name, busy],
  );
  return { send, busy };
}
