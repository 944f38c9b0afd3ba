"""The specification taken literally, in Flask: a good afternoon's work.

A user is a few files, as in docs/spec.md, and each request reads them. A queue is one file with a line for each
message. gunicorn runs this program, with workers and threads. Not durable: nothing is synced, so a power cut loses what
was acknowledged in the last half minute. The data folder is in PEER_ROOT.
"""

import fcntl
import hashlib
import itertools
import json
import os
import secrets
from datetime import datetime, timezone

from flask import Flask, abort, jsonify, request

ROOT = os.environ["PEER_ROOT"]
MESSAGES_ON_A_PAGE = 50

app = Flask(__name__)
# Like our server: no spaces in the JSON, and the fields in the order of the code.
app.json.sort_keys = False
app.json.compact = True


def users_file(name):
    return os.path.join(ROOT, "users", f"{name}.dat")


def hash_of(user_handle):
    return hashlib.sha256(user_handle.encode()).hexdigest()


def read_inputs():
    inputs = request.get_json(force=True, silent=True)
    if not isinstance(inputs, dict):
        abort(400)
    return inputs


def checked_text(inputs, name, shortest, longest, status=400):
    value = inputs.get(name)
    if not isinstance(value, str) or not shortest <= len(value) <= longest:
        abort(status)
    return value


def check_who_asks(inputs):
    my_id = inputs.get("myId")
    if not isinstance(my_id, int):
        abort(400)
    my_auth = checked_text(inputs, "myAuth", 12, 64)
    try:
        with open(users_file(my_id)) as file:
            auth_token = file.read()
    except FileNotFoundError:
        abort(401)
    if my_auth != auth_token:
        abort(403)
    return my_id


def user_id_of(user_handle):
    try:
        with open(users_file(hash_of(user_handle))) as file:
            return int(file.read())
    except FileNotFoundError:
        abort(404)


@app.post("/api/v1/register")
def register_user():
    inputs = read_inputs()
    secret = checked_text(inputs, "secret", 12, 64, status=401)
    user_handle = checked_text(inputs, "userHandle", 3, 64)
    with open(users_file("secret")) as file:
        if file.read().strip() != secret:
            abort(403)
    auth_token = secrets.token_urlsafe(24)
    my_id = next_user_id()
    with open(users_file(my_id), "w") as file:
        file.write(auth_token)
    # The original specification stores handles nowhere, but a message must name its sender.
    with open(os.path.join(ROOT, "users", f"{my_id}.handle"), "w") as file:
        file.write(user_handle)
    with open(users_file(hash_of(user_handle)), "w") as file:
        file.write(str(my_id))
    return jsonify(userId=my_id, authToken=auth_token)


def next_user_id():
    with open(os.path.join(ROOT, "last-user-id"), "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        my_id = int(file.read() or 0) + 1
        file.truncate(0)
        file.write(str(my_id))
        return my_id


@app.get("/api/v1/register")
def look_up_user():
    inputs = read_inputs()
    user_handle = checked_text(inputs, "userHandle", 3, 64)
    check_who_asks(inputs)
    return jsonify(userId=user_id_of(user_handle))


@app.post("/api/v1/chat")
def publish_message():
    inputs = read_inputs()
    user_handle = checked_text(inputs, "userHandle", 3, 64)
    message = checked_text(inputs, "message", 1, 4096)
    my_id = check_who_asks(inputs)
    to_id = user_id_of(user_handle)
    with open(os.path.join(ROOT, "users", f"{my_id}.handle")) as file:
        my_handle = file.read()
    sent_at = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    with open(os.path.join(ROOT, "messages", f"{to_id}.jsonl"), "a") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        # The position of the line in the file: no other message of this queue has the same number.
        message_id = queue.seek(0, os.SEEK_END) + 1
        line = {
            "messageId": message_id,
            "fromId": my_id,
            "fromHandle": my_handle,
            "toId": to_id,
            "toHandle": user_handle,
            "message": message,
            "sentAt": sent_at,
        }
        queue.write(json.dumps(line) + "\n")
    return jsonify(userId=to_id, messageId=message_id, sentAt=sent_at)


@app.get("/api/v1/chat")
def fetch_queue():
    inputs = read_inputs()
    my_id = check_who_asks(inputs)
    limit = inputs.get("limit", MESSAGES_ON_A_PAGE)
    try:
        with open(os.path.join(ROOT, "messages", f"{my_id}.jsonl")) as queue:
            messages = [json.loads(line) for line in itertools.islice(queue, limit)]
    except FileNotFoundError:
        messages = []
    return jsonify(myId=my_id, messages=messages)
