"""
After lesson 6: files. The server keeps its users in files, and knows them after a restart.

    python3 06.py PORT FOLDER
"""
import hashlib
import json
import os
import secrets
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ.get("SECRET", "river-candle-orbit-maple")

# The last argument is the folder.
USERS = os.path.join(sys.argv[-1], "users")


class Refusal(Exception):
    """Stops a call. The client gets the status, the step at which the server stopped, and a sentence."""

    def __init__(self, status, step, detail, field=None):
        super().__init__(detail)
        self.status = status
        self.step = step
        self.detail = detail
        self.field = field


# The files


def read_file(name):
    """Returns the text of a file, or None if there is no such file."""
    try:
        with open(os.path.join(USERS, name), encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return None


def write_file(name, text):
    with open(os.path.join(USERS, name), "w", encoding="utf-8") as file:
        file.write(text)


def handle_file(handle):
    """A handle may have slashes and dots in it, so it is never the name of a file itself."""
    return hashlib.sha256(handle.encode()).hexdigest() + ".dat"


def add_user(user):
    user_id, handle = user["userId"], user["userHandle"]
    write_file(f"{user_id}.dat", user["authToken"])
    write_file(handle_file(handle), str(user_id))


def greatest_id():
    """Returns the greatest id that a user has. A new user must get a greater one."""
    ids = [0]
    for name in os.listdir(USERS):
        # The names of the other files are hashes, and those are longer.
        if name[:-4].isdigit() and len(name) <= 20:
            ids.append(int(name[:-4]))
    return max(ids)


def next_id():
    global last_id
    last_id += 1
    return last_id


# Checking inputs


def is_text(value, least, most):
    """Whether it is a string with that many characters."""
    return isinstance(value, str) and least <= len(value) <= most


def is_number(value, least, most=2**53 - 1):
    """Whether it is a whole number in these limits. In Python, True is an int, but its type is bool."""
    return type(value) is int and least <= value <= most


def is_secret(value):
    return is_text(value, 12, 64)


def is_handle(value):
    return is_text(value, 3, 64)


def is_id(value):
    return is_number(value, 1)


# For each input: the function that checks it, and the same in words.
RULES = {
    "secret": (is_secret, "a string of 12 to 64 characters"),
    "userHandle": (is_handle, "a string of 3 to 64 characters"),
    "myId": (is_id, "a whole number from 1 to 2^53 - 1"),
    "myAuth": (is_secret, "a string of 12 to 64 characters"),
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


def check_credentials(inputs):
    """Steps 1.2 to 1.5 of every call but register."""
    need(inputs, "myId", "1.2")
    check(inputs, "myId", "1.3")
    need(inputs, "myAuth", "1.4")
    check(inputs, "myAuth", "1.5")


def check_token(inputs):
    """Steps 2 and 3 of every call but register: is it really this user?"""
    token = read_file(f"{inputs['myId']}.dat")
    if token is None:
        raise Refusal(401, "2.1", "There is no user with this `myId`.", "myId")
    if token != inputs["myAuth"]:
        raise Refusal(403, "3.1", "`myAuth` is not the token of this user.", "myAuth")


def read_json(body):
    try:
        inputs = json.loads(body)
    except ValueError:
        raise Refusal(400, "1.1", "The body is not JSON.")
    if not isinstance(inputs, dict):
        raise Refusal(400, "1.1", "The body is JSON, but not an object in braces.")
    return inputs


# The calls


def register(inputs):
    need(inputs, "secret", "1.2", 401)
    check(inputs, "secret", "1.3", 401)
    need(inputs, "userHandle", "1.4")
    check(inputs, "userHandle", "1.5")
    if inputs["secret"] != read_file("secret.dat"):
        raise Refusal(403, "3", "This is not the class secret.", "secret")
    handle = inputs["userHandle"]
    if read_file(handle_file(handle)) is not None:
        raise Refusal(409, "8.1", "Another user has this handle.", "userHandle")
    user = {"userId": next_id(), "userHandle": handle, "authToken": secrets.token_hex(16)}
    add_user(user)
    return {"userId": user["userId"], "authToken": user["authToken"]}


def look_up(inputs):
    check_credentials(inputs)
    need(inputs, "userHandle", "1.6")
    check(inputs, "userHandle", "1.7")
    check_token(inputs)
    user_id = read_file(handle_file(inputs["userHandle"]))
    if user_id is None:
        raise Refusal(404, "5.1", None)
    return {"userId": int(user_id)}


# Each call: the beginning of its steps, and its function.
CALLS = {
    ("POST", "/api/v1/register"): ("register.post", register),
    ("GET", "/api/v1/register"): ("register.get", look_up),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        operation, call = CALLS.get((self.command, self.path), (None, None))
        try:
            if call is None:
                raise Refusal(404, None, "There is nothing at this address.")
            self.answer(200, call(read_json(body)))
        except Refusal as refusal:
            self.refuse(refusal, operation)

    do_POST = do_GET

    def refuse(self, refusal, operation):
        # Nobody has this handle: the specification wants a reply without a body.
        if refusal.detail is None:
            self.answer(refusal.status, None)
            return
        title = HTTPStatus(refusal.status).phrase
        problem = {
            "type": "/problems/" + title.lower().replace(" ", "-"),
            "title": title,
            "status": refusal.status,
            "detail": refusal.detail,
        }
        if refusal.step is not None:
            problem["step"] = operation + "." + refusal.step
        if refusal.field is not None:
            problem["field"] = refusal.field
        self.answer(refusal.status, problem)

    def answer(self, status, reply):
        body = b"" if reply is None else json.dumps(reply).encode()
        kind = "application/json" if status == 200 else "application/problem+json"
        self.send_response(status)
        if body != b"":
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 401:
            self.send_header("WWW-Authenticate", "Plainchat")
        self.end_headers()
        self.wfile.write(body)


os.makedirs(USERS, exist_ok=True)
write_file("secret.dat", SECRET)
last_id = greatest_id()
# Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
host = os.environ.get("HOST", "127.0.0.1")
port = int(sys.argv[1])
print(f"Your server listens at http://{host}:{port}", flush=True)
ThreadingHTTPServer((host, port), Handler).serve_forever()
