#!/usr/bin/env python3
"""A server on 127.0.0.1 that is no node, or a sick one: sick_server.py PORTFILE MODE [ARG].

hang [F]   takes requests and never answers; file F says that one came
silent     takes connections and never reads
drip       a byte of an answer every 100 ms, for ever
headers    header lines for ever
continue   "100 Continue" for ever
length     promises 10^12 bytes, sends blanks
endless    a chunked body without end
garbage    no HTTP at all
cut N      closes after N bytes of an honest answer
redirect U 302 to U; with another port's log one sees that nobody went there
peers F    an honest node (height 5) whose peer lists are the bytes of file F
proxy F    a forward proxy; a line per request in file F
"""
import os
import socket
import sys
import threading
import time
from urllib.parse import urlsplit

portfile, mode = sys.argv[1:3]
arg = sys.argv[3] if len(sys.argv) > 3 else ""
INFO = (b'{"metaData":{"features":3,"application":null,"networkId":104,"version":"0.6.102",'
        b'"platform":null},"endpoint":{"protocol":"http","port":7890,"host":"127.0.0.1"},'
        b'"identity":{"name":"\\u001b[31m=cmd|x\\u202e","public-key":null}}')
FACTS = {
    "/node/info": INFO,
    "/status": b'{"type":4,"code":6,"message":"status"}',
    "/chain/height": b'{"height":5}',
}


def answer(body, status=b"200 OK", more=b""):
    return (b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\n" + more +
            b"Content-Length: %d\r\n\r\n" % len(body) + body)


def read_request(c):
    """Method and target of the next request, None at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = c.recv(65536)
        if not part:
            return None
        data += part
    head, rest = data.split(b"\r\n\r\n", 1)
    want = 0
    for line in head.split(b"\r\n")[1:]:
        if line.lower().startswith(b"content-length:"):
            want = int(line.split(b":")[1])
    while len(rest) < want:
        rest += c.recv(65536)
    method, target = head.split(b"\r\n")[0].split(b" ")[:2]
    return method, target.decode(), head, rest


def forever(c, first, part, pause=0.0):
    c.sendall(first)
    while True:
        c.sendall(part)
        if pause:
            time.sleep(pause)


def forward(c, method, target, head, rest):
    with open(arg, "a", encoding="ascii") as f:
        f.write(target + "\n")
    u = urlsplit(target)
    lines = head.split(b"\r\n")[1:]
    lines = [b for b in lines if not b.lower().startswith((b"proxy-", b"connection:"))]
    path = u.path + ("?" + u.query if u.query else "")
    up = socket.create_connection((u.hostname, u.port))
    up.sendall(method + b" " + path.encode() + b" HTTP/1.1\r\n" + b"\r\n".join(lines) +
               b"\r\nConnection: close\r\n\r\n" + rest)
    while True:
        part = up.recv(65536)
        if not part:
            break
        c.sendall(part)
    up.close()


def serve(c):
    begin = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    if mode == "silent":
        time.sleep(3600)
    while True:
        r = read_request(c)
        if r is None:
            return
        path = r[1]
        body = FACTS.get(path, b'{"data":[]}')
        if mode == "hang":
            if arg:
                with open(arg, "w", encoding="ascii"):
                    pass
            time.sleep(3600)
        elif mode == "drip":
            forever(c, begin + b"Content-Length: 100000000\r\n\r\n", b" ", 0.1)
        elif mode == "headers":
            forever(c, begin, b"X-More: 1\r\n")
        elif mode == "continue":
            forever(c, b"", b"HTTP/1.1 100 Continue\r\n\r\n")
        elif mode == "length":
            forever(c, begin + b"Content-Length: 1000000000000\r\n\r\n", b" " * 65536)
        elif mode == "endless":
            forever(c, begin + b"Transfer-Encoding: chunked\r\n\r\n",
                    b"10000\r\n" + b" " * 65536 + b"\r\n")
        elif mode == "garbage":
            c.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n" + os.urandom(512))
            return
        elif mode == "cut":
            c.sendall(answer(body)[:int(arg)])
            return
        elif mode == "redirect":
            c.sendall(answer(b"", b"302 Found", b"Location: " + arg.encode() + b"\r\n"))
        elif mode == "peers":
            if path.startswith("/node/peer-list/"):
                with open(arg, "rb") as f:
                    body = f.read()
            c.sendall(answer(body))
        elif mode == "proxy":
            forward(c, *r)
            return
        else:
            sys.exit("unknown mode " + mode)


def run(c):
    try:
        serve(c)
    except OSError:
        pass
    finally:
        c.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=64)
with open(portfile + ".new", "w", encoding="ascii") as out:
    out.write("%d\n" % listener.getsockname()[1])
os.rename(portfile + ".new", portfile)
while True:
    connection, _ = listener.accept()
    threading.Thread(target=run, args=(connection,), daemon=True).start()
