"""Servers that a test starts: on ports of 127.0.0.1 that were free; they end with it."""
import atexit
import os
import subprocess
import time

children = []


def serve(folder, command):
    """Start command(port file); its process and HOST:PORT, once it listens."""
    path = "%s/port-%d" % (folder, time.monotonic_ns())
    child = subprocess.Popen(command(path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    children.append(child)
    while not (os.path.exists(path) and os.path.getsize(path)):
        assert child.poll() is None, "a server does not start"
        time.sleep(0.02)
    with open(path, encoding="ascii") as f:
        return child, "127.0.0.1:" + f.read().strip()


def fixture(node, folder, *options):
    """A fixture node; the chain file comes last."""
    return serve(folder, lambda port: [node, "--port-file", port, *options])


def stop_all():
    for child in children:
        child.kill()
        child.wait()
    children.clear()


atexit.register(stop_all)
