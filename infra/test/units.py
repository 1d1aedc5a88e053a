"""What was spent: write units, as DynamoDB counts them."""


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
                kib = -(-bytes_of(item) // 1024)
                family = item["pk"]["S"].partition("#")[0].lower()
                # Behind the organization: CREDIT, POS, IUV.
                words = item["sk"]["S"].split("#")
                kind = f"{family} {words[1]}" if words[0].isdigit() and len(words) > 2 else family
                spent[kind] = spent.get(kind, 0) + int(item.get("n", {"N": "1"})["N"]) * kib
    return dict(sorted(spent.items()))


def bytes_of(item):
    """The bytes of an item, about as DynamoDB counts them."""
    return sum(len(name.encode()) + size(value) for name, value in item.items())


def size(value):
    """The bytes of a value of an item."""
    ((kind, inner),) = value.items()
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + size(it) for name, it in inner.items())
    return len(inner if isinstance(inner, bytes) else inner.encode())
