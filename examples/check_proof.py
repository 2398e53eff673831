"""Do the proofs in a file of Habeas hold?   python check_proof.py PROOF.json VERIFIER_KEY...

Needs `cryptography`, nothing of Habeas. Answers in one sentence for each proof in the file; exit
code 0 if all hold, 1 if one does not, 2 if nothing was checked. Give the key that the log
publishes (all of them where it had several): one that comes with a proof proves nothing.
"""

import hashlib
import json
import sys
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha256(*parts):
    return hashlib.sha256(b"".join(p if isinstance(p, bytes) else p.encode() for p in parts))


def ensure(holds, sentence):
    if not holds:
        sys.exit(f"The proof does not hold: {sentence}.")


def decoded(text):  # RFC 4648 section 4, one spelling a value
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        data = b""
    ensure(data and b64encode(data).decode() == text, f"{text[:60]!r} is not base64")
    return data


def once(pairs):  # which of two would count, no two readers agree on
    found = {}
    for name, value in pairs:
        ensure(name not in found, f"the file gives {name!r} twice in one place")
        found[name] = value
    return found


def signed_lines(note, vkeys):  # C2SP signed-note and tlog-checkpoint
    text, _, below = note.rpartition("\n\n")
    lines = [line.split(" ") for line in below.split("\n")[:-1]]
    made = [(name, decoded(one)) for dash, name, one in lines if dash == "\N{EM DASH}"]
    for vkey in vkeys:
        name, key_id, key = vkey.split("+", 2)
        own = sha256(name, "\n", decoded(key)).digest()[:4]
        fits = own.hex() == key_id and decoded(key)[0] == 1
        ensure(fits, "name, id and key of the verifier key do not fit")
        for one in [s[4:] for n, s in made if (n, s[:4]) == (name, own)]:
            try:
                public = Ed25519PublicKey.from_public_bytes(decoded(key)[1:])
                public.verify(one, f"{text}\n".encode())
            except InvalidSignature:
                ensure(False, f"the signature of {name} is not one of this checkpoint")
            origin, size, root = text.split("\n")[:3]
            ensure(origin == name, f"the checkpoint is of another log, {origin}")
            ensure(size == str(int(size)), f"the size of the checkpoint is written {size!r}")
            return origin, int(size), decoded(root)
    return ensure(False, f"the checkpoint has no signature of the key {' or '.join(vkeys)}")


def root_of(leaf, index, size, path):  # RFC 9162 section 2.1.3.2
    ensure(0 <= index < size, f"there is no leaf {index} in a log of {size}")
    here, last = index, size - 1
    for sibling in path:
        ensure(last and len(sibling) == 32, f"the path is not one for leaf {index} of {size}")
        if here % 2 or here == last:
            leaf = sha256(b"\1", sibling, leaf).digest()
            while here and here % 2 == 0:
                here, last = here // 2, last // 2
        else:
            leaf = sha256(b"\1", leaf, sibling).digest()
        here, last = here // 2, last // 2
    ensure(last == 0, f"the path is too short for leaf {index} of {size}")
    return leaf


def check_consistency(proof, trusted):  # RFC 9162 section 2.1.4.2
    origin, size, known = signed_lines(proof["old"], trusted)
    other, grown, root = signed_lines(proof["new"], trusted)
    ensure(origin == other, f"the heads are of two logs, {origin} and {other}")
    ensure(0 < size <= grown, f"nothing proves a log of {grown} to go on from {size}")
    path = [decoded(one) for one in proof["path"]]
    path = path if size & (size - 1) and size < grown else [known, *path]
    ensure(size < grown or len(path) == 1, "between two heads of one size there is no path")
    ensure(path and all(len(one) == 32 for one in path), "the path is not one of these sizes")
    here, last = (size - 1, grown - 1) if size < grown else (0, 0)
    while here % 2:
        here, last = here // 2, last // 2
    old = new = path[0]
    for one in path[1:]:
        ensure(last, "the path is not one of these sizes")
        if here % 2 or here == last:
            old, new = sha256(b"\1", one, old).digest(), sha256(b"\1", one, new).digest()
            while here and here % 2 == 0:
                here, last = here // 2, last // 2
        else:
            new = sha256(b"\1", new, one).digest()
        here, last = here // 2, last // 2
    ensure(last == 0, "the path is not one of these sizes")
    ensure(old == known, f"the path does not give the root that was signed for {size}")
    ensure(new == root, f"the path does not give the root that was signed for {grown}")
    return f"The proof holds: the log of {grown} of {origin} goes on from that of {size}."


