#!/usr/bin/env python3
"""The text form on a terminal (a pseudo-terminal of a size we choose): width, colours,
pager. Usage: terminal.py XEMTRACE"""
import fcntl
import os
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

X = os.path.abspath(sys.argv[1])
SGR = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(args, columns=80, rows=1000, env=(), out=None):
    """What a terminal of this size gets, with \\n at line ends, and the exit code."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    e = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "PAGER", "LESS")}
    e.update({"TERM": "xterm", "XEMTRACE_CASE": CASE})
    e.update(dict(env))
    p = subprocess.Popen([X, *args], stdin=slave, stdout=out or slave, stderr=subprocess.PIPE,
                         env=e, start_new_session=True)
    os.close(slave)
    got = b""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if not select.select([master], [], [], 0.1)[0]:
            if p.poll() is not None:
                break
            continue
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        got += part
    err = p.stderr.read().decode()
    code = p.wait(timeout=60)
    os.close(master)
    return got.decode("utf-8").replace("\r\n", "\n"), code, err


def piped(args, **env):
    e = dict(os.environ, XEMTRACE_CASE=CASE, **env)
    p = subprocess.run([X, *args], capture_output=True, text=True, env=e, check=True)
    return p.stdout


def widest(text):
    return max(len(x) for x in SGR.sub("", text).splitlines())


def widths():
    plain = piped(["top"])
    assert widest(plain) > 200
    assert plain == piped(["top"], COLUMNS="80"), "a pipe is not a terminal"
    for columns in (80, 100, 120, 160):
        text, code, _ = on_terminal(["top", "--color", "never"], columns)
        assert code == 0 and widest(text) <= columns, (columns, widest(text))
        assert text == piped(["top", "--width", str(columns)])
        # Nothing is lost: every figure and address of the wide form is there.
        have = text.replace("\n", " ").split()
        for word in plain.split():
            if re.fullmatch(r"[\d,.]{6,}|[N@]\S+", word):
                assert word in have, (columns, word)
    text, _, _ = on_terminal(["top", "--color", "never"], 120, env={"COLUMNS": "90"})
    assert text == piped(["top", "--width", "90"])
    text, _, _ = on_terminal(["top", "--color", "never", "--width", "0"], 80)
    assert text == plain
    for bad in ("-1", "x", "100000"):
        assert on_terminal(["top", "--width", bad])[1] == 2
    for args in (["show", "NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG"], ["status"], ["exchanges"],
                 ["taint"], ["taint", "--compare"], ["label", "list"], ["patterns"], ["timeline"],
                 ["path", "NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG"], ["seed", "list"]):
        text, code, err = on_terminal(args, 80)
        # A URL is a word that cannot be broken well; it may be wider.
        wide = [x for x in SGR.sub("", text).splitlines() if len(x) > 80 and "http" not in x]
        assert code == 0 and text and not wide, (args, wide, err)


def colours():
    text, _, _ = on_terminal(["top"])
    assert SGR.search(text)
    assert SGR.sub("", text) == piped(["top", "--width", "80"]), "colours change the text"
    for args, env in ((["--color", "never"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})):
        assert "\x1b" not in on_terminal(["top", *args], env=env)[0], (args, env)
    assert SGR.search(on_terminal(["top"], env={"NO_COLOR": ""})[0]), "an empty NO_COLOR is none"
    assert SGR.search(on_terminal(["top", "--color", "always"], env={"NO_COLOR": "1"})[0])
    assert "\x1b" not in piped(["top"])
    assert SGR.search(piped(["top", "--color", "always"]))
    for form in ("json", "jsonl", "csv"):
        assert "\x1b" not in piped(["top", "--format", form, "--color", "always"])
        assert "\x1b" not in on_terminal(["top", "--format", form])[0]
    assert on_terminal(["top", "--color", "green"])[1] == 2


def pager(folder):
    log = os.path.join(folder, "log")
    took = os.path.join(folder, "took")
    prog = os.path.join(folder, "pager")
    with open(prog, "w") as f:
        f.write('#!/bin/sh\nprintf "%%s\\n" "$@" "LESS=$LESS" >%s\ncat >%s\nexit 7\n' % (log, took))
    os.chmod(prog, 0o755)

    def ran(args, rows=20, out=None, **env):
        for f in (log, took):
            if os.path.exists(f):
                os.remove(f)
        text, code, err = on_terminal(args, 80, rows, env=env, out=out)
        return os.path.exists(log), text, code, err

    yes, text, code, _ = ran(["top", "--color", "never"], PAGER=prog)
    assert yes and code == 0 and text == "", (yes, code, text)
    assert open(took).read() == piped(["top", "--width", "80"])
    assert open(log).read() == "LESS=FRX\n", open(log).read()
    # Words of $PAGER are arguments, and no shell reads them.
    mark = os.path.join(folder, "mark")
    yes, _, code, _ = ran(["top"], PAGER="%s -a ;touch\t%s $(touch %s)" % (prog, mark, mark), LESS="S")
    assert yes and code == 0 and not os.path.exists(mark)
    assert open(log).read() == "-a\n;touch\n%s\n$(touch\n%s)\nLESS=S\n" % (mark, mark)
    for args, env, rows in ((["top"], {}, 1000), (["top", "--no-pager"], {}, 20),
                            (["top", "--format", "json"], {}, 20), (["top"], {"TERM": "dumb"}, 20),
                            (["top", "-n", "1"], {}, 20)):
        yes, text, code, _ = ran(args, rows, PAGER=prog, **env)
        assert not yes and code == 0 and text, args
    with open(os.path.join(folder, "out"), "wb") as f:
        yes, text, code, _ = ran(["top"], out=f, PAGER=prog)
        assert not yes and code == 0 and text == ""
    # None, or one that does not start: the text is shown all the same.
    want = piped(["top", "--width", "80"])
    for name in ("", "cat", "/no/such/program", "   ", folder):
        text, code, _ = on_terminal(["top", "--color", "never"], 80, 20, env={"PAGER": name})
        assert text == want and code == 0, name
    # One that reads nothing: no failure, no signal.
    text, code, err = on_terminal(["timeline"], 80, 20, env={"PAGER": "true"})
    assert (text, code, err) == ("", 0, ""), (text, code, err)
    # The command's own exit code stays, and its error comes after the text.
    broken = os.path.join(folder, "broken.xemtrace")
    shutil.copy(CASE, broken)
    subprocess.run(["sqlite3", broken, "UPDATE transfer SET sender = 99999 WHERE tx % 3 = 0"],
                   check=True)
    yes, _, code, err = ran(["verify", "--case", broken], 10, PAGER=prog)
    assert yes and code == 3 and err, (yes, code, err)
    # less itself, as it is found without $PAGER: left with q.
    if shutil.which("less"):
        less_is_left()


def progress(folder):
    """Something is on the terminal while a command takes long, and nothing stays there. How
    long it takes nobody knows: a pipe that is read late makes it long enough."""
    case = os.path.join(folder, "long.xemtrace")
    subprocess.run(["tests/report/make_case.sh", X, "3000", case], check=True)
    for args, said in ((["timeline", "--format", "json"], True),
                       (["timeline", "--format", "json", "-q"], False)):
        master, slave = os.openpty()
        out, into = os.pipe()
        e = dict(os.environ, TERM="xterm", XEMTRACE_CASE=case)
        p = subprocess.Popen([X, *args], stdin=slave, stdout=into, stderr=slave, env=e,
                             preexec_fn=lambda: (os.setsid(), fcntl.ioctl(2, termios.TIOCSCTTY, 0)))
        os.close(slave)
        os.close(into)
        got = b""
        if said:  # it waits for the pipe, and says so
            while b"timeline: 2 s" not in got:
                assert select.select([master], [], [], 60)[0], got
                got += os.read(master, 4096)
        with os.fdopen(out, "rb") as f:
            assert f.read().endswith(b"}\n")
        assert p.wait(timeout=60) == 0
        while select.select([master], [], [], 0.1)[0]:
            try:
                part = os.read(master, 4096)
            except OSError:
                break
            if not part:
                break
            got += part
        os.close(master)
        assert got.endswith(b"\r\x1b[K") if said else got == b"", got


def less_is_left():
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    e = {k: v for k, v in os.environ.items() if k not in ("PAGER", "LESS")}
    p = subprocess.Popen([X, "timeline"], stdin=slave, stdout=slave, stderr=slave, close_fds=True,
                         preexec_fn=lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)),
                         env=dict(e, TERM="xterm", XEMTRACE_CASE=CASE))
    os.close(slave)
    got = b""
    while b":" not in got.split(b"\n")[-1]:
        assert select.select([master], [], [], 60)[0], got
        got += os.read(master, 65536)
    os.write(master, b"q")
    assert p.wait(timeout=60) == 0
    os.close(master)
    assert b"time" in got and got.count(b"\n") < 60


with tempfile.TemporaryDirectory() as d:
    CASE = os.path.join(d, "case.xemtrace")
    subprocess.run(["tests/report/make_case.sh", X, "coincheck", CASE], check=True)
    widths()
    colours()
    pager(d)
    progress(d)
print("terminal: ok")
