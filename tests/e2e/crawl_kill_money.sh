#!/bin/sh
# The same as crawl_kill.sh, of a case that knows what was stolen.
# usage: crawl_kill_money.sh XEMTRACE FIXTURE_NODE MKCHAIN [STEP]
exec "$(dirname "$0")/crawl_kill.sh" "$1" "$2" "$3" "${4:-1}" seeded
