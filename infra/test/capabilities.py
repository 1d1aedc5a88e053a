"""Which function needs which port, and what a port needs of AWS: stated here once.

The names are the Sids of the statements in the template.
"""

LEDGER = {"Fn::GetAtt": ["LedgerTable", "Arn"]}
JOURNAL = {"Fn::GetAtt": ["JournalTable", "Arn"]}
INGEST_QUEUE = {"Fn::GetAtt": ["IngestQueue", "Arn"]}
RECONCILE_QUEUE = {"Fn::GetAtt": ["ReconcileQueue", "Arn"]}
INBOX = {"Fn::GetAtt": ["InboxBucket", "Arn"]}
CONFIGURATION = {"Fn::Sub": "${InboxBucket.Arn}/config/quadra.toml"}
CONSUME = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ChangeMessageVisibility",
}
READ = {"s3:GetObject"}
MISS = {"s3:ListBucket"}
WRITE = {"s3:PutObject", "s3:AbortMultipartUpload"}

NETWORK = ["CreateNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces"] + [
    "DescribeSubnets",
    "AssignPrivateIpAddresses",
    "UnassignPrivateIpAddresses",
]

# Port: the actions that its adapter calls, and on what.
PORTS = {
    "ReadLedger": ({"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}, LEDGER),
    "WriteFacts": ({"dynamodb:PutItem"}, LEDGER),
    # Of the sweep alone, and of facts alone (CONDITIONS): those that nobody will ever see.
    "DeleteFacts": ({"dynamodb:DeleteItem"}, LEDGER),
    "ReadJournal": ({"dynamodb:GetItem", "dynamodb:Query"}, JOURNAL),
    # Never UpdateItem, DeleteItem or BatchWriteItem: the adapter puts only what is not there.
    "AppendJournal": ({"dynamodb:PutItem"}, JOURNAL),
    "Ask": ({"sqs:SendMessage"}, RECONCILE_QUEUE),
    "AskAgain": ({"sqs:SendMessage"}, INGEST_QUEUE),
    "ReadConfiguration": (READ, CONFIGURATION),
    # Made once, if it is not there.
    "Keyring": (READ | {"s3:PutObject"}, {"Fn::Sub": "${InboxBucket.Arn}/config/quadra.key"}),
    # In the version that an event names.
    "ReadInbox": (
        READ | {"s3:GetObjectVersion"},
        [{"Fn::Sub": "${InboxBucket.Arn}/inbox/*"}, CONFIGURATION],
    ),
    # Who may not list a bucket is told «forbidden» of what is not there.
    "MissInbox": (MISS, INBOX),
    "MissQuarantine": (MISS, {"Fn::GetAtt": ["QuarantineBucket", "Arn"]}),
    "Quarantine": (READ | WRITE, {"Fn::Sub": "${QuarantineBucket.Arn}/*"}),
    "Archive": (READ | WRITE, {"Fn::Sub": "${InboxBucket.Arn}/inbox/fdr/*"}),
    "WriteReports": (WRITE, {"Fn::Sub": "${ReportsBucket.Arn}/*"}),
    # Plans and batches, but not the report.
    "WriteCampaigns": (WRITE, {"Fn::Sub": "${ReportsBucket.Arn}/campaigns/*"}),
    "AskToSend": ({"sqs:SendMessage"}, {"Fn::GetAtt": ["SendMessagesQueue", "Arn"]}),
    "SeeStop": (READ, {"Fn::Sub": "${InboxBucket.Arn}/config/STOP"}),
    "ReadIoKeys": ({"secretsmanager:GetSecretValue"}, {"Fn::GetAtt": ["AppIoKeys", "Id"]}),
    # What Lambda asks for to put a function into a network; AWS knows no resource for some of it.
    "Network": ({f"ec2:{action}" for action in NETWORK}, "*"),
    "ListDigests": (MISS, {"Fn::GetAtt": ["AuditBucket", "Arn"]}),
    # Put and read; nothing that is kept there is ever changed.
    "Digests": (READ | {"s3:PutObject"}, {"Fn::Sub": "${AuditBucket.Arn}/digest/*"}),
    "ReadKeys": ({"secretsmanager:GetSecretValue"}, {"Fn::GetAtt": ["FdrKeys", "Id"]}),
    "DeadLetter": ({"sqs:SendMessage"}, {"Fn::GetAtt": ["ScheduledDeadLettersQueue", "Arn"]}),
    "Decipher": ({"kms:Decrypt", "kms:GenerateDataKey"}, {"Fn::GetAtt": ["Key", "Arn"]}),
}

# On what condition a port may do so; no other port has one.
CONDITIONS = {
    "DeleteFacts": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["FACT#*"]}},
    # For Lambda itself: the code of the function may not use it.
    "Network": {"Null": {"lambda:SourceFunctionArn": "true"}},
}

EVERY_FUNCTION = {"Log", "Decipher", "MissInbox", "ReadLedger", "Keyring"}
SCHEDULED = {"DeadLetter", "ReadConfiguration"}

# Function: its ports. "Log" and "Consume" are of its own log group and queue.
FUNCTIONS = {
    "Ingest": EVERY_FUNCTION
    | {"Consume", "ReadInbox", "WriteFacts", "Ask", "AskAgain", "Quarantine", "MissQuarantine"},
    "Reconcile": EVERY_FUNCTION
    | {"Consume", "ReadConfiguration", "ReadJournal", "AppendJournal", "Ask"},
    "PollFdr": EVERY_FUNCTION | SCHEDULED | {"WriteFacts", "Archive", "ReadKeys"},
    # These two remember which anomalies are open: outcomes, with their journal. Each may be the
    # first to open a new ledger, which is told its keys then.
    "Sweep": EVERY_FUNCTION
    | SCHEDULED
    | {"WriteFacts", "ReadJournal", "AppendJournal", "Ask", "DeleteFacts"},
    "Report": EVERY_FUNCTION
    | SCHEDULED
    | {"WriteFacts", "ReadJournal", "AppendJournal", "WriteReports", "ListDigests", "Digests"},
    # Batches and people's words are facts; a message that is released is an outcome.
    "PlanMessages": EVERY_FUNCTION
    | SCHEDULED
    | {"WriteFacts", "ReadJournal", "AppendJournal", "WriteCampaigns", "AskToSend"},
    "SendMessages": EVERY_FUNCTION
    | {"Consume", "ReadConfiguration", "ReadJournal", "AppendJournal", "SeeStop"}
    | {"ReadIoKeys", "AskToSend", "Network"},
    "TrackMessages": EVERY_FUNCTION
    | SCHEDULED
    | {"WriteFacts", "ReadJournal", "AppendJournal", "ReadIoKeys", "Network"},
}


def port(function, name):
    """The actions and the resource of a port of a function."""
    if name == "Log":
        actions = {"logs:CreateLogStream", "logs:PutLogEvents"}
        return actions, {"Fn::GetAtt": [f"{function}Logs", "Arn"]}
    if name == "Consume":
        return CONSUME, {"Fn::GetAtt": [f"{function}Queue", "Arn"]}
    return PORTS[name]
