"""Speed and memory of Quadra, in one table: `make bench`.

Whatever is said against a second thing is measured with both side by side: everything runs twice, in
turns, and the better of the two counts. Peak memory is what the kernel saw of the process
(`ru_maxrss`), the worse of the two. Samples are made once and kept under target/bench.
"""

import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import time
import venv
from dataclasses import dataclass

import citizens
import large
from appio import StandIn
from table import Table

ROOT = pathlib.Path(__file__).resolve().parent.parent
CARGO = os.environ.get("CARGO", "cargo")
LXML = "lxml==6.1.3"
AS_OF = "2026-11-15T08:00:00+01:00"
NOTICES, SEED = 110_000, 1
FLOW_LINES = (10_000, 100_000, 1_000_000)
ROUNDS = 2
MESSAGES = 200
CALLS_PER_SECOND = 20
MB = 1_000_000


@dataclass
class Run:
    """What one process took."""

    wall: float
    cpu: float
    peak: int

    @staticmethod
    def of(*command, **environment):
        begin = time.monotonic()
        command = [str(part) for part in command]
        process = subprocess.Popen(
            command,
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - begin
        if process.returncode != 0:
            sys.exit(f"{command[0]} ended with {process.returncode}: {errors.decode()}")
        # The kernel counts in KiB.
        return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)

    def better(self, other):
        return Run(min(self.wall, other.wall), min(self.cpu, other.cpu), max(self.peak, other.peak))

    def __str__(self):
        return f"{self.wall:.2f} s ({self.cpu:.2f} s of CPU), {self.peak / MB:.0f} MB"


def cargo(*arguments):
    command = [CARGO, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def fresh(path):
    """A path where nothing is."""
    shutil.rmtree(path, ignore_errors=True)
    return path


def divan(package, bench):
    """The fastest sample of each bench of divan's report, in seconds, and its rate as divan has it."""
    units = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1}
    best = {}
    for _ in range(ROUNDS):
        group, taken, named = "", 0, ""
        for line in cargo("bench", "--locked", "-p", package, "--bench", bench).splitlines():
            if timed := re.match(r"([│ ]*)[├╰]─ (\w+) +([\d.]+) (\w+) +│", line):
                named = f"{group}/{timed[2]}" if timed[1] else timed[2]
                taken = float(timed[3]) * units[timed[4]]
            elif opened := re.match(r"[├╰]─ (\w+)", line):
                group = opened[1]
            elif (rate := re.match(r"[│ ]+([\d.]+ \w+/s)", line)) and named:
                best[named] = min(best.get(named, (taken, rate[1])), (taken, rate[1]))
    return best


def readers(table):
    """Each reader against a bare event loop over the same bytes; readings of causali."""
    measured = divan("formats", "readers")
    for reader in sorted({name.split("/")[0] for name in measured}):
        (bare, bare_rate), (own, rate) = measured[f"{reader}/Bare"], measured[f"{reader}/Reader"]
        shown = f"{bare / own:.2f} of a bare quick-xml loop ({rate} against {bare_rate})"
        table.add(f"reader {reader}", shown, "at least 0.50", bare / own >= 0.5)
    _, rate = divan("domain", "causale")["read_against_3_000_flows"]
    table.add("causali against 3,000 known flows", rate.replace("item", " readings"))
    searched = divan("domain", "candidate")
    for bench, what in (
        ("rank_512_flows", "candidates: 512 flows for a damaged credit"),
        ("rank_256_positions", "candidates: 256 positions for a transfer"),
    ):
        taken, rate = searched[bench]
        table.add(what, f"{taken * 1e6:.0f} µs ({rate})")


def one_flow(table, quadra, home):
    """Memory and time of taking one flow in, whatever its length."""
    best = {}
    for _ in range(ROUNDS):
        for lines in FLOW_LINES:
            path = home / f"flow-{lines}.xml"
            if not path.exists():
                large.flow(path.with_suffix(".part"), lines).rename(path)
            run = Run.of(quadra, "ingest", path, "--data", fresh(home / "data"))
            best[lines] = best[lines].better(run) if lines in best else run
    for lines, run in best.items():
        table.add(f"ingest, one flow of {lines:,} lines", str(run), "under 64 MB", run.peak < 64 * MB)


def sample(quadra, home, notices):
    """A made-up Province; its inputs."""
    province = home / f"province-{notices}-{SEED}"
    if not (province / "truth.json").exists():
        command = [quadra, "sample", "--notices", notices, "--seed", SEED, "--out", fresh(province)]
        subprocess.run([str(part) for part in command], check=True)
    return province


