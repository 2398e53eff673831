"""The fast kernel: every fact of every key in one pass over the log, O(1) an event.

It is table-driven: facts are rows of arrays, not generated code, so it is compiled once and a new
policy costs no compile. `engine.twin` is the same kernel written to be read; both give the same
value for every fact at every event, and the tests hold them to it.

How a window is kept. The events of a key that some fact reads stand in one list in order of time
(ties in log order). Each window has a cursor at its oldest event; when the key's clock moves, the
cursor walks over what has left and takes it out of the running values. A late event is put at its
place in the list, found from the end or from where the last late one went. Of a distinct value only
its latest event counts: when a newer one comes, the older is unmarked, so that leaving costs no
look-up. first, last, min, max and age keep chains of the events that can still become the answer.
"""
# The compiled functions have no annotations: numba infers their types, int64 and int32 arrays.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator, misc"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

COUNT, SUM, DISTINCT, FIRST, LAST, LEAST, GREATEST = range(7)
NONE = -1  # no row
BEFORE_ALL = -(2**63) + 1  # a clock that no event has moved
# A record of an event: when, in which facts it counts now and which facts read it (a bit each),
# then the values that facts read.
TIME, MARKS, READ, VALUES = range(4)
# The links of an event: its key, its neighbours in time, then the chains of facts.
OWNER, FORWARD, BACKWARD, CHAINS = range(4)
# The state of a key: its clock and list, then a cursor a window, then two words a fact.
CLOCK, HEAD, TAIL, FINGER, CURSORS = range(5)
# A fact: its kind, window (0: all history), the column of its value, the most it counts, and
# where its chain, its pairs and its window stand.
KIND, OVER, VALUE, CAP, CHAIN, PAIRS, WINDOW = range(7)


# No function allocates, so none needs numba's reference counts; with them each call costs 20 ns.
compiled: Any = njit(cache=True, nogil=True, _nrt=False)  # type: ignore[call-overload]


@compiled
def advance(start, keys, records, links, keyed, facts, windows, limits, pairs, used, out, known):
    """Take the rows from `start` on, one for each of `keys` (NONE: the event lacks the key).

    `limits` is room for one number a window. Writes the value of each fact to `out` and `known`,
    and, in a last line of `out`, the key's clock. Returns (NONE, NONE), or the event and the fact
    at which a sum left 64 bits.
    """
    words, clocks = CURSORS + len(windows), len(facts)
    for i in range(len(keys)):
        key, row = keys[i], start + i
        links[row, OWNER] = key
        time = records[row, TIME]
        out[clocks, i] = time
        if key == NONE:
            known[:, i] = False
            continue
        clock = max(keyed[key, CLOCK], time)
        keyed[key, CLOCK] = out[clocks, i] = clock
        for w in range(len(windows)):
            limits[w] = clock - windows[w]
            oldest = keyed[key, CURSORS + w]
            if oldest != NONE and records[oldest, TIME] <= limits[w]:
                _leave(key, w, limits[w], words, keyed, records, links, facts)
        if records[row, MARKS]:
            _link(row, time, key, keyed, records, links, limits)
        for f in range(len(facts)):
            low, kind, over = words + 2 * f, facts[f, KIND], facts[f, OVER]
            limit = clock - over if over else BEFORE_ALL
            if (records[row, MARKS] >> f) & 1:
                if time <= limit:
                    records[row, MARKS] &= ~(np.int64(1) << f)
                elif kind == COUNT:
                    keyed[key, low] += 1
                else:
                    _add(row, time, key, f, low, limit, keyed, records, links, facts, pairs, used)
            value = keyed[key, low]
            if kind <= DISTINCT:
                if kind == SUM and keyed[key, low + 1] != value >> 63:
                    return i, f
                out[f, i], known[f, i] = min(value, facts[f, CAP]), True
                continue
            if over and value != NONE and records[value, TIME] <= limit:
                value = _forget(key, f, low, limit, keyed, records, links, facts)
            known[f, i] = value != NONE
            out[f, i] = records[value, facts[f, VALUE]] if value != NONE else 0
    return NONE, NONE


@compiled
def _leave(key, w, limit, words, keyed, records, links, facts):
    """Walk one window's cursor over what has left, and take it out of the running values."""
    row = keyed[key, CURSORS + w]
    while row != NONE and records[row, TIME] <= limit:
        marks = records[row, MARKS]
        for f in range(len(facts)):
            if facts[f, WINDOW] == w and (marks >> f) & 1:
                low = words + 2 * f
                if facts[f, KIND] == SUM:
                    _subtract(key, low, records[row, facts[f, VALUE]], keyed)
                else:
                    keyed[key, low] -= 1
        row = links[row, FORWARD]
    keyed[key, CURSORS + w] = row


