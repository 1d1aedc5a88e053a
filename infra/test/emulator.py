"""An emulator of AWS, and the stack deployed on it."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request

import boto3
from botocore.config import Config

from home import AS_OF, CLOUD, HOUSE, PROVINCE, run

STACK = "quadra"
REGION = "eu-south-1"
# What a killed function had taken comes again after so many seconds, not after half an hour; more
# than a batch takes on a busy machine, or it would come again and again while it is worked at.
VISIBILITY = 90
# Functions at the same moment: the emulator is one process, and slower with many.
AT_ONCE = 4
# The longest that a Province of this size may take to be quiet.
PATIENCE = 1500


class Emulator:
    """An emulator of AWS: one that runs at an address, or a new one on a free port. Functions of a
    new one ask it through a meter where there is one."""

    def __init__(self, auth, meter=None, at=None):
        self.endpoint = at or f"http://127.0.0.1:{free_port()}"
        port = urllib.parse.urlsplit(self.endpoint).port
        if meter:
            meter.emulator = port
        # Nothing of this environment: functions inherit that of the emulator.
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(CLOUD),
            "AWS_ENDPOINT_URL": meter.base if meter else self.endpoint,
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
        self.log = open(CLOUD / f"emulator-{port}.log", "w")
        self.process = None
        if at:
            return
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
        """Ends it with its functions, if it was started here."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()


class Cloud(Emulator):
    """An emulator with the stack deployed on it, and its policies enforced."""

    def __init__(self, *parameters, meter=None, at=None):
        super().__init__("true", meter, at)
        self.deploy(parameters)
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

    def deploy(self, parameters):
        """Deploys the template as it is, and learns the names of what it made."""
        parameters = ["Stage=local", "Architecture=x86_64", *parameters]
        command = [CLOUD / "sam/bin/sam", "deploy", "-t", HOUSE / "infra/template.yaml"]
        command += ["--stack-name", STACK, "--resolve-s3", "--capabilities", "CAPABILITY_IAM"]
        command += ["--no-confirm-changeset", "--region", REGION]
        command += ["--parameter-overrides", *parameters]
        options = {"env": self.environment, "stdout": self.log, "stderr": self.log}
        # On a busy machine it was seen not to reach the emulator; a second time changes nothing.
        if subprocess.run([str(word) for word in command], **options).returncode:
            print(f"deployed once more: see {self.log.name}", flush=True)
            run(*command, **options)
        described = self.client("cloudformation").describe_stack_resources(StackName=STACK)
        resources = described["StackResources"]
        self.names = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources}
        for function in ("ingest", "reconcile"):
            self.client("lambda").put_function_concurrency(
                FunctionName=f"{STACK}-{function}", ReservedConcurrentExecutions=AT_ONCE
            )

    def come_again_soon(self):
        """What a killed function had taken comes again while one waits."""
        for queue in ("IngestQueue", "ReconcileQueue", "SendMessagesQueue"):
            self.sqs.set_queue_attributes(
                QueueUrl=self.names[queue], Attributes={"VisibilityTimeout": str(VISIBILITY)}
            )

    def configure(self, configuration=PROVINCE / "quadra.toml"):
        """Uploads the configuration."""
        body = configuration.read_bytes()
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
            self.sqs.send_message(QueueUrl=self.names["IngestQueue"], MessageBody=json.dumps(event))

    def waiting(self, queue):
        """How many messages of a queue are not done."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        got = self.sqs.get_queue_attributes(QueueUrl=self.names[queue], AttributeNames=names)
        return sum(int(got["Attributes"][name]) for name in names)

    def settle(self, *queues):
        """Waits until nothing is left to do."""
        queues = queues or ("Ingest", "Reconcile")
        end = time.monotonic() + PATIENCE
        quiet = 0
        while quiet < 4:
            left = {it: self.waiting(f"{it}Queue") for it in queues}
            if time.monotonic() > end:
                raise SystemExit(f"not quiet after {PATIENCE} s: {left}")
            time.sleep(0.5)
            quiet = 0 if any(left.values()) else quiet + 1
        for queue in queues:
            assert self.waiting(f"{queue}DeadLettersQueue") == 0, f"{queue}: dead letters"

    def invoke(self, function, event):
        """Calls a function: whether it succeeded, and its answer."""
        got = self.functions.invoke(
            FunctionName=f"{STACK}-{function}", Payload=json.dumps(event).encode()
        )
        return "FunctionError" not in got, json.loads(got["Payload"].read())

    @contextlib.contextmanager
    def nobody_computes(self):
        """While it lasts no subject is computed; in the end all that was asked for is lost."""
        self.listen("reconcile", False)
        yield
        while self.waiting("IngestQueue"):
            time.sleep(0.5)
        assert self.waiting("ReconcileQueue"), "nothing was asked for"
        self.sqs.purge_queue(QueueUrl=self.names["ReconcileQueue"])
        self.listen("reconcile", True)

    def call(self, function, event):
        """Calls a function, which must succeed."""
        succeeded, answer = self.invoke(function, event)
        assert succeeded, answer
        return answer

    def objects(self, bucket, prefix=""):
        """The objects of a bucket, by key."""
        bucket = self.names[bucket]
        listed = self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        read = lambda key: self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return {it["Key"]: read(it["Key"]) for it in listed}

    def report(self, as_of=AS_OF):
        """Writes the report; its files by name."""
        self.call("report", {"as_of": as_of})
        return self.objects("ReportsBucket")

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


def free_port():
    """A port of this machine where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


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


def memory(process):
    """The most memory that a process has had, in KiB."""
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])
