"""A stand-in of IO on this machine, for run.py: every citizen uses it, and it takes every message."""

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


def citizen(number):
    """A fiscal code whose check character is right."""
    odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
    base = f"RSSMRA80A01H{number:03}"
    values = [int(c) if c.isdigit() else ord(c) - ord("A") for c in base]
    total = sum(odd[value] if place % 2 == 0 else value for place, value in enumerate(values))
    return base + chr(ord("A") + total % 26)


def unpaid_fine(number):
    """A fine notified on 4/2/2026 that nobody has paid."""

    def notice(place, tier, amount):
        base = f"01{number * 10 + place:013}"
        iuv = f"{base}{int('3' + base) % 93:02}"
        return {"notice_number": f"3{iuv}", "iuv": iuv, "tier": tier, "amount": amount}

    return {
        "position_id": f"F-{number}",
        "version": 1,
        "organization": "01234567897",
        "debt_type": "CDS",
        "year": 2026,
        "status": "open",
        "debtor": {
            "kind": "person",
            "fiscal_code": citizen(number),
            "name": "Rossi Mario",
            "abroad": False,
        },
        "notices": [
            notice(1, "reduced", "44.40"),
            notice(2, "full", "57.00"),
            notice(3, "late", "101.50"),
        ],
        "items": [
            {"amount": "42.00", "part": "sanction"},
            {"amount": "15.00", "part": "costs"},
        ],
        "fine": {
            "report_number": f"{number}/2026",
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


CONFIGURATION = """
[[organization]]
fiscal_code = "01234567897"
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
