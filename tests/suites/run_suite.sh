#!/bin/sh
# run_suite.sh SWAGE MODE SOURCE FOLDER: runs FOLDER of the official suite, from $SWAGE_SUITES or beside the checkout.
set -eu
folder=${SWAGE_SUITES:-$3/../shared/suites}/spec/$4
if [ ! -d "$folder" ]; then
  echo "skipped: no $folder; set SWAGE_SUITES to the official suites"
  exit 77
fi
exec "$1" wast "$2" "$folder"
