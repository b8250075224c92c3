import { beforeEach, expect, test, vi } from "vitest";
import { browser, settled, SLOWER, Socket } from "./stand-ins";

const sockets: Socket[] = [];
vi.mock("socket.io-client", () => ({
  io: () => {
    const made = new Socket();
    sockets.push(made);
    return made;
  },
}));
const { Connection } = await import("./connection");

let stored: Map<string, string>;
beforeEach(() => {
  ({ stored } = browser());
});

function opened() {
  const connection = new Connection({ base: "http://console.test/", token: () => "token" });
  const socket = sockets.at(-1);
  if (socket === undefined) throw new Error("no socket was made");
  connection.open();
  return { connection, socket };
}

async function greeted(account?: string) {
  const page = opened();
  page.socket.greet(account);
  await settled();
  return page;
}

/** A page whose connection was lost. */
async function cutOff() {
  const page = await greeted();
  page.socket.drop();
  return page;
}

/** A page that left these behind. */
async function left(...titles: string[]) {
  const page = await cutOff();
  for (const title of titles) void page.connection.send("task:add", { session_id: "s", task_id: title, title });
  page.connection.close();
  await settled();
}

const TASK = { session_id: "s", task_id: "t", title: "Restart the tunnel" };
const DONE = { session_id: "s", task_id: "t", version: 1, state: "done" } as const;
const FRESH = { session_id: "n", title: "VPN drops", client_name: "Harbor Dental", problem: "It drops." };
const OFF = { session_id: "n", handoff_id: "h", severity: "high", reason: "skill", ask: "May I?" } as const;
const AWAY = { code: "unavailable", status: 503, retryable: true };

test("another account's page of the same user sends nothing of this one's", async () => {
  await left("Of Acme");
  const other = await greeted("borealis");
  expect(other.socket.sent).toEqual([]);
  const mine = await greeted();
  expect(mine.socket.names()).toEqual(["task:add"]);
});

test("what is held goes before what is sent while catching up", async () => {
  const { connection, socket } = await cutOff();
  connection.hold(connection.room("session", "s"));
  void connection.send("task:add", TASK);
  socket.greet();
  await settled();
  void connection.send("task:update", DONE);
  expect(socket.sent).toEqual([]);
  socket.admit();
  await settled();
  expect(socket.names()).toEqual(["task:add", "task:update"]);
});

test("what is held goes before what is sent before the greeting", async () => {
  const { connection, socket } = await cutOff();
  void connection.send("task:add", TASK);
  socket.reach();
  void connection.send("task:update", DONE);
  expect(socket.sent).toEqual([]);
  socket.greet();
  await settled();
  expect(socket.names()).toEqual(["task:add", "task:update"]);
});

test("what has to happen at once and never went is refused when the connection is lost", async () => {
  const { connection, socket } = await cutOff();
  socket.reach();
  const claim = connection.send("handoff:claim", { handoff_id: "h", claim_id: "c" });
  socket.drop();
  expect(await claim).toMatchObject({ ok: false, error: { code: "offline" } });
});

test("nothing overtakes a command that was told to slow down", async () => {
  const { connection, socket } = await greeted();
  void connection.send("session:create", FRESH);
  const pipelined = connection.send("handoff:create", OFF);
  socket.answer(0, SLOWER);
  socket.answer(1, { code: "not_found", status: 404 }); // the server had no session yet, and a token again
  void connection.send("task:add", TASK);
  expect(socket.names()).toEqual(["session:create", "handoff:create"]);
  await settled(40);
  expect(socket.names().slice(2)).toEqual(["session:create"]);
  socket.answer(2);
  expect(socket.names().slice(3)).toEqual(["handoff:create", "task:add"]);
  socket.answer(3);
  expect(await pipelined).toMatchObject({ ok: true });
});

test("a living page's commands are its own to send", async () => {
  const { connection, socket } = await cutOff();
  void connection.send("task:update", DONE);
  const other = await greeted();
  expect(other.socket.sent).toEqual([]);
  expect(connection.amend((one) => one.name === "task:update", { result: "It works" })).toBe(true);
  socket.greet();
  await settled();
  expect(socket.sent.map((one) => one.payload)).toEqual([{ ...DONE, result: "It works" }]);
  expect(other.socket.sent).toEqual([]);
});

test("of several pages one sends what a closed one left", async () => {
  const gone = await cutOff();
  void gone.connection.send("task:add", TASK);
  const others = [await greeted(), await greeted()];
  gone.connection.close();
  await settled();
  expect(others.flatMap(({ socket }) => socket.names())).toEqual(["task:add"]);
});

test("what a former page left goes before what this one has made", async () => {
  await left("One", "Two");
  const { connection, socket } = opened();
  void connection.send("task:add", { ...TASK, title: "Three" });
  socket.greet();
  await settled();
  expect(socket.sent.map((one) => one.payload["title"])).toEqual(["One", "Two", "Three"]);
});

test("what a former page left stays until the server takes it", async () => {
  await left("One", "Two");
  vi.useFakeTimers();
  const { connection, socket } = opened();
  socket.greet();
  await vi.advanceTimersByTimeAsync(5);
  socket.answer(0, AWAY);
  socket.answer(1, { code: "not_found", status: 404 });
  expect(connection.refusedLater.get()).toEqual([]);
  expect([...stored.values()].join()).toContain("One");
  void connection.send("session:create", FRESH); // waits for nothing that it does not know
  expect(socket.names().slice(2)).toEqual(["session:create"]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(socket.sent.slice(3).map((one) => one.payload["title"])).toEqual(["One"]);
  socket.answer(3);
  socket.answer(4);
  expect(socket.sent.slice(4).map((one) => one.payload["title"])).toEqual(["Two"]);
  socket.answer(2);
  expect(stored.size).toBe(0);
  vi.useRealTimers();
});

test("what was meant a day ago is given up, and that is told", async () => {
  await left("One");
  vi.useFakeTimers();
  const { connection, socket } = opened();
  socket.greet();
  await vi.advanceTimersByTimeAsync(5);
  vi.setSystemTime(Date.now() + 25 * 3_600_000);
  socket.answer(0, AWAY);
  expect(connection.refusedLater.get()).toMatchObject([{ text: "One", refusal: AWAY }]);
  expect(stored.size).toBe(0);
  vi.useRealTimers();
});

test("a draft that was written anew meanwhile stays", async () => {
  const draft = "resolutionflow.draft.acme.juno.";
  stored.set(`${draft}new.title`, "VPN drops");
  stored.set(`${draft}new.problem`, "It drops.");
  const { connection } = await cutOff();
  void connection.send("session:create", FRESH, ["juno.new.title", "juno.new.problem"]);
  connection.close();
  await settled();
  stored.set(`${draft}new.problem`, "Something else");
  const { socket } = await greeted();
  socket.answer(0);
  expect([...stored]).toEqual([[`${draft}new.problem`, "Something else"]]);
});

test("a room that a page opens while others catch up is joined with them", async () => {
  const { connection, socket } = opened();
  connection.hold(connection.room("queue", ""));
  socket.greet();
  await settled();
  const late = connection.room("session", "s");
  connection.hold(late);
  socket.admit();
  await settled();
  expect(connection.light.get().kind).toBe("live");
  socket.admit();
  await settled();
  expect(late.state.get().kind).toBe("ready");
});
