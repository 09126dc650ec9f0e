"""A whole topic, read by aiokafka: `topic.py BROKER TOPIC PARTITIONS` prints key, value, headers and partition."""

import asyncio
import json
import sys

from aiokafka import AIOKafkaConsumer, TopicPartition


async def main(broker: str, topic: str, partitions: int) -> list:
    consumer = AIOKafkaConsumer(bootstrap_servers=broker, enable_auto_commit=False, fetch_max_wait_ms=100)
    await consumer.start()
    try:
        parts = [TopicPartition(topic, part) for part in range(partitions)]
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        ends = await consumer.end_offsets(parts)
        found = []
        while any([await consumer.position(part) < ends[part] for part in parts]):
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                for one in batch:
                    headers = [(name, value.decode()) for name, value in one.headers]
                    value = None if one.value is None else one.value.decode()
                    found.append([one.key.decode(), value, headers, one.partition])
        return found
    finally:
        await consumer.stop()


print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))))
