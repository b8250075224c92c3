import { beforeEach, expect, test, vi } from "vitest";
import { Connection } from "../realtime/connection";
import { browser, settled, Socket } from "../realtime/stand-ins";
import { outboxOf, resumeOutboxes, type Unsent } from "./outbox";

const sockets = vi.hoisted(() => [] as unknown[]);
vi.mock("socket.io-client", () => ({
  io: () => {
    const made = new Socket();
    sockets.push(made);
    return made;
  },
}));

let stored: Map<string, string>;
let fill: () => void;
beforeEach(() => {
  ({ stored, fill } = browser());
});

const JUNO = "acme.juno";

async function page(account = "acme") {
  const connection = new Connection({ base: "http://console.test/", token: () => "token" });
  const socket = sockets.at(-1) as Socket;
  connection.open();
  socket.greet(account);
  resumeOutboxes(connection, `${account}.juno`);
  await settled();
  return { connection, socket, outbox: outboxOf(connection, `${account}.juno`, "s") };
}

function note(id: string, at = new Date().toISOString()): Unsent {
  return { id, kind: "note", body: `Note ${id}`, ask: false, fencingToken: null, at, refusal: null };
}

const idsOf = ({ unsent }: { unsent: { get: () => readonly Unsent[] } }) => unsent.get().map((one) => one.id);
const sentBy = (socket: Socket) => socket.sent.map((one) => one.payload["message_id"]);

test("a living page's messages are its own to send", async () => {
  const writer = await page();
  writer.socket.drop();
  writer.outbox.post(note("1"));
  const others = [await page(), await page()];
  expect(others.flatMap(({ socket }) => sentBy(socket))).toEqual([]);
  expect(others.flatMap(({ outbox }) => idsOf(outbox))).toEqual([]);
  writer.connection.close();
  await settled();
  expect(others.flatMap(({ socket }) => sentBy(socket))).toEqual(["1"]);
  expect(others.flatMap(({ outbox }) => idsOf(outbox))).toEqual(["1"]);
  others.find(({ socket }) => socket.sent.length > 0)?.socket.answer(0);
  await settled();
  expect(stored.size).toBe(0);
});

test("two pages of one session keep what each has written", async () => {
  const pages = [await page(), await page()];
  for (const [at, { socket, outbox, connection }] of pages.entries()) {
    socket.drop();
    outbox.post(note(String(at)));
    connection.close();
  }
  await settled();
  const next = await page();
  expect(idsOf(next.outbox)).toEqual(["0", "1"]);
  expect(sentBy(next.socket)).toEqual(["0", "1"]);
});

test("another account's page of the same user sends nothing of this one's", async () => {
  const writer = await page();
  writer.socket.drop();
  writer.outbox.post(note("1"));
  writer.connection.close();
  await settled();
  expect((await page("borealis")).socket.sent).toEqual([]);
  expect(sentBy((await page()).socket)).toEqual(["1"]);
});

test("what was written days ago waits until somebody looks at it", async () => {
  const writer = await page();
  writer.socket.drop();
  writer.outbox.post(note("1", new Date(Date.now() - 3 * 24 * 3_600_000).toISOString()));
  writer.connection.close();
  await settled();
  const next = await page();
  expect(sentBy(next.socket)).toEqual([]);
  expect(idsOf(outboxOf(next.connection, JUNO, "s"))).toEqual(["1"]);
  next.outbox.resume();
  expect(sentBy(next.socket)).toEqual(["1"]);
});

test("a message for which the browser has no room goes, and would be lost with the page until it is through", async () => {
  const { connection, socket, outbox } = await page();
  outbox.post(note("1"));
  expect(connection.wouldLose.get()).toBe(false);
  fill();
  outbox.post(note("2"));
  expect(connection.wouldLose.get()).toBe(true);
  expect(sentBy(socket)).toEqual(["1", "2"]);
  socket.answer(1);
  await settled();
  expect(connection.wouldLose.get()).toBe(false);
});
