"""Does a proof file of Habeas hold?   python check_proof.py PROOF.json [VERIFIER_KEY]

Needs `cryptography`, nothing of Habeas. Answers in one sentence for each proof in the file; exit
code 0 if all hold, else 1.
Give the key that the log publishes: a key that comes with a proof proves nothing by itself.
"""

import hashlib
import json
import sys
from base64 import b64decode
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha256(*parts):
    return hashlib.sha256(b"".join(p if isinstance(p, bytes) else p.encode() for p in parts))


def ensure(holds, sentence):
    if not holds:
        sys.exit(f"The proof does not hold: {sentence}.")


def signed_lines(note, vkey):  # C2SP signed-note and tlog-checkpoint
    name, key_id, key = vkey.split("+", 2)
    key = b64decode(key, validate=True)
    own = sha256(name, "\n", key).digest()[:4]
    ensure(own.hex() == key_id and key[0] == 1, "name, id and key of the verifier key do not fit")
    text, _, below = note.rpartition("\n\n")
    lines = [line.split(" ") for line in below.split("\n")[:-1]]
    made = [b64decode(s) for dash, n, s in lines if (dash, n) == ("\N{EM DASH}", name)]
    made = [s[4:] for s in made if s[:4] == own]
    ensure(made, f"the checkpoint has no signature of the key {vkey}")
    try:
        Ed25519PublicKey.from_public_bytes(key[1:]).verify(made[0], f"{text}\n".encode())
    except InvalidSignature:
        ensure(False, f"the signature of {name} is not one of this checkpoint")
    return text.split("\n")


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


def check(proof, trusted=None):
    ensure(proof["format"] == "habeas-proof-v1", "the file is not of the format habeas-proof-v1")
    kind, text, salt, commitment = (proof[k] for k in ("kind", "value", "salt", "commitment"))
    ensure((text is None) == (salt is None), "of the value and its salt one is missing")
    own = text is None or sha256("habeas-value-v1\n", salt, "\n", text).hexdigest() == commitment
    ensure(own, "the value and the salt do not give the commitment")
    leaf = sha256(b"\0", "habeas-leaf-v1\n", kind, "\n", commitment, "\n")
    fits = leaf.hexdigest() == proof["leaf_hash"]
    ensure(fits, "the kind and the commitment do not give the leaf hash")
    key, index = proof["verifier_key"], proof["index"]
    ensure(trusted in (None, key), "it names another key than the one you trust")
    origin, size, root = signed_lines(proof["checkpoint"], key)[:3]
    ensure(origin == key.split("+")[0], f"the checkpoint is of another log, {origin}")
    found = root_of(leaf.digest(), index, int(size), map(b64decode, proof["path"]))
    ensure(found == b64decode(root), "the path does not lead from the leaf to the signed root")
    what = f"a {kind} whose text was erased" if text is None else f"the {kind} {text}"
    key = "the key you gave" if trusted else f"{key} (compare it with the published key)"
    print(f"The proof holds: leaf {index} of {size} of {origin} is {what}, signed with {key}.")


if __name__ == "__main__":
    try:
        found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        ensure(found != [], "the file is empty")
        for proof in found if isinstance(found, list) else [found]:
            check(proof, *sys.argv[2:3])
    except (LookupError, TypeError, ValueError, AttributeError, OSError) as error:
        ensure(False, f"the file cannot be read as a proof ({error!r})")
