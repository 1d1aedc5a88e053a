"""Citizens with fines that nobody paid, and an IO of this machine that some of them use.

The IO takes profiles, messages and questions about messages, remembers every message that it took,
and refuses or breaks off when it is told to.
"""

import http.server
import json
import os
import threading

ORGANIZATION = "01234567897"
KEY = "key-of-multe"
CONFIGURATION = f"""
[[organization]]
fiscal_code = "{ORGANIZATION}"
name = "Provincia di Prova"
contacts = "Ufficio sanzioni, tel. 050 000000"
[[organization.station]]
intermediary = "INT-A"
aux_digit = 3
segregation_code = "01"
valid_from = 2019-12-01
receipts = true
[[organization.debt_type]]
code = "CDS"
fine = true
appio_service = "multe"
"""
# What every fiscal code begins with.
PEOPLE = "RSSMRA80A01H"
# What a character of an odd place counts for in the check character of a fiscal code.
ODD = dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)))
ODD |= dict(zip("ABCDEFGHIJ", ODD.values()))
ODD |= dict(zip("KLMNOPQRSTUVWXYZ", (2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)))


def citizen(n):
    """The n-th citizen: a fiscal code with its check character."""
    base = f"{PEOPLE}{n:03}"
    even = lambda c: int(c) if c.isdigit() else ord(c) - ord("A")
    total = sum(even(c) if place % 2 else ODD[c] for place, c in enumerate(base))
    return base + chr(ord("A") + total % 26)


def fine(n):
    """The n-th fine, notified on 4/2/2026 and not paid."""

    def notice(place, tier, amount):
        base = f"01{n * 10 + place:013}"
        iuv = f"{base}{int('3' + base) % 93:02}"
        return {"notice_number": "3" + iuv, "iuv": iuv, "tier": tier, "amount": amount}

    tiers = (("reduced", "44.40"), ("full", "57.00"), ("late", "101.50"))
    return {
        "position_id": f"F-{n}",
        "version": 1,
        "organization": ORGANIZATION,
        "debt_type": "CDS",
        "year": 2026,
        "status": "open",
        "debtor": {
            "kind": "person",
            "fiscal_code": citizen(n),
            "name": "Rossi Mario",
            "abroad": False,
        },
        "notices": [notice(place, *tier) for place, tier in enumerate(tiers, 1)],
        "items": [
            {"amount": "42.00", "part": "sanction"},
            {"amount": "15.00", "part": "costs"},
        ],
        "fine": {
            "report_number": f"{n}/2026",
            "report_date": "2026-01-15",
            "violation_date": "2026-01-10",
            "notified_on": "2026-02-04",
            "discount_allowed": True,
            "settleable": True,
            "appeal": "none",
            "installments": False,
            "enforcement_on": None,
            "deceased": False,
            "review_pending": False,
            "sensitive": False,
            "half_maximum": "86.50",
        },
    }


def fines(count):
    """So many of them, as the office's system gives them."""
    return "".join(json.dumps(fine(n)) + "\n" for n in range(1, count + 1))


class Io:
    """An IO on a free port of this machine."""

    def __init__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                self.answer(json.loads(self.rfile.read(length)))

            def do_GET(self):
                self.answer(None)

            def answer(self, body):
                key = self.headers["Ocp-Apim-Subscription-Key"]
                said = outer.answer(self.path.removeprefix("/api/v1"), key, body)
                if said is None:
                    self.close_connection = True
                    return
                status, body = said
                self.send_response(status)
                content = json.dumps(body).encode()
                self.send_header("Content-Type", "application/problem+json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.lock = threading.Lock()
        # What was asked, what was taken: (fiscal code, message) with how often.
        self.calls, self.taken = 0, {}
        # Whether it lets nobody in; places of messages after which the connection breaks off.
        self.locked, self.broken = False, set()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # A client that goes away is part of the test.
        self.server.handle_error = lambda *_: None
        self.base = f"http://127.0.0.1:{self.server.server_port}/api/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path, key, body):
        """The answer to a request: status and body; none where the connection breaks off."""
        with self.lock:
            self.calls += 1
            if self.locked or key != KEY:
                return 401, {"title": "Unauthorized"}
            if path == "/profiles":
                return self.profile(body["fiscal_code"])
            if path == "/messages":
                return self.message(body)
            return 200, {"message": {}, "status": "PROCESSED"}

    def profile(self, code):
        """Of seven citizens one does not use IO, and one does not want the service."""
        standing = sum(code.encode()) % 7
        if standing == 0:
            return 404, {"title": "Not found"}
        return 200, {"sender_allowed": standing != 1}

    def message(self, body):
        """Takes a message."""
        text = json.dumps(body["content"], sort_keys=True)
        it = (body["fiscal_code"], text)
        self.taken[it] = self.taken.get(it, 0) + 1
        count = sum(self.taken.values())
        return None if count in self.broken else (201, {"id": f"{count:026}"})

    def count(self):
        """How many messages it took."""
        with self.lock:
            return sum(self.taken.values())

    def nobody_got_anything_twice(self):
        """What it took: who got which text."""
        with self.lock:
            assert set(self.taken.values()) <= {1}, "somebody got a message twice"
            return set(self.taken)

    def close(self):
        """Ends it."""
        self.server.shutdown()
        self.server.server_close()


def environment(io):
    """The environment of the local program that writes to the citizens of this IO."""
    return os.environ | {"QUADRA_APPIO_URL": io.base, "QUADRA_APPIO_KEY_MULTE": KEY}
