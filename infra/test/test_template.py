"""What must be true of the template and of the events, and no linter sees."""

import json
import pathlib
import re
import unittest

from samtranslator.yaml_helper import yaml_parse

from capabilities import CONDITIONS, FUNCTIONS, port

INFRA = pathlib.Path(__file__).parent.parent
HOUSE = INFRA.parent
TEMPLATE = yaml_parse((INFRA / "template.yaml").read_text())
RESOURCES = TEMPLATE["Resources"]
PARAMETERS = TEMPLATE["Parameters"]

# AWS asks for a queue that stays quiet six times as long as its function may work.
VISIBILITY = 6
# Without a window of time a batch of SQS has at most ten messages.
BATCH_MAX = 10


def of_type(kind):
    """The resources of a type, by name."""
    return {name: it for name, it in RESOURCES.items() if it["Type"] == kind}


def functions():
    """The functions' properties, by name."""
    return {name: it["Properties"] for name, it in of_type("AWS::Serverless::Function").items()}


def events(kind):
    """The events of a kind, with the function's name and properties."""
    for name, function in functions().items():
        for event in function["Events"].values():
            if event["Type"] == kind:
                yield name, function, event["Properties"]


def statements(document):
    """The statements of a policy, those of a production stack too."""
    for statement in document["Statement"]:
        yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def as_set(value):
    """One or several, as a set."""
    return set(value) if isinstance(value, list) else {value}


FIELD = {
    "minutes": (0, 59, ()),
    "hours": (0, 23, ()),
    "day of month": (1, 31, ()),
    "month": (1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()),
    "day of week": (1, 7, "SUN MON TUE WED THU FRI SAT".split()),
    "year": (1970, 2199, ()),
}


def is_field(text, least, most, words):
    """Whether a field of a cron expression is a list of values, ranges and steps in bounds."""

    def is_value(value):
        return value in words or (value.isdigit() and least <= int(value) <= most)

    for part in text.split(","):
        span, _, step = part.partition("/")
        if "/" in part and not (step.isdigit() and int(step) > 0):
            return False
        if span != "*" and not all(is_value(value) for value in span.split("-", 1)):
            return False
    return True


def is_cron(expression):
    """Whether EventBridge Scheduler takes it: six fields, one of the two days is `?`."""
    found = re.fullmatch(r"cron\((.*)\)", expression)
    fields = found[1].split(" ") if found else []
    if len(fields) != len(FIELD) or (fields[2] == "?") == (fields[4] == "?"):
        return False
    return all(
        text == "?" and "day" in name or is_field(text, *FIELD[name])
        for name, text in zip(FIELD, fields)
    )


