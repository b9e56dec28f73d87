#!/usr/bin/env python3
"""A worker in plain Python: it gets jobs from a Hatstand server over HTTP. It needs Python 3.7 or newer and nothing else.

worker.mjs is its twin. docs/workers-elsewhere.md tells the protocol.
"""

import argparse
import http.client
import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request
import uuid

# How long a claim waits for a job.
WAIT = 30
# How long jobs may go on when the worker is told to end, in seconds; then they are handed back.
PATIENCE = 10


class Final(Exception):
    """Raised by a function when trying again would not help."""


class Lost(Exception):
    """The attempt is not held any more: its job may run elsewhere."""


class Refused(Exception):
    """The server does not take it, and will not later."""


# What may be asked again: the server is away, or the connection broke.
AWAY = (OSError, http.client.HTTPException)


def count_words(payload, attempt):
    words = payload["text"].split()
    attempt.log("info", "counted", words=len(words))
    return {"words": len(words), "longest": max(words, key=len, default="")}


def nap(payload, attempt):
    """Takes as many steps as it is told, and ends when somebody cancels its job."""
    steps = payload["steps"]
    for step in range(steps):
        attempt.progress({"done": step, "of": steps})
        if attempt.stopping.wait(0.1):
            raise Final("it was told to stop")
    return {"slept": steps}


# What each worker does: it gets the payload of the job, and what it returns is kept as JSON.
WORKERS = {"count-words": count_words, "nap": nap}


class Server:
    def __init__(self, address, token):
        self.address = address.rstrip("/")
        self.headers = {"Content-Type": "application/json"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def post(self, path, body, patience=0):
        """Raises Lost, Refused, or one of AWAY."""
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), self.headers)
        try:
            with urllib.request.urlopen(request, timeout=15 + patience) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            problem = problem_in(error)
            if problem.get("code") == "attempt_lost":
                raise Lost(problem["detail"]) from None
            if error.code in (502, 503, 504):
                raise ConnectionError(problem.get("detail", f"it answers {error.code}")) from None
            raise Refused(problem.get("detail", f"the server answers {error.code}")) from None

    def insist(self, path, body, patience=0, until=None):
        """Asks again and again until it is answered: each request may be repeated."""
        wait = 0.25
        while True:
            try:
                return self.post(path, body, patience)
            except AWAY as error:
                if until is not None and until():
                    raise
                print(f"the server is away, and is asked again: {error}", file=sys.stderr, flush=True)
                time.sleep(wait)
                wait = min(2 * wait, 5)


def problem_in(error):
    try:
        problem = json.loads(error.read())
        return problem if isinstance(problem, dict) else {}
    except (ValueError, *AWAY):
        return {}


def newest(lines):
    """As many as one report takes: 500, of 128 Ki characters together. What is left out is counted by its number."""
    room = 120 * 1024
    kept = []
    for line in reversed(lines[-500:]):
        room -= len(json.dumps(line))
        if room < 0:
            break
        kept.append(line)
    return kept[::-1]


class Attempt:
    """One try of a job, while this worker holds it."""

    def __init__(self, server, claimed, ttl):
        self.server = server
        self.ttl = ttl
        self.proof = claimed["proof"]
        self.job = claimed["job"]
        # Set when somebody cancels the job, or the attempt is lost.
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.told = {}
        self.lines = 0
        self.ended = threading.Event()
        threading.Thread(target=self.beat, daemon=True).start()

    def log(self, level, text, **fields):
        """A line for the log of the job. Lines have numbers, so that one that is sent twice is kept once."""
        with self.lock:
            self.lines += 1
            line = {"number": self.lines, "level": level, "text": text, "fields": fields}
            self.told["lines"] = newest(self.told.get("lines", []) + [line])

    def progress(self, value):
        with self.lock:
            self.told["progress"] = value

    def take_told(self):
        with self.lock:
            told, self.told = self.told, {}
            return told

    def beat(self):
        """The server takes the attempt back unless it hears of it."""
        heard = time.monotonic()
        while not self.ended.wait(min(1, self.ttl / 3)):
            told = self.take_told()
            if not told and time.monotonic() - heard < self.ttl / 3:
                continue
            try:
                report = {"proof": self.proof, "attemptTtl": f"{self.ttl}s", **told}
                answer = self.server.post(f"/v1/jobs/{self.job['id']}/report", report)
                heard = time.monotonic()
                if answer["state"] == "stopping":
                    self.stopping.set()
            except Lost:
                self.stopping.set()
                return
            except Refused as error:
                print(f"job {self.job['id']}: {error}", file=sys.stderr, flush=True)
            except AWAY:
                # Told again, with what has come since.
                with self.lock:
                    lines = told.get("lines", []) + self.told.get("lines", [])
                    self.told = {**told, **self.told, **({"lines": newest(lines)} if lines else {})}

    def settle(self, **result):
        self.ended.set()
        body = {"proof": self.proof, **result, **self.take_told()}
        self.server.insist(f"/v1/jobs/{self.job['id']}/settle", body)


