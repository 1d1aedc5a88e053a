"""A flow that no call has the time for."""

import shutil
import time

import large
from emulator import STACK, memory
from home import CLOUD, compare, locally

FOLDER = CLOUD / "large"
# More than the emulator stores in the time of a call, in seconds, here.
PAYMENTS = 2_000
CALL = 4
# The memory that the template gives to a function that takes in, in KiB.
MEMORY = 256 * 1024


def a_large_flow(cloud):
    """A flow that no call has the time for: it goes on where it was, in little memory, and is seen
    when it is whole."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    large.write(FOLDER / "inputs", PAYMENTS)
    locally(FOLDER)
    cloud.functions.update_function_configuration(FunctionName=f"{STACK}-ingest", Timeout=CALL)
    cloud.configure()
    cloud.upload(["flow.xml"], FOLDER)
    while not cloud.logged("ingest", "time is up"):
        assert cloud.waiting("IngestQueue"), "one call was enough: the flow is too small"
        time.sleep(0.5)
    cloud.listen("ingest", False)
    time.sleep(CALL)
    assert not cloud.report()["flows.jsonl"], "a flow is seen before it is whole"
    cloud.listen("ingest", True)
    cloud.settle()
    cloud.upload(["journal.xml"], FOLDER)
    cloud.settle()
    compare(cloud.report(), FOLDER)
    peak = max(map(memory, cloud.instances()))
    assert peak <= MEMORY, f"a function took {peak} KiB"
    print(f"{cloud.logged('ingest', 'time is up')} calls were not enough; {peak // 1024} MiB")