class Policies(unittest.TestCase):
    """Least privilege."""

    def test_each_function_may_do_what_its_ports_need_and_nothing_else(self):
        self.assertEqual(set(functions()), set(FUNCTIONS))
        for name, ports in FUNCTIONS.items():
            role = RESOURCES[functions()[name]["Role"]["Fn::GetAtt"][0]]["Properties"]
            self.assertNotIn("ManagedPolicyArns", role)
            (policy,) = role["Policies"]
            allowed = list(statements(policy["PolicyDocument"]))
            self.assertEqual({it["Sid"] for it in allowed}, ports, name)
            self.assertEqual(len(allowed), len(ports), name)
            for statement in allowed:
                actions, resource = port(name, statement["Sid"])
                self.assertEqual(statement["Effect"], "Allow")
                self.assertEqual(as_set(statement["Action"]), actions, name)
                self.assertEqual(statement["Resource"], resource, name)
                self.assertEqual(statement.get("Condition"), CONDITIONS.get(statement["Sid"]))

    def test_a_function_is_told_the_name_of_all_that_it_may_touch(self):
        for name, function in functions().items():
            told = json.dumps(function["Environment"]["Variables"])
            touched = {
                resource
                for sid in FUNCTIONS[name] - {"Log", "Consume", "Decipher", "DeadLetter"}
                for resource in re.findall(
                    r"\w+(?:Bucket|Table|Queue|Keys)", json.dumps(port(name, sid)[1])
                )
            }
            for resource in touched:
                self.assertIn(f'{{"Ref": "{resource}"}}', told, name)

    def test_no_statement_but_the_key_s_own_allows_every_action_or_every_resource(self):
        for name, it in of_type("AWS::IAM::Role").items():
            for policy in it["Properties"]["Policies"]:
                for statement in statements(policy["PolicyDocument"]):
                    if statement.get("Sid") == "Network":
                        continue
                    text = json.dumps([statement["Action"], statement["Resource"]])
                    self.assertNotRegex(text, r'"\*"|:\*"', name)

    def test_every_function_crate_has_a_place_here(self):
        crates = {it.parent.name for it in HOUSE.glob("functions/*/Cargo.toml")} - {"quadra"}
        places = {it["CodeUri"].split("/")[-2] for it in functions().values()}
        self.assertLessEqual(crates, places)

    def test_every_bucket_queue_and_topic_refuses_what_is_not_tls(self):
        kinds = {
            "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "Bucket", "s3:*"),
            "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues", "sqs:*"),
            "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics", "sns:Publish"),
        }
        for kind, (policy, field, action) in kinds.items():
            refusing = set()
            for it in of_type(policy).values():
                of = it["Properties"][field]
                for statement in statements(it["Properties"]["PolicyDocument"]):
                    if statement["Effect"] == "Deny" and statement["Action"] == action:
                        condition = {"Bool": {"aws:SecureTransport": "false"}}
                        self.assertEqual(statement["Condition"], condition)
                        self.assertEqual(statement["Principal"], "*")
                        refusing |= {one["Ref"] for one in (of if isinstance(of, list) else [of])}
            self.assertEqual(refusing, set(of_type(kind)))


