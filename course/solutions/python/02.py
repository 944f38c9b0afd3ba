"""
After lesson 2: words for machines. The server answers in JSON, and says so.

    python3 02.py PORT FOLDER
"""
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer({"hello": self.path})

    def do_POST(self):
        # What the client sent has to be read, or the next request would begin with it. Nobody looks at it yet.
        length = int(self.headers.get("Content-Length", 0))
        self.rfile.read(length)
        self.answer({"userId": 1, "authToken": "this-is-not-random-yet"})

    def answer(self, reply):
        body = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
host = os.environ.get("HOST", "127.0.0.1")
port = int(sys.argv[1])
print(f"Your server listens at http://{host}:{port}", flush=True)
ThreadingHTTPServer((host, port), Handler).serve_forever()
