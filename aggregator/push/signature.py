"""Signatures of what is pushed: HMAC over the body (W3C WebSub, section 7.1)."""

from __future__ import annotations

import hashlib
import hmac
import re

# What hubs may sign with, by the names of the specification (section 7.1.1). Anything else proves nothing.
_METHODS = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}
_SIGNATURE = re.compile(r"([a-z0-9]+)=([0-9a-fA-F]+)")


def sign(body: bytes, secret: str) -> str:
    """The value of ``X-Hub-Signature`` for a body; SHA-256 is the least that the specification still recommends."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def is_signed(body: bytes, secret: str, signature: str) -> bool:
    """Whether ``signature``, a value of ``X-Hub-Signature``, was made of this body by who knows the secret."""
    named = _SIGNATURE.fullmatch(signature.strip())
    if named is None or (method := _METHODS.get(named[1])) is None:
        return False
    return hmac.compare_digest(hmac.new(secret.encode(), body, method).hexdigest(), named[2].lower())
