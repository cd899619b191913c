#!/bin/sh
# run_suite.sh SOURCE FOLDER COMMAND...: COMMAND with FOLDER of the official suite, from $SWAGE_SUITES or beside the checkout.
set -eu
folder=${SWAGE_SUITES:-$1/../shared/suites}/spec/$2
shift 2
if [ ! -d "$folder" ]; then
  echo "skipped: no $folder; set SWAGE_SUITES to the official suites"
  exit 77
fi
exec "$@" "$folder"