@compiled
def _link(row, time, key, keyed, records, links, limits):
    """Put a row in its key's list, in order of time, and mend the cursors."""
    last = keyed[key, TAIL]
    if last == NONE or time >= records[last, TIME]:
        before, following = last, NONE
        keyed[key, TAIL] = row
    else:
        before = _place(time, last, keyed[key, FINGER], records, links)
        following = links[before, FORWARD] if before != NONE else keyed[key, HEAD]
        links[following, BACKWARD] = row
        keyed[key, FINGER] = row
    if before == NONE:
        keyed[key, HEAD] = row
    else:
        links[before, FORWARD] = row
    links[row, BACKWARD], links[row, FORWARD] = before, following
    for w in range(len(limits)):
        if keyed[key, CURSORS + w] == following and time > limits[w]:
            keyed[key, CURSORS + w] = row


@compiled
def _place(time, last, finger, records, links):
    """The row after which a late event stands, NONE for the front. The search starts at the end
    or where the last late event went, whichever is nearer in time."""
    before = last
    if finger != NONE and abs(records[finger, TIME] - time) < records[last, TIME] - time:
        before = finger
        following = links[before, FORWARD]
        while following != NONE and records[following, TIME] <= time:
            before, following = following, links[following, FORWARD]
    while before != NONE and records[before, TIME] > time:
        before = links[before, BACKWARD]
    return before


@compiled
def _add(row, time, key, f, low, limit, keyed, records, links, facts, pairs, used):
    """Take a row, not older than its window, into any fact but a count."""
    kind, column = facts[f, KIND], facts[f, VALUE]
    if kind == SUM:
        _sum(key, low, records[row, column], keyed)
    elif kind == DISTINCT:
        _differ(row, time, key, f, low, limit, keyed, records, links, facts, pairs, used)
    elif facts[f, OVER]:
        _chain(row, time, key, f, low, keyed, records, links, facts)
    elif (
        kind == LAST
        or keyed[key, low] == NONE
        or (kind != FIRST and not _as_good(records, column, kind, keyed[key, low], row))
    ):
        keyed[key, low] = row


@compiled
def _sum(key, low, value, keyed):
    """Add to a sum of 128 bits, so that only its value, not the way to it, can be too large."""
    total = np.uint64(keyed[key, low]) + np.uint64(value)
    keyed[key, low + 1] += (value >> 63) + (1 if total < np.uint64(value) else 0)
    keyed[key, low] = np.int64(total)


@compiled
def _subtract(key, low, value, keyed):
    before = np.uint64(keyed[key, low])
    keyed[key, low + 1] -= (value >> 63) + (1 if before < np.uint64(value) else 0)
    keyed[key, low] = np.int64(before - np.uint64(value))


@compiled
def _differ(row, time, key, f, low, limit, keyed, records, links, facts, pairs, used):
    """Count a value if it is not in the window yet; only its latest event stays marked."""
    p = facts[f, PAIRS]
    column = facts[f, VALUE]
    slot = _slot(pairs, p, records, links, column, key, records[row, column])
    other = pairs[p, slot]
    bit = np.int64(1) << f
    if other == NONE:
        used[facts[f, PAIRS]] += 1
        keyed[key, low] += 1
    elif not facts[f, OVER]:
        return
    elif records[other, TIME] > time:
        records[row, MARKS] &= ~bit
        return
    elif records[other, TIME] > limit:
        records[other, MARKS] &= ~bit
    else:
        keyed[key, low] += 1
    pairs[p, slot] = row


@compiled
def _slot(pairs, p, records, links, column, key, value):
    """Where the latest row of the pair (key, value) is, or the free place for it."""
    mask = np.uint64(pairs.shape[1] - 1)
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= np.uint64(value) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    place = (mixed ^ (mixed >> np.uint64(32))) & mask
    while True:
        row = pairs[p, place]
        if row == NONE or (links[row, OWNER] == key and records[row, column] == value):
            return place
        place = (place + np.uint64(1)) & mask


@compiled
def rehash(old, new, p, records, links, column):
    """Move a table of pairs into a larger one."""
    for row in old[p]:
        if row != NONE:
            slot = _slot(new, p, records, links, column, links[row, OWNER], records[row, column])
            new[p, slot] = row


@compiled
def _as_good(records, column, kind, one, other):
    """Whether row `one` is as good an answer to min or max as row `other`."""
    if kind == LEAST:
        return records[one, column] <= records[other, column]
    return records[one, column] >= records[other, column]


