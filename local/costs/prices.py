"""What AWS asks for a unit of everything that we use, and what it gives every account for ever.

List prices of one region, from memory and not read off a price list: whoever decides by them looks at AWS's
own pages first. What is free for the first twelve months of an account alone is not counted at all.
"""

from __future__ import annotations

from dataclasses import dataclass

REGION = "us-east-1 (N. Virginia)"
DATE = "2026-11-29"

MILLION = 1_000_000
GB = 1024**3


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for so many units of something; `free` units a month cost no account anything, for ever."""

    line: str
    unit: str
    dollars: float
    units: float = 1
    free: float = 0

    def of(self, amount: float) -> float:
        """What an amount costs by the list."""
        return amount * self.dollars / self.units

    def given(self, amount: float) -> float:
        """How many dollars of that nobody has to pay."""
        return self.of(min(amount, self.free))


# Lines are what a bill is summed up by.
API, LAMBDA, STEPS, TABLE = "API Gateway", "Lambda", "Step Functions", "DynamoDB"
PLANS, KEYS, SECRETS, TRIGGERS = "S3", "KMS", "Secrets Manager", "EventBridge, SQS, SNS"
LOGS, WATCHING, TRACES, PEOPLE = "CloudWatch Logs", "CloudWatch alarms and metrics", "X-Ray", "Cognito"

PRICES = {
    "api_requests": Price(API, "requests to the HTTP API", 1.00, MILLION),
    "lambda_requests": Price(LAMBDA, "calls of a function", 0.20, MILLION, MILLION),
    "lambda_gb_seconds": Price(LAMBDA, "GB-seconds of a function, x86", 16.6667, MILLION, 400_000),
    "transitions": Price(STEPS, "transitions of a standard state machine", 25.00, MILLION, 4_000),
    "reads": Price(TABLE, "read units, on demand (4 KB, consistent)", 0.125, MILLION),
    "writes": Price(TABLE, "write units, on demand (1 KB; twice in a transaction)", 0.625, MILLION),
    "table_gb": Price(TABLE, "GB of table and indexes, a month", 0.25, 1, 25),
    "backup_gb": Price(TABLE, "GB of point-in-time recovery, a month", 0.20),
    "s3_puts": Price(PLANS, "objects put", 5.00, MILLION),
    "s3_gets": Price(PLANS, "objects read", 0.40, MILLION),
    "s3_gb": Price(PLANS, "GB of objects, a month", 0.023),
    "keys": Price(KEYS, "keys, a month; each of the first two yearly rotations adds as much", 1.00),
    "kms_requests": Price(KEYS, "requests of a key", 3.00, MILLION, 20_000),
    "secrets": Price(SECRETS, "secrets, a month", 0.40),
    "secret_calls": Price(SECRETS, "calls for a secret", 5.00, MILLION),
    "events": Price(TRIGGERS, "events of our own on the bus", 1.00, MILLION),
    "schedule_calls": Price(TRIGGERS, "calls by the scheduler", 1.00, MILLION, 14 * MILLION),
    "queue_requests": Price(TRIGGERS, "requests of the queue", 0.40, MILLION, MILLION),
    "alarm_mails": Price(TRIGGERS, "mails of the topic", 20.00, MILLION, 1_000),
    "log_gb": Price(LOGS, "GB of log lines taken", 0.50, 1, 5),
    "log_kept_gb": Price(LOGS, "GB of log lines kept (compressed to 15 %), a month", 0.03),
    "alarms": Price(WATCHING, "metrics that an alarm looks at, a month", 0.10, 1, 10),
    "metrics": Price(WATCHING, "metrics of our own, a month of hours with data", 0.30, 1, 10),
    "dashboards": Price(WATCHING, "dashboards, a month", 3.00, 1, 3),
    "traces": Price(TRACES, "traces kept", 5.00, MILLION, 100_000),
    "people": Price(PEOPLE, "people who sign in, a month (tier Lite)", 0.0055, 1, 10_000),
    "app_clients": Price(PEOPLE, "app clients that sign in as themselves, a month", 6.00),
}
