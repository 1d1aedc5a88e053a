"""What the functions cost, and how fast they are, in one table: a part of `make bench`.

Binaries are those that are deployed, but for this machine's processor. Units are counted in the
tables of the emulator and are those of AWS; times on the emulator are its own for the most part.
"""

import contextlib
import http.server
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import threading
import time

import home
import large
from emulator import REGION, Cloud, memory
from meter import Meter
from table import Table
from units import units

# A Province in the order of the year: positions are there before they are paid.
NOTICES = 1_000
# What a Province of 110,000 notices has in a year.
YEAR = {"receipt": 88_000, "line of a flow": 90_000, "credit": 16_000}
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


def spent(stack, meter):
    """What was spent so far: write units, read units, messages of SQS and the calls that took them."""
    return sum(units(stack).values()), meter.units, *batches(stack)


def payments(table):
    """What a payment costs, from first sight to credited, in the order and proportions of a year.

    A Province as small as this has as many journals as a large one, and few payments: so it is each
    receipt, line and credit that is measured, and a year's worth of them that is shared out.
    """
    with contextlib.closing(Meter()) as meter, contextlib.closing(Cloud(meter=meter)) as stack:
        stack.configure()
        inputs = home.inputs()
        stack.upload([name for name in inputs if name.startswith("positions/")])
        stack.settle()
        # What a citizen pays is told by the receipt first, by the treasurer last.
        at = [spent(stack, meter)]
        for folder in ("receipts/", "flows/", "journals/"):
            stack.upload([name for name in inputs if name.startswith(folder)])
            stack.settle()
            at.append(spent(stack, meter))
        overview = stack.call("report", {"as_of": home.AS_OF})
        reports = meter.units - at[-1][1]
    summary = json.loads((home.PROVINCE / "report/summary.json").read_text())
    receipts = summary["inputs_by_kind"]["receipt"]["count"]
    things = (("receipt", receipts), ("line of a flow", overview["payments"]))
    things += (("credit", overview["credits"]),)
    of_year = [0, 0, 0]
    for (thing, count), before, after in zip(things, at, at[1:]):
        wrote, read, messages, calls = (now - then for now, then in zip(after, before))
        each = [wrote / count, read / count, (messages + 2 * calls) / count]
        of_year = [total + YEAR[thing] * it for total, it in zip(of_year, each)]
        shown = f"{each[0]:.1f} write units, {each[1]:.1f} read units, {each[2]:.2f} requests of SQS"
        table.add(f"{count:,} times a {thing}: each", shown)
    limits = (("write units", 6), ("read units", 20), ("SQS requests", 1))
    for (what, most), total in zip(limits, of_year):
        each = total / YEAR["line of a flow"]
        table.add(f"{what} of a payment of a year", f"{each:.1f}", f"at most {most}", each <= most)
    outcomes = sum(overview[it] for it in ("credits", "flows", "payments", "positions"))
    table.add("read units of a report, for each outcome", f"{reports / outcomes:.1f}")


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
            began = time.monotonic()
            told = stack.call("report", {"as_of": home.AS_OF})
            taken = time.monotonic() - began
            assert told["payments"] == lines, told
            # Nobody knows what they are for: to remember each anomaly takes most of the time.
            table.add(f"report of {lines:,} payments, all anomalies", f"{taken:.0f} s")


def main():
    """Measures, and prints the table."""
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
