#!/bin/sh
# The line of JSON that make sync owes where Python could not write it: no_figures.sh STATUS
nothing=
for figure in chain height blocks transactions operations records live digest incidents unproved last_block_at; do
    nothing="$nothing\"$figure\": null, "
done
echo "{$nothing\"seconds\": 0.0, \"exit\": $1}"
