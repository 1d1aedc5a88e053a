"""A flow that no call has the time for."""

import shutil

import large
from emulator import STACK, memory
from home import CLOUD, compare, locally

FOLDER = CLOUD / "large"
# More than the emulator stores in half the time of a call, in seconds, however fast it is.
PAYMENTS = 3_000
CALL = 3
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
    # One call, made here: the queue might have made all of them before a report is written.
    cloud.listen("ingest", False)
    cloud.upload(["flow.xml"], FOLDER)
    cloud.call("ingest", {"Records": [{"s3": {"object": {"key": "inbox/flow.xml"}}}]})
    assert cloud.logged("ingest", "time is up"), "one call was enough: the flow is too small"
    assert not cloud.report()["flows.jsonl"], "a flow is seen before it is whole"
    cloud.listen("ingest", True)
    cloud.settle()
    cloud.upload(["journal.xml"], FOLDER)
    cloud.settle()
    compare(cloud.report(), FOLDER)
    peak = max(map(memory, cloud.instances()))
    assert peak <= MEMORY, f"a function took {peak} KiB"
    print(f"{cloud.logged('ingest', 'time is up')} calls were not enough; {peak // 1024} MiB")
