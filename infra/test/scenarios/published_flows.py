"""Flows of a stand-in of pagoPA, fetched."""

import json
import shutil

from fdr import flow, header, moment, payments
from home import CLOUD, HOUSE, compare, locally

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
# Which organization each key of the service is of.
KEYS = {"key-a": {PROVINCE_CODE}, "key-b": {UNION_CODE}}


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
