// Node's Socket.IO with the commands that the load's generator sends: node node.mjs PORT [REDIS_URL]
import { createServer } from "node:http";
import { Server } from "socket.io";

const [port, redisUrl] = process.argv.slice(2);
const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });

if (redisUrl) {
  const { createClient } = await import("redis");
  const { createAdapter } = await import("@socket.io/redis-adapter");
  const publishing = createClient({ url: redisUrl });
  const subscribed = publishing.duplicate();
  await Promise.all([publishing.connect(), subscribed.connect()]);
  io.adapter(createAdapter(publishing, subscribed));
}

const numbers = new Map();
const author = { id: "00000000-0000-4000-8000-000000000000", name: "Load engineer 1" };
// "2026-11-28T06:50:36.825293Z": microseconds, as PostgreSQL tells them
const now = () => {
  const ms = performance.timeOrigin + performance.now();
  const micros = String(Math.floor((ms % 1) * 1000)).padStart(3, "0");
  return new Date(ms).toISOString().replace("Z", `${micros}Z`);
};

io.on("connection", (socket) => {
  socket.on("session:create", (_, ack) => ack({ ok: true, data: {} }));
  socket.on("session:join", ({ session_id }, ack) => {
    const room = `session:${session_id}`;
    socket.join(room);
    ack({ ok: true, data: { room, epoch: "1", seq: numbers.get(room) ?? 0, recovered: false, snapshot: {} } });
  });
  socket.on("message:post", ({ session_id, message_id, body, kind }, ack) => {
    const room = `session:${session_id}`;
    const seq = (numbers.get(room) ?? 0) + 1;
    numbers.set(room, seq);
    const at = now();
    const message = { at, id: message_id, seq, body, kind, author, session_id };
    io.to(room).emit("message:posted", { at, seq, data: { message }, room, type: "message:posted", actor: author });
    ack({ ok: true, data: { message } });
  });
});

http.listen({ port: Number(port), host: "127.0.0.1", backlog: 1024 }, () => console.log("listening"));