def province(table, quadra, python, home):
    """From files to report, beside a plain script that loads the same files and joins them once."""
    once, twice = (sample(quadra, home, notices) for notices in (NOTICES, 2 * NOTICES))

    def run(of, data):
        config, out = of / "quadra.toml", home / "out"
        command = (quadra, "run", of / "inputs", "--config", config, "--as-of", AS_OF)
        return Run.of(*command, "--data", data, "--out", out)

    def script(of):
        folder = fresh(home / "script")
        folder.mkdir()
        return Run.of(python, ROOT / "bench" / "baseline.py", of / "inputs", folder / "database")

    def plan(data):
        moment, out = "2026-11-16T10:00:00+01:00", home / "plan.jsonl"
        command = (quadra, "campaign", "plan", "in_scadenza", "--as-of", moment)
        return Run.of(*command, "--data", data, "--out", out)

    data, best = home / "data", {}
    for _ in range(ROUNDS):
        for name, measured in (
            ("script", lambda: script(once)),
            ("first", lambda: run(once, fresh(data))),
            ("again", lambda: run(once, data)),
            ("plan", lambda: plan(data)),
            ("twice", lambda: run(twice, fresh(home / "twice"))),
        ):
            taken = measured()
            best[name] = best[name].better(taken) if name in best else taken

    fresh(home / "twice")

    def against(name, other):
        ratio, cpu = best[name].wall / best[other].wall, best[name].cpu / best[other].cpu
        return ratio, f"{ratio:.2f} of its time, {cpu:.2f} of its CPU"

    first = best["first"]
    table.add("plain Python script with lxml and sqlite3", str(best["script"]))
    table.add(f"run, {NOTICES:,} notices", str(first), "under 400 MB, aim 3 s", first.peak < 400 * MB)
    ratio, shown = against("first", "script")
    table.add("… against the script", shown, "less than 1 of its time", ratio < 1)
    table.add("run again over the same inputs", str(best["again"]))
    ratio, shown = against("again", "first")
    table.add("… against the first", shown, "under 1/3", ratio < 1 / 3)
    table.add("campaign plan over all its positions", str(best["plan"]), "aim 2 s")
    table.add(f"run, {2 * NOTICES:,} notices", str(best["twice"]))
    ratio, shown = against("twice", "first")
    table.add("… against half as many", shown, "at most 2.2", ratio <= 2.2)


def explain(table, quadra, home):
    """What one asks of a year's ledger, the one that `province` left."""
    inputs = sample(quadra, home, NOTICES) / "inputs" / "positions"
    lines = next(path for path in sorted(inputs.iterdir()) if path.suffix == ".jsonl")
    with lines.open(encoding="utf-8") as positions:
        position = json.loads(next(positions))
    for what, key in (("position", position["position_id"]), ("IUV", position["notices"][0]["iuv"])):
        runs = [Run.of(quadra, "explain", key, "--data", home / "data") for _ in range(5)]
        table.add(f"explain, of a {what}", f"{min(run.wall for run in runs) * 1000:.0f} ms")


def size(table, home):
    """What the same ledger takes on the disk."""
    ledger = (home / "data" / "quadra.sqlite").stat().st_size
    shown = f"{ledger / MB:.0f} MB, {ledger / NOTICES / 1000:.1f} kB a notice"
    table.add(f"ledger of {NOTICES:,} notices", shown)


def sending(table, quadra, home):
    """Messages to a stand-in of IO at the rate of the house: a profile and a message for each."""
    office = fresh(home / "office")
    office.mkdir()
    (office / "quadra.toml").write_text(citizens.CONFIGURATION)
    (office / "positions.jsonl").write_text(citizens.fines(MESSAGES))
    data = ("--data", office / "data")
    Run.of(quadra, "ingest", office / "positions.jsonl", "--config", office / "quadra.toml", *data)
    # A Monday, in office hours, when the 60 days of all of them are long over.
    monday = ("--as-of", "2026-06-08T10:00:00+02:00")
    io = StandIn()
    environment = {"QUADRA_APPIO_URL": io.url, "QUADRA_APPIO_KEY_MULTE": "key"}
    run = Run.of(quadra, "campaign", "send", "sollecito", *data, *monday, **environment)
    if io.messages != MESSAGES:
        sys.exit(f"{io.messages} messages were sent, not {MESSAGES}")
    shown = f"{io.rate():.2f} calls/s, {run.peak / MB:.0f} MB"
    holds = 0.98 * CALLS_PER_SECOND <= io.rate() <= CALLS_PER_SECOND * 1.001
    table.add(f"sending {MESSAGES} messages", shown, f"{CALLS_PER_SECOND} calls/s", holds)
    most = io.most_in(5)
    table.add("… most calls in any 5 s", str(most), "at most 150 (IO)", most <= 150)
    shown = f"{run.cpu / MESSAGES * 1000:.1f} ms of CPU a message, {MESSAGES / run.cpu:.0f} a second"
    table.add("… if no rate held it, on one core", shown)


def python_with_lxml(home):
    """An interpreter for the script, with the only library that it needs."""
    place = home / "venv"
    python = place / "bin" / "python"
    ready = place / LXML
    if not ready.exists():
        venv.create(fresh(place), with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", LXML], check=True)
        ready.touch()
    return python


def machine():
    cpus = os.cpu_count()
    model = platform.processor() or platform.machine()
    try:
        names = re.findall(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
        model = names[0] if names else model
    except OSError:
        pass
    return f"{cpus} CPUs, {model}; load before {os.getloadavg()[0]:.1f}"


def main():
    begin = machine()
    about = json.loads(cargo("metadata", "--no-deps", "--format-version", "1"))
    target = pathlib.Path(about["target_directory"])
    home = target / "bench"
    home.mkdir(parents=True, exist_ok=True)
    cargo("build", "--release", "--locked", "-p", "quadra")
    # A copy, so that nothing that is built meanwhile takes its place.
    quadra = shutil.copy2(target / "release" / "quadra", home / "quadra")
    python = python_with_lxml(home)

    table = Table()
    readers(table)
    one_flow(table, quadra, home)
    province(table, quadra, python, home)
    explain(table, quadra, home)
    size(table, home)
    sending(table, quadra, home)
    for left in ("data", "office", "out", "script"):
        fresh(home / left)
    report = (
        f"{table}\n\n{begin}. Each ran {ROUNDS} times, in turns: the better time counts, and the "
        "worse memory.\n"
    )
    (home / "report.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
