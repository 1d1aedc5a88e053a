"""What the local program makes of the same inputs, to compare with."""

import json
import os
import pathlib
import shutil
import subprocess

HOUSE = pathlib.Path(__file__).resolve().parents[2]
CLOUD = HOUSE / "target/cloud"
PROVINCE = CLOUD / "province"
FUNCTIONS = ["ingest", "reconcile", "poll-fdr", "sweep", "report"]
FUNCTIONS += ["plan-messages", "send-messages", "track-messages"]
AS_OF = "2026-11-15T08:00:00+01:00"
NOTICES = os.environ.get("NOTICES", "200")


def run(*command, **options):
    """Runs a command that must succeed."""
    subprocess.run([str(word) for word in command], check=True, **options)


def target(profile="debug"):
    """Where cargo puts what it builds."""
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    metadata = subprocess.run(command, check=True, capture_output=True, cwd=HOUSE).stdout
    return pathlib.Path(json.loads(metadata)["target_directory"]) / profile


def prepare(functions=None, notices=NOTICES):
    """The functions where the template looks for them; the Province, and its report at home."""
    built = target()
    for function in FUNCTIONS:
        folder = HOUSE / "target/lambda" / function
        folder.mkdir(parents=True, exist_ok=True)
        run("strip", "-o", folder / "bootstrap", (functions or built) / function)
    shutil.rmtree(PROVINCE, ignore_errors=True)
    run(built / "quadra", "sample", "--notices", notices, "--seed", "1", "--out", PROVINCE)
    locally(PROVINCE)


def locally(province, configuration=PROVINCE / "quadra.toml", as_of=AS_OF):
    """The report of the local program, of the inputs of a folder."""
    command = [target() / "quadra", "run", province / "inputs", "--as-of", as_of]
    command += ["--config", configuration]
    command += ["--data", province / "data", "--out", province / "report"]
    ran = subprocess.run(command, stdout=subprocess.DEVNULL)
    # 2: done, and some input was refused.
    assert ran.returncode in (0, 2), ran


def inputs():
    """The names of the inputs, as `quadra run` names them."""
    folder = PROVINCE / "inputs"
    return sorted(str(it.relative_to(folder)) for it in folder.rglob("*") if it.is_file())


def compare(found, province=PROVINCE):
    """The files of the report must be those of the local program, to the byte."""
    folder = province / "report"
    expected = {it.name: it.read_bytes() for it in folder.iterdir() if not it.name.startswith(".")}
    assert found.keys() == expected.keys(), found.keys() ^ expected.keys()
    different = [name for name in sorted(expected) if found[name] != expected[name]]
    for name in different:
        (CLOUD / f"different-{name}").write_bytes(found[name])
    assert not different, f"not the report of the local program: {different}"
