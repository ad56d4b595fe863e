"""Our subscriptions at partners' hubs: kept in line with what documents offer, verified, and pushed to (W3C WebSub).

A subscription is renewed by a new one with a callback and a secret of its own; then the old one is left.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urljoin, urlsplit

import structlog

from aggregator.app import App
from aggregator.config.model import Source
from aggregator.errors import FetchError, ForbiddenAddressError
from aggregator.model.push import PushAnswer, Pushed
from aggregator.model.source import SourceState
from aggregator.model.subscription import HubOffer, Subscription
from aggregator.net.guard import Guard
from aggregator.push import subscriber
from aggregator.push.discovery import secure_form
from aggregator.push.signature import is_signed
from aggregator.rereading import READ_WITH
from aggregator.store.reads import ReadTx
from aggregator.store.writes import WriteTx

log = structlog.get_logger()

# Below site.feeds_url; then comes the token.
CALLBACK_PATH = "websub/"
HUB_DEADLINE_S = 10.0
# 307 and 308 lead to the hub that takes requests (section 5.1.2).
MAX_REDIRECTS = 3
# Of what a hub answers, its words for developers.
WORDS_BYTES = 500
# Whoever pushes learns the same of a good signature and of none.
TAKEN = PushAnswer(202, "Received")
NOBODY = PushAnswer(404, "Nobody subscribed with this address")
OVER = PushAnswer(410, "This subscription is over")


# --- asked for ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Survey:
    """What is to be done now, and the tokens under which hubs may push."""

    steps: subscriber.Steps
    tokens: frozenset[str]


async def survey(app: App) -> Survey:
    """Look what is to be done. Raises StoreError."""
    return await app.read(partial(_survey, app))


async def take_steps(app: App, under_way: Collection[str]) -> tuple[Subscription, ...]:
    """Keep what is to be done now; returns the subscriptions whose hubs are then to be asked.

    Not those whose tokens are ``under_way``. They are kept before their hubs are asked, for those may verify at once.
    Raises StoreError.
    """
    return await app.write(partial(_take_steps, app, under_way))


async def ask(app: App, one: Subscription) -> str:
    """Ask a hub to subscribe us, or to let us go, and keep what it answered; returns what is wrong, '' for nothing.

    A hub that names itself by http is asked by https first. Raises StoreError.
    """
    body = subscriber.form(one)
    trouble = ""
    for hub in filter(None, (secure_form(one.hub), one.hub)):
        trouble = await _post(app, hub, body)
        if not trouble:
            break
    await app.write(partial(_keep_answer, app, one, trouble))
    return trouble


def _survey(app: App, tx: ReadTx) -> Survey:
    now = app.clock()
    known = tx.living_subscriptions(now - subscriber.BEGUN_WITHIN, now)
    tokens = frozenset(one.token for one in known if one.state in ("active", "leaving"))
    return Survey(subscriber.next_steps(known, _offers(app, tx), _callback_base(app), now), tokens)


def _take_steps(app: App, under_way: Collection[str], tx: WriteTx) -> tuple[Subscription, ...]:
    now, base = app.clock(), _callback_base(app)
    steps = subscriber.next_steps(tx.subscriptions(), _offers(app, tx), base, now)
    asked = [one for one in steps.asked if one.token not in under_way]
    asked += [
        subscriber.begun(source_id, offer, base, secrets.token_urlsafe(32), secrets.token_urlsafe(48), now)
        for source_id, offer in steps.wanted
    ]
    for one in (*steps.changed, *asked):
        tx.put_subscription(one)
    tx.forget_subscriptions(steps.forgotten)
    tx.poll_soon(steps.polled, now)
    return tuple(asked)


def _callback_base(app: App) -> str:
    return urljoin(app.config.site.feeds_url, CALLBACK_PATH)


def _offers(app: App, tx: ReadTx) -> dict[str, HubOffer]:
    """By source, of those that may be pushed; none while no hub could reach us."""
    config = app.config
    try:
        Guard(config.fetch.allow_networks).check_url(config.site.feeds_url)
    except ForbiddenAddressError:
        return {}
    offered = tx.hub_offers()
    return {
        source.id: offered[source.id][1]
        for source in config.sources
        # At another address than it was read at, the source says something else.
        if _may_be_pushed(source) and source.id in offered and offered[source.id][0] == source.url
    }


def _may_be_pushed(source: Source) -> bool:
    return source.enabled and source.push


async def _post(app: App, hub: str, body: bytes) -> str:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    url = hub
    try:
        for _ in range(1 + MAX_REDIRECTS):
            reply = await app.net.send(
                url, deadline_s=HUB_DEADLINE_S, body=body, headers=headers, read_bytes=WORDS_BYTES
            )
            if 200 <= reply.status < 300:
                return ""
            if reply.status not in (307, 308) or not reply.location:
                words = subscriber.in_one_line(reply.body.decode("utf-8", "replace"))
                return f"{urlsplit(url).hostname} answered {reply.status}{f': {words}' if words else ''}"
            leads_to = urljoin(url, reply.location)
            if url.startswith("https:") and not leads_to.startswith("https:"):
                return f"{urlsplit(url).hostname} redirects from https to where our secret could be read"
            url = leads_to
    except (FetchError, ValueError) as error:
        return subscriber.without_secrets(str(error))
    return f"{urlsplit(hub).hostname} redirects more than {MAX_REDIRECTS} times, which is a fixed limit"


def _keep_answer(app: App, asked: Subscription, trouble: str, tx: WriteTx) -> None:
    one = tx.subscription(asked.token)
    # Else it was verified already.
    if one is not None and (one.state, one.asked_at) == (asked.state, asked.asked_at):
        tx.put_subscription(subscriber.after_answer(one, trouble, app.clock()))


# --- verified -----------------------------------------------------------------------------------------------------


async def verify_intent(
    app: App, token: str, query: str, on_change: Callable[[Subscription], None] = lambda _: None
) -> str | None:
    """What to echo to a hub that asks whether we meant it, '' for one that tells that it denied; None: 404.

    ``query`` is that of the request, as it came. ``on_change`` is told what the subscription became by it, if anything.
    Raises StoreError.
    """
    one = await app.read(lambda tx: tx.subscription(token))
    verdict = subscriber.judge(one, query, app.clock()) if one else None
    if verdict is None or verdict.subscription == one:
        return verdict.echo if verdict else None  # nothing is written for whoever only tries
    verdict, is_change = await app.write(partial(_verify, app, token, query))
    if verdict is not None and is_change:
        on_change(verdict.subscription)
    return verdict.echo if verdict else None


def _verify(app: App, token: str, query: str, tx: WriteTx) -> tuple[subscriber.Verdict | None, bool]:
    """The verdict, and whether it changed anything: another request may have been quicker."""
    now, one = app.clock(), tx.subscription(token)
    verdict = subscriber.judge(one, query, now) if one else None
    if one is None or verdict is None or verdict.subscription == one:
        return verdict, False
    changed = [verdict.subscription]
    if verdict.subscription.state == "active":
        changed = subscriber.taken_up(verdict.subscription, tx.subscriptions_of(one.source_id), now)
    elif one.state == "active":
        tx.poll_soon([one.source_id], now)
    for each in changed:
        tx.put_subscription(each)
    return verdict, True


# --- pushed -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Accepted:
    """A push that is really one, for a source. ``can_be_decided``: not before what is stored was read anew, and not
    while a subscription is asked for at another address that the document calls its own.
    """

    source: Source
    subscription: Subscription
    can_be_decided: bool


async def judge_push(app: App, token: str, pushed: Pushed) -> Accepted | PushAnswer:
    """Whether what was pushed is to be taken, or what is answered instead. Raises StoreError.

    The callback alone says for which subscription it is, never a header. Signatures by SHA-1 are accepted: most hubs
    sign so for the sake of old subscribers, and what is known against SHA-1 (collisions) forges no HMAC of a secret.
    """
    one, state, read_with = await app.read(partial(_known_of, token))
    if one is None or one.state == "pending":
        return NOBODY
    source = app.config.find_source(one.source_id)
    if one.state not in ("active", "leaving") or source is None or not _may_be_pushed(source):
        return OVER
    speaks = subscriber.speaks_for(one, state, source.url, source.partner)
    if not speaks and (one.state == "leaving" or state is None or not state.offer):
        return OVER
    if len(pushed.body) > (limit := app.config.fetch.max_body):
        return PushAnswer(413, f"More than {limit:,} bytes")
    if not is_signed(pushed.body, one.secret, pushed.signature):
        await _tell_of_forgery(app, one)
        return TAKEN
    return Accepted(source, one, speaks and read_with == app.publish_key)


def _known_of(token: str, tx: ReadTx) -> tuple[Subscription | None, SourceState | None, str | None]:
    one = tx.subscription(token)
    return one, tx.source_state(one.source_id) if one else None, tx.meta(READ_WITH)


async def poll_instead(app: App, source_ids: Collection[str]) -> None:
    """What was pushed of these is fetched: a poll brings all of it. Raises StoreError."""
    await app.write(lambda tx: tx.poll_soon(source_ids, app.clock()))


async def listen(app: App) -> None:
    """From now on hubs reach us; what they could not push before is polled. Raises StoreError."""
    await app.write(partial(_listen, app))


def _listen(app: App, tx: WriteTx) -> None:
    now = app.clock()
    tx.poll_soon(tx.listen(now), now)


async def _tell_of_forgery(app: App, one: Subscription) -> None:
    """Once, so that a hub that signs in a wrong way is found out, and who tries again and again costs little."""
    words = "something was pushed without our signature, and ignored"
    if one.problem != words:
        log.warning("push ignored", source=one.source_id, hub=one.hub, problem=words)
        await app.write(partial(_put_problem, one.token, words))


def _put_problem(token: str, words: str, tx: WriteTx) -> None:
    if (one := tx.subscription(token)) is not None:
        tx.put_subscription(replace(one, problem=words))
