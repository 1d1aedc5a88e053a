"""What the functions read, in the units that DynamoDB charges.

Of records of turns only a part is asked for, and only that is seen here: the whole is a few hundred
bytes, and one unit as well.
"""

import http.client
import http.server
import json
import threading

from units import bytes_of

# One unit is so many bytes read consistently, or a part of them.
UNIT = 4096
# Headers of one connection, not of what passes over it.
OF_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Meter:
    """Stands between the functions and an emulator, hands everything on, and counts."""

    def __init__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def pass_on(self):
                outer.pass_on(self)

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = pass_on

            def log_message(self, *_):
                pass

        self.lock = threading.Lock()
        self.emulator, self.units, self.requests = None, 0, {}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        # A function that is taken away hangs up.
        self.server.handle_error = lambda *_: None
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def pass_on(self, handler):
        """Asks the emulator what it was asked."""
        length = int(handler.headers.get("Content-Length", 0))
        body = handler.rfile.read(length)
        asked = http.client.HTTPConnection("127.0.0.1", self.emulator)
        asked.request(handler.command, handler.path, body, dict(handler.headers))
        answer = asked.getresponse()
        content = answer.read()
        asked.close()
        service, _, operation = handler.headers.get("X-Amz-Target", "").partition(".")
        if service.startswith("DynamoDB"):
            self.count(operation, json.loads(body), json.loads(content))
        handler.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OF_CONNECTION:
                handler.send_header(name, value)
        kept = answer.getheader("Content-Length") if handler.command == "HEAD" else len(content)
        handler.send_header("Content-Length", str(kept))
        handler.end_headers()
        handler.wfile.write(content)

    def count(self, operation, asked, answer):
        """Counts a request, and what it read."""
        read = 0
        if operation == "Query":
            read = units_of(sum(map(bytes_of, answer.get("Items", ()))))
        elif operation == "GetItem":
            read = units_of(bytes_of(answer.get("Item", {})))
        elif operation == "BatchGetItem":
            found = [it for items in answer.get("Responses", {}).values() for it in items]
            wanted = sum(len(it["Keys"]) for it in asked["RequestItems"].values())
            # What is not there is charged as the smallest item.
            read = sum(units_of(bytes_of(it)) for it in found) + wanted - len(found)
        with self.lock:
            self.units += read
            self.requests[operation] = self.requests.get(operation, 0) + 1

    def close(self):
        """Ends it."""
        self.server.shutdown()
        self.server.server_close()


def units_of(read):
    """The units of so many bytes, at least one."""
    return max(1, -(-read // UNIT))
