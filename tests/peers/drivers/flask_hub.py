"""Flask-WebSub as a partner with a hub of its own: ``flask_hub.py PORT FOLDER``.

Serves FOLDER/feed.rss at /feed, names its hub and itself in Link headers, and tells its subscribers when a line comes
on standard input.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from celery import Celery
from flask import Flask, Response
from flask_websub.hub import Hub, SQLite3HubStorage

port, folder = int(sys.argv[1]), Path(sys.argv[2])
base = f"http://127.0.0.1:{port}"
app = Flask(__name__)
celery = Celery("hub")
celery.conf.task_always_eager = True
hub = Hub(SQLite3HubStorage(str(folder / "hub")), celery)
app.register_blueprint(hub.build_blueprint(url_prefix="/hub"))


@app.get("/feed")
def feed() -> Response:
    links = f'<{base}/hub>; rel="hub", <{base}/feed>; rel="self"'
    body = (folder / "feed.rss").read_bytes()
    return Response(body, content_type="application/rss+xml", headers={"Link": links})


def command() -> None:
    """A change is told of with each line."""
    for _ in sys.stdin:
        hub.send_change_notification.delay(f"{base}/feed")
        print("told", flush=True)


threading.Thread(target=command, daemon=True).start()
app.run(port=port, threaded=True)
