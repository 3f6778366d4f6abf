"""Follows a device, or several ('plant-1/+'): each record once as a JSON line on stdout, what is missing on stderr.

python consumer.py mqtt://127.0.0.1:1883 plant-1/gateway-7 [--receipts]        (with paho-mqtt 2)
"""

import gzip
import json
import sys
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt

url, target, receipts = urlsplit(sys.argv[1]), sys.argv[2], "--receipts" in sys.argv
books = {}  # By site, device, boot: ranges of the seqs that came, and of those that came or are told to be lost.


def add(ranges, first, last):
    """Adds to ranges, which stay in order and apart; returns False where it was among them."""
    at = next((i for i in range(len(ranges), 0, -1) if ranges[i - 1][1] < first - 1), 0)
    near = [pair for pair in ranges[at:] if pair[0] <= last + 1]
    ends = sum(near[:1] + near[-1:], [first, last])
    ranges[at : at + len(near)] = [[min(ends), max(ends)]]
    return near != ranges[at : at + 1]


def gaps(ranges, highest):
    """Returns what of 1 to `highest` is not in the ranges."""
    ends = [0, *(end for pair in ranges for end in pair), highest + 1]
    return [[low + 1, high - 1] for low, high in zip(ends[::2], ends[1::2]) if low + 1 < high]


def on_message(client, _, message):
    """The broker hears of a message when this returns and the device by the receipt: when its records are written."""
    *_, site, device, channel = message.topic.split("/")
    try:
        zipped = message.payload[:2] == b"\x1f\x8b"
        content = json.loads(gzip.decompress(message.payload) if zipped else message.payload)
        boot, records = content["boot"], content.get("records", [])
        if content["schema"] != f"edgewright.{channel}/1" or not all(record["seq"] > 0 for record in records):
            raise ValueError("not as agreed")
    except Exception as error:
        return print(f"{message.topic}: {error!r}", file=sys.stderr, flush=True)
    (came, known), ranges = books.setdefault((site, device, boot), ([], [])), []
    for record in records:
        fresh, *_ = [add(some, record["seq"], record["seq"]) for some in (came, known, ranges)]
        if fresh:
            print(json.dumps({"site": site, "device": device, "boot": boot, "record": record}), flush=True)
        if record.get("type") == "loss":
            add(books.setdefault((site, device, record["boot"]), ([], []))[1], record["first"], record["last"])
    if receipts and ranges:
        client.publish(message.topic.removesuffix("records") + "receipt", json.dumps({"boot": boot, "ranges": ranges}), 1)
    if channel == "status":
        print(f"{message.topic} {boot}: missing {gaps(known, content['seq'])}", file=sys.stderr, flush=True)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
topics = [(f"edgewright/v1/{target}/{channel}", 1) for channel in ("status", "records")]
client.on_connect = lambda *_: client.subscribe(topics)
client.on_subscribe = lambda *_: print(f"following {target}", file=sys.stderr, flush=True)
client.on_message = on_message
client.connect_async(url.hostname, url.port or 1883)  # Before it: username_pw_set, tls_set, as the broker wants it.
client.loop_forever(retry_first_connection=True)
