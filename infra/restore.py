"""Puts back what a table lost, from a table that was restored beside it."""

import argparse

import boto3
from botocore.exceptions import ClientError


def put_back(source, target):
    """Copies the items that `target` has not; counts them, and those that differ.

    What is there already is left alone: it may be newer.
    """
    missing = different = 0
    page = {}
    while True:
        page = source.scan(ConsistentRead=True, **page)
        for item in page["Items"]:
            try:
                target.put_item(Item=item, ConditionExpression="attribute_not_exists(pk)")
                missing += 1
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
                key = {"pk": item["pk"], "sk": item["sk"]}
                different += target.get_item(Key=key, ConsistentRead=True)["Item"] != item
        if "LastEvaluatedKey" not in page:
            return missing, different
        page = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="the table that was restored")
    parser.add_argument("target", help="the table of the stack")
    arguments = parser.parse_args()
    dynamo = boto3.resource("dynamodb")
    missing, different = put_back(dynamo.Table(arguments.source), dynamo.Table(arguments.target))
    print(f"{missing} items were missing and are back; {different} differ and were left alone")


if __name__ == "__main__":
    main()
