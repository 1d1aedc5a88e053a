"""The functions on an emulator of AWS: the real template, a made-up Province, the same report.

cloud.py contract   the adapters on a bare emulator: the contract of the ports
cloud.py test       takes the Province in as it comes; then with every event twice and shuffled, and
                    with functions killed; then a flow that is too large for one call, and flows of
                    a stand-in of pagoPA, fetched; the report must be that of `quadra run` to the
                    byte; and messages to citizens of a stand-in of IO, which must be those of
                    `quadra campaign send`
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

import citizens
from fdr import Fdr, flow, header, moment, payments

HOUSE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE / "infra"))

from audit import audit

CLOUD = HOUSE / "target/cloud"
PROVINCE = CLOUD / "province"
LARGE = CLOUD / "large"
FUNCTIONS = ["ingest", "reconcile", "poll-fdr", "sweep", "report"]
FUNCTIONS += ["plan-messages", "send-messages", "track-messages"]
STACK = "quadra"
AS_OF = "2026-11-15T08:00:00+01:00"
NOTICES = os.environ.get("NOTICES", "300")
REGION = "eu-south-1"
# What a killed function had taken comes again after so many seconds, not after half an hour; more
# than a batch takes on a busy machine, or it would come again and again while it is worked at.
VISIBILITY = 90
# Fines in the scenario of messages; and what the sending has in hand at the same moment.
FINES = 30
WORKERS = 6
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


def locally(province, configuration=PROVINCE / "quadra.toml", as_of=AS_OF):
    """The report of the local program, of the inputs of a folder."""
    command = [target() / "quadra", "run", province / "inputs", "--as-of", as_of]
    command += ["--config", configuration]
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

    def __init__(self, *parameters):
        super().__init__(auth="true")
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
        run(*command, env=self.environment, stdout=self.log, stderr=self.log)
        described = self.client("cloudformation").describe_stack_resources(StackName=STACK)
        resources = described["StackResources"]
        self.names = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources}
        for queue in ("IngestQueue", "ReconcileQueue", "SendMessagesQueue"):
            self.client("sqs").set_queue_attributes(
                QueueUrl=self.names[queue], Attributes={"VisibilityTimeout": str(VISIBILITY)}
            )
        for function in ("ingest", "reconcile"):
            self.client("lambda").put_function_concurrency(
                FunctionName=f"{STACK}-{function}", ReservedConcurrentExecutions=AT_ONCE
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
            self.sqs.send_message(
                QueueUrl=self.names["IngestQueue"], MessageBody=json.dumps(event)
            )

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
    """Every input once, in order; before that, a report of nothing."""
    cloud.configure()
    assert cloud.call("report", {"as_of": AS_OF})["payments"] == 0
    cloud.upload(inputs())
    cloud.settle()
    spent = units(cloud)
    payments = cloud.call("report", {"as_of": AS_OF})["payments"]
    each = sum(spent.values()) / payments
    print(f"write units: {spent}; {payments} payments, {each:.1f} each")
    compare(cloud.report())
    # Everything computed again, and the dead of one shard deleted: it is the same.
    swept = cloud.call("sweep", {"as_of": AS_OF, "all": True})
    assert swept["asked"] > payments, swept
    cloud.settle()
    compare(cloud.report())
    audited(cloud)


def audited(cloud):
    """An auditor finds the chains whole, and the digest of the day before."""
    journal, bucket = cloud.names["JournalTable"], cloud.names["AuditBucket"]
    wrong, day, subjects = audit(cloud.client("dynamodb"), cloud.s3, journal, bucket)
    assert not wrong, wrong[:10]
    print(f"{subjects} chains are whole; there is a digest of {day}")


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
    audited(cloud)
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


TWO_ORGANIZATIONS = """
[[organization]]
fiscal_code = "01234567897"
name = "Provincia di Prova"
[[organization.station]]
intermediary = "INT-A"
aux_digit = 3
segregation_code = "01"
valid_from = 2019-12-01
receipts = true

