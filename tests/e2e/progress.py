#!/usr/bin/env python3
"""Progress on a terminal and without one; Ctrl-C while answers are slow and while none comes.
usage: progress.py XEMTRACE FIXTURE_NODE MKCHAIN"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

from servers import fixture, serve

xemtrace, node, mkchain = sys.argv[1:4]
here = os.path.dirname(os.path.abspath(__file__))


def crawl(case, *more):
    return [xemtrace, "--case", case, "crawl", root, "--depth", "3", "--blocks", "none", *more]


def on_terminal(command, columns, enough):
    """What it writes on a terminal, with Ctrl-C once enough(of that) holds, the exit code,
    and how long it took to end."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 12, columns, 0, 0))
    out, stopped = b"", None
    while True:
        if select.select([fd], [], [], 0.05)[0]:
            try:
                part = os.read(fd, 65536)
            except OSError:
                break
            if not part:
                break
            out += part
        if stopped is None and enough(out.decode(errors="replace")):
            os.write(fd, b"\x03")
            stopped = time.monotonic()
    took = time.monotonic() - (stopped or 0)
    os.close(fd)
    return out.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), took


def lines_of(out):
    """Each line of each drawing."""
    return [line for line in re.split(r"\r?\n|\r|\x1b\[[AJK]", out) if line]


def main(folder):
    global root
    with open(folder + "/chain.ledger", "w", encoding="ascii") as f:
        f.write("opening bank 5000000\nbank -> root 1000000 fee 1 @2\n")
        for i in range(40):
            f.write("root -> a%d 20000 fee 1 @%d\n" % (i, i + 3))
        for i in range(40):
            f.write("a%d -> b%d 10 fee 1 @%d\n" % (i, i, i + 50))
    chain = folder + "/chain.json"
    subprocess.run([mkchain, folder + "/chain.ledger", "-o", chain], check=True)
    root = subprocess.run([mkchain, "--address", "root"], check=True, capture_output=True,
                          text=True).stdout.split()[0]
    fast = "http://" + fixture(node, folder, chain)[1]
    slow = "http://" + fixture(node, folder, "--slow", "1000", chain)[1]
    other = "http://" + fixture(node, folder, "--slow", "1000", "--id-seed", "7", chain)[1]
    asked = folder + "/asked"
    hang = "http://" + serve(folder, lambda port: [sys.executable, here + "/sick_server.py", port, "hang",
                                                   asked])[1]
    case = folder + "/case"
    subprocess.run([xemtrace, "--case", case, "crawl", root, "--depth", "0", "--blocks", "none", "-q",
                    "--node", fast], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([xemtrace, "--case", case, "seed", "add", "--account", root, "--from", "2", "--to", "2"],
                   check=True, stdout=subprocess.DEVNULL)

    # A terminal: what is located, the work, the rate, a line a node; nothing wraps.
    wanted = [r"located [0-9,]+ of 1,000,000 XEM \| accounts [0-9]+ done, [0-9]+ waiting",
              *(re.escape(url[7:]) + r": [0-9]+ requests/s" for url in (slow, other)),
              r"127\.0\.0\.1:1: given up"]
    out, code, took = on_terminal(crawl(case, "--node", slow, "--node", other, "--node", "http://127.0.0.1:1"),
                                  64, lambda out: all(any(re.match(w, x) for x in lines_of(out)) for w in wanted))
    assert code == 130 and took < 8, (code, took)
    lines = lines_of(out)
    assert all(len(x) < 64 for x in lines if x.startswith(("located", "accounts", "127."))), lines
    assert "run the same command again to go on" in out
    # Nothing is left of it on the screen but the last line.
    assert out.rstrip().rsplit("\x1b[J", 1)[1].startswith("xemtrace: stopped"), out[-300:]

    # No answer for half a minute: Ctrl-C all the same.
    out, code, took = on_terminal(crawl(folder + "/other-case", "--node", hang), 80,
                                  lambda _: os.path.exists(asked))
    assert code == 130 and took < 8, (code, took)
    assert "run the same command again to go on" in out

    # No terminal: a plain line now and then, no escapes; SIGTERM as Ctrl-C.
    p = subprocess.Popen(crawl(folder + "/plain", "--node", slow, "--rate", "5"), stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE)
    first = p.stderr.readline()
    p.send_signal(signal.SIGTERM)
    begin = time.monotonic()
    err = (first + p.communicate()[1]).decode()
    assert p.returncode == 130 and time.monotonic() - begin < 8, p.returncode
    lines = err.splitlines()
    assert len(lines) >= 2 and "\x1b" not in err and "\r" not in err, err
    for line in lines[:-1]:
        assert re.match(r"accounts [0-9]+ done, [0-9]+ waiting \| transactions [0-9,]+ \| [0-9]+ requests/s \| "
                        + re.escape(slow[7:]) + ": ", line), err
    assert lines[-1].startswith("xemtrace: stopped"), err
    # And it goes on from there.
    p = subprocess.run(crawl(folder + "/plain", "--node", fast, "--rate", "1000", "--connections", "16", "-q"),
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    assert p.returncode == 0 and not p.stderr, p.stderr
    print("progress: ok")


with tempfile.TemporaryDirectory() as d:
    main(d)
