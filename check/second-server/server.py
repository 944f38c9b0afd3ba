"""
A second chat server, written from docs/spec.md alone, in Python and without any package. The check must accept it, so
that the check demands nothing that only the first server does. The files in bugs/ break it in many small ways, to show what
the check notices. It must stay different from the first server wherever the specification leaves a choice.

    python3 check/second-server/server.py --root DIR --port N

Everything that happens is one line of the journal, on the disk before the reply. The files in users/ are made from it.
"""
import argparse
import base64
import binascii
import collections
import datetime
import hashlib
import hmac
import http
import http.server
import json
import os
import re
import secrets
import select
import socket
import socketserver
import threading
import time
import unicodedata

MAX_INTEGER = 2**53 - 1
MAX_BODY = 64 * 1024
MAX_HEADERS = 16 * 1024
MAX_AT_ONCE = 32
REMEMBERED_EVENTS = 65_536
HEARTBEAT_SECONDS = 15
FIRST_ID = 1000

NUMBERS = {"myId", "messageId", "after", "before", "limit", "wait"}
BOOLEANS = {"rotateAuth"}
NOT_IN_A_URL = {"secret", "myAuth"}


class Refusal(Exception):
    """Ends a call with a status other than 200."""

    def __init__(self, status, detail, field=None, headers=None, is_empty=False, step=None):
        super().__init__(detail)
        self.status, self.detail, self.field = status, detail, field
        self.headers, self.is_empty, self.step = headers or {}, is_empty, step


class ClientHasGone(Exception):
    """Nobody is there to take the reply."""


# ---------------------------------------------------------------------------------------------------------------------
# What is stored


class User:
    def __init__(self, user_id, handle, token):
        self.id, self.handle, self.token = user_id, handle, token
        self.is_gone = False
        self.streams = 0
        self.fetches = 0


class Message:
    def __init__(self, seq, line):
        self.seq = seq
        self.id = line["messageId"]
        self.from_id, self.from_handle = line["fromId"], line["fromHandle"]
        self.to_id, self.to_handle = line["toId"], line["toHandle"]
        self.text = self.first_text = line["message"]
        self.sent_at, self.edited_at = line["sentAt"], None
        self.key = line.get("key")

    def public(self):
        """What a client sees of it."""
        seen = {
            "sentAt": self.sent_at,
            "message": self.text,
            "toHandle": self.to_handle,
            "toId": self.to_id,
            "fromHandle": self.from_handle,
            "fromId": self.from_id,
            "messageId": self.id,
        }
        if self.edited_at is not None:
            seen["editedAt"] = self.edited_at
        return seen


# An event as the streams tell it: `who` are the senders who hear of it, `to_id` is the recipient who hears of it.
Event = collections.namedtuple("Event", "seq kind message_id senders to_id data")


