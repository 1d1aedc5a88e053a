"""Puts back what a table lost, from a table that was restored beside it."""

import argparse
import sys

import boto3
from botocore.exceptions import ClientError


def put_back(source, target, replace):
    """Copies the items that `target` has not; with `replace` those that differ, too.

    Both tables only grow by items whose content follows from their key, or from their version:
    what is there already is right, unless somebody wrote it by hand.
    """
    missing = different = 0
    page = {}
    while True:
        page = source.scan(ConsistentRead=True, **page)
        for item in page["Items"]:
            key = {"pk": item["pk"], "sk": item["sk"]}
            try:
                target.put_item(Item=item, ConditionExpression="attribute_not_exists(pk)")
                missing += 1
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
                if target.get_item(Key=key, ConsistentRead=True)["Item"] != item:
                    different += 1
                    if replace:
                        target.put_item(Item=item)
        if "LastEvaluatedKey" not in page:
            return missing, different
        page = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="the table that was restored")
    parser.add_argument("target", help="the table of the stack")
    parser.add_argument("--replace", action="store_true", help="put back what differs, too")
    arguments = parser.parse_args()
    dynamo = boto3.resource("dynamodb")
    source, target = dynamo.Table(arguments.source), dynamo.Table(arguments.target)
    missing, different = put_back(source, target, arguments.replace)
    print(f"{missing} items were missing and are back; {different} differ", end="")
    print(", and are as they were" if arguments.replace else ", and were left as they are")
    return 0


if __name__ == "__main__":
    sys.exit(main())