[[organization]]
fiscal_code = "98765432103"
name = "Unione di Prova"
[[organization.station]]
intermediary = "INT-B"
aux_digit = 3
segregation_code = "02"
valid_from = 2021-01-01
receipts = true
"""
PROVINCE_CODE, UNION_CODE = "01234567897", "98765432103"


def published_flows(cloud, service):
    """Flows of pagoPA: fetched once each, archived as they came, taken in; one key is wrong."""
    folder = CLOUD / "polled"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "inputs").mkdir(parents=True)
    (folder / "quadra.toml").write_text(TWO_ORGANIZATIONS)
    cloud.configure(folder / "quadra.toml")
    paid = lambda first, count: [(f"01{first + n:015}", 1050 + n) for n in range(count)]
    service.flows = [
        flow(PROVINCE_CODE, "BCITITMM", "A", ago=20, payments=paid(1, 5)),
        flow(PROVINCE_CODE, "BCITITMM", "B", ago=3, payments=paid(11, 1), revisions=3),
        flow(PROVINCE_CODE, "UNCRITMM", "C", ago=2, payments=paid(21, 3)),
        flow(UNION_CODE, "BCITITMM", "D", ago=1, payments=paid(31, 2)),
    ]
    first, replaced, third, other = service.flows
    service.dropped = {(replaced["fdr"], 1)}
    service.faults = [(429, {"Retry-After": "1"}), (503, {})]
    event = json.loads((HOUSE / "events/poll-fdr-schedule.json").read_text())
    documents = lambda it: [
        f"{it['fdr']}/revisions/{revision}/psps/{it['psp']}"
        for revision in range(1, it["revision"] + 1)
    ]

    def give(province, union):
        keys = {PROVINCE_CODE: {"INT-A": province}, UNION_CODE: {"INT-B": union}}
        cloud.client("secretsmanager").put_secret_value(
            SecretId=cloud.names["FdrKeys"], SecretString=json.dumps(keys)
        )

    give("key-a", "wrong")
    succeeded, _ = cloud.invoke("poll-fdr", event)
    assert not succeeded, "a key was refused, and nobody is told"
    assert [status for status, _ in service.refused] == [401], service.refused
    assert not service.faults, service.faults
    lists, fetched = service.looked_for()
    assert lists == [None, None], "two pages, as far back as the service goes"
    assert fetched == sorted(documents(first) + documents(replaced) + documents(third)), fetched
    archived = cloud.objects("InboxBucket", "inbox/fdr/")
    assert len(archived) == 4, "revision 1 of B is gone"

    give("key-a", "key-b")
    assert cloud.call("poll-fdr", event) == {"archived": 1}
    lists, fetched = service.looked_for()
    # What is archived is not fetched again; what was not to be had is asked for.
    gone = documents(replaced)[:1]
    assert fetched == sorted(documents(other) + gone), fetched
    # A week before the complete poll of a moment ago; the union has had none.
    assert None in lists and any(it and it[:10] == moment(7)[:10] for it in lists), lists
    cloud.settle()
    late = flow(PROVINCE_CODE, "UNCRITMM", "E", ago=0, payments=paid(41, 2))
    service.flows.append(late)
    # Another revision of what was concluded, and one that nobody has seen.
    replaced["revision"] = 4
    with cloud.nobody_computes():
        assert cloud.call("poll-fdr", event) == {"archived": 2}
    new = documents(late) + documents(replaced)[3:]
    assert service.looked_for()[1] == sorted(new + gone)
    assert [status for status, _ in service.refused] == [401], service.refused
    # Nobody asks any more for what these are about, but the sweep.
    swept = cloud.call("sweep", {"as_of": moment(0), "all": True})
    assert swept["asked"] >= 10, swept
    cloud.settle()
    archived = cloud.objects("InboxBucket", "inbox/fdr/")
    pages = ",".join(payments(first, page) for page in (1, 2, 3))
    whole = f'{{"flow":{header(first, 1)},"payments":[{pages}]}}'
    kept = [it.decode() for key, it in archived.items() if first["fdr"] in key]
    assert kept == [whole], "not the answers of the service, byte for byte"
    for key, content in archived.items():
        path = folder / "inputs" / key.removeprefix("inbox/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    as_of = moment(0)
    locally(folder, folder / "quadra.toml", as_of)
    report = cloud.report(as_of)
    compare(report, folder)
    for it in service.flows:
        assert it["fdr"].encode() in report["flows.csv"], it["fdr"]


class Office:
    """Fines that nobody paid, in the cloud and at home, each with an IO of its own."""

    def __init__(self, cloud, io):
        self.cloud, self.io, self.io_at_home = cloud, io, citizens.Io()
        self.folder = CLOUD / "citizens"
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "inputs").mkdir(parents=True)
        positions = self.folder / "inputs/positions.jsonl"
        positions.write_text(citizens.fines(FINES))
        (self.folder / "quadra.toml").write_text(citizens.CONFIGURATION)
        configuration = self.folder / "quadra.toml"
        locally(self.folder, configuration, "2026-03-30T08:00:00+02:00")
        cloud.configure(configuration)
        inbox = cloud.names["InboxBucket"]
        cloud.s3.put_object(Bucket=inbox, Key="inbox/p.jsonl", Body=positions.read_bytes())
        cloud.settle()

    def give_key(self, key):
        """Gives the function the key of the service."""
        keys = json.dumps({citizens.ORGANIZATION: {"multe": key}})
        secrets = self.cloud.client("secretsmanager")
        secrets.put_secret_value(SecretId=self.cloud.names["AppIoKeys"], SecretString=keys)

    def program(self, *command):
        """The local program, on the same positions, with its own IO."""
        command = [target() / "quadra", "campaign", *command, "--data", self.folder / "data"]
        environment = citizens.environment(self.io_at_home)
        run(*command, env=environment, stdout=subprocess.DEVNULL)

    def plan(self, kind, as_of):
        """Plans in the cloud: what the function says. What follows is not waited for."""
        return self.cloud.call("plan-messages", {"kind": kind, "as_of": as_of})

    def ask(self, body):
        """Puts a message into the queue of campaigns."""
        url = self.cloud.names["SendMessagesQueue"]
        self.cloud.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))

    def files(self, kind):
        """The files of a campaign, by name."""
        found = self.cloud.objects("ReportsBucket", f"campaigns/{kind}/")
        return {key.rsplit("/", 1)[1]: content for key, content in found.items()}

    def results(self, kind, as_of):
        """What came of a campaign until then."""
        self.plan(kind, as_of)
        self.cloud.settle("SendMessages")
        return json.loads(self.files(kind)["results.json"])

    def kill_while_it_sends(self, after):
        """Kills the function that sends once so many messages more have left."""
        wanted, end = self.io.count() + after, time.monotonic() + PATIENCE
        while self.io.count() < wanted:
            assert time.monotonic() < end, "nothing was sent"
            time.sleep(0.01)
        sending = [it for it in self.cloud.instances() if sends(it)]
        for instance in sending:
            os.kill(instance, signal.SIGKILL)
        assert sending, "no function was sending"

    def same(self):
        """Both have written the same to the same, each once; how many messages."""
        taken, expected = (
            it.nobody_got_anything_twice() for it in (self.io, self.io_at_home)
        )
        assert taken == expected, f"{len(taken - expected)} more, {len(expected - taken)} missing"
        return len(taken)


def sends(instance):
    """Whether a process is the function that sends."""
    told = pathlib.Path(f"/proc/{instance}/environ").read_bytes()
    return b"QUADRA_APPIO_URL" in told and b"QUADRA_SEND_QUEUE_URL" in told


def messages_to_citizens(cloud, io):
    """Messages: those of the local program, each once, whatever is stopped, delivered twice, killed."""
    office = Office(cloud, io)
    inbox = cloud.names["InboxBucket"]
    due, reminder = "2026-03-30T10:00:00+02:00", "2026-06-08T10:00:00+02:00"

    # Nothing leaves without a key, nor while it is stopped.
    planned = office.plan("in_scadenza", due)
    assert planned["send"] == FINES, planned
    office.program("plan", "in_scadenza", "--as-of", due, "--out", office.folder / "plan.jsonl")
    plan = office.files("in_scadenza")["plan.jsonl"]
    assert plan == (office.folder / "plan.jsonl").read_bytes(), "not the plan of the local program"
    cloud.settle("SendMessages")
    office.give_key(citizens.KEY)
    cloud.s3.put_object(Bucket=inbox, Key="config/STOP", Body=b"")
    office.plan("in_scadenza", due)
    cloud.settle("SendMessages")
    assert io.calls == 0, "IO was called"
    cloud.s3.delete_object(Bucket=inbox, Key="config/STOP")

    # Locked out: each of the workers asks once, and nobody is blamed.
    io.locked = True
    office.plan("in_scadenza", due)
    cloud.settle("SendMessages")
    assert 0 < io.calls <= WORKERS, io.calls
    io.locked = False

    # Every message of the queue twice, and some that are none.
    office.plan("in_scadenza", due)
    wanted = {"organization": citizens.ORGANIZATION, "kind": "in_scadenza", "as_of": due}
    for body in (wanted, wanted, wanted | {"kind": "saluti"}, wanted | {"organization": "1"}, []):
        office.ask(body)
    cloud.settle("SendMessages")
    office.program("send", "in_scadenza", "--as-of", due)
    first = office.same()
    cloud.call("track-messages", {"as_of": "2026-03-30T12:00:00+02:00"})
    results = office.results("in_scadenza", "2026-03-30T12:10:00+02:00")
    assert results["sent"] == results["delivered"] == first, results
    assert results["refused"] == results["unknown"] == 0, results
    others = office.files("in_scadenza")["altri-canali.csv"].count(b"in_scadenza")
    assert others == FINES - first == results["not_on_io"] + results["opted_out"], others

    # One connection breaks off: a doubt, which only a person lets go.
    io.broken = {first + 5}
    results = office.results("sollecito", reminder)
    results = office.results("sollecito", "2026-06-08T10:30:00+02:00")
    office.program("send", "sollecito", "--as-of", reminder)
    office.same()
    assert results["unknown"] == 1 and results["sent"] == first - 1, results
    rows = map(json.loads, office.files("sollecito")["messages.jsonl"].splitlines())
    (doubt,) = [it["intent"] for it in rows if it["state"] == "unknown"]
    word = {"message": doubt, "by": "Anna Verdi", "note": "il cittadino dice di no"}
    assert cloud.call("plan-messages", {"release": word}) == {"recorded": "released"}
    office.results("sollecito", "2026-06-08T11:00:00+02:00")
    results = office.results("sollecito", "2026-06-08T11:30:00+02:00")
    assert results["unknown"] == 0 and results["sent"] == first, results
    (twice,) = [it for it, times in io.taken.items() if times == 2]
    io.taken[twice] = 1

    # A batch that a person approves; and the function is killed while it sends.
    autumn = "2026-09-07T10:00:00+02:00"
    (batch,) = office.plan("pre_ruolo", autumn)["batches"]
    cloud.settle("SendMessages")
    assert f"batch-{batch}.xlsx" in office.files("pre_ruolo")
    office.program("plan", "pre_ruolo", "--as-of", autumn, "--out", office.folder / "plan.jsonl")
    day = time.strftime("%Y-%m-%d", time.localtime(time.time() + 40 * 86400))
    office.program("approve", batch, "--by", "Anna Verdi", "--due", day)
    office.program("send", "pre_ruolo", "--as-of", autumn)
    assert io.count() == 2 * first, "it left before it was approved"
    word = {"batch": batch, "by": "Anna Verdi", "due": day}
    assert cloud.call("plan-messages", {"approve": word}) == {"recorded": "approved"}
    assert office.plan("pre_ruolo", autumn)["send"] == first
    office.kill_while_it_sends(3)
    cloud.settle("SendMessages")
    cloud.call("track-messages", {"as_of": "2026-09-08T09:00:00+02:00"})
    results = office.results("pre_ruolo", "2026-09-08T09:30:00+02:00")
    taken = io.nobody_got_anything_twice()
    missing = office.io_at_home.nobody_got_anything_twice() - taken
    assert taken <= office.io_at_home.nobody_got_anything_twice(), "somebody got something else"
    assert len(missing) <= results["unknown"] <= WORKERS, (len(missing), results)
    assert results["sent"] + results["unknown"] == first, results
    assert results["delivered"] == results["sent"], results
    told = (CLOUD / "emulator.log").read_text()
    assert "messages were sent" in told and citizens.PEOPLE not in told, "who got it is in a log"
    print(f"{io.count()} messages, {results['unknown']} in doubt, {len(missing)} not sent")


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
    keys = {"key-a": {PROVINCE_CODE}, "key-b": {UNION_CODE}}
    with contextlib.closing(Fdr(keys)) as service:
        with contextlib.closing(Cloud(f"FdrUrl={service.base}")) as cloud:
            published_flows(cloud, service)
    print("published_flows: the same report")
    with contextlib.closing(citizens.Io()) as io:
        with contextlib.closing(Cloud(f"AppIoUrl={io.base}")) as cloud:
            messages_to_citizens(cloud, io)
    print("messages_to_citizens: the same messages, each once")


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