class Triggers(unittest.TestCase):
    """What the emulator takes and AWS refuses."""

    def test_a_queue_stays_quiet_six_times_as_long_as_its_function_may_work(self):
        for name, function, event in events("SQS"):
            queue = RESOURCES[event["Queue"]["Fn::GetAtt"][0]]["Properties"]
            self.assertGreaterEqual(
                queue["VisibilityTimeout"], VISIBILITY * function["Timeout"], name
            )

    def test_batches_are_taken_and_answered_in_part(self):
        for name, function, event in events("SQS"):
            self.assertNotIn("MaximumBatchingWindowInSeconds", event)
            self.assertLessEqual(event["BatchSize"], BATCH_MAX, name)
            self.assertEqual(event["FunctionResponseTypes"], ["ReportBatchItemFailures"], name)
            at_once = event["ScalingConfig"]["MaximumConcurrency"]
            # A message that finds no function is received in vain, and ends among dead letters.
            self.assertLessEqual(at_once, function["ReservedConcurrentExecutions"], name)
            self.assertGreaterEqual(at_once, 2, "AWS takes no less")

    def test_every_queue_has_dead_letters_and_somebody_is_told(self):
        queues = of_type("AWS::SQS::Queue")
        dead = set()
        for name, it in queues.items():
            redrive = it["Properties"].get("RedrivePolicy")
            if redrive:
                dead.add(redrive["deadLetterTargetArn"]["Fn::GetAtt"][0])
                self.assertGreaterEqual(redrive["maxReceiveCount"], 5, "what AWS asks for")
            else:
                self.assertIn("DeadLetters", name)
        dead.add("ScheduledDeadLettersQueue")
        self.assertEqual(dead, {name for name in queues if "DeadLetters" in name})
        watched = json.dumps(
            [it["Properties"] for it in of_type("AWS::CloudWatch::Alarm").values()]
        )
        for name in queues:
            self.assertIn(f'["{name}", "QueueName"]', watched)
        for name in functions():
            self.assertIn(f'{{"Name": "FunctionName", "Value": {{"Ref": "{name}"}}}}', watched)

    def test_messages_that_fail_are_counted_in_the_log_of_each_queue_s_function(self):
        counted = {
            it["Properties"]["LogGroupName"]["Ref"]
            for it in of_type("AWS::Logs::MetricFilter").values()
            for metric in it["Properties"]["MetricTransformations"]
            if metric["MetricName"] == "FailedMessages"
        }
        self.assertEqual(counted, {f"{name}Logs" for name, _, _ in events("SQS")})

    def test_schedules_are_valid_and_in_rome(self):
        expressions = set()
        for name, function, event in events("ScheduleV2"):
            self.assertEqual(event["ScheduleExpressionTimezone"], "Europe/Rome")
            self.assertIn("DeadLetterQueue", function, name)
            self.assertTrue(event["OmitName"], "its name would be that of every other stack")
            expression = PARAMETERS[event["ScheduleExpression"]["Ref"]]["Default"]
            self.assertTrue(is_cron(expression), expression)
            expressions.add(expression)
        self.assertEqual(len(expressions), 14)

    def test_messages_are_planned_by_kind_only_where_they_are_wanted(self):
        wanted = {"Fn::If": ["Messaging", "ENABLED", "DISABLED"]}
        kinds = []
        for name, _, event in events("ScheduleV2"):
            if name in ("PlanMessages", "TrackMessages"):
                self.assertEqual(event["State"], wanted)
            if name == "PlanMessages":
                told = json.loads(event["Input"])
                self.assertEqual(told["time"], "<aws.scheduler.scheduled-time>")
                kinds.append(told["kind"])
        self.assertEqual(len(set(kinds)), 10)
        self.assertEqual(len(kinds), 10)
        self.assertEqual(PARAMETERS["Messages"]["Default"], "no")

    def test_who_calls_the_app_io_does_so_from_the_fixed_address(self):
        for name, function in functions().items():
            calls = "QUADRA_APPIO_URL" in function["Environment"]["Variables"]
            self.assertEqual("VpcConfig" in function, calls, name)
            self.assertEqual("Network" in FUNCTIONS[name], calls, name)

    def test_no_query_is_filtered(self):
        """AWS refuses a filter on a key, and bills what a filter throws away."""
        for it in (HOUSE / "shared/aws/src").glob("*.rs"):
            self.assertNotIn("filter_expression", it.read_text(), it.name)

    def test_a_cron_expression_is_judged_as_aws_does(self):
        for expression, good in [
            ("cron(0 6 * * ? *)", True),
            ("cron(20 6-22 * * ? *)", True),
            ("cron(0/15 8,20 ? * MON-FRI *)", True),
            ("cron(0 6 1 JAN ? 2027)", True),
            ("cron(0 6 * * MON *)", False),
            ("cron(0 6 ? * ? *)", False),
            ("cron(0 6 * * *)", False),
            ("cron(60 6 * * ? *)", False),
            ("cron(0 24 * * ? *)", False),
            ("cron(0/0 6 * * ? *)", False),
            ("cron(0 6 0 * ? *)", False),
            ("0 6 * * ? *", False),
        ]:
            self.assertEqual(is_cron(expression), good, expression)


