/* The least that a single-threaded server of the room can do: one ready frame, send(2) to each socket of the room.
 * It speaks as much WebSocket, Engine.IO and Socket.IO as the generator needs, and checks nothing. floor PORT */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 65536, ROOMS = 16384, INPUT = 8192, FRAME = 16384 };

struct client { char *in; int held, open, room; };
struct room { char id[37]; long seq; int *members, count, space; };

static struct client clients[MOST];
static struct room rooms[ROOMS];

static void out(int fd, const char *data, size_t size) {
    while (size) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            struct pollfd full = {fd, POLLOUT, 0};
            poll(&full, 1, 1000);
        } else if (sent < 0) {
            return;
        } else {
            data += sent, size -= (size_t)sent;
        }
    }
}

static size_t framed(char *frame, const char *text, size_t size) {
    frame[0] = (char)0x81;
    size_t head = size < 126 ? 2 : 4;
    if (size < 126) {
        frame[1] = (char)size;
    } else {
        frame[1] = 126, frame[2] = (char)(size >> 8), frame[3] = (char)size;
    }
    memcpy(frame + head, text, size);
    return head + size;
}

static void say(int fd, const char *text) {
    static char frame[FRAME];
    out(fd, frame, framed(frame, text, strlen(text)));
}

static struct room *find(const char *id) {
    unsigned long hash = 5381;
    for (int at = 0; at < 36; at++) hash = hash * 33 + (unsigned char)id[at];
    for (unsigned long at = hash % ROOMS;; at = (at + 1) % ROOMS) {
        if (!rooms[at].id[0]) memcpy(rooms[at].id, id, 36);
        if (!memcmp(rooms[at].id, id, 36)) return &rooms[at];
    }
}

static void field(char *to, const char *text, const char *name) {
    const char *found = strstr(text, name);
    to[0] = 0;
    if (!found) return;
    found += strlen(name);
    size_t size = strcspn(found, "\"");
    if (size > 4000) size = 4000;
    memcpy(to, found, size), to[size] = 0;
}

static void packet(int fd, const char *text) {
    static char reply[FRAME], id[FRAME], message[FRAME], body[FRAME], frame[FRAME];
    if (!strncmp(text, "40", 2)) {
        say(fd, "40{\"sid\":\"floor\"}");
        return;
    }
    if (strncmp(text, "42", 2)) return;
    long ack = atol(text + 2);
    field(id, text, "\"session_id\":\"");
    struct room *room = find(id);
    if (strstr(text, "[\"session:join\"")) {
        if (room->count == room->space)
            room->members = realloc(room->members, sizeof(int) * (size_t)(room->space = room->space * 2 + 64));
        room->members[room->count++] = fd;
        clients[fd].room = (int)(room - rooms) + 1;
        snprintf(reply, sizeof reply,
                 "43%ld[{\"ok\":true,\"data\":{\"room\":\"session:%s\",\"epoch\":\"1\",\"seq\":%ld,\"recovered\":false,"
                 "\"snapshot\":{}}}]", ack, id, room->seq);
    } else if (strstr(text, "[\"message:post\"")) {
        field(message, text, "\"message_id\":\""), field(body, text, "\"body\":\"");
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        char at[64], person[] = "{\"id\":\"00000000-0000-4000-8000-000000000000\",\"name\":\"Load engineer 1\"}";
        struct tm utc;
        gmtime_r(&now.tv_sec, &utc);
        size_t size = strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%S", &utc);
        snprintf(at + size, sizeof at - size, ".%06ldZ", now.tv_nsec / 1000);
        room->seq++;
        int length = snprintf(reply, sizeof reply,
                 "42[\"message:posted\",{\"at\":\"%s\",\"seq\":%ld,\"data\":{\"message\":{\"at\":\"%s\",\"id\":\"%s\",\"seq\":%ld,"
                 "\"body\":\"%s\",\"kind\":\"note\",\"author\":%s,\"session_id\":\"%s\"}},\"room\":\"session:%s\","
                 "\"type\":\"message:posted\",\"actor\":%s}]",
                 at, room->seq, at, message, room->seq, body, person, id, id, person);
        size_t whole = framed(frame, reply, (size_t)length);
        for (int member = 0; member < room->count; member++) out(room->members[member], frame, whole);
        snprintf(reply, sizeof reply, "43%ld[{\"ok\":true,\"data\":{}}]", ack);
    } else {
        snprintf(reply, sizeof reply, "43%ld[{\"ok\":true,\"data\":{}}]", ack);
    }
    say(fd, reply);
}

static void gone(int fd) {
    struct client *client = &clients[fd];
    if (client->room) {
        struct room *room = &rooms[client->room - 1];
        for (int at = 0; at < room->count; at++)
            if (room->members[at] == fd) room->members[at] = room->members[--room->count];
    }
    free(client->in);
    memset(client, 0, sizeof *client);
    close(fd);
}

static void readable(int fd) {
    struct client *client = &clients[fd];
    ssize_t got = recv(fd, client->in + client->held, (size_t)(INPUT - client->held - 1), 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) gone(fd);
        return;
    }
    client->held += (int)got;
    client->in[client->held] = 0;
    int at = 0;
    if (!client->open) {
        if (!strstr(client->in, "\r\n\r\n")) return;
        const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
        out(fd, answer, sizeof answer - 1);
        say(fd, "0{\"sid\":\"floor\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}");
        client->open = 1, client->held = 0;
        return;
    }
    while (client->held - at >= 6) {
        unsigned char *head = (unsigned char *)client->in + at;
        int length = head[1] & 127, start = at + 6;
        if (length == 126) length = head[2] << 8 | head[3], start = at + 8;
        if (client->held < start + length) break;
        char kept = client->in[start + length];
        client->in[start + length] = 0;
        packet(fd, client->in + start);
        client->in[start + length] = kept;
        at = start + length;
    }
    memmove(client->in, client->in + at, (size_t)(client->held - at));
    client->held -= at;
}

int main(int argc, char **argv) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1, poller = epoll_create1(0);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[argc - 1]))};
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(door, (struct sockaddr *)&where, sizeof where) || listen(door, 1024)) return perror("floor"), 1;
    struct epoll_event want = {EPOLLIN, {.fd = door}}, ready[512];
    epoll_ctl(poller, EPOLL_CTL_ADD, door, &want);
    puts("listening"), fflush(stdout);
    for (;;) {
        int count = epoll_wait(poller, ready, 512, -1);
        for (int at = 0; at < count; at++) {
            int fd = ready[at].data.fd;
            if (fd != door) {
                readable(fd);
                continue;
            }
            while ((fd = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                if (fd >= MOST) {
                    close(fd);
                    continue;
                }
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                clients[fd].in = malloc(INPUT);
                want.data.fd = fd;
                epoll_ctl(poller, EPOLL_CTL_ADD, fd, &want);
            }
        }
    }
}
