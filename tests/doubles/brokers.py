"""Brokers of Kafka in a process of their own: librdkafka's mock cluster, which speaks the protocol over real sockets.

It keeps messages in memory, and knows no TLS, no passwords and no compaction. Prints the address of a broker; ends with
its stdin.
"""

import sys

from confluent_kafka import Producer

cluster = Producer({"test.mock.num.brokers": int(sys.argv[1]), "log_level": 0})
broker = next(iter(cluster.list_topics(timeout=10).brokers.values()))
print(f"{broker.host}:{broker.port}", flush=True)
sys.stdin.read()
