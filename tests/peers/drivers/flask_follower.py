"""Flask-WebSub as a follower: ``flask_follower.py PORT FOLDER TOPIC_URL``. Says what happens, a line of JSON each."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import threading
import time

from flask import Flask
from flask_websub.subscriber import (
    SQLite3SubscriberStorage,
    SQLite3TempSubscriberStorage,
    Subscriber,
    discover,
)


def say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


port, folder, topic_url = int(sys.argv[1]), sys.argv[2], sys.argv[3]
app = Flask(__name__)
app.config["SERVER_NAME"] = f"127.0.0.1:{port}"
subscriber = Subscriber(
    SQLite3SubscriberStorage(f"{folder}/subscriptions"), SQLite3TempSubscriberStorage(f"{folder}/asked")
)
app.register_blueprint(subscriber.build_blueprint(url_prefix="/callbacks"))


@subscriber.add_success_handler
def verified(topic: str, callback: str, mode: str) -> None:
    say(event=mode, topic=topic, callback=callback)


@subscriber.add_error_handler
def denied(topic: str, _callback: str, reason: str) -> None:
    say(event="denied", topic=topic, reason=reason)


@subscriber.add_listener
def taken(topic: str, _callback: str, body: bytes) -> None:
    ids = re.findall(rb"urn:uuid:[0-9a-f-]{36}", body)
    say(
        event="content",
        topic=topic,
        digest=hashlib.sha256(body).hexdigest(),
        ids=[one.decode() for one in ids],
    )


def command() -> None:
    """Subscribe, and unsubscribe when told to on standard input."""
    time.sleep(0.5)
    with app.app_context():
        found = discover(topic_url)
        say(event="discovered", **found)
        callback_id = subscriber.subscribe(**found)
        say(event="asked")
    for line in sys.stdin:
        if line.strip() == "unsubscribe":
            with app.app_context():
                subscriber.unsubscribe(callback_id)


threading.Thread(target=command, daemon=True).start()
app.run(port=port, threaded=True)
