"""Our WebSub hub at work: what is asked of it is taken and verified, and news is delivered (W3C WebSub, 5 to 7).

With another's hub in its place, that one is told where there is news. Callbacks and secrets stand in no log.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urljoin

import structlog

from aggregator.app import App
from aggregator.config.model import Config
from aggregator.errors import FetchError, ForbiddenAddressError
from aggregator.model.document import private_key
from aggregator.model.fetch import Reply
from aggregator.model.follower import Delivery, HubRequest, PendingRequest, fingerprint_of
from aggregator.model.hosts import domain_of, host_of
from aggregator.model.push import PushAnswer
from aggregator.outputs.channel import link_header
from aggregator.outputs.render import moved_paths, paths_of
from aggregator.push import hub
from aggregator.store.reads import ReadTx
from aggregator.store.writes import WriteTx
from aggregator.subscribing import outputs_in_force

log = structlog.get_logger()

# Nobody is waited for longer who is asked, or sent something.
DEADLINE_S = 10.0
# How much there may be, at the callbacks of one domain and in all. Renewals are no more followers, and requests that
# were asked in vain give way: so nobody holds the room of others for long with what is never confirmed.
FOLLOWERS_PER_DOMAIN = 2_000
FOLLOWERS_AT_MOST = 20_000
PENDING_PER_DOMAIN = 200
PENDING_AT_MOST = 2_000
BUSY_RETRY_S = 60
FULL_RETRY_S = 3_600

_CHALLENGE_BYTES = 32
_ECHO_BYTES = 256  # of an answer; the challenge is shorter
_NOT_PUBLISHED = "hub.topic is not the self address of a feed that is published here"
_FEED_ENDED = "this feed is not published at this address any more"
_HUB_ENDED = "this hub tells of no feed any more"

# --- requests -----------------------------------------------------------------------------------------------------


async def take_request(app: App, body: bytes, content_type: str) -> PushAnswer:
    """Answer a subscriber's POST to our hub: 202 when it is kept, to be verified soon by ``settle_request``.

    What is answered depends on nothing that the callback does (section 5.1.2), and does not tell whether an address was
    ever published. Raises StoreError.
    """
    asked = hub.read_request(body, content_type)
    if isinstance(asked, hub.Refused):
        return PushAnswer(asked.status, asked.words)
    if app.config.hub != "own":
        return PushAnswer(404, "This desk is no hub")
    if not app.net.may_ask(asked.callback):
        return PushAnswer(400, "hub.callback is at an address that we never ask: it must be a public one")
    path = hub.topic_path(asked.topic, app.config.site.feeds_url)
    # Looked at first by itself: whoever sends nonsense keeps nobody from writing.
    if refused := await app.read(partial(_refusal, app.config, path, asked, app.clock())):
        return refused
    return await app.write(partial(_admit, app.config, path, asked, app.clock()))


def _admit(config: Config, path: str, asked: HubRequest, now: datetime, tx: WriteTx) -> PushAnswer:
    if refused := _refusal(config, path, asked, now, tx):
        return refused
    host = host_of(asked.callback)
    tx.put_hub_request(path, host, asked, now)
    tx.make_room(domain_of(host), PENDING_PER_DOMAIN, PENDING_AT_MOST)
    return PushAnswer(202, "Accepted: your callback is asked soon whether you meant it")


def _refusal(config: Config, path: str, asked: HubRequest, now: datetime, tx: ReadTx) -> PushAnswer | None:
    """Why a request is not kept: of nothing that can be followed, or one more than there is room for."""
    paths = followable(config, tx, now)
    if path not in paths or path not in tx.document_versions():
        new_url = _new_url(config, path, paths)
        return PushAnswer(404, f"{_NOT_PUBLISHED}: follow {new_url}" if new_url else _NOT_PUBLISHED)
    return _excess(tx, path, asked)


def _excess(tx: ReadTx, path: str, asked: HubRequest) -> PushAnswer | None:
    """Why there is no room for one more request."""
    crowd = tx.crowd(domain_of(host_of(asked.callback)))
    if crowd.requests_of_domain >= PENDING_PER_DOMAIN:
        return PushAnswer(429, "Too many requests of your domain wait to be verified", BUSY_RETRY_S)
    if crowd.requests >= PENDING_AT_MOST:
        return PushAnswer(503, "Too many requests wait to be verified", BUSY_RETRY_S)
    if asked.mode == "unsubscribe" or tx.is_follower(path, asked.callback):
        return None
    if crowd.followers_of_domain >= FOLLOWERS_PER_DOMAIN:
        return PushAnswer(429, f"Your domain follows {FOLLOWERS_PER_DOMAIN} feeds, and no more", FULL_RETRY_S)
    if crowd.followers >= FOLLOWERS_AT_MOST:
        return PushAnswer(503, "This hub has as many followers as it can have", FULL_RETRY_S)
    return None


async def settle_request(app: App, request: PendingRequest) -> None:
    """Verify a request, or tell a denial. Where nobody answers it is tried again a few times, then dropped; what was
    before stays as it is then (section 5.1). Raises StoreError.
    """
    asked, began_at = request.asked, app.clock()
    challenge = secrets.token_urlsafe(_CHALLENGE_BYTES)  # a new one for each try
    is_denial = asked.mode == "denied"
    answer = await _ask(app, hub.denial_url(asked) if is_denial else hub.verification_url(asked, challenge))
    tries = request.tries + 1
    is_in_vain = answer is None or (answer.status >= 500 and not is_denial)
    if is_in_vain and (wait_s := hub.ask_again_after_s(tries)) is not None:
        again_at = app.clock() + timedelta(seconds=wait_s)
        await app.write(lambda tx: tx.postpone_hub_request(request.request_id, tries, again_at))
        return
    is_meant = answer is not None and hub.is_verified(answer.status, answer.body, challenge)
    await app.write(partial(_settle, request, began_at, is_meant=is_meant))
    about = _about(request.host, asked.callback, request.path) | {"mode": asked.mode}
    if is_denial:
        log.info("told a follower that it is over", reason=asked.reason, **about)
    elif is_meant:
        log.info("a request to our hub was confirmed", **about)
    else:
        said = f"it answered {answer.status}" if answer else "nobody answered"
        log.info("a request to our hub was not confirmed", problem=said, **about)


def _settle(request: PendingRequest, began_at: datetime, tx: WriteTx, *, is_meant: bool) -> None:
    """The lease counts from the moment at which the callback was asked."""
    is_newest = tx.end_hub_request(request.request_id)
    if not is_newest or not is_meant:
        return
    if request.asked.mode == "subscribe":
        tx.follow(request, began_at + timedelta(seconds=request.asked.lease_s), began_at)
    elif request.asked.mode == "unsubscribe":
        tx.unfollow(request.path, request.asked.callback)


async def _ask(app: App, url: str) -> Reply | None:
    """What a callback answers to a question, None when it does not."""
    try:
        return await app.net.send(url, deadline_s=DEADLINE_S, read_bytes=_ECHO_BYTES)
    except ForbiddenAddressError:
        return Reply(403)  # ours: there is no use in asking again
    except FetchError:
        return None


# --- news ---------------------------------------------------------------------------------------------------------


def queue_news(tx: WriteTx, config: Config, paths: Collection[str], now: datetime) -> None:
    """Let all who follow these documents be owed what is new in them, and the hub that we name instead of our own."""
    if config.hub not in (None, "own"):
        topics = {path: _topic(config, path) for path in paths if link_header(path, config)}
        tx.add_hub(config.hub, host_of(config.hub), topics, now)
    tx.queue_news(paths)


async def deliver(app: App, delivery: Delivery) -> str:
    """Send the document, or tell another's hub of it; returns what came of it: delivered, failed, given-up or ended.

    Only 2xx takes it, 410 ends the follower, and whatever else is tried again, up to a limit (section 7). Raises
    StoreError when that cannot be kept: then it is delivered again.
    """
    about = _about(delivery.host, delivery.callback, delivery.document.path)
    problem = ""
    try:
        answer = await _send(app, delivery)
    except FetchError as error:
        problem = str(error)
    else:
        if answer.status == 410 and not delivery.is_hub:
            await app.write(lambda tx: tx.end_follower(delivery.follower_id))
            log.info("a follower is gone", **about)
            return "ended"
        problem = hub.refusal(answer.status)
    now = app.clock()
    if not problem:
        await app.write(lambda tx: tx.delivered(delivery, now))
        return "delivered"
    wait_s = hub.retry_after_s(delivery.tries + 1)
    again_at = None if wait_s is None else now + timedelta(seconds=wait_s)
    await app.write(lambda tx: tx.not_delivered(delivery, problem, again_at, now))
    if wait_s is None:
        log.warning("given up until there is more news", problem=problem, **about)
        return "given-up"
    log.info("not delivered", problem=problem, again_s=wait_s, **about)
    return "failed"


async def _send(app: App, delivery: Delivery) -> Reply:
    document = delivery.document
    if delivery.is_hub:
        body, headers = hub.ping(_topic(app.config, document.path))
    else:
        links = link_header(document.path, app.config)
        body = document.body
        headers = hub.delivery_headers(document.media_type, links, body, delivery.secret)
    return await app.net.send(delivery.callback, deadline_s=DEADLINE_S, body=body, headers=headers)


def _topic(config: Config, path: str) -> str:
    return urljoin(config.site.feeds_url, path)


def _about(host: str, callback: str, path: str) -> dict[str, str]:
    return {"host": host, "follower": fingerprint_of(callback), "document": _named(path)}


def _named(path: str) -> str:
    """A document as logs may name it: who knows a subscriber's address can read there."""
    return "a subscriber's feed" if private_key(path) else path


