"""Messages to citizens of a stand-in of IO: those of `quadra campaign send`, each once."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import citizens
from emulator import PATIENCE
from home import CLOUD, locally, run, target

# Fines; and what the sending has in hand at the same moment.
FINES = 30
WORKERS = 6


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
        taken, expected = (it.nobody_got_anything_twice() for it in (self.io, self.io_at_home))
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
    told = pathlib.Path(cloud.log.name).read_text()
    assert "messages were sent" in told and citizens.PEOPLE not in told, "who got it is in a log"
    print(f"{io.count()} messages, {results['unknown']} in doubt, {len(missing)} not sent")
