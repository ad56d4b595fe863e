"""What one key says against another: placed, plain and with a remedy."""

from __future__ import annotations

import pytest
from config_sample import changed, mistakes

ACROSS = [  # (what is changed, to what, the one line that is reported)
    *(
        (
            "\noutputs:",
            f"\nhub: {written}\noutputs:",
            f"34:6: hub: expected text, got {got}; write own, or the address of another's hub",
        )
        for written, got in (("true", '"true"'), ("[own]", "a list"))
    ),
    (
        "\noutputs:",
        "\nhub: https://feeds.jambiseru.com/hub/\noutputs:",
        "34:6: hub: this is our own hub's address; write own",
    ),
    (
        "network: paper",
        "network:",
        "11:13: partners[0].network: nothing stands here; write a value, or remove the key",
    ),
    (
        "    domains: [paper.example]",
        "    domains: [paper.example]\n    terms:",
        "23:11: partners[1].terms: nothing stands here; write a value, or remove the key: then headline and link only",
    ),
    (
        "    domains: [paper.example]",
        "    domains: [paper.example]\n    attribution:",
        "23:17: partners[1].attribution: nothing stands here; write a value, or remove the key: then the house formula",
    ),
    (
        "valid_until: 2027-10-31",
        "valid_until:",
        "15:19: partners[0].terms.valid_until: nothing stands here; write a value, or remove the key",
    ),
    (
        "2027-10-31",
        "2021-10-31",
        "15:20: partners[0].terms.valid_until: the last day is before the first, 2022-11-01",
    ),
    (
        "embargo: 30m",
        "embargo: 30m\n      expires_after: 30m",
        "17:22: partners[0].terms.expires_after: not longer than the embargo of 30m, "
        "so nothing would ever be published",
    ),
    (
        "[agency.example]",
        "[agency.example, paper.example]",
        "22:15: partners[1].domains[0]: the same as partners[0].domains[1] in line 10; each must be different",
    ),
    (
        "[paper.example]",
        "[news.agency.example]",
        "22:15: partners[1].domains[0]: inside agency.example, which is partners[0].domains[0] in line 10; "
        "subdomains are included, and no host belongs to two partners",
    ),
    (
        "[agency.example]",
        "[x.paper.example]",
        "10:15: partners[0].domains[0]: inside paper.example, which is partners[1].domains[0] in line 22; ",
    ),
    (
        "network: paper",
        "network: papper",
        '11:14: partners[0].network: unknown partner "papper"; did you mean "paper"?',
    ),
    (
        "network: paper",
        "network: agency",
        "11:14: partners[0].network: a partner cannot be its own network; remove the key when it is direct",
    ),
    (
        "    network: paper\n",
        "",
        "17:17: partners[0].attribution.template: {network} is used, but this partner has no network; add network, "
        "or leave the field out",
    ),
    (
        "{origin}",
        "{orign}",
        '18:17: partners[0].attribution.template: unknown field "{orign}"; did you mean "origin"?',
    ),
    (
        "{origin}",
        "{origin.x}",
        '18:17: partners[0].attribution.template: unknown field "{origin.x}"; did you mean "origin"?',
    ),
    (
        "{origin}",
        "{origin!r}",
        '18:17: partners[0].attribution.template: unknown field "{origin!r}"; did you mean "origin"?',
    ),
    (
        "{origin}",
        "{origin:9}",
        '18:17: partners[0].attribution.template: unknown field "{origin:9}"; did you mean "origin"?',
    ),
    (
        "{origin}",
        "{0}",
        '18:17: partners[0].attribution.template: unknown field "{0}"; known: origin, network, ',
    ),
    (
        "{origin}",
        "{origin",
        '18:17: partners[0].attribution.template: a single "{"; close the field, or double a literal brace',
    ),
    (
        "{origin}",
        "origin}",
        '18:17: partners[0].attribution.template: a single "}"; close the field, or double a literal brace',
    ),
    (
        "- id: paper\n    name",
        "- id: agency\n    name",
        "19:9: partners[1].id: the same as partners[0].id in line 7; each must be different",
    ),
    (
        "- id: paper\n    partner",
        "- id: agency\n    partner",
        "25:9: sources[1].id: the same as sources[0].id in line 24; each must be different",
    ),
    (
        "partner: agency",
        "partner: agenci",
        '24:27: sources[0].partner: unknown partner "agenci"; did you mean "agency"?',
    ),
    (
        "https://paper.example/feed/",
        "http://AGENCY.example/rss/",
        "27:10: sources[1].url: the same as sources[0].url in line 24; each must be different",
    ),
    (
        "topics: [politik]",
        "topics: [politk]",
        '28:14: sources[1].topics[0]: unknown topic "politk"; did you mean "politik"?',
    ),
    (
        "{title: Semua}",
        "{title: Semua, id: topics}",
        "35:32: outputs.combined.id: the name topics is taken by the feeds per topic; choose another",
    ),
    (
        "  retired",
        "  topics: {title: '{name}'}\n  retired",
        '36:19: outputs.topics.title: unknown field "{name}"; known: topic',
    ),
    (
        "id: topics/lama",
        "id: all",
        '36:18: outputs.retired[0].id: "all" is published; remove it from the retired ones',
    ),
    (
        "moved_to: topics/politik",
        "moved_to: topics/lama",
        '36:41: outputs.retired[0].moved_to: "topics/lama" is retired itself; name a published output',
    ),
    (
        "outputs:\n",
        "keep: {stories: 6d}\noutputs:\n",
        "34:17: keep.stories: stories are kept for 6d but shown for 7d; ",
    ),
    (
        "{title: Semua}",
        "{title: Semua}\n  defaults: {max_age: 500d}",
        "36:23: outputs.defaults.max_age: stories are kept for 400d but shown for 500d; ",
    ),
    (
        "outputs:\n",
        "overrides: [{story: 'http://a.b', topics: [politik]}, {story: 'http://a.b', topics: [x]}]\noutputs:\n",
        "34:63: overrides[1].story: the same as overrides[0].story in line 34; each must be different",
    ),
    *(
        ("  retired", f"  custom: [{{id: jambi, title: J, where: {where}}}]\n  retired", f"36:{expected}")
        for where, expected in (
            (
                "{place: Jamby}",
                '49: outputs.custom[0].where.place[0]: unknown place "Jamby"; did you mean "Jambi"?',
            ),
            (
                "{place: [Jambi, Atlantis Raya]}",
                '57: outputs.custom[0].where.place[1]: unknown place "Atlantis Raya"; '
                "name a province, a city or a regency of Indonesia",
            ),
            (
                "{topic: politk}",
                '49: outputs.custom[0].where.topic[0]: unknown topic "politk"; did you mean "politik"?',
            ),
            (
                "{partner: [agenci]}",
                '52: outputs.custom[0].where.partner[0]: unknown partner "agenci"; did you mean',
            ),
            (
                "{}",
                "41: outputs.custom[0].where: nothing is asked for; without a wish it is the combined feed",
            ),
        )
    ),
    *(
        (
            "outputs:\n",
            f"subscribers: [{{id: a, name: A, {keys}}}, {{id: b, name: B}}]\noutputs:\n",
            f"34:{expected}",
        )
        for keys, expected in (
            (
                "partner: papper",
                '41: subscribers[0].partner: unknown partner "papper"; did you mean "paper"?',
            ),
            (
                "where: {topic: politk}",
                '47: subscribers[0].where.topic[0]: unknown topic "politk"; did you mean "politik"?',
            ),
            (
                "where: {partner: [paper, agenci]}",
                '57: subscribers[0].where.partner[1]: unknown partner "agenci"; did you mean',
            ),
            (
                "where: {place: Jamby}",
                '47: subscribers[0].where.place[0]: unknown place "Jamby"; did you mean "Jambi"?',
            ),
            (
                "link: site",
                "38: subscribers[0].link: link: site needs site.story_url, the address of a story on our site",
            ),
            (
                "partner:",
                "40: subscribers[0].partner: nothing stands here; write a value, or remove the key",
            ),
        )
    ),
    (
        "outputs:\n",
        "subscribers: [{id: a, name: A}, {id: a, name: B}]\noutputs:\n",
        "34:38: subscribers[1].id: the same as subscribers[0].id in line 34; each must be different",
    ),
    (
        'keywords: {pemilu: 3, "dpr ri": 2}',
        "keywords: {Pemilu: 3, pemilu: 2}",
        "33:35: topics[0].keywords.pemilu: the same as topics[0].keywords.Pemilu in line 33; each must be different",
    ),
    (
        "  retired",
        "  custom: [{id: all, title: J, where: {place: Jambi}}]\n  retired",
        "36:17: outputs.custom[0].id: the name all is taken; choose another",
    ),
    (
        "  retired",
        "  custom: [{id: s, title: J, where: {place: Jambi}}]\n  retired",
        "36:17: outputs.custom[0].id: the name s is taken; choose another",
    ),
    (
        "{title: Semua}",
        "{title: Semua, id: s}",
        "35:32: outputs.combined.id: the name s is taken by the feeds of subscribers; choose another",
    ),
    (
        "  retired",
        "  custom: [{id: x, title: J, where: {place: Jambi}}, {id: x, title: J, where: {place: Riau}}]\n  retired",
        "36:59: outputs.custom[1].id: the same as outputs.custom[0].id in line 36; each must be different",
    ),
    (
        "  retired: [{id: topics/lama,",
        "  custom: [{id: lama, title: J, where: {place: Jambi}}]\n  retired: [{id: lama,",
        '37:18: outputs.retired[0].id: "lama" is published; remove it from the retired ones',
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), ACROSS, ids=[f"{case[1]!r:.40}" for case in ACROSS])
def test_a_contradiction_is_placed_and_explained(old: str, new: str, expected: str) -> None:
    found = mistakes(changed(old, new))
    assert any(line.startswith(f"feeds.yaml:{expected}") for line in found), found
