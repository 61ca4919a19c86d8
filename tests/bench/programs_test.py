"""Runs each measuring program for a moment: it must end by itself and print figures above 0."""
import os
import socket
import subprocess
import sys
import tempfile
import time

BIN = sys.argv[1]
SPAN = "0.05"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def await_server(server, port):
    while server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
                line.sendall(b"PING\r\n")
                if line.recv(16).startswith(b"+PONG"):
                    return
        except OSError:
            time.sleep(0.01)
    sys.exit(f"redis-server ended with {server.returncode}")


def programs(port):
    for mode in ("one", "one-bare", "many", "many-store", "many-bare"):
        yield "bench_locks", mode, port, SPAN
    yield "bench_held_locks", port, "200", "1", "2"
    for mode in ("coroutines", "threads", "semaphores"):
        yield "bench_cohort", mode, SPAN
    for mode in ("claims", "claims-bare"):
        yield "bench_firings", mode, port, SPAN
    yield "bench_firings", "fleet", port, "1", "2"
    yield "bench_firings", "crowd", "1000"
    for mode in ("verify", "known", "hmac"):
        yield "bench_tokens", mode, SPAN


def problem_of(command):
    try:
        done = subprocess.run([os.path.join(BIN, command[0]), *command[1:]], capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return "does not end"
    if done.returncode != 0:
        return f"ends with {done.returncode}: {done.stderr.strip()}"
    if not any(float(figure) > 0 for figure in done.stdout.split()):
        return f"prints no figure above 0: {done.stdout.strip()!r}"
    return None


def main():
    port = str(free_port())
    bad = []
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(["redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", ""],
                                  stdout=subprocess.DEVNULL)
        try:
            await_server(server, int(port))
            for command in programs(port):
                if problem := problem_of(command):
                    bad.append(f"{' '.join(command)}: {problem}")
        finally:
            server.terminate()
            server.wait()
    print("\n".join(bad) if bad else "each program prints its figure")
    return 1 if bad else 0


sys.exit(main())
