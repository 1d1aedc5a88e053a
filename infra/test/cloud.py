"""The functions on an emulator of AWS: the real template, a made-up Province, the same report.

cloud.py contract   the adapters on a bare emulator: the contract of the ports
cloud.py test       takes the Province in as it comes; then with every event twice and shuffled, and
                    with functions killed; then a flow that is too large for one call; the report
                    must be that of `quadra run` to the byte
cloud.py local      deploys, takes the Province in, and leaves it running until it is interrupted
"""

import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

import boto3
import large
from botocore.config import Config

HOUSE = pathlib.Path(__file__).resolve().parents[2]
CLOUD = HOUSE / "target/cloud"
PROVINCE = CLOUD / "province"
LARGE = CLOUD / "large"
FUNCTIONS = ["ingest", "reconcile", "poll-fdr", "sweep", "report"]
STACK = "quadra"
AS_OF = "2026-11-15T08:00:00+01:00"
NOTICES = os.environ.get("NOTICES", "300")
REGION = "eu-south-1"
# What a killed function had taken comes again after so many seconds, not after half an hour; more
# than a batch takes on a busy machine, or it would come again and again while it is worked at.
VISIBILITY = 90
# Payments of a large flow: more than the emulator stores in the time of a call, in seconds, here.
PAYMENTS = 2_000
CALL = 4
# The memory that the template gives to a function that takes in, in KiB.
MEMORY = 256 * 1024
# Functions at the same moment: the emulator is one process, and slower with many.
AT_ONCE = 4
# The longest that a Province of this size may take to be quiet.
PATIENCE = 1500


def run(*command, **options):
    """Runs a command that must succeed."""
    subprocess.run([str(word) for word in command], check=True, **options)


def target():
    """Where cargo puts what it builds."""
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    metadata = subprocess.run(command, check=True, capture_output=True, cwd=HOUSE).stdout
    return pathlib.Path(json.loads(metadata)["target_directory"]) / "debug"


def prepare():
    """The functions where the template looks for them; the Province, and its report at home."""
    built = target()
    for function in FUNCTIONS:
        folder = HOUSE / "target/lambda" / function
        folder.mkdir(parents=True, exist_ok=True)
        if (built / function).exists():
            run("strip", "-o", folder / "bootstrap", built / function)
        else:
            # Deployed as the template says, and never called here.
            (folder / "bootstrap").write_text("#!/bin/sh\nexit 1\n")
            (folder / "bootstrap").chmod(0o755)
    shutil.rmtree(PROVINCE, ignore_errors=True)
    run(built / "quadra", "sample", "--notices", NOTICES, "--seed", "1", "--out", PROVINCE)
    locally(PROVINCE)


def locally(province):
    """The report of the local program, of the inputs of a folder."""
    command = [target() / "quadra", "run", province / "inputs", "--as-of", AS_OF]
    command += ["--config", PROVINCE / "quadra.toml"]
    command += ["--data", province / "data", "--out", province / "report"]
    ran = subprocess.run(command, stdout=subprocess.DEVNULL)
    # 2: done, and some input was refused.
    assert ran.returncode in (0, 2), ran