class Store:
    """All users and messages in memory, and the journal on the disk. Use it only while you hold its lock."""

    def __init__(self, root):
        self.lock = threading.Condition(threading.RLock())
        self.users_folder = os.path.join(root, "users")
        self.journal_path = os.path.join(root, "journal.jsonl")
        self.users = {}
        self.owners = {}
        self.messages = {}
        self.received = collections.defaultdict(list)
        self.sent = collections.defaultdict(list)
        self.keys = {}
        self.events = collections.deque(maxlen=REMEMBERED_EVENTS)
        self.seq = 0
        self.last_id = FIRST_ID - 1
        os.makedirs(self.users_folder, exist_ok=True)
        self.make_secret()
        self.read_journal()
        self.journal = open(self.journal_path, "ab", buffering=0)
        self.write_user_files()

    # The journal

    def read_journal(self):
        """Does again what every line says. A torn last line got no 200, so it is cut off."""
        good = 0
        if os.path.exists(self.journal_path):
            with open(self.journal_path, "rb") as file:
                for raw in file:
                    if not raw.endswith(b"\n"):
                        break
                    self.apply(json.loads(raw))
                    good += len(raw)
            os.truncate(self.journal_path, good)

    def record(self, line):
        """Makes a change: on the disk first, then in memory, then for those who wait."""
        line = {"seq": self.seq + 1, **line}
        raw = json.dumps(line).encode() + b"\n"
        before = os.fstat(self.journal.fileno()).st_size
        try:
            self.journal.write(raw)
            os.fsync(self.journal.fileno())
        except OSError:
            os.ftruncate(self.journal.fileno(), before)
            raise Refusal(507, "The disk does not take any more.")
        self.apply(line)
        self.lock.notify_all()

    def apply(self, line):
        self.seq = line["seq"]
        getattr(self, "apply_" + line["op"])(line)

    def apply_register(self, line):
        user_id = line["userId"]
        self.last_id = max(self.last_id, user_id)
        self.users[user_id] = User(user_id, line["userHandle"], line["authToken"])
        self.owners[line["userHandle"]] = user_id

    def apply_change(self, line):
        user = self.users[line["userId"]]
        del self.owners[user.handle]
        user.handle, user.token = line["userHandle"], line["authToken"]
        self.owners[user.handle] = user.id

    def apply_leave(self, line):
        user = self.users.pop(line["userId"])
        user.is_gone = True
        del self.owners[user.handle]
        queue = [self.messages[message_id] for message_id in self.received.pop(user.id, [])]
        senders = {message.from_id for message in queue}
        for message in queue:
            self.forget(message)
        self.sent.pop(user.id, None)
        self.tell("leave", None, senders, None, {"userId": user.id})

    def apply_post(self, line):
        message = Message(self.seq, line)
        self.last_id = max(self.last_id, message.id)
        self.messages[message.id] = message
        self.received[message.to_id].append(message.id)
        self.sent[message.from_id].append(message.id)
        if message.key is not None:
            self.keys[message.from_id, message.key] = message
        self.tell("message", message.id, {message.from_id}, message.to_id, message.public())

    def apply_edit(self, line):
        message = self.messages[line["messageId"]]
        message.text, message.edited_at = line["message"], line["editedAt"]
        self.tell("edit", message.id, {message.from_id}, message.to_id, message.public())

    def apply_delete(self, line):
        message = self.messages[line["messageId"]]
        self.received[message.to_id].remove(message.id)
        self.forget(message)
        data = {"toId": message.to_id, "fromId": message.from_id, "messageId": message.id}
        self.tell("delete", message.id, {message.from_id}, message.to_id, data)

    def forget(self, message):
        """Removes what is known of a message, except its place in the recipient's queue."""
        del self.messages[message.id]
        if message.id in self.sent.get(message.from_id, []):
            self.sent[message.from_id].remove(message.id)
        if message.key is not None:
            self.keys.pop((message.from_id, message.key), None)

    def tell(self, kind, message_id, senders, to_id, data):
        self.events.append(Event(self.seq, kind, message_id, senders, to_id, data))

    def next_id(self):
        """Users and messages share one counter. It leaves gaps."""
        return self.last_id + 1 + self.last_id % 3

    # The files of the users

    def make_secret(self):
        path = self.path("secret")
        if not os.path.exists(path):
            with open(path, "w", encoding="utf-8") as file:
                file.write(secrets.token_hex(12) + "\n")

    def path(self, name):
        return os.path.join(self.users_folder, f"{name}.dat")

    def write_file(self, name, text):
        temporary = os.path.join(self.users_folder, "new")
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, self.path(name))

    def read_file(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read().strip(" \t\r\n\ufeff")

    def remove_file(self, name):
        if os.path.exists(self.path(name)):
            os.remove(self.path(name))

    def write_user_files(self):
        """Makes the files say what the journal says, also after a crash in the middle of a change."""
        wanted = {}
        for user in self.users.values():
            wanted[str(user.id)] = user.token
            wanted[sha256(user.handle)] = str(user.id)
        for file in os.listdir(self.users_folder):
            name = file.removesuffix(".dat")
            if name != "secret" and name not in wanted:
                os.remove(os.path.join(self.users_folder, file))
        for name, text in wanted.items():
            self.write_file(name, text)

    # Reading

    def page(self, me, box, other=None, after=None, before=None, limit=None):
        """@returns the messages of a box, oldest first. With only `before`, they are the newest ones below it."""
        ids = set()
        if box in ("received", "both"):
            ids.update(i for i in self.received[me] if other in (None, self.messages[i].from_id))
        if box in ("sent", "both"):
            ids.update(i for i in self.sent[me] if other in (None, self.messages[i].to_id))
        found = sorted(i for i in ids if (after is None or i > after) and (before is None or i < before))
        if limit is not None:
            found = found[-limit:] if after is None and before is not None else found[:limit]
        return [self.messages[i] for i in found]

    def knows_since(self, seq):
        """Whether all events after this one are still known."""
        if seq > self.seq:
            return False
        return seq >= self.seq - REMEMBERED_EVENTS

    def events_since(self, seq):
        newest_first = []
        for event in reversed(self.events):
            if event.seq <= seq:
                break
            newest_first.append(event)
        return newest_first[::-1]


def sha256(handle):
    return hashlib.sha256(handle.encode("utf-8")).hexdigest()


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def new_token():
    # Up to 64 characters are allowed. The check sends a token with a blank after it, and that must not be too long.
    return secrets.token_hex(31)


# ---------------------------------------------------------------------------------------------------------------------
# What is valid


def is_integer(value, least, greatest=MAX_INTEGER):
    # In Python, True is an int.
    return type(value) is int and least <= value <= greatest


def is_text(value, least, greatest):
    """Whether it is a string of that many code points, with no half of a surrogate pair among them."""
    return isinstance(value, str) and least <= len(value) <= greatest and not re.search("[\ud800-\udfff]", value)


def has_control_character(text):
    return any(unicodedata.category(character) == "Cc" for character in text)


def is_secret(value):
    return is_text(value, 12, 64)


def is_handle(value):
    if not is_text(value, 3, 64) or has_control_character(value):
        return False
    return is_text(unicodedata.normalize("NFC", value), 3, 64)


def is_new_handle(value):
    """Whether people can tell it from other handles: no invisible characters, no blanks at the ends, no two in a row."""
    if not is_handle(value):
        return False
    handle = unicodedata.normalize("NFC", value)
    # Emoji and names in some languages need these two joiners, between two characters that are not in ASCII.
    visible = re.sub("(?<=[^\0-\x7f\u200c\u200d])[\u200c\u200d](?=[^\0-\x7f\u200c\u200d])", "", handle)
    kinds = [unicodedata.category(character) for character in visible]
    if not {"Cf", "Zl", "Zp", "Co", "Cn"}.isdisjoint(kinds):
        return False
    return kinds[0] != "Zs" and kinds[-1] != "Zs" and ("Zs", "Zs") not in zip(kinds, kinds[1:])


def is_message(value):
    return is_text(value, 1, 4096) and not has_control_character(re.sub("[\t\n\r]", "", value))


def looks_like(unknown, name):
    """Whether it may be a misspelling: at most one letter too many, missing, wrong or exchanged, in long names two."""
    a, b = unknown.lower(), name.lower()
    most = 2 if len(name) >= 6 else 1
    if abs(len(a) - len(b)) > most:
        return False
    rows = [list(range(len(b) + 1))]
    for i, letter in enumerate(a, start=1):
        row = [i]
        for j, wanted in enumerate(b, start=1):
            fewest = min(rows[-1][j - 1] + (letter != wanted), rows[-1][j] + 1, row[-1] + 1)
            if i > 1 and j > 1 and a[i - 2 : i] == wanted + b[j - 2]:
                fewest = min(fewest, rows[-2][j - 2] + 1)
            row.append(fewest)
        rows.append(row)
    return rows[-1][-1] <= most


TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
PARAMETER = rf'{TOKEN}=(?:{TOKEN}|"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[\t\x20-\x7e\x80-\xff])*")'
CONTENT_TYPE = re.compile(rf"{TOKEN}/{TOKEN}(?:[ \t]*;[ \t]*(?:{PARAMETER})?)*")


# ---------------------------------------------------------------------------------------------------------------------
# The inputs of a call


class Pairs(list):
    """The fields of a JSON object in order, also those that are there twice."""


def parse_json(body):
    def refuse_constant(name):
        raise ValueError(f"{name} is not JSON")

    def integer(digits):
        # Python refuses to read very many digits. As a float it is no valid input, but it may be one that nobody reads.
        return int(digits) if len(digits) <= 20 else float(digits)

    try:
        text = body.decode("utf-8")
        value = json.loads(text, object_pairs_hook=Pairs, parse_constant=refuse_constant, parse_int=integer)
    except (ValueError, RecursionError):
        raise Refusal(400, "The body cannot be read as JSON in UTF-8.")
    if not isinstance(value, Pairs):
        raise Refusal(400, "The body is JSON, but not an object in braces.")
    names = [name for name, _ in value]
    for name in names:
        if names.count(name) > 1:
            raise Refusal(400, f"{name!a} is in the body twice.", field=name if name.isascii() else None)
    return value


def parse_query(query):
    found = []
    for part in query.split("&"):
        if part == "":
            continue
        name, _, value = part.partition("=")
        name, value = unescape(name), unescape(value)
        if name in NOT_IN_A_URL:
            raise Refusal(400, f"Do not send {name} in the URL: URLs are kept in logs.", field=name)
        found.append((name, as_expected(name, value)))
    return found


def unescape(text):
    if re.search("%(?![0-9A-Fa-f]{2})", text):
        raise Refusal(400, "A percent sign in the URL has no two hexadecimal digits after it.")
    raw = re.sub(rb"%(..)", lambda match: bytes.fromhex(match[1].decode()), text.replace("+", " ").encode("latin-1"))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(400, "The URL is not UTF-8 when its percent signs are decoded.")


def as_expected(name, text):
    """A URL has only text. Digits and true or false become what the input must be."""
    if name in NUMBERS and re.fullmatch("[0-9]{1,400}", text):
        return int(text)
    if name in BOOLEANS and text in ("true", "false"):
        return text == "true"
    return text


def parse_authorization(value):
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() != "basic":
        raise Refusal(400, "Authorization must be Basic.")
    try:
        my_id, colon, my_auth = base64.b64decode(encoded.strip(" "), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        raise Refusal(400, "Authorization holds no base64 of UTF-8.")
    if colon == "":
        raise Refusal(400, "Authorization holds no colon between the id and the token.")
    return [("myId", as_expected("myId", my_id)), ("myAuth", my_auth)]


class Call:
    """One request: its inputs, and the step at which it is."""

    def __init__(self, operation, names, request):
        self.operation, self.request = operation, request
        self.names = names
        self.step = "1.1"
        self.inputs = {}
        self.unknown = []

    def at(self, step):
        self.step = step

    def read_inputs(self):
        request = self.request
        content_type = request.header("content-type")
        if content_type is not None and not CONTENT_TYPE.fullmatch(content_type):
            raise Refusal(400, "The Content-Type is not written correctly.")
        if request.method == "QUERY" and content_type is None:
            raise Refusal(400, "QUERY needs a Content-Type.")
        given = parse_query(request.query)
        if request.header("authorization") is not None:
            given += parse_authorization(request.header("authorization"))
        if request.body != b"":
            given += parse_json(request.body)
        elif given == [] and request.query == "":
            raise Refusal(400, f"There are no inputs. Try: curl http://HOST{request.path} -d '{{\"name\":\"value\"}}'")
        for name, value in given:
            if name not in self.names:
                self.unknown.append(name)
            elif name not in self.inputs:
                self.inputs[name] = value
            elif type(value) is not type(self.inputs[name]) or value != self.inputs[name]:
                raise Refusal(400, f"{name} is there twice, with different values.", field=name)

    def has(self, name):
        return name in self.inputs

    def required(self, name, step, status=400):
        self.at(step)
        if name not in self.inputs:
            raise Refusal(status, f"The input {name} is missing.", field=name)

    def valid(self, name, step, is_valid, rule, status=400):
        """@returns the value of an input, or None if it is not there."""
        self.at(step)
        if name not in self.inputs:
            return None
        if not is_valid(self.inputs[name]):
            raise Refusal(status, f"{name} must be {rule}.", field=name)
        return self.inputs[name]

    def credentials(self):
        self.required("myId", "1.2")
        self.valid("myId", "1.3", lambda value: is_integer(value, 1), "an integer from 1 to 2^53 - 1")
        self.required("myAuth", "1.4")
        self.valid("myAuth", "1.5", is_secret, "12 to 64 characters")

    def handle(self, step):
        is_right = is_new_handle if self.operation in ("register.post", "register.patch") else is_handle
        value = self.valid("userHandle", step, is_right, "3 to 64 characters, none of them a control character")
        return None if value is None else unicodedata.normalize("NFC", value)

    def text(self, step):
        return self.valid("message", step, is_message, "1 to 4096 characters, without control characters")

    def box(self, step):
        value = self.valid("box", step, lambda box: box in ("received", "sent", "both"), "received, sent or both")
        return value or "received"

    def number(self, name, step, least, greatest=MAX_INTEGER):
        rule = f"an integer from {least} to {greatest}"
        return self.valid(name, step, lambda value: is_integer(value, least, greatest), rule)

    def no_misspelling(self, step, names):
        self.at(step)
        for name in names:
            for unknown in self.unknown:
                if name not in self.inputs and looks_like(unknown, name):
                    raise Refusal(400, f"{unknown!a} is unknown. Do you mean {name}?", field=name)

    def me(self, store):
        """Steps 2 and 3: who sends this, and is it true?"""
        self.at("2.1")
        my_id = self.inputs["myId"]
        try:
            token = store.read_file(my_id)
        except FileNotFoundError:
            raise Refusal(401, "Nobody has this myId.", field="myId")
        self.at("3.1")
        if not hmac.compare_digest(token.encode(), self.inputs["myAuth"].encode()):
            raise Refusal(403, "This is not the token of this myId.", field="myAuth")
        return store.users[my_id]

    def owner(self, store, handle, step):
        """@returns the id of the user with this handle."""
        self.at(step)
        try:
            return int(store.read_file(sha256(handle)))
        except FileNotFoundError:
            raise Refusal(404, "Nobody has this handle.", is_empty=True)


# ---------------------------------------------------------------------------------------------------------------------
# The calls


def register(call, store):
    call.required("secret", "1.2", status=401)
    call.valid("secret", "1.3", is_secret, "12 to 64 characters", status=401)
    call.required("userHandle", "1.4")
    handle = call.handle("1.5")
    call.at("3")
    if not hmac.compare_digest(store.read_file("secret").encode(), call.inputs["secret"].encode()):
        raise Refusal(403, "This is not the class secret.", field="secret")
    call.at("8.1")
    if handle in store.owners:
        raise Refusal(409, "Another user has this handle.", field="userHandle")
    user_id, token = store.next_id(), new_token()
    store.record({"op": "register", "userId": user_id, "userHandle": handle, "authToken": token})
    store.write_file(user_id, token)
    store.write_file(sha256(handle), str(user_id))
    return {"authToken": token, "userId": user_id}


def look_up(call, store):
    call.credentials()
    call.required("userHandle", "1.6")
    handle = call.handle("1.7")
    call.me(store)
    return {"userId": call.owner(store, handle, "5.1")}


def change(call, store):
    call.credentials()
    call.at("1.6")
    if not call.has("userHandle") and not call.has("rotateAuth"):
        raise Refusal(400, "Send userHandle or rotateAuth.")
    handle = call.handle("1.7")
    rotate = call.valid("rotateAuth", "1.8", lambda value: type(value) is bool, "true or false")
    call.no_misspelling("1.9", ["userHandle", "rotateAuth"])
    user = call.me(store)
    token = new_token() if rotate else user.token
    old_handle = user.handle
    handle = handle or old_handle
    call.at("6.1")
    if store.owners.get(handle, user.id) != user.id:
        raise Refusal(409, "Another user has this handle.", field="userHandle")
    if handle != old_handle or token != user.token:
        store.record({"op": "change", "userId": user.id, "userHandle": handle, "authToken": token})
        store.write_file(user.id, token)
        if handle != old_handle:
            store.write_file(sha256(handle), str(user.id))
            store.remove_file(sha256(old_handle))
    return {"authToken": token, "userId": user.id}


def leave(call, store):
    call.credentials()
    call.at("1.6")
    others = [name for name in call.inputs if name not in MINE] + call.unknown
    if others:
        raise Refusal(400, "You can only remove yourself, so send nothing but your id and your token.")
    user = call.me(store)
    store.record({"op": "leave", "userId": user.id})
    store.remove_file(user.id)
    store.remove_file(sha256(user.handle))
    return {"userId": user.id}


def list_users(call, store):
    call.credentials()
    after = call.number("after", "1.6", 0) or 0
    limit = call.number("limit", "1.7", 1, 200) or 50
    call.no_misspelling("1.8", ["after", "limit"])
    call.me(store)
    found = [user for user_id, user in sorted(store.users.items()) if user_id > after]
    return {"users": [{"userHandle": user.handle, "userId": user.id} for user in found[:limit]]}


def publish(call, store):
    call.credentials()
    call.required("userHandle", "1.6")
    handle = call.handle("1.7")
    call.required("message", "1.8")
    text = call.text("1.9")
    call.at("1.10")
    key = call.request.header("idempotency-key")
    if key is not None and not re.fullmatch("[!-~]{1,255}", key):
        raise Refusal(400, "Idempotency-Key must be 1 to 255 visible ASCII characters.", field="Idempotency-Key")
    me = call.me(store)
    to_id = call.owner(store, handle, "5.1")
    call.at("7.1")
    earlier = store.keys.get((me.id, key))
    if earlier is not None:
        if (earlier.to_id, earlier.first_text) != (to_id, text):
            raise Refusal(422, "This Idempotency-Key belongs to another message.", field="Idempotency-Key")
        return {"sentAt": earlier.sent_at, "messageId": earlier.id, "userId": earlier.to_id}
    line = {
        "op": "post",
        "messageId": store.next_id(),
        "fromId": me.id,
        "fromHandle": me.handle,
        "toId": to_id,
        "toHandle": store.users[to_id].handle,
        "message": text,
        "sentAt": now(),
    }
    if key is not None:
        line["key"] = key
    store.record(line)
    return {"sentAt": line["sentAt"], "messageId": line["messageId"], "userId": to_id}


def fetch(call, store):
    call.credentials()
    handle = call.handle("1.7")
    box = call.box("1.8")
    after = call.number("after", "1.9", 0)
    before = call.number("before", "1.10", 1)
    limit = call.number("limit", "1.11", 1, 200) or 50
    wait = call.number("wait", "1.12", 0, 60) or 0
    call.no_misspelling("1.13", ["userHandle", "box", "after", "before", "limit", "wait"])
    me = call.me(store)
    other = None if handle is None else call.owner(store, handle, "5.1")

    def read():
        return store.page(me.id, box, other, after, before, limit)

    messages = read()
    if messages == [] and wait > 0:
        call.at("7")
        messages = wait_for(call, store, me, wait, read)
    return {"messages": [message.public() for message in messages], "myId": me.id}


def wait_for(call, store, me, seconds, read):
    """Reads again and again until there is something. It gives the lock back while it waits."""
    if me.fetches >= MAX_AT_ONCE:
        raise Refusal(429, "Too many of your fetches are waiting already.")
    token, deadline = me.token, time.monotonic() + seconds
    me.fetches += 1
    try:
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return []
            store.lock.wait(min(left, 0.5))
            if me.is_gone:
                raise Refusal(401, "You have left.", field="myId", step="7.1")
            if me.token != token:
                raise Refusal(403, "Your token has changed.", field="myAuth", step="7.2")
            messages = read()
            if messages != []:
                return messages
            if call.request.client_has_gone():
                raise ClientHasGone
    finally:
        me.fetches -= 1


def edit(call, store):
    call.credentials()
    call.required("messageId", "1.6")
    message_id = call.number("messageId", "1.7", 1)
    call.required("message", "1.8")
    text = call.text("1.9")
    me = call.me(store)
    message = find_message(call, store, me, message_id)
    call.at("4.2")
    if message.from_id != me.id:
        raise Refusal(403, "You did not write this message.", field="messageId")
    edited_at = now()
    store.record({"op": "edit", "messageId": message_id, "message": text, "editedAt": edited_at})
    return {"editedAt": edited_at, "messageId": message_id}


def delete(call, store):
    call.credentials()
    call.required("messageId", "1.6")
    message_id = call.number("messageId", "1.7", 1)
    me = call.me(store)
    message = find_message(call, store, me, message_id)
    store.record({"op": "delete", "messageId": message.id})
    return {"messageId": message.id}


def find_message(call, store, me, message_id):
    call.at("4.1")
    message = store.messages.get(message_id)
    if message is None or me.id not in (message.from_id, message.to_id):
        raise Refusal(404, "You have no such message.", field="messageId")
    return message


# ---------------------------------------------------------------------------------------------------------------------
# Streams


class Stream:
    """An endless reply. `start` runs while the store is locked, `run` writes until there is a reason to end."""

    def __init__(self, me, box):
        self.me, self.box, self.token = me, box, me.token
        self.frames = ["retry: 1000\n\n"]

    def start(self, store, after, last_event_id):
        """Where it begins: after an event, after a message of the queue, or now."""
        self.since = self.started_at = store.seq
        if last_event_id is not None:
            event, dash, message = last_event_id.partition("-")
            if not store.knows_since(int(event)):
                self.frames.append(frame(store.seq, "reset", {}))
                return
            self.since = int(event)
            if dash:
                self.queue(store, int(message))
        elif after is not None:
            self.queue(store, after)
        self.frames.append(f"id: {self.since}\n\n")

    def queue(self, store, after):
        """Begins with the messages that were in the queue at the event `since`."""
        self.frames.append(f"id: {self.since}-{after}\n\n")
        for message in store.page(self.me.id, self.box, after=after):
            if message.seq <= self.since:
                self.frames.append(frame(f"{self.since}-{message.id}", "message", message.public()))

    def hears(self, event):
        received = self.box != "sent" and event.to_id == self.me.id
        return received or (self.box != "received" and self.me.id in event.senders)

    def collect(self, store):
        """Adds the frames of all events that have happened in the meantime."""
        for event in store.events_since(self.since):
            if not self.hears(event):
                continue
            data = event.data
            if event.seq <= self.started_at and event.kind in ("message", "edit"):
                # It has happened before this stream began: the text of today counts.
                message = store.messages.get(event.message_id)
                if message is None:
                    continue
                data = message.public()
            self.frames.append(frame(event.seq, event.kind, data))
        self.since = store.seq

    def has_ended(self):
        return self.me.is_gone or self.me.token != self.token

    def run(self, store, request):
        try:
            beat = time.monotonic()
            while True:
                with store.lock:
                    self.collect(store)
                    has_ended = self.has_ended()
                    if self.frames == [] and not has_ended:
                        store.lock.wait(0.5)
                        self.collect(store)
                        has_ended = self.has_ended()
                if self.frames == [] and time.monotonic() - beat > HEARTBEAT_SECONDS - 2:
                    self.frames.append(f"id: {self.since}\n\n")
                if self.frames != []:
                    request.write("".join(self.frames).encode())
                    self.frames, beat = [], time.monotonic()
                if has_ended or request.client_has_gone():
                    return
        finally:
            with store.lock:
                self.me.streams -= 1


def frame(event_id, kind, data):
    return f"event: {kind}\nid: {event_id}\ndata: {json.dumps(data)}\n\n"


def listen(call, store):
    call.credentials()
    box = call.box("1.6")
    after = call.number("after", "1.7", 0)
    call.at("1.8")
    last_event_id = call.request.header("last-event-id")
    if last_event_id is not None:
        numbers = re.fullmatch("([0-9]{1,16})(?:-([0-9]{1,16}))?", last_event_id)
        if numbers is None or any(int(number or 0) > MAX_INTEGER for number in numbers.groups()):
            raise Refusal(400, "Last-Event-ID is no id of an event.", field="Last-Event-ID")
    call.no_misspelling("1.9", ["box", "after"])
    me = call.me(store)
    call.at("4")
    if me.streams >= MAX_AT_ONCE:
        raise Refusal(429, "You have too many open streams.")
    stream = Stream(me, box)
    stream.start(store, after, last_event_id)
    if call.request.method != "HEAD":
        me.streams += 1
    return stream


MINE = ["myId", "myAuth"]
# For each address: method, name of the operation in the specification, function, inputs.
CALLS = {
    "/api/v1/register": {
        "POST": ("register.post", register, ["secret", "userHandle"]),
        "GET": ("register.get", look_up, MINE + ["userHandle"]),
        "PATCH": ("register.patch", change, MINE + ["userHandle", "rotateAuth"]),
        "DELETE": ("register.delete", leave, MINE),
    },
    "/api/v1/users": {"GET": ("users.get", list_users, MINE + ["after", "limit"])},
    "/api/v1/chat": {
        "POST": ("chat.post", publish, MINE + ["userHandle", "message"]),
        "GET": ("chat.get", fetch, MINE + ["userHandle", "box", "after", "before", "limit", "wait"]),
        "PATCH": ("chat.patch", edit, MINE + ["messageId", "message"]),
        "DELETE": ("chat.delete", delete, MINE + ["messageId"]),
    },
    "/api/v1/chat/stream": {"GET": ("stream.get", listen, MINE + ["box", "after"])},
}
SAME_AS_GET = ["HEAD", "QUERY"]


# ---------------------------------------------------------------------------------------------------------------------
# HTTP


class Request(socketserver.StreamRequestHandler):
    """One connection, with its requests one after the other."""

    disable_nagle_algorithm = True
    timeout = 75

    def handle(self):
        self.is_last = False
        try:
            while not self.is_last:
                self.one_request()
        except (OSError, ClientHasGone):
            pass

    def one_request(self):
        self.method = self.path = self.query = self.body = None
        self.headers = {}
        self.body_is_unread = False
        call = None
        try:
            if not self.read_head():
                self.is_last = True
                return
            self.connection.settimeout(30)
            operation, function, names = self.find_call()
            self.check_headers()
            self.read_body()
            call = Call(operation, names, self)
            call.read_inputs()
            with self.server.store.lock:
                result = function(call, self.server.store)
            if isinstance(result, Stream):
                self.stream(result)
            else:
                self.reply(200, "application/json", json.dumps(result).encode())
        except Refusal as refusal:
            self.refuse(refusal, call)
        except TimeoutError:
            self.is_last = True
            self.refuse(Refusal(408, "The request took too long to arrive."), None)
        except (OSError, ClientHasGone):
            raise
        except Exception as error:  # A mistake in this program must not end the connection without a word.
            print(f"{self.method} {self.path}: {error!r}", flush=True)
            self.refuse(Refusal(500, "The server has made a mistake."), call)
        self.connection.settimeout(self.timeout)

    # Reading a request

    def read_head(self):
        """@returns False when the client has closed the connection."""
        self.is_last = True
        line = self.rfile.readline(MAX_HEADERS + 1)
        while line in (b"\r\n", b"\n"):
            line = self.rfile.readline(MAX_HEADERS + 1)
        if line == b"":
            return False
        self.connection.settimeout(10)
        match = re.fullmatch(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]+) HTTP/1\.([01])\r?\n", line)
        size = len(line)
        if match is None:
            if size > MAX_HEADERS:
                raise Refusal(431, "The first line of the request is too long.")
            raise Refusal(400, "The first line of the request is not HTTP/1.1.")
        self.method = match[1].decode()
        self.split_target(match[2].decode())
        while True:
            line = self.rfile.readline(MAX_HEADERS + 1)
            size += len(line)
            if size > MAX_HEADERS:
                raise Refusal(431, "The headers are longer than 16 KiB.")
            if line in (b"\r\n", b"\n"):
                break
            header = re.fullmatch(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\r\n]*?)[ \t]*\r?\n", line)
            if header is None:
                raise Refusal(400, "A header of the request cannot be read.")
            self.headers.setdefault(header[1].decode().lower(), []).append(header[2].decode("latin-1"))
        connection = [word.strip().lower() for word in (self.header("connection") or "").split(",")]
        if len(self.headers.get("host", [])) != 1:
            raise Refusal(400, "A request needs exactly one Host header.")
        self.is_last = match[3] == b"0" or "close" in connection
        return True

    def split_target(self, target):
        target = re.sub("^https?://[^/?#]*", "", target, flags=re.IGNORECASE)
        self.path, _, self.query = target.partition("#")[0].partition("?")

    def header(self, name):
        """@returns its value, or None. A header that is there more than once counts as one list."""
        return ", ".join(self.headers[name]) if name in self.headers else None

    def find_call(self):
        self.body_is_unread = True
        self.check_origin()
        if re.search("%(?![0-9A-Fa-f]{2})", self.path):
            raise Refusal(400, "A percent sign in the URL has no two hexadecimal digits after it.")
        if self.path not in CALLS:
            raise Refusal(404, "There is nothing at this address.")
        methods = CALLS[self.path]
        method = "GET" if self.method in SAME_AS_GET and "GET" in methods else self.method
        if method not in methods:
            allowed = ", ".join(sorted([*methods, *(SAME_AS_GET if "GET" in methods else [])]))
            raise Refusal(405, f"{self.method!a} does not work here.", headers={"Allow": allowed})
        return methods[method]

    def check_origin(self):
        """A page of another website must not use the server with the reader's browser."""
        origin = self.header("origin")
        site = self.header("sec-fetch-site")
        if origin is None:
            follows_a_link = self.method == "GET" and self.header("sec-fetch-mode") == "navigate"
            is_foreign = site in ("cross-site", "same-site") and not follows_a_link
        else:
            is_foreign = origin.lower() != f"http://{self.header('host').lower()}"
        if is_foreign:
            raise Refusal(403, "Pages of other websites may not use this server.")

    def check_headers(self):
        expect = self.header("expect")
        if expect is not None and expect.lower() != "100-continue":
            raise Refusal(417, "The server knows no other Expect than 100-continue.")
        encoding = self.header("content-encoding")
        if encoding is not None and encoding.lower() != "identity":
            raise Refusal(415, "The server does not unpack bodies.")
        if self.body_length() > MAX_BODY:
            raise Refusal(413, "The body is longer than 64 KiB.")

    def body_length(self):
        if "transfer-encoding" in self.headers:
            if self.header("transfer-encoding").lower() != "chunked" or "content-length" in self.headers:
                self.is_last = True
                raise Refusal(400, "The length of the body is not clear.")
            return 0
        length = self.header("content-length")
        if length is not None and not re.fullmatch("[0-9]{1,15}", length):
            self.is_last = True
            raise Refusal(400, "Content-Length is not a number.")
        return int(length or 0)

    def read_body(self):
        if self.header("expect") is not None:
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "transfer-encoding" in self.headers:
            self.body = self.read_chunks()
        else:
            self.body = self.read_exactly(self.body_length())
        self.body_is_unread = False

    def read_exactly(self, length):
        body = self.rfile.read(length)
        if len(body) < length:
            raise ClientHasGone
        return body

    def read_chunks(self):
        body = b""
        while True:
            size = re.fullmatch(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n", self.rfile.readline(1000))
            if size is None:
                self.is_last = True
                raise Refusal(400, "A chunk of the body cannot be read.")
            length = int(size[1], 16)
            if len(body) + length > MAX_BODY:
                raise Refusal(413, "The body is longer than 64 KiB.")
            if length == 0:
                break
            body += self.read_exactly(length)
            self.rfile.readline(3)
        while self.rfile.readline(MAX_HEADERS) not in (b"\r\n", b"\n", b""):
            pass
        return body

    # Writing a reply

    def write(self, raw):
        self.connection.sendall(raw)

    def head(self, status, headers):
        phrase = http.HTTPStatus(status).phrase
        headers = {"Request-Id": secrets.token_urlsafe(9), **headers}
        if self.is_last:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def reply(self, status, content_type, body, headers=None):
        headers = {"Content-Length": len(body), **(headers or {})}
        if content_type is not None:
            headers["Content-Type"] = content_type
        head = self.head(status, headers)
        self.write(head if self.method == "HEAD" else head + body)

    def refuse(self, refusal, call):
        drain = False
        if self.body_is_unread:
            # Small bodies are read, so that the connection can go on. Nobody knows whether a body comes after Expect.
            try:
                if self.header("expect") is None and self.body_length() <= MAX_BODY and refusal.status != 413:
                    self.read_body()
                else:
                    self.is_last = drain = True
            except Refusal:
                self.is_last = drain = True
        headers = dict(refusal.headers)
        if refusal.status == 401:
            headers["WWW-Authenticate"] = "Plainchat"
        if refusal.is_empty:
            self.reply(refusal.status, None, b"", headers)
        else:
            title = http.HTTPStatus(refusal.status).phrase
            problem = {"detail": refusal.detail, "status": refusal.status, "title": title}
            problem["type"] = "/problems/" + title.lower().replace(" ", "-")
            if call is not None:
                problem["step"] = f"{call.operation}.{refusal.step or call.step}"
            if refusal.field is not None:
                problem["field"] = refusal.field
            self.reply(refusal.status, "application/problem+json", json.dumps(problem).encode(), headers)
        if drain:
            self.drain()

    def drain(self):
        """Throws away what still comes, so that the client can read the reply. A close would destroy it."""
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(5)
        deadline, left = time.monotonic() + 30, 32 * 1024 * 1024
        while time.monotonic() < deadline and left > 0:
            raw = self.rfile.read1(65536)
            if raw == b"":
                return
            left -= len(raw)

    def stream(self, stream):
        self.is_last = True
        try:
            self.write(self.head(200, {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}))
        except OSError:
            with self.server.store.lock:
                stream.me.streams -= 1
            raise
        if self.method != "HEAD":
            self.connection.settimeout(15)
            stream.run(self.server.store, self)

    def client_has_gone(self):
        poll = select.poll()
        poll.register(self.connection, select.POLLIN)
        return bool(poll.poll(0)) and self.connection.recv(1, socket.MSG_PEEK) == b""


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 1024
    daemon_threads = True

    def __init__(self, port, store):
        self.store = store
        super().__init__(("127.0.0.1", port), Request)


def main():
    parser = argparse.ArgumentParser(description="A chat server that follows docs/spec.md.")
    parser.add_argument("--root", required=True, help="the folder for the data")
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args()
    server = Server(options.port, Store(options.root))
    print(f"http://127.0.0.1:{options.port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
