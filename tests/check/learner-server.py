"""
A server as a learner writes it in the first week: two calls, one file for each thing, one request at a time. The tests
of the hints break it, apply a hint, and see what passes then: tests/check/hints.test.ts.

    python3 tests/check/learner-server.py ROOT PORT
"""
import hashlib
import json
import os
import secrets
import socketserver
import sys
import unicodedata
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

ROOT, PORT = sys.argv[1], int(sys.argv[2])
USERS = os.path.join(ROOT, "users")


class Stop(Exception):
    """Ends a call with a status that is not 200."""

    def __init__(self, status, step="", field=""):
        super().__init__(status)
        self.status, self.step, self.field = status, step, field


def no_field_twice(pairs):
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a field is there twice")
    return dict(pairs)


def parse(body):
    try:
        inputs = json.loads(body.decode("utf-8"), object_pairs_hook=no_field_twice)
    except ValueError:
        raise Stop(400)
    if not isinstance(inputs, dict):
        raise Stop(400)
    return inputs


def length_of(text):
    return len(text)


def is_text(value, least, most):
    return isinstance(value, str) and least <= length_of(value) <= most


def is_handle(value):
    if not is_text(value, 3, 64) or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in value):
        return False
    return is_text(unicodedata.normalize("NFC", value), 3, 64)


def name_of(handle):
    handle = unicodedata.normalize("NFC", handle)
    return hashlib.sha256(handle.encode()).hexdigest() + ".dat"


def read(name):
    with open(os.path.join(USERS, name)) as file:
        return file.read()


def write_new(name, text):
    with open(os.path.join(USERS, name), "x") as file:
        file.write(text)


def secret_is_right(secret):
    return secret == read("secret.dat").strip()


def next_id():
    path = os.path.join(ROOT, "last-id.txt")
    last = 0
    if os.path.exists(path):
        with open(path) as file:
            last = int(file.read())
    with open(path, "w") as file:
        file.write(str(last + 1))
    return last + 1


def register(inputs):
    if "secret" not in inputs:
        raise Stop(401, "register.post.1.2", "secret")
    if not is_text(inputs["secret"], 12, 64):
        raise Stop(401, "register.post.1.3", "secret")
    if "userHandle" not in inputs:
        raise Stop(400, "register.post.1.4", "userHandle")
    handle = inputs["userHandle"]
    if not is_handle(handle):
        raise Stop(400, "register.post.1.5", "userHandle")
    if not secret_is_right(inputs["secret"]):
        raise Stop(403, "register.post.3", "secret")
    token = secrets.token_urlsafe(24)
    my_id = next_id()
    try:
        write_new(name_of(handle), str(my_id))
    except FileExistsError:
        raise Stop(409, "register.post.8.1", "userHandle")
    write_new(f"{my_id}.dat", token)
    return {"userId": my_id, "authToken": token}


def look_up(inputs):
    if "myId" not in inputs:
        raise Stop(400)
    if type(inputs["myId"]) is not int or not 1 <= inputs["myId"] <= 2**53 - 1:
        raise Stop(400)
    if not is_text(inputs.get("myAuth"), 12, 64):
        raise Stop(400)
    if not is_handle(inputs.get("userHandle")):
        raise Stop(400)
    try:
        token = read(f"{inputs['myId']}.dat")
    except FileNotFoundError:
        raise Stop(401)
    if token != inputs["myAuth"]:
        raise Stop(403)
    try:
        return {"userId": int(read(name_of(inputs["userHandle"])))}
    except FileNotFoundError:
        raise Stop(404)


CALLS = {"POST /api/v1/register": register, "GET /api/v1/register": look_up}


class Handler(BaseHTTPRequestHandler):
    def handle_call(self):
        try:
            status, reply = 200, self.answer()
        except Stop as stop:
            status, reply = stop.status, None
            if stop.status != 404:
                reply = {"type": "/problems/x", "title": "No", "status": status, "detail": "No.", "step": stop.step}
                reply["field"] = stop.field
        body = b"" if reply is None else json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status == 200 else "application/problem+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self):
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if length > 64 * 1024:
            raise Stop(413)
        call = CALLS.get(f"{self.command} {url.path}")
        if call is None:
            raise Stop(404)
        if set(parse_qs(url.query, keep_blank_values=True)) & {"secret", "myAuth"}:
            raise Stop(400)
        return call(parse(body))

    do_GET = do_POST = handle_call

    def log_message(self, *args):
        pass


class Server(HTTPServer):
    request_queue_size = 64

    def server_bind(self):
        # HTTPServer asks for the name of this computer, which takes seconds without a network.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address


if __name__ == "__main__":
    os.makedirs(USERS, exist_ok=True)
    if not os.path.exists(os.path.join(USERS, "secret.dat")):
        with open(os.path.join(USERS, "secret.dat"), "w") as file:
            file.write("river-candle-orbit-maple\n")
    Server(("127.0.0.1", PORT), Handler).serve_forever()