@compiled
def _chain(row, time, key, f, low, keyed, records, links, facts):
    """Keep a row that is, or may become, the answer of a windowed first, last, min or max."""
    kind, chain = facts[f, KIND], CHAINS + facts[f, CHAIN]
    if kind == FIRST:  # in log order; links lead to the next
        links[row, chain] = NONE
        if keyed[key, low] == NONE:
            keyed[key, low] = row
        else:
            links[keyed[key, low + 1], chain] = row
        keyed[key, low + 1] = row
    elif kind == LAST:  # a stack in log order; what leaves no later than the new one is dropped
        top = keyed[key, low]
        while top != NONE and records[top, TIME] <= time:
            top = links[top, chain]
        links[row, chain] = top
        keyed[key, low] = row
    else:
        _rank(row, time, key, kind, chain, facts[f, VALUE], low, keyed, records, links)


@compiled
def _rank(row, time, key, kind, chain, column, low, keyed, records, links):
    """The chain of min or max, in order of time: each is better than all that leave after it
    would be, so the oldest is the answer. Links: the next at `chain`, the one before after it."""
    before, following = keyed[key, low + 1], NONE
    while before != NONE and records[before, TIME] > time:
        before, following = links[before, chain + 1], before
    if following != NONE and _as_good(records, column, kind, following, row):
        return  # one that leaves later is as good
    while before != NONE and _as_good(records, column, kind, row, before):
        before = links[before, chain + 1]
    links[row, chain], links[row, chain + 1] = following, before
    if before == NONE:
        keyed[key, low] = row
    else:
        links[before, chain] = row
    if following == NONE:
        keyed[key, low + 1] = row
    else:
        links[following, chain + 1] = row


@compiled
def _forget(key, f, low, limit, keyed, records, links, facts):
    """Drop from a chain what has left its window, and return the row that leads it now."""
    row, chain = keyed[key, low], CHAINS + facts[f, CHAIN]
    while row != NONE and records[row, TIME] <= limit:
        row = links[row, chain]
    keyed[key, low] = row
    if row == NONE:
        keyed[key, low + 1] = NONE
    elif facts[f, KIND] >= LEAST:
        links[row, chain + 1] = NONE
    return row


@compiled
def behind(row, limit, fact, tail, records, links, found):
    """The rows not after `row` that a fact read, with times above `limit`: the latest of them, in
    time and then in the log, as many as `found` has room for. Returns how many."""
    count, one = 0, tail
    while one != NONE and records[one, TIME] > limit and count < len(found):
        if one <= row and (records[one, READ] >> fact) & 1:
            found[count] = one
            count += 1
        one = links[one, BACKWARD]
    return count


@compiled
def number_keys(codes, numbers, count, out):
    """Number the keys of a batch in the order in which they first come; NONE stays NONE. Returns
    how many keys there are now."""
    for i in range(len(codes)):
        code = codes[i]
        if code == NONE:
            out[i] = NONE
            continue
        if numbers[code] == NONE:
            numbers[code] = count
            count += 1
        out[i] = numbers[code]
    return count


@compiled
def order_by_key(codes, starts, order):
    """Put the rows of each key together, in log order; first those that lack the key (NONE).
    `starts` has a zero for each code and two more; afterwards starts[code + 1] is where the rows
    of a code end. With a key's history in one place, a replay needs the memory's cache, not its
    latency."""
    for code in codes:
        starts[code + 2] += 1
    for code in range(1, len(starts)):
        starts[code] += starts[code - 1]
    for row in range(len(codes)):
        place = codes[row] + 1
        order[starts[place]] = row
        starts[place] += 1


@compiled
def climb(accounts, holds, known, clocks, afters, held, steps, since, rows, made, causes):
    """`core.policy.findings.advance` for each event in turn: where a condition makes findings.

    `held`, `steps` and `since` are the positions of accounts, by code; they move on. Writes the
    row, the step and the cause (0: became true, 1: stayed true) of each finding; returns how many.
    """
    count = 0
    for row in range(len(accounts)):
        if not known[row]:
            continue
        account = accounts[row]
        if not holds[row]:
            held[account] = False
            continue
        step = steps[account]
        following = step + 1
        due = following == 0 or (
            following < len(afters) and clocks[row] - since[account] >= afters[following]
        )
        if due or not held[account]:
            causes[count] = 1 if due and held[account] else 0
            if due:
                step, since[account] = following, clocks[row]
            rows[count], made[count] = row, step
            count += 1
        held[account], steps[account] = True, step
    return count