# --- what is over -------------------------------------------------------------------------------------------------


def followable(config: Config, tx: ReadTx, now: datetime) -> frozenset[str]:
    """The documents that are published now and name a hub: ours, or another's."""
    outputs = outputs_in_force(config, tx, now)
    return frozenset(path for output in outputs for path in paths_of(output) if link_header(path, config))


async def tidy(app: App, *, with_leases: bool) -> None:
    """End leases that are over, where the clock is to be believed in that: ``with_leases``; and all following of
    documents that are not published any more, or not where they were followed, or that our hub does not tell of any
    more. Raises StoreError.
    """
    if await app.read(partial(_is_untidy, app.config, app.clock(), with_leases=with_leases)):
        await app.write(partial(_tidy, app.config, app.clock(), with_leases=with_leases))


def _is_untidy(config: Config, now: datetime, tx: ReadTx, *, with_leases: bool) -> bool:
    return (with_leases and tx.has_ended_lease(now)) or any(_strays(config, now, tx))


def _tidy(config: Config, now: datetime, tx: WriteTx, *, with_leases: bool) -> None:
    if with_leases:
        tx.end_leases(now)
    topics, pinged = _strays(config, now, tx)
    paths = followable(config, tx, now)
    for topic in sorted(topics):
        tx.end_following([topic], _why_over(config, topic, paths), now)
    tx.forget_hubs(pinged)


