#!/bin/sh
# A trial that is tortured: ten steps, and a word in FOLDER/twice when it finds
# itself running already. It resumes where it was, as trials do.
#
#     trial.sh FOLDER
# SPDX-License-Identifier: Apache-2.0
exec 9>"$SENTEI_DIR/held"
flock -n 9 || echo "$SENTEI_DIR" >>"$1/twice"
read -r step 2>/dev/null <"$SENTEI_DIR/step" || step=0
while [ "$step" -lt 10 ]; do
    step=$((step + 1))
    echo "sentei: step=$step v=$step"
    echo $step >"$SENTEI_DIR/new" && mv "$SENTEI_DIR/new" "$SENTEI_DIR/step"
    sleep 0.02 9>&- # or it would hold on after a kill
done
