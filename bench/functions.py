"""What the functions cost, and how fast they are, in one table: a part of `make bench`.

Binaries are those that are deployed, but for this machine's processor. Units are counted in the
tables of the emulator and are those of AWS; times on the emulator are its own for the most part.
"""

import contextlib
import http.server
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time

import home
import large
from emulator import REGION, Cloud, memory
from units import units

# A Province in the order of the year: positions are there before they are paid.
NOTICES = 1_000
STARTS = 10
MB = 1_000_000


def build():
    """The functions as they are deployed; where they are."""
    # Another package of the workspace has the name of this function already.
    package = {"report": "write-report"}
    packages = [word for it in home.FUNCTIONS for word in ("-p", package.get(it, it))]
    home.run("cargo", "build", "--locked", "--profile", "function", *packages, cwd=home.HOUSE)
    return home.target("function")


class Runtime(http.server.BaseHTTPRequestHandler):
    """The runtime interface of Lambda, as far as a function asks for its first call."""

    def do_GET(self):
        self.server.polled.set()
        self.server.ended.wait()

    def log_message(self, *_):
        pass


def start(binary):
    """Seconds from the start of a function to its first question for work."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Runtime)
    server.polled, server.ended = threading.Event(), threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
        "AWS_LAMBDA_FUNCTION_NAME": binary.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    names = (
        "LEDGER_TABLE",
        "JOURNAL_TABLE",
        "INBOX_BUCKET",
        "QUARANTINE_BUCKET",
        "INGEST_QUEUE_URL",
    )
    environment |= {f"QUADRA_{name}": "x" for name in names}
    began = time.monotonic()
    process = subprocess.Popen([binary], env=environment, stdout=subprocess.DEVNULL)
    assert server.polled.wait(10), f"{binary.name} asks for nothing"
    taken = time.monotonic() - began
    process.kill()
    process.wait()
    server.ended.set()
    server.shutdown()
    return taken


def binaries(table, built):
    """Sizes, and starts."""
    for function in home.FUNCTIONS:
        size = (built / function).stat().st_size / MB
        table.add(f"size of {function}", f"{size:.1f} MB", "under 8 MB", size < 8)
    for function in ("ingest", "reconcile"):
        taken = statistics.median(start(built / function) for _ in range(STARTS))
        table.add(f"start of {function} to its first poll", f"{taken * 1000:.0f} ms")


def payments(table):
    """Write units and messages of a payment, from first sight to credited: positions are known."""
    with contextlib.closing(Cloud()) as stack:
        stack.configure()
        inputs = home.inputs()
        positions = [name for name in inputs if name.startswith("positions/")]
        rest = [name for name in inputs if name not in positions]
        stack.upload(positions)
        stack.settle()
        before, said = sum(units(stack).values()), batches(stack)
        began = time.monotonic()
        # As the days go by: what a citizen pays is told by the receipt first, by the treasurer last.
        for folder in ("receipts/", "flows/", "journals/"):
            stack.upload([name for name in rest if name.startswith(folder)])
            stack.settle()
        taken = time.monotonic() - began
        spent = units(stack)
        paid = stack.call("report", {"as_of": home.AS_OF})["payments"]
        each = (sum(spent.values()) - before) / paid
        table.add("write units of a payment", f"{each:.1f}", "at most 6", each <= 6)
        messages, called = (now - then for now, then in zip(batches(stack), said))
        asked = messages + 2 * called
        table.add("SQS requests of a payment", f"{asked / paid:.2f}", "at most 1", asked <= paid)
        table.add("payments to the end, on the emulator", f"{paid / taken:.0f} a second")


def batches(stack):
    """Messages that were delivered, and the calls that they came in."""
    log = pathlib.Path(stack.log.name).read_text()
    sizes = [int(size) for size in re.findall(r"processed (\d+) SQS messages", log)]
    return sum(sizes), len(sizes)


def flows(table):
    """Large flows: memory, and the time of a chain."""
    for lines, closes in ((10_000, True), (100_000, False)):
        folder = home.CLOUD / f"flow-{lines}"
        shutil.rmtree(folder, ignore_errors=True)
        large.write(folder / "inputs", lines)
        with contextlib.closing(Cloud()) as stack:
            stack.configure()
            # What follows the taking in is another line.
            stack.listen("reconcile", False)
            began = time.monotonic()
            stack.upload(["flow.xml"], folder)
            stack.settle("Ingest")
            taken = time.monotonic() - began
            peak = max(map(memory, stack.instances())) * 1024 / MB
            size = (folder / "inputs/flow.xml").stat().st_size / MB
            what = f"ingest of a flow of {lines:,} lines, {size:.0f} MB"
            shown = f"{lines / taken:.0f} lines a second, {peak:.0f} MB"
            table.add(what, shown, "256 MB", peak <= 256)
            if not closes:
                continue
            stack.listen("reconcile", True)
            began = time.monotonic()
            stack.settle()
            taken = time.monotonic() - began
            table.add(f"its {lines:,} payments concluded", f"{taken:.0f} s")
            began = time.monotonic()
            stack.upload(["journal.xml"], folder)
            stack.settle()
            taken = time.monotonic() - began
            table.add("its credit comes, and closes it", f"{taken:.0f} s", "30 s", taken <= 30)


def main():
    """Measures, and prints the table."""
    sys.path.insert(0, str(home.HOUSE / "bench"))
    from run import Table

    table = Table()
    home.CLOUD.mkdir(parents=True, exist_ok=True)
    built = build()
    binaries(table, built)
    home.prepare(built, NOTICES)
    payments(table)
    flows(table)
    print(table)


if __name__ == "__main__":
    main()