class Emulator:
    """An emulator of AWS on a free port."""

    def __init__(self, auth):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        # Nothing of this environment: functions inherit that of the emulator.
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(CLOUD),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "SAM_CLI_TELEMETRY": "0",
        }
        own = {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "AUTH": auth,
        }
        self.log = open(CLOUD / "emulator.log", "w")
        self.process = subprocess.Popen(
            [CLOUD / "emu/bin/ministack"],
            env=self.environment | own,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        self.wait_for_it()

    def wait_for_it(self):
        """Waits until it answers."""
        for _ in range(100):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.endpoint}/_ministack/health").read()
                return
            time.sleep(0.2)
        raise SystemExit("the emulator does not answer")

    def close(self):
        """Ends it with its functions."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()


class Cloud(Emulator):
    """An emulator with the stack deployed on it, and its policies enforced."""

    def __init__(self):
        super().__init__(auth="true")
        self.deploy()
        self.s3, self.sqs, self.functions = map(self.client, ("s3", "sqs", "lambda"))

    def client(self, service):
        """A client of the emulator."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(read_timeout=PATIENCE, retries={"max_attempts": 1}),
        )

    def deploy(self):
        """Deploys the template as it is, and learns the names of what it made."""
        parameters = ["Stage=local", "Architecture=x86_64"]
        command = [CLOUD / "sam/bin/sam", "deploy", "-t", HOUSE / "infra/template.yaml"]
        command += ["--stack-name", STACK, "--resolve-s3", "--capabilities", "CAPABILITY_IAM"]
        command += ["--no-confirm-changeset", "--region", REGION]
        command += ["--parameter-overrides", *parameters]
        run(*command, env=self.environment, stdout=self.log, stderr=self.log)
        described = self.client("cloudformation").describe_stack_resources(StackName=STACK)
        resources = described["StackResources"]
        self.names = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources}
        for queue in ("IngestQueue", "ReconcileQueue"):
            self.client("sqs").set_queue_attributes(
                QueueUrl=self.names[queue], Attributes={"VisibilityTimeout": str(VISIBILITY)}
            )
        for function in ("ingest", "reconcile"):
            self.client("lambda").put_function_concurrency(
                FunctionName=f"{STACK}-{function}", ReservedConcurrentExecutions=AT_ONCE
            )

    def configure(self):
        """Uploads the configuration."""
        body = (PROVINCE / "quadra.toml").read_bytes()
        self.s3.put_object(Bucket=self.names["InboxBucket"], Key="config/quadra.toml", Body=body)

    def upload(self, keys, province=PROVINCE):
        """Uploads inputs: the bucket tells the queue."""
        for key in keys:
            body = (province / "inputs" / key).read_bytes()
            self.s3.put_object(Bucket=self.names["InboxBucket"], Key=f"inbox/{key}", Body=body)

    def tell(self, keys):
        """Tells the queue of uploads once more."""
        for key in keys:
            quoted = urllib.parse.quote_plus(f"inbox/{key}", safe="/")
            event = {"Records": [{"s3": {"object": {"key": quoted}}}]}
            self.sqs.send_message(
                QueueUrl=self.names["IngestQueue"], MessageBody=json.dumps(event)
            )

    def waiting(self, queue):
        """How many messages of a queue are not done."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        got = self.sqs.get_queue_attributes(QueueUrl=self.names[queue], AttributeNames=names)
        return sum(int(got["Attributes"][name]) for name in names)

    def settle(self):
        """Waits until nothing is left to do."""
        end = time.monotonic() + PATIENCE
        quiet = 0
        while quiet < 4:
            if time.monotonic() > end:
                left = {it: self.waiting(it) for it in ("IngestQueue", "ReconcileQueue")}
                raise SystemExit(f"not quiet after {PATIENCE} s: {left}")
            time.sleep(0.5)
            busy = self.waiting("IngestQueue") + self.waiting("ReconcileQueue")
            quiet = 0 if busy else quiet + 1
        for queue in ("IngestDeadLettersQueue", "ReconcileDeadLettersQueue"):
            assert self.waiting(queue) == 0, f"{queue} is not empty"

    def call(self, function, event):
        """Calls a function, which must succeed."""
        got = self.functions.invoke(
            FunctionName=f"{STACK}-{function}", Payload=json.dumps(event).encode()
        )
        answer = got["Payload"].read()
        assert "FunctionError" not in got, answer
        return json.loads(answer)

    def report(self):
        """Writes the report; its files by name."""
        self.call("report", {"as_of": AS_OF})
        bucket = self.names["ReportsBucket"]
        listed = self.s3.list_objects_v2(Bucket=bucket)["Contents"]
        read = lambda key: self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return {it["Key"]: read(it["Key"]) for it in listed}

    def logged(self, function, text):
        """How often a function logged a text."""
        group = f"/aws/lambda/{STACK}-{function}"
        found = self.client("logs").filter_log_events(logGroupName=group)["events"]
        return sum(text in event["message"] for event in found)

    def listen(self, function, enabled):
        """Whether a function is called by its queue."""
        mappings = self.functions.list_event_source_mappings(FunctionName=f"{STACK}-{function}")
        for mapping in mappings["EventSourceMappings"]:
            self.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)

    def instances(self):
        """The processes of the functions."""
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError, IndexError):
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                name = (entry / "comm").read_text().strip()
                if int(fields[1]) == self.process.pid and name == "bootstrap":
                    yield int(entry.name)


@contextlib.contextmanager
def killer(cloud, chance):
    """Kills a function now and then, until it is left; says how many in the end."""
    stop, killed = threading.Event(), []

    def kill():
        while not stop.wait(chance.uniform(1, 3)):
            instances = list(cloud.instances())
            if instances:
                with contextlib.suppress(ProcessLookupError):
                    victim = chance.choice(instances)
                    os.kill(victim, signal.SIGKILL)
                    killed.append(victim)

    thread = threading.Thread(target=kill)
    thread.start()
    yield killed
    stop.set()
    thread.join()


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


def size(value):
    """The bytes of a value of an item, about as DynamoDB counts them."""
    ((kind, inner),) = value.items()
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + size(it) for name, it in inner.items())
    return len(inner if isinstance(inner, bytes) else inner.encode())


def units(cloud):
    """The write units that made what is in the tables: one for each KiB begun.

    A fact counts its writes; a version of an outcome is written once, with its entry. Writes that
    were refused, since somebody was faster, are not seen here.
    """
    table = cloud.client("dynamodb").get_paginator("scan")
    spent = {}
    for name in ("LedgerTable", "JournalTable"):
        for page in table.paginate(TableName=cloud.names[name]):
            for item in page["Items"]:
                kib = -(-sum(len(key) + size(it) for key, it in item.items()) // 1024)
                family = item["pk"]["S"].partition("#")[0].lower()
                # Behind the organization: CREDIT, POS, IUV.
                words = item["sk"]["S"].split("#")
                kind = f"{family} {words[1]}" if words[0].isdigit() and len(words) > 2 else family
                spent[kind] = spent.get(kind, 0) + int(item.get("n", {"N": "1"})["N"]) * kib
    return dict(sorted(spent.items()))


def as_it_comes(cloud):
    """Every input once, in order."""
    cloud.configure()
    cloud.upload(inputs())
    cloud.settle()
    spent = units(cloud)
    payments = cloud.call("report", {"as_of": AS_OF})["payments"]
    each = sum(spent.values()) / payments
    print(f"write units: {spent}; {payments} payments, {each:.1f} each")
    compare(cloud.report())
    cloud.call("sweep", {"as_of": AS_OF})
    cloud.settle()
    compare(cloud.report())


def against_all_odds(cloud):
    """Every event twice and shuffled, and functions killed in the middle of it."""
    chance = random.Random(7)
    names = inputs()
    again = list(names)
    chance.shuffle(names)
    chance.shuffle(again)
    cloud.configure()
    with killer(cloud, chance) as killed:
        for start in range(0, len(names), 20):
            cloud.upload(names[start : start + 20])
            cloud.tell(again[start : start + 20])
        time.sleep(10)
    cloud.settle()
    compare(cloud.report())
    assert killed, "no function was killed"
    print(f"{len(killed)} functions were killed")


def a_large_flow(cloud):
    """A flow that no call has the time for: it goes on where it was, in little memory, and is seen
    when it is whole."""
    shutil.rmtree(LARGE, ignore_errors=True)
    large.write(LARGE / "inputs", PAYMENTS)
    locally(LARGE)
    cloud.functions.update_function_configuration(FunctionName=f"{STACK}-ingest", Timeout=CALL)
    cloud.configure()
    cloud.upload(["flow.xml"], LARGE)
    while not cloud.logged("ingest", "time is up"):
        assert cloud.waiting("IngestQueue"), "one call was enough: the flow is too small"
        time.sleep(0.5)
    cloud.listen("ingest", False)
    time.sleep(CALL)
    assert not cloud.report()["flows.jsonl"], "a flow is seen before it is whole"
    cloud.listen("ingest", True)
    cloud.settle()
    cloud.upload(["journal.xml"], LARGE)
    cloud.settle()
    compare(cloud.report(), LARGE)
    peak = max(map(memory, cloud.instances()))
    assert peak <= MEMORY, f"a function took {peak} KiB"
    print(f"{cloud.logged('ingest', 'time is up')} calls were not enough; {peak // 1024} MiB")


def memory(process):
    """The most memory that a process has had, in KiB."""
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def contract():
    """The adapters on a bare emulator, each test in an account of its own."""
    with contextlib.closing(Emulator(auth="false")) as emulator:
        told = os.environ | {"QUADRA_AWS_ENDPOINT": emulator.endpoint}
        run("cargo", "test", "--locked", "-p", "aws", "-p", "lambda", env=told, cwd=HOUSE)


def test():
    """The Province as it comes, and against all odds."""
    prepare()
    for scenario in (as_it_comes, against_all_odds, a_large_flow):
        began = time.monotonic()
        with contextlib.closing(Cloud()) as cloud:
            scenario(cloud)
        print(f"{scenario.__name__}: the same report, {time.monotonic() - began:.0f} s")


def local():
    """The Province, until it is interrupted."""
    prepare()
    with contextlib.closing(Cloud()) as cloud:
        cloud.configure()
        cloud.upload(inputs())
        print(f"AWS_ENDPOINT_URL={cloud.endpoint}; inbox: {cloud.names['InboxBucket']}")
        with contextlib.suppress(KeyboardInterrupt):
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
