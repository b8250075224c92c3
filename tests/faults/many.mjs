// Many connections of the stock JavaScript client in one process. What to do comes on stdin, a JSON object a line; what
// was answered and what came goes to stdout in the order in which the client told it, with the time in seconds.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { io } = createRequire(new URL("../js/", import.meta.url))("socket.io-client");

const sockets = new Map();

function tell(number, what) {
  const when = (performance.timeOrigin + performance.now()) / 1000;
  process.stdout.write(`${JSON.stringify({ socket: number, when, ...what })}\n`);
}

const actions = {
  open(number, { url, token }) {
    const options = { transports: ["websocket"], auth: { token }, reconnection: false, forceNew: true, timeout: 3000 };
    const socket = io(url, options);
    sockets.set(number, socket);
    const lost = () => {
      if (sockets.delete(number)) tell(number, { lost: true });
      socket.close();
    };
    socket.onAny((name, data) => tell(number, { name, data }));
    socket.on("connect_error", lost);
    socket.on("disconnect", lost);
  },

  send(number, { id, name, payload }) {
    sockets.get(number)?.emit(name, payload, (answer) => tell(number, { id, answer }));
  },

  close(number) {
    sockets.get(number)?.disconnect();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { socket, action, ...args } = JSON.parse(line);
  actions[action](socket, args);
}
process.exit();
