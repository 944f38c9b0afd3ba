"""
After lesson 8: text is not bytes. The server counts characters, and reads nothing but UTF-8 and JSON. With --vectors
it reads lines of JSON with a text, and answers each with what it makes of this text.

    python3 08.py PORT FOLDER
    python3 08.py --vectors
"""
import base64
import hashlib
import json
import os
import re
import secrets
import sys
import unicodedata
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

SECRET = os.environ.get("SECRET", "river-candle-orbit-maple")
MAX_BODY = 64 * 1024

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


def has_kind(text, kinds):
    """Whether one of its characters is of one of these kinds. Unicode calls them categories."""
    return any(unicodedata.category(character) in kinds for character in text)


def is_text(value, least, most):
    """Whether it is a string with that many characters, and with no half a character (Cs)."""
    return isinstance(value, str) and least <= len(value) <= most and not has_kind(value, ["Cs"])


def is_number(value, least, most=2**53 - 1):
    """Whether it is a whole number in these limits. In Python, True is an int, but its type is bool."""
    return type(value) is int and least <= value <= most


def is_secret(value):
    return is_text(value, 12, 64)


def nfc(text):
    """There are two ways to write the letter é. This makes them one."""
    return unicodedata.normalize("NFC", text)


def is_handle(value):
    if not is_text(value, 3, 64) or has_kind(value, ["Cc"]):
        return False
    return is_text(nfc(value), 3, 64)


JOINERS = "\u200c\u200d"


def can_be_joined(character):
    return character > "\x7f" and character not in JOINERS


def without_joiners(text):
    """Takes out the joiners that are needed: those between two characters that are not in ASCII."""
    kept = ""
    for i, character in enumerate(text):
        is_inside = 0 < i < len(text) - 1
        if character in JOINERS and is_inside and can_be_joined(text[i - 1]) and can_be_joined(text[i + 1]):
            continue
        kept += character
    return kept


def is_new_handle(value):
    """Whether people can tell this handle from others: nothing invisible in it, and no needless blank."""
    if not is_handle(value):
        return False
    text = without_joiners(nfc(value))
    if has_kind(text, ["Cf", "Zl", "Zp", "Co", "Cn"]):
        return False
    spaced = "".join(" " if has_kind(character, ["Zs"]) else character for character in text)
    return spaced == spaced.strip(" ") and "  " not in spaced


def is_message(value):
    """Line breaks and tabs are the only control characters in a message."""
    if not is_text(value, 1, 4096):
        return False
    return not has_kind(value.replace("\n", "").replace("\r", "").replace("\t", ""), ["Cc"])


def is_id(value):
    return is_number(value, 1)


