"""A stand-in of pagoPA's FdR service for organizations: lists in pages, flows, payments in pages.

It answers as the service's own description says (FDR [ORG], OpenAPI 1.1.60), refuses what the
service refuses, and remembers what it was asked.
"""

import datetime
import http.server
import json
import threading
import urllib.parse

# Entries of one page: few, so that a small list has several.
PAGE = 2
# The service refuses to look back further.
MONTH = datetime.timedelta(days=30)


def moment(ago):
    """So many days ago, as the service writes a moment."""
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=ago)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def flow(organization, psp, name, ago, payments, revisions=1):
    """A flow of so many days ago, whose payments are pairs of IUV and cents."""
    day = moment(ago)[:10]
    return {
        "organization": organization,
        "psp": psp,
        "fdr": f"{day}{psp}-{name}",
        "published": moment(ago),
        "revision": revisions,
        "payments": payments,
    }


def euros(cents):
    """An amount as the service writes it: a number with two digits."""
    return f"{cents // 100}.{cents % 100:02}"


def header(it, revision):
    """`SingleFlowResponse`, as text: its amounts are no floats."""
    published, cents = it["published"], euros(sum(cents for _, cents in it["payments"]))
    count = len(it["payments"])
    # A later revision is of a later moment.
    made = f"{published[:10]}T0{revision}:00:00Z"
    sender = {"type": "BIC_CODE", "id": it["psp"], "pspId": it["psp"], "pspName": "Banca di Prova"}
    sender |= {"pspBrokerId": it["psp"], "channelId": it["psp"] + "_01"}
    receiver = {"id": it["organization"], "organizationId": it["organization"]}
    said = {"status": "PUBLISHED", "revision": revision, "created": made, "updated": made}
    said |= {"published": published, "fdr": it["fdr"], "fdrDate": made}
    said |= {"regulation": f"TRN-{it['fdr']}", "regulationDate": published[:10]}
    said |= {"sender": sender, "receiver": receiver, "computedTotPayments": count}
    amounts = f'"totPayments": {count}, "computedSumPayments": {cents}, "sumPayments": {cents}'
    return f"{json.dumps(said)[:-1]}, {amounts}}}"


def payments(it, page):
    """`PaginatedPaymentsResponse`, as text."""
    listed = [
        f'{{"index": {index}, "iuv": "{iuv}", "iur": "R{iuv}", "idTransfer": 1, '
        f'"pay": {euros(cents)}, "payStatus": "EXECUTED", "payDate": "{it["published"]}"}}'
        for index, (iuv, cents) in enumerate(it["payments"], 1)
    ]
    return paged(listed, page)


def paged(listed, page):
    """A page of what is listed, with what the service says of pages."""
    pages = -(-len(listed) // PAGE)
    metadata = f'{{"pageSize": {PAGE}, "pageNumber": {page}, "totPage": {pages}}}'
    data = ", ".join(listed[(page - 1) * PAGE : page * PAGE])
    return f'{{"metadata": {metadata}, "count": {len(listed)}, "data": [{data}]}}'


class Fdr:
    """The service on a free port of this machine, with its flows and the keys that it knows."""

    def __init__(self, keys):
        self.keys = keys
        self.flows = []
        # What it answers to the next calls instead: (status, headers).
        self.faults = []
        # Revisions that were replaced and dropped: (fdr, revision).
        self.dropped = set()
        # Calls that it answered: (organization, what follows /fdrs, the query).
        self.asked = []
        self.refused = []
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, headers, body = service.answer(self.path, self.headers)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body.encode()))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}/fdr-org/service/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        """Ends it."""
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path, headers):
        """Status, headers and body of an answer."""
        url = urllib.parse.urlsplit(path)
        parts = [urllib.parse.unquote(part) for part in url.path.split("/")[4:]]
        query = dict(urllib.parse.parse_qsl(url.query))
        organization, rest = parts[1], parts[3:]
        if organization not in self.keys.get(headers.get("Ocp-Apim-Subscription-Key"), ()):
            return self.refuse(401, "access denied due to invalid subscription key")
        if self.faults:
            status, with_headers = self.faults.pop(0)
            return status, with_headers, json.dumps({"message": "another time"})
        self.asked.append((organization, "/".join(rest), query))
        if not rest:
            return self.listing(organization, query)
        fdr, revision, psp = rest[0], int(rest[2]), rest[4]
        for it in self.flows:
            known = (it["organization"], it["fdr"], it["psp"]) == (organization, fdr, psp)
            if known and revision <= it["revision"] and (fdr, revision) not in self.dropped:
                page = int(query.get("page", 1))
                return 200, {}, payments(it, page) if rest[5:] else header(it, revision)
        return 404, {}, json.dumps({"httpStatusCode": 404, "appErrorCode": "FDR-3001"})

    def listing(self, organization, query):
        """`PaginatedFlowsResponse`: the last revision of each flow."""
        after = moment(30)
        if "publishedGt" in query:
            after = query["publishedGt"]
            asked = datetime.datetime.fromisoformat(after.replace("Z", "+00:00"))
            if datetime.datetime.now(datetime.timezone.utc) - asked > MONTH:
                return self.refuse(400, "publishedGt is older than a month")
        listed = [
            json.dumps({name: it[key] for name, key in LISTED.items()})
            for it in self.flows
            if it["organization"] == organization and it["published"] > after[:19]
        ]
        return 200, {}, paged(listed, int(query["page"]))

    def refuse(self, status, why):
        """What the gateway says of a request that it does not pass on."""
        self.refused.append((status, why))
        return status, {}, json.dumps({"statusCode": status, "message": why})

    def looked_for(self):
        """Since the last time: from when on flows were listed, and which revisions were fetched."""
        asked, self.asked = self.asked, []
        lists = [query.get("publishedGt") for _, rest, query in asked if not rest]
        return lists, sorted({rest.removesuffix("/payments") for _, rest, _ in asked if rest})


# `FlowByPSP`.
LISTED = {"fdr": "fdr", "pspId": "psp", "revision": "revision", "published": "published"}
