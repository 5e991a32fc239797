#!/bin/sh
# The table of characters' widths is what its maker makes of Unicode's own.
set -eu
cd "$(dirname "$0")/../.."
[ "$(/usr/bin/python3 -c 'import unicodedata; print(unicodedata.unidata_version)')" = 14.0.0 ] || {
	echo "width: Unicode of another version here: not compared"
	exit 0
}
tools/width_table.py | diff src/export/width_table.h - || {
	echo "width: src/export/width_table.h is not what tools/width_table.py makes"
	exit 1
}
