"""A stand-in of IO on this machine, for program.py: every citizen uses it, and it takes every message."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class StandIn:
    """IO at an address of this machine; it remembers when each call came, and how many messages."""

    def __init__(self):
        self.calls, self.messages = [], 0
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body are two writes: the second must not wait for an answer to the first.
            disable_nagle_algorithm = True

            def do_POST(handler):
                came = time.monotonic()
                handler.rfile.read(int(handler.headers["Content-Length"]))
                with lock:
                    self.calls.append(came)
                    if handler.path.endswith("/messages"):
                        self.messages += 1
                        handler.answer(201, {"id": f"{self.messages:026}"})
                    else:
                        handler.answer(200, {"sender_allowed": True})

            def answer(handler, status, body):
                body = json.dumps(body).encode()
                handler.send_response(status)
                handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                handler.wfile.write(body)

            def log_message(handler, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/api/v1"

    def rate(self):
        """Calls a second, from the first to the last."""
        return (len(self.calls) - 1) / (self.calls[-1] - self.calls[0])

    def most_in(self, seconds):
        """The most calls of any so many seconds."""
        most, first = 0, 0
        for place, came in enumerate(self.calls):
            while came - self.calls[first] >= seconds:
                first += 1
            most = max(most, place - first + 1)
        return most