# For each input: the function that checks it, and the same in words.
RULES = {
    "secret": (is_secret, "a string of 12 to 64 characters"),
    "userHandle": (is_handle, "a string of 3 to 64 characters, without control characters"),
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


def check_new_handle(inputs, step):
    if "userHandle" in inputs and not is_new_handle(inputs["userHandle"]):
        detail = "`userHandle` has a character that nobody can see, or a needless blank."
        raise Refusal(400, step, detail, "userHandle")


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


# Reading inputs: each function returns a list of pairs of a name and a value

# A query string has only text. These inputs are numbers.
NUMBERS = ["myId"]


def from_text(name, text):
    """Makes a number of digits, if the input is a number."""
    if name in NUMBERS and re.fullmatch("[0-9]{1,16}", text):
        return int(text)
    return text


def no_field_twice(pairs):
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a field is there twice")
    return fields


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def read_json(body):
    try:
        text = body.decode("utf-8")
        inputs = json.loads(text, object_pairs_hook=no_field_twice, parse_constant=no_constant)
    except (ValueError, RecursionError):
        raise Refusal(400, "1.1", "The body is not JSON in UTF-8, or a field is there twice.")
    if not isinstance(inputs, dict):
        raise Refusal(400, "1.1", "The body is JSON, but not an object in braces.")
    return list(inputs.items())


def read_query(query):
    # Python leaves a percent sign without two digits as it is.
    if re.search("%(?![0-9A-Fa-f]{2})", query):
        raise Refusal(400, "1.1", "In a URL, a percent sign is written %25.")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
    except ValueError:
        raise Refusal(400, "1.1", "The URL is not UTF-8.")
    for name, text in pairs:
        if name in ["secret", "myAuth"]:
            raise Refusal(400, "1.1", f"Don't send `{name}` in the URL: URLs end up in logs.", name)
    return [(name, from_text(name, text)) for name, text in pairs]


def read_authorization(header):
    """The header is `Basic` and the base64 of myId, a colon and myAuth."""
    if header is None:
        return []
    kind, _, encoded = header.partition(" ")
    try:
        my_id, colon, my_auth = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        raise Refusal(400, "1.1", "`Authorization` is not base64 of UTF-8.")
    if kind.lower() != "basic" or colon == "":
        raise Refusal(400, "1.1", "`Authorization` must be Basic, with `myId:myAuth`.")
    return [("myId", from_text("myId", my_id)), ("myAuth", my_auth)]


def put_together(pairs):
    """Makes one table of all inputs. The same input twice is fine if the values are equal."""
    inputs = {}
    for name, value in pairs:
        if name in inputs and inputs[name] != value:
            raise Refusal(400, "1.1", f"`{name}` is there twice, with different values.", name)
        inputs[name] = value
    return inputs


# The calls


def register(inputs):
    need(inputs, "secret", "1.2", 401)
    check(inputs, "secret", "1.3", 401)
    need(inputs, "userHandle", "1.4")
    check(inputs, "userHandle", "1.5")
    check_new_handle(inputs, "1.5")
    if inputs["secret"] != read_file("secret.dat"):
        raise Refusal(403, "3", "This is not the class secret.", "secret")
    handle = nfc(inputs["userHandle"])
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
    user_id = read_file(handle_file(nfc(inputs["userHandle"])))
    if user_id is None:
        raise Refusal(404, "5.1", None)
    return {"userId": int(user_id)}


# Each call: the beginning of its steps, and its function.
CALLS = {
    ("POST", "/api/v1/register"): ("register.post", register),
    ("GET", "/api/v1/register"): ("register.get", look_up),
}


def find_call(method, path):
    if method in ["HEAD", "QUERY"]:
        method = "GET"
    if (method, path) not in CALLS:
        raise Refusal(404, None, "There is nothing at this address.")
    return CALLS[method, path]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, query = self.path.partition("?")
        operation = None
        try:
            body = self.read_body()
            operation, call = find_call(self.command, path)
            self.answer(200, call(self.read_inputs(query, body)))
        except Refusal as refusal:
            self.refuse(refusal, operation)

    do_POST = do_HEAD = do_QUERY = do_GET

    def read_body(self):
        header = self.headers.get("Content-Length", "0")
        if not re.fullmatch("[0-9]{1,15}", header):
            self.close_connection = True
            raise Refusal(400, None, "`Content-Length` must be a number.")
        length = int(header)
        if length <= MAX_BODY:
            return self.rfile.read(length)
        # Read all of it and keep nothing: a client may not look at the reply before it has sent its body.
        while length > 0:
            part = self.rfile.read(min(length, MAX_BODY))
            if part == b"":
                break
            length -= len(part)
        raise Refusal(413, None, "The body is longer than 64 KiB.")

    def read_inputs(self, query, body):
        kind = self.headers.get("Content-Type")
        if kind is None and self.command == "QUERY":
            raise Refusal(400, "1.1", "QUERY needs a Content-Type.")
        if kind is not None and not re.fullmatch(r"[^\s/;]+/[^\s/;]+\s*(;.*)?", kind):
            raise Refusal(400, "1.1", "A Content-Type has two parts with a slash between them.")
        pairs = read_query(query) + read_authorization(self.headers.get("Authorization"))
        if body != b"" or pairs == []:
            pairs += read_json(body)
        return put_together(pairs)

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
        if self.command != "HEAD":
            self.wfile.write(body)


def answer_vectors():
    for line in sys.stdin.buffer:
        text = json.loads(line)["text"]
        answer = {
            "codePoints": len(text),
            "isHandle": is_new_handle(text),
            "isMessage": is_message(text),
            "nfc": nfc(text),
        }
        print(json.dumps(answer), flush=True)


if sys.argv[1] == "--vectors":
    answer_vectors()
    sys.exit()

os.makedirs(USERS, exist_ok=True)
write_file("secret.dat", SECRET)
last_id = greatest_id()
# Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
host = os.environ.get("HOST", "127.0.0.1")
port = int(sys.argv[1])
print(f"Your server listens at http://{host}:{port}", flush=True)
ThreadingHTTPServer((host, port), Handler).serve_forever()