def _why_over(config: Config, topic: str, paths: Collection[str]) -> str:
    if config.hub != "own":
        return _HUB_ENDED
    new_url = _new_url(config, hub.topic_path(topic, config.site.feeds_url), paths)
    return f"{_FEED_ENDED}: follow {new_url}" if new_url else _FEED_ENDED


def _new_url(config: Config, path: str, paths: Collection[str]) -> str:
    """Where a retired feed is followed now, of those that can be; '' for one that did not move."""
    new_path = moved_paths(config).get(path, "")
    return _topic(config, new_path) if new_path in paths else ""


def _strays(config: Config, now: datetime, tx: ReadTx) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """Documents that are followed and cannot be any more, by the addresses at which they are; and hubs of others that
    need not be told any more.
    """
    followed, pinged = tx.followed_topics(), tx.pinged()
    if not followed and not pinged:
        return followed, pinged
    paths = followable(config, tx, now)
    live_pings = {(path, config.hub) for path in paths}
    if config.hub == "own":
        feeds_url = config.site.feeds_url
        return frozenset(one for one in followed if hub.topic_path(one, feeds_url) not in paths), pinged
    return followed, frozenset(one for one in pinged if one not in live_pings)


def lost_followers(config: Config, tx: ReadTx, now: datetime) -> list[str]:
    """Whom ``tidy`` would tell that it is over, were the configuration in force, and why: in words."""
    topics, _ = _strays(config, now, tx)
    paths = followable(config, tx, now)
    lost = Counter(
        _why_lost(config, is_published=one.path in paths)
        for one in tx.followers()
        if not one.is_hub and one.topic in topics
    )
    return [
        f"{f'{number} followers by WebSub are' if number > 1 else '1 follower by WebSub is'} told that it is over: "
        f"{why}"
        for why, number in sorted(lost.items())
    ]


def _why_lost(config: Config, *, is_published: bool) -> str:
    if config.hub != "own":
        return "the desk is no hub any more"
    if not is_published:
        return "what they follow is published no more"
    return "site.feeds_url is another; whoever wants to go on has to follow at the new address"
