#!/bin/sh
# The scale model: its ledger, truth, labels and signed chain, in DIR.
# usage: make.sh MKSCALE MKCHAIN DIR [SEED]
set -eu
mkscale=$1
mkchain=$2
dir=$3
mkdir -p "$dir"
"$mkscale" --seed "${4:-20180126}" fixtures/coincheck/record "$dir"
"$mkchain" --sparse "$dir/scale.ledger" -o "$dir/chain.json.new"
mv "$dir/chain.json.new" "$dir/chain.json"
"$mkchain" --address thief >"$dir/thief.txt"
