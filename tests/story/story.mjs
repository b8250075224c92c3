// One person of the story on the stock JavaScript client. What to do comes on stdin, a JSON object a line; what was
// answered and what was heard goes to stdout in the order in which the client told it.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { io } = createRequire(new URL("../js/", import.meta.url))("socket.io-client");

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

let socket;

const actions = {
  async http({ method, url, token, body }) {
    const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
    const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  },

  connect({ url, options }) {
    socket?.disconnect();
    socket = io(url, options);
    socket.onAny((name, ...args) => tell({ heard: name, args }));
    return new Promise((resolve) => {
      socket.on("connect", () => resolve(null));
      socket.on("connect_error", ({ message, data, description }) => resolve({ message, data, description }));
    });
  },

  send({ name, payload }) {
    return socket.timeout(10_000).emitWithAck(name, payload);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, action, ...args } = JSON.parse(line);
  actions[action](args).then(
    (answer) => tell({ id, answer }),
    (error) => tell({ id, failed: String(error) }),
  );
}
socket?.disconnect();
