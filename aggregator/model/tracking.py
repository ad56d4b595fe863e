"""Parameters of addresses that tell who came from where, and nothing of the page."""

from __future__ import annotations

import re

# Campaigns, clicks of advertisements and mails, and what social networks add to what is shared there. Names that some
# sites need to find the page (ref, source, id, share) are none.
TRACKING = re.compile(
    r"utm_\w*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|li_fat_id|igshid|igsh|srsltid|mibextid"
    r"|gad_(?:source|campaignid)|mc_[ce]id|_hs(?:enc|mi)|mkt_tok|vero_id|oly_(?:anon|enc)_id|_ga|_gl|ref_src|ref_url"
    r"|fb_\w+|at_(?:medium|campaign)|cmpid|ncid|__twitter_impression|__tn__|__cft__\S*"
)


def is_tracking(name: str) -> bool:
    """Whether a parameter of that name can go from any address."""
    return TRACKING.fullmatch(name.lower()) is not None
