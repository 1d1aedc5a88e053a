"""The Province taken in: the report must be that of `quadra run`, to the byte."""

import random
import sys
import time

from emulator import killer
from home import AS_OF, HOUSE, compare, inputs
from units import units

sys.path.insert(0, str(HOUSE / "infra"))

from audit import audit


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


def audited(cloud):
    """An auditor finds the chains whole, and the digest of the day before."""
    journal, bucket = cloud.names["JournalTable"], cloud.names["AuditBucket"]
    wrong, day, subjects = audit(cloud.client("dynamodb"), cloud.s3, journal, bucket)
    assert not wrong, wrong[:10]
    print(f"{subjects} chains are whole; there is a digest of {day}")
