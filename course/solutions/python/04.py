"""
After lesson 4: say what is wrong. Every refusal goes through one place, and names the step and the input.

    python3 04.py PORT FOLDER
"""
import json
import os
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Refusal(Exception):
    """Stops a call. The client gets the status, the step at which the server stopped, and a sentence."""

    def __init__(self, status, step, detail, field=None):
        super().__init__(detail)
        self.status = status
        self.step = step
        self.detail = detail
        self.field = field


def is_text(value, least, most):
    """Whether it is a string with that many characters."""
    return isinstance(value, str) and least <= len(value) <= most


def is_secret(value):
    return is_text(value, 12, 64)


def is_handle(value):
    return is_text(value, 3, 64)


# For each input: the function that checks it, and the same in words.
RULES = {
    "secret": (is_secret, "a string of 12 to 64 characters"),
    "userHandle": (is_handle, "a string of 3 to 64 characters"),
}


def need(inputs, name, step, status=400):
    """Refuses a request without this input."""
    if name not in inputs:
        raise Refusal(status, step, f"`{name}` is missing.", name)


def check(inputs, name, step, status=400):
    """Refuses this input if it is there and breaks its rule."""
    is_right, rule = RULES[name]
    if name in inputs and not is_right(inputs[name]):
        raise Refusal(status, step, f"`{name}` must be {rule}.", name)


def read_json(body):
    try:
        inputs = json.loads(body)
    except ValueError:
        raise Refusal(400, "1.1", "The body is not JSON.")
    if not isinstance(inputs, dict):
        raise Refusal(400, "1.1", "The body is JSON, but not an object in braces.")
    return inputs


def register(inputs):
    need(inputs, "secret", "1.2", 401)
    check(inputs, "secret", "1.3", 401)
    need(inputs, "userHandle", "1.4")
    check(inputs, "userHandle", "1.5")
    return {"userId": 1, "authToken": "this-is-not-random-yet"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200, {"hello": self.path})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        try:
            self.answer(200, register(read_json(body)))
        except Refusal as refusal:
            self.refuse(refusal, "register.post")

    def refuse(self, refusal, operation):
        title = HTTPStatus(refusal.status).phrase
        problem = {
            "type": "/problems/" + title.lower().replace(" ", "-"),
            "title": title,
            "status": refusal.status,
            "detail": refusal.detail,
            "step": operation + "." + refusal.step,
        }
        if refusal.field is not None:
            problem["field"] = refusal.field
        self.answer(refusal.status, problem)

    def answer(self, status, reply):
        body = json.dumps(reply).encode()
        kind = "application/json" if status == 200 else "application/problem+json"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 401:
            self.send_header("WWW-Authenticate", "Plainchat")
        self.end_headers()
        self.wfile.write(body)


# Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
host = os.environ.get("HOST", "127.0.0.1")
port = int(sys.argv[1])
print(f"Your server listens at http://{host}:{port}", flush=True)
ThreadingHTTPServer((host, port), Handler).serve_forever()
