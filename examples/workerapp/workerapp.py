#!/usr/bin/env python3
"""A small web app that jobs can be POSTed to. It needs Python 3.7 or newer and nothing else; workerapp.mjs is its twin."""

import argparse
import json
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LONGEST_BODY = 8 * 1024 * 1024
LONGEST_PAUSE = 600_000
# How long requests under way may take to finish when the app is told to end, in seconds.
PATIENCE = 5

# Jobs that /flaky has failed once; the oldest are forgotten when there are too many.
failed_once = {}
MOST_REMEMBERED = 10_000
lock = threading.Lock()


def root(job_id, payload, query):
    return 200, "OK"


def mail(job_id, payload, query):
    return 200, {"sent": True, "to": payload.get("to")}


def report(job_id, payload, query):
    return 200, {"report": payload.get("report", "daily"), "rows": 42}


def thumbnail(job_id, payload, query):
    return 200, {"image": payload.get("image"), "width": 160, "height": 120}


def flaky(job_id, payload, query):
    with lock:
        if failed_once.pop(job_id, False):
            return 200, "OK, this time"
        failed_once[job_id] = True
        if len(failed_once) > MOST_REMEMBERED:
            del failed_once[next(iter(failed_once))]
    return 503, "not the first time"


def fail(job_id, payload, query):
    return 500, "failed, as asked"


def slow(job_id, payload, query):
    text = query.get("ms", ["1000"])[0]
    if not text.isdecimal() or int(text) > LONGEST_PAUSE:
        return 400, f"ms must be a number from 0 to {LONGEST_PAUSE}"
    time.sleep(int(text) / 1000)
    return 200, f"OK after {text} ms"


# What each path answers: a status and a text or something to write as JSON.
ROUTES = {
    "/": root,
    "/mail": mail,
    "/report": report,
    "/thumbnail": thumbnail,
    "/flaky": flaky,
    "/fail": fail,
    "/slow": slow,
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave in one packet.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > LONGEST_BODY:
            self.close_connection = True
            self.answer(413, "the body is too long")
            return
        body = self.rfile.read(length).decode("utf-8", "replace")
        with self.server.working():
            if not self.server.quiet:
                self.show(body)
            url = urlsplit(self.path)
            route = ROUTES.get(url.path)
            if route is None:
                self.answer(404, "there is nothing here")
                return
            job_id = self.headers.get("X-Hq-Job-Id", "")
            self.answer(*route(job_id, payload_of(body), parse_qs(url.query)))

    def do_GET(self):
        self.close_connection = True
        self.answer(405, "POST jobs to this address")

    def answer(self, status, answer):
        is_text = isinstance(answer, str)
        body = (answer if is_text else json.dumps(answer, separators=(",", ":"))).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8" if is_text else "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 405:
            self.send_header("Allow", "POST")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def show(self, body):
        headers = "".join(f"{name}: {value}\n" for name, value in self.headers.items())
        request = f"{self.requestline}\n{headers}\n{body}\n"
        print(f"--POST REQUEST BEGIN--\n{request}--POST REQUEST END--", flush=True)

    def log_message(self, format, *args):
        pass


def payload_of(body):
    """A job's payload may be any JSON, or none."""
    try:
        payload = json.loads(body)
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) else {}


class Server(ThreadingHTTPServer):
    # Connections that are kept alive do not keep the app alive.
    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, port, quiet):
        super().__init__(("127.0.0.1", port), Handler)
        self.quiet = quiet
        self.requests = 0
        self.idle = threading.Condition()

    def working(self):
        return Working(self)

    def wait_until_idle(self):
        with self.idle:
            self.idle.wait_for(lambda: self.requests == 0, PATIENCE)


class Working:
    """Counts a request while it is under way."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        with self.server.idle:
            self.server.requests += 1

    def __exit__(self, *error):
        with self.server.idle:
            self.server.requests -= 1
            self.server.idle.notify_all()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="0 takes any free port")
    parser.add_argument("--quiet", action="store_true", help="do not print the requests")
    options = parser.parse_args()
    try:
        server = Server(options.port, options.quiet)
    except OSError as error:
        sys.exit(f"cannot listen on port {options.port}: {error.strerror}")

    def stop(*_):
        # serve_forever runs in this thread and can only be ended from another one.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever(poll_interval=0.1)
    server.wait_until_idle()


if __name__ == "__main__":
    main()