def check(proof, trusted):
    if proof["format"] == "habeas-consistency-v1":
        return check_consistency(proof, trusted)
    ensure(proof["format"] == "habeas-proof-v1", "the file is not of the format habeas-proof-v1")
    kind, text, salt, commitment = (proof[k] for k in ("kind", "value", "salt", "commitment"))
    ensure((text is None) == (salt is None), "of the value and its salt one is missing")
    own = text is None or sha256("habeas-value-v1\n", salt, "\n", text).hexdigest() == commitment
    ensure(own, "the value and the salt do not give the commitment")
    leaf = sha256(b"\0", "habeas-leaf-v1\n", kind, "\n", commitment, "\n")
    fits = leaf.hexdigest() == proof["leaf_hash"]
    ensure(fits, "the kind and the commitment do not give the leaf hash")
    key, index, moves = proof["verifier_key"], proof["index"], proof["moves"]
    whole = [name for name in ("index", "moves") if type(proof[name]) is not int]
    ensure(not whole, f"{whole and whole[0]!r} is not a whole number")
    ensure(key in trusted, "it names another key than the one you trust")
    origin, size, root = signed_lines(proof["checkpoint"], [key])
    ensure(0 <= moves <= size, f"a log of {size} cannot have {moves} moves")
    found = root_of(leaf.digest(), index, size, map(decoded, proof["path"]))
    ensure(found == root, "the path does not lead from the leaf to the signed root")
    what = f"a {kind} whose text was erased" if text is None else f"the {kind} {text}"
    of = f"decision {proof['decision']}, which had {moves} moves then"
    return f"The proof holds: leaf {index} of {size} of {origin}, for {of}, is {what}."


def check_whole(proofs):  # a list proves all that a decision had, so that nothing is left out
    had, there = {}, {}
    for proof in proofs:
        name, kind, value = proof["decision"], proof["kind"], json.loads(proof["value"] or "null")
        had[name] = max(proof["moves"], had.get(name, 0))
        if kind == "decision_move" and value:
            ensure(value["decision"] == name, f"a move of {value['decision']} is given for {name}")
            there.setdefault(name, set()).add(value["number"])
    for name, moves in had.items():
        own = there.get(name, set())
        lacks = [str(n) for n in range(min(moves, len(own) + 9)) if n not in own]
        named = f"{', '.join(lacks)} (from 0)"
        ensure(not lacks, f"of the {moves} moves of decision {name} the list lacks {named}")


def main(path=None, *trusted):
    if path is None or not trusted:
        print(
            "Nothing was checked: without the key that the log publishes, a proof proves nothing"
            " about who signed it (check_proof.py PROOF.json VERIFIER_KEY).",
            file=sys.stderr,
        )
        return 2  # fmt: skip
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"), object_pairs_hook=once)
        ensure(found != [], "the file is empty")
        said = [check(p, trusted) for p in (found if isinstance(found, list) else [found])]
        if isinstance(found, list):
            check_whole([p for p in found if "decision" in p])
    except RecursionError:
        ensure(False, "the file is nested too deeply")
    except (LookupError, TypeError, ValueError, AttributeError, OSError) as error:
        ensure(False, f"the file cannot be read as a proof ({error!r})")
    print("\n".join(said))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
