"""The functions on an emulator of AWS: the real template, a made-up Province, the same report.

cloud.py contract   the adapters on a bare emulator: the contract of the ports
cloud.py test       each of the scenarios on a stack of its own
cloud.py local      deploys, takes the Province in, and leaves it running until it is interrupted
"""

import contextlib
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import citizens
from emulator import Cloud, Emulator
from fdr import Fdr
from home import CLOUD, HOUSE, inputs, prepare, run
from scenarios.large_flow import a_large_flow
from scenarios.messages import messages_to_citizens
from scenarios.published_flows import KEYS, published_flows
from scenarios.taking_in import against_all_odds, as_it_comes


def contract():
    """The adapters on a bare emulator, each test in an account of its own."""
    with contextlib.closing(Emulator(auth="false")) as emulator:
        told = os.environ | {"QUADRA_AWS_ENDPOINT": emulator.endpoint}
        # The workspace as a whole, as it is built already.
        command = ["cargo", "test", "--locked", "--workspace", "--test", "emulator"]
        run(*command, env=told, cwd=HOUSE)


# Each scenario; the stand-in that it needs, and the parameter of the template that names it.
SCENARIOS = [
    (as_it_comes, None, None),
    (against_all_odds, None, None),
    (a_large_flow, None, None),
    (published_flows, lambda: Fdr(KEYS), "FdrUrl"),
    (messages_to_citizens, citizens.Io, "AppIoUrl"),
]
# Scenarios at the same moment: an emulator is one process, and keeps a processor busy.
AT_ONCE = 2


def play(scenario, stand_in, parameter):
    """Plays a scenario on a stack of its own."""
    began = time.monotonic()
    with contextlib.ExitStack() as opened:
        others = [opened.enter_context(contextlib.closing(stand_in()))] if stand_in else []
        parameters = [f"{parameter}={it.base}" for it in others]
        cloud = opened.enter_context(contextlib.closing(Cloud(*parameters)))
        cloud.come_again_soon()
        scenario(cloud, *others)
    print(f"{scenario.__name__}: as at home, {time.monotonic() - began:.0f} s", flush=True)


def test():
    """Every scenario."""
    prepare()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for played in [pool.submit(play, *scenario) for scenario in SCENARIOS]:
            played.result()


def local():
    """The Province: on the emulator at `AWS_ENDPOINT_URL`, else on one of our own, until it is
    interrupted."""
    prepare()
    with contextlib.closing(Cloud(at=os.environ.get("AWS_ENDPOINT_URL"))) as cloud:
        cloud.configure()
        cloud.upload(inputs())
        print(f"AWS_ENDPOINT_URL={cloud.endpoint}; inbox: {cloud.names['InboxBucket']}")
        with contextlib.suppress(KeyboardInterrupt):
            if cloud.process:
                cloud.process.wait()


def main():
    """Does what it is asked for, in order."""
    tasks = {"contract": contract, "test": test, "local": local}
    asked = sys.argv[1:]
    if not asked or not set(asked) <= tasks.keys():
        raise SystemExit(__doc__)
    CLOUD.mkdir(parents=True, exist_ok=True)
    for task in asked:
        tasks[task]()


if __name__ == "__main__":
    main()