class Kept(unittest.TestCase):
    """What must outlive a mistake."""

    def test_data_outlive_the_stack(self):
        for kind in [
            "AWS::DynamoDB::Table",
            "AWS::S3::Bucket",
            "AWS::KMS::Key",
            "AWS::Logs::LogGroup",
            "AWS::SecretsManager::Secret",
        ]:
            for name, it in of_type(kind).items():
                self.assertEqual(it["DeletionPolicy"], "RetainExceptOnCreate", name)
                self.assertEqual(it["UpdateReplacePolicy"], "Retain", name)

    def test_tables_can_be_put_back_and_are_not_deleted(self):
        for it in of_type("AWS::DynamoDB::Table").values():
            table = it["Properties"]
            self.assertEqual(table["DeletionProtectionEnabled"], {"Fn::If": ["Kept", True, False]})
            self.assertTrue(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"])

    def test_digests_and_keys_are_never_replaced(self):
        for bucket, place in [("Audit", "*"), ("Inbox", "config/quadra.key")]:
            policy = RESOURCES[f"{bucket}BucketPolicy"]["Properties"]["PolicyDocument"]
            (it,) = (one for one in statements(policy) if one["Sid"] == "NeverReplaced")
            self.assertEqual((it["Effect"], it["Action"]), ("Deny", "s3:PutObject"), bucket)
            self.assertEqual(it["Resource"], {"Fn::Sub": f"${{{bucket}Bucket.Arn}}/{place}"})
            self.assertEqual(it["Condition"], {"Null": {"s3:if-none-match": "true"}}, bucket)

    def test_digests_are_locked(self):
        audit = RESOURCES["AuditBucket"]["Properties"]["ObjectLockConfiguration"]
        self.assertEqual(audit["Rule"]["DefaultRetention"]["Mode"], "COMPLIANCE")

    def test_logs_are_kept_for_so_long_and_no_longer(self):
        for name, function in functions().items():
            group = RESOURCES[function["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
            self.assertEqual(group["RetentionInDays"], {"Ref": "LogDays"}, name)


class Told(unittest.TestCase):
    """What people read."""

    def test_the_runbook_says_what_to_do_at_each_alarm(self):
        runbook = (INFRA / "README.md").read_text()
        for name, it in of_type("AWS::CloudWatch::Alarm").items():
            self.assertEqual(it["Properties"]["AlarmActions"], [{"Ref": "Alarms"}])
            self.assertIn(f"`{name}`", runbook)

    def test_the_runbook_gives_back_what_each_scheduled_function_may_run_at_once(self):
        runbook = (INFRA / "README.md").read_text()
        for name, function, _ in events("ScheduleV2"):
            crate = function["CodeUri"].split("/")[-2]
            at_once = function["ReservedConcurrentExecutions"]
            self.assertRegex(runbook, rf"\b{crate}={at_once}\b", name)


class Events(unittest.TestCase):
    """events/: one file for each shape that is accepted."""

    def test_every_event_is_used_by_a_test(self):
        tests = [it for it in HOUSE.glob("functions/*/tests/**/*.rs")]
        tests += [it for it in HOUSE.glob("shared/*/tests/**/*.rs")]
        tests += [pathlib.Path(__file__)]
        text = "".join(it.read_text() for it in tests)
        for event in (HOUSE / "events").glob("*.json"):
            self.assertIn(event.name, text)

    def test_events_are_of_the_shape_of_their_trigger(self):
        def body(message):
            return json.loads(message["body"])

        uploads = lambda event: [it["s3"]["object"]["key"] for it in event["Records"]]
        queued = lambda event: [key for it in event["Records"] for key in uploads(body(it))]
        source = lambda event: (event["source"], event["detail-type"])
        scheduled = ("aws.scheduler", "Scheduled Event")
        for name, shape, wanted in [
            ("ingest-s3.json", uploads, ["inbox/giornale+2026-11-20.xml"]),
            ("ingest-sqs.json", queued, ["inbox/flusso+x%2B%C3%A0.xml", "inbox/un%20altro.json"]),
            ("ingest-sqs-test.json", lambda it: body(it["Records"][0])["Event"], "s3:TestEvent"),
            ("reconcile-sqs.json", lambda it: [len(body(one)) for one in it["Records"]], [2, 1]),
            ("poll-fdr-schedule.json", source, scheduled),
            ("sweep-schedule.json", source, scheduled),
            ("report-schedule.json", source, scheduled),
            ("track-messages-schedule.json", source, scheduled),
            ("plan-messages-schedule.json", lambda it: [*it], ["kind", "time"]),
            ("plan-messages-approve.json", lambda it: [*it["approve"]], ["batch", "due", "by"]),
            ("plan-messages-withdraw.json", lambda it: [*it["withdraw"]], ["batch", "by"]),
            ("plan-messages-wrong.json", lambda it: it["wrong"]["kind"], "sollecito"),
            ("plan-messages-release.json", lambda it: [*it["release"]], ["message", "by", "note"]),
            (
                "send-messages-sqs.json",
                lambda it: [body(one)["kind"] for one in it["Records"]],
                ["sollecito"],
            ),
        ]:
            event = json.loads((HOUSE / "events" / name).read_text())
            self.assertEqual(shape(event), wanted, name)

    def test_events_name_no_real_account(self):
        for event in (HOUSE / "events").glob("*.json"):
            for account in re.findall(r"(?<![0-9a-f-])[0-9]{12}(?![0-9a-f])", event.read_text()):
                self.assertEqual(account, "123456789012", event.name)


if __name__ == "__main__":
    unittest.main()