class Worker:
    def __init__(self, server, options):
        self.server = server
        self.workers = options.workers
        self.holder = options.holder
        self.ttl = options.ttl
        self.ending = threading.Event()
        self.attempts = set()
        # Claims that are not answered yet.
        self.asking = set()
        self.lock = threading.Condition()

    def run(self):
        """One job after the other."""
        while not self.ending.is_set():
            # The same when it is asked again: then its answer is what was claimed the first time.
            operation = uuid.uuid4().hex
            self.asking.add(operation)
            try:
                claimed = self.server.insist("/v1/jobs/claim", self.claim(operation), WAIT, self.ending.is_set)["attempts"]
            except AWAY:
                return
            except Refused as error:
                print(f"no jobs are given to this worker: {error}", file=sys.stderr, flush=True)
                os._exit(1)
            for each in claimed:
                self.perform(Attempt(self.server, each, self.ttl))
            self.asking.discard(operation)

    def claim(self, operation, **fields):
        claim = {"holder": self.holder, "operation": operation, "workers": self.workers}
        return {**claim, "wait": f"{WAIT}s", "attemptTtl": f"{self.ttl}s", **fields}

    def perform(self, attempt):
        with self.lock:
            self.attempts.add(attempt)
        try:
            if self.ending.is_set():
                attempt.settle(outcome="released")
            else:
                attempt.settle(**self.result_of(attempt))
        except (Lost, Refused) as error:
            print(f"job {attempt.job['id']}: {error}", file=sys.stderr, flush=True)
        finally:
            with self.lock:
                self.attempts.discard(attempt)
                self.lock.notify_all()

    @staticmethod
    def result_of(attempt):
        job = attempt.job
        print(f"{job['worker']} {job['id']} begins, attempt {job['attempt']}", flush=True)
        try:
            output = WORKERS[job["worker"]](job["payload"], attempt)
            return {"outcome": "succeeded", "output": output}
        except Exception as error:  # Whatever it is, the attempt has failed.
            stack = traceback.format_exc()
            failed = {"outcome": "failed", "error": f"{type(error).__name__}: {error}", "stack": stack}
            return {**failed, "retry": not isinstance(error, Final)}
        finally:
            print(f"{job['worker']} {job['id']} ends", flush=True)

    def end(self):
        """Lets jobs end, and hands back those that do not."""
        self.ending.set()
        with self.lock:
            self.lock.wait_for(lambda: not self.attempts, PATIENCE)
            left = [{"job": attempt.job, "proof": attempt.proof} for attempt in self.attempts]
        try:
            for operation in list(self.asking):
                # What was claimed for an answer that nobody will read.
                left += self.server.post("/v1/jobs/claim", self.claim(operation, wait="0s", max=0))["attempts"]
            for each in left:
                self.server.post(f"/v1/jobs/{each['job']['id']}/settle", {"proof": each["proof"], "outcome": "released"})
        except (Lost, Refused, *AWAY) as error:
            print(f"not all jobs are handed back: {error}", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description="A worker in plain Python.")
    parser.add_argument("--address", default=os.environ.get("HATSTAND_ADDRESS", "http://127.0.0.1:19900"))
    parser.add_argument("--concurrency", type=int, default=4, help="jobs at once")
    parser.add_argument("--workers", nargs="+", choices=sorted(WORKERS), default=sorted(WORKERS))
    parser.add_argument("--ttl", type=int, default=30, help="seconds that the server holds an attempt without hearing of it")
    parser.add_argument("--holder", default=f"{socket.gethostname()[:80]}.{os.getpid()}", help="its name, for people")
    options = parser.parse_args()
    worker = Worker(Server(options.address, os.environ.get("HATSTAND_TOKEN")), options)
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    signal.signal(signal.SIGINT, lambda *_: told.set())
    for _ in range(options.concurrency):
        # A claim that waits does not keep the process.
        threading.Thread(target=worker.run, daemon=True).start()
    print(f"{options.holder} asks {options.address} for jobs", flush=True)
    told.wait()
    worker.end()


if __name__ == "__main__":
    main()
