#!/usr/bin/env bash
# The main job from end to end, each command printed before it runs:
#
#     bash examples/shop/demo.sh BIN DIR [EVENTS]
#
# BIN is the folder that has `habeas` and `python`, DIR the folder to make. DIR is made anew each
# time. Where the UCI Online Retail data is found (HABEAS_RETAIL=/path/to/online_retail.parquet),
# it runs on that shop, else on a made-up one of 200,000 events, or of EVENTS where given.
set -euo pipefail

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    echo "usage: bash examples/shop/demo.sh BIN DIR [EVENTS]" >&2
    exit 2
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if [ ! -x "$1/habeas" ] || [ ! -x "$1/python" ]; then
    echo "demo: there is no habeas or no python in '$1'" >&2
    exit 1
fi
bin=$(cd "$1" && pwd)
dir=$2
mark=.made-by-the-demo
events=${3:-}
retail=${HABEAS_RETAIL:-}
if [ -n "$events" ]; then
    retail=
elif [ -z "$retail" ] && [ -f "$root/../shared/data/online_retail/online_retail.parquet" ]; then
    retail=$(cd "$root/../shared/data/online_retail" && pwd)/online_retail.parquet
fi
if [ -n "$retail" ]; then
    if [ ! -f "$retail" ]; then
        echo "demo: HABEAS_RETAIL names '$retail', which is no file" >&2
        exit 1
    fi
    retail=$(cd "$(dirname "$retail")" && pwd)/$(basename "$retail")
fi

fresh() { # makes DIR; deletes one that it made before, and nothing else
    if [ -d "$dir" ] && [ -f "$dir/$mark" ]; then
        rm -rf -- "$dir"
    elif [ -e "$dir" ] && [ -n "$(ls -A -- "$dir")" ]; then
        echo "demo: '$dir' was not made by the demo; name another folder, or remove it" >&2
        exit 1
    fi
    mkdir -p -- "$dir"
    cd -- "$dir"
    dir=$PWD
    echo "The demo made this folder and deletes it when it runs again." >"$mark"
}

say() { printf '\n== %s\n' "$*"; }

printed() { # as one would type it
    local part text='$'
    for part in "$@"; do
        case $part in
        *[!A-Za-z0-9_./:=-]*) text+=" '$part'" ;;
        *) text+=" $part" ;;
        esac
    done
    printf '%s' "$text"
}

run() {
    printed "$@"
    echo
    "$@"
}

into() { # into FILE COMMAND...: its output goes to a file
    local file=$1
    shift
    printed "$@"
    printf ' > %s\n' "$file"
    "$@" >"$file"
}

reasons() { # the first finding of an account, in both languages
    into why.en.txt habeas why "$1"
    run head -n "$2" why.en.txt
    echo
    into why.fr.txt habeas why "$1" --lang fr
    run head -n "$2" why.fr.txt
}

real_shop() {
    local example=$root/examples/online-retail account=17841
    policies=$example/policies
    mkdir .habeas
    say "A real shop: a British one, 2010 to 2011 (UCI Online Retail)"
    run habeas import --map "$example/mapping.yaml" "$retail" \
        --out events.parquet --quarantine bad.ndjson
    say "Three policies, one of them a trap"
    run habeas check "$policies"
    say "Whom would they hit?"
    into plan.txt habeas plan --policies "$policies" --events events.parquet --html plan.html
    run sed '/^in all/q' plan.txt
    say "Why this account? It bought for GBP 40,992 and sent back 1.6 % of it"
    reasons "$account" 26
}

made_up_shop() {
    policies=policies
    say "A working folder"
    run habeas init --staff .
    say "A made-up shop"
    run python "$root/examples/shop/generate.py" --events "${events:-200000}" --seed 1 --out shop
    run habeas import --map mapping.yaml shop/events.ndjson \
        --out events.parquet --quarantine bad.ndjson
    say "Two policies, and their tests"
    run habeas check policies
    say "Whom would they hit, and how many of those are abusive?"
    into plan.txt habeas plan --policies policies --events events.parquet \
        --labels shop/labels.csv --mode enforce --html plan.html
    run sed '/^in all/q' plan.txt
    run grep '^labels' plan.txt
    say "Why this account?"
    reasons boris 44
    due_process
}

due_process() { # from a plan in force to a letter, an appeal by that letter, and a log
    local plan decision letter reference code appeal
    plan=$(grep -o 'habeas apply [0-9a-f]*' plan.txt | head -n 1 | cut -d ' ' -f 3)
    say "In force: findings become decisions. Warnings need nobody; what is harsher waits for a person"
    run habeas apply "$plan" --as fay
    run habeas apply "$plan" --as gus
    run habeas decide
    say "Who speaks, where customers are reached, what they have"
    run sed -i 's/certified: false/certified: true/' platform.yaml
    run python "$root/examples/shop/customers.py" shop
    run habeas contacts shop/contacts.csv
    run habeas holdings shop/holdings.ndjson
    say "Everyone is told, then it takes force"
    run habeas work --once
    run habeas standing boris
    into letter.txt python "$root/examples/shop/letter.py" .habeas/mail boris@
    run head -n 40 letter.txt
    say "Boris appeals by the letter. He needs no account for that"
    reference=$(grep -m 1 -oE 'Case reference: *[A-Z0-9-]+' letter.txt | grep -oE '[A-Z0-9-]+$')
    code=$(grep -m 1 -oE '[0-9A-Z]{4}(-[0-9A-Z]{4}){3}' letter.txt)
    run habeas appeal "$reference" --code "$code" --text "The parcels came back damaged."
    appeal=$(habeas appeals --json | python -c 'import json, sys; print(json.load(sys.stdin)["items"][0]["appeal"])')
    say "A person who did not decide it hears him, and rules; what that gives back is back at once"
    into hearing.txt habeas hear "$appeal" --as emil
    run head -n 12 hearing.txt
    run habeas rule "$appeal" --as emil --verdict overturn --reasons "The carrier confirms the damage."
    run habeas work --once
    run habeas standing boris
    say "All of it in a log that nobody can rewrite, and the laws asked again"
    run habeas init-key shop.example/log
    key=$(cat .habeas/keys/log.key.pub)
    run habeas seal
    into head.txt habeas checkpoint
    run habeas verify --policies policies --events events.parquet --checkpoint head.txt
    into grown.json habeas consistency --from head.txt
    run python "$root/examples/check_proof.py" grown.json "$key"
    decision=$(grep -oE '[0-9a-f]{32}' hearing.txt | sed -n 2p)
    run habeas proof "$decision" --out proof.json
    into checked.txt python "$root/examples/check_proof.py" proof.json "$key"
    run cut -c 1-100 checked.txt
}

export PATH="$bin:$PATH"
fresh
printf '$ cd %s\n' "$dir"
if [ -n "$retail" ]; then real_shop; else made_up_shop; fi

say "Next"
cat <<TEXT
Open $dir/plan.html: whom the policies would hit, by step, segment and hour, with samples.
Read in the same folder letter.txt and hearing.txt where they are, plan.txt (the same, in text), why.en.txt and why.fr.txt (all findings of
the account), bad.ndjson (what could not be used, each record with its reason).
Then read $root/docs/policies.md, change a policy in
$(cd "$policies" && pwd)
and plan again:
    cd $(printf '%q' "$dir")
    $(printf '%q' "$bin")/habeas plan --policies $(printf '%q' "$policies") --events events.parquet
TEXT
