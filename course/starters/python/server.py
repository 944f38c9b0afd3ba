"""
Your server. It answers hello.

    python3 server.py PORT FOLDER
"""
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"hello\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
host = os.environ.get("HOST", "127.0.0.1")
port = int(sys.argv[1])
print(f"Your server listens at http://{host}:{port}", flush=True)
ThreadingHTTPServer((host, port), Handler).serve_forever()
