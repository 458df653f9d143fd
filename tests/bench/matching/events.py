"""Writes the events of the benchmark: seeded, with Zipf-skewed wishes, loose, tight or hard.

    python events.py FOLDER              the nine generated events
    python events.py FOLDER PUBLISHED    the published business-to-business instances as events

Loose: most participants are there most of the time. Tight: as loose, with half the rooms. Hard: patchy availability.
"""

import json
import pathlib
import random
import re
import sys

SIZES = [(20, 60, 12), (60, 200, 16), (183, 2000, 24)]
PROFILES = {
    # rooms per desk, desk availability, company availability
    "loose": (0.8, 0.95, 0.77),
    "tight": (0.4, 0.95, 0.77),
    "hard": (0.8, 0.60, 0.60),
}


def event(desks, companies, slots, profile, seed):
    rooms, desk_there, company_there = PROFILES[profile]
    chance = random.Random(f"{desks}/{companies}/{slots}/{profile}/{seed}")
    order = list(range(desks))
    chance.shuffle(order)
    popularity = [1 / (1 + order[d]) ** 0.8 for d in range(desks)]

    def there(share):
        if profile == "hard":
            # Patches: one stretch of the day, with holes.
            length = max(1, round(slots * chance.uniform(share - 0.1, share + 0.2)))
            start = chance.randint(0, slots - length)
            found = [t for t in range(start, start + length) if chance.random() < 0.85]
            return found or [start]
        found = [t for t in range(slots) if chance.random() < share]
        return found or [chance.randrange(slots)]

    participants = [{"side": "desk", "available": there(desk_there), "max": slots - 1, "min": 0} for _ in range(desks)]
    participants += [
        {"side": "company", "available": there(company_there), "max": chance.randint(3, 8), "min": 0}
        for _ in range(companies)
    ]
    meetings = []
    for company in range(companies):
        wished = []
        for _ in range(chance.randint(3, 12)):
            desk = chance.choices(range(desks), popularity)[0]
            if desk not in wished:
                wished.append(desk)
        for rank, desk in enumerate(wished):
            weight = max(1, 10 - rank) + chance.randint(0, 5)
            meetings.append({"a": desk, "b": desks + company, "weight": weight})
    return {
        "slots": slots,
        "rooms": [round(rooms * desks)] * slots,
        "participants": participants,
        "meetings": meetings,
    }


def published(text):
    """One instance of the scheduling problem in MiniZinc data form, as an event in which every meeting must be held."""

    def number(name):
        return int(re.search(rf"\b{name}\s*=\s*(\d+)", text)[1])

    def block(name):
        return re.search(rf"\b{name}\s*=\s*\[(.*?)\]\s*;", text, re.S)[1]

    def sets(name):
        return [[int(x) for x in re.findall(r"\d+", s) if int(x) > 0] for s in re.findall(r"\{(.*?)\}", block(name))]

    slots, morning = number("nTotalSlots"), number("nMorningSlots")
    rows = [[int(x) for x in re.findall(r"\d+", row)] for row in block("requested").split("|") if row.strip()]
    fixed = [int(x) for x in re.findall(r"\d+", block("fixed"))]
    parts = {1: list(range(morning)), 2: list(range(morning, slots)), 3: None}
    participants = [
        {"side": "company", "available": [t for t in range(slots) if t + 1 not in away], "max": slots, "min": 0}
        for away in sets("forbidden")
    ]
    meetings = [
        {
            "a": a - 1,
            "b": b - 1,
            "weight": 1,
            "slots": parts[part],
            "fixed": fixed[m] - 1 if fixed[m] else None,
            "after": [before - 1 for before in sets_before],
            "must_hold": True,
        }
        for m, ((a, b, part), sets_before) in enumerate(zip(rows, sets("precedences")))
    ]
    assert len(meetings) == number("nMeetings") and len(participants) == number("nBusiness")
    return {
        "slots": slots,
        "rooms": [number("nTables")] * slots,
        "participants": participants,
        "meetings": meetings,
        "fairness": 2,
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if len(sys.argv) > 2:
        for path in sorted(pathlib.Path(sys.argv[2]).glob("*.dzn")):
            name = path.name.split(".")[0]
            (folder / f"{name}.json").write_text(json.dumps(published(path.read_text())))
        return
    for desks, companies, slots in SIZES:
        for profile in PROFILES:
            name = f"{desks}x{companies}x{slots}-{profile}"
            (folder / f"{name}.json").write_text(json.dumps(event(desks, companies, slots, profile, 1)))


main()
