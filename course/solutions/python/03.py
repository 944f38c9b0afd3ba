"""
After lesson 3: trust nobody. The server reads JSON, and refuses what is missing, of the wrong type or of the wrong
length.

    python3 03.py PORT FOLDER
"""
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def is_text(value, least, most):
    """Whether it is a string with that many characters."""
    return isinstance(value, str) and least <= len(value) <= most


def register(body):
    """Returns the status and the reply."""
    try:
        inputs = json.loads(body)
    except ValueError:
        return 400, {"error": "The body is not JSON."}
    if not isinstance(inputs, dict):
        return 400, {"error": "The body is JSON, but not an object in braces."}
    if "secret" not in inputs:
        return 401, {"error": "`secret` is missing."}
    if not is_text(inputs["secret"], 12, 64):
        return 401, {"error": "`secret` must be a string of 12 to 64 characters."}
    if "userHandle" not in inputs:
        return 400, {"error": "`userHandle` is missing."}
    if not is_text(inputs["userHandle"], 3, 64):
        return 400, {"error": "`userHandle` must be a string of 3 to 64 characters."}
    return 200, {"userId": 1, "authToken": "this-is-not-random-yet"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200, {"hello": self.path})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        status, reply = register(self.rfile.read(length))
        self.answer(status, reply)

    def answer(self, status, reply):
        body = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
host = os.environ.get("HOST", "127.0.0.1")
port = int(sys.argv[1])
print(f"Your server listens at http://{host}:{port}", flush=True)
ThreadingHTTPServer((host, port), Handler).serve_forever()
