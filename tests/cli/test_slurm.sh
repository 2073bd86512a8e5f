#!/bin/sh
# Scale-out on a real Slurm: the sbatch script of docs/scale-out.md as it stands there, merged by a
# job that waits for the array; and an array of which one task is killed in the middle. The result
# is the one that a single process writes, to the byte.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"
# shellcheck source=tests/cli/slurm_cluster.sh
. "$WERKBANK_SOURCE/tests/cli/slurm_cluster.sh"
slurm_start

cat >suite.yaml <<YAML
apiVersion: werkbank/v1
kind: Suite
metadata: {name: array}
spec:
  seeds: [1, 2, 3, 4, 5]
  runs:
    - scenario: $WERKBANK_SOURCE/scenarios/day/scenario.yaml
    - scenario: $WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml
YAML
expect 0 '' bench run suite.yaml --db whole.db -q

# The script is the page's, cut out by its fence.
page=$WERKBANK_SOURCE/docs/scale-out.md
awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on && /^#!/ { mine = 1 } !on { mine = 0 }
    on && mine' "$page" >array.sbatch
check "the page has an sbatch script" grep -q '^#SBATCH' array.sbatch
mkdir bin results
ln -s "$WERKBANK" bin/werkbank
PATH=$work/bin:$PATH
export PATH

wait_for_end() { # job
    tries=0
    while [ -n "$(squeue -h -j "$1" 2>/dev/null)" ] && [ "$tries" -lt 600 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
}

# ---- an array, and a job that merges behind it ----

job=$(sbatch --parsable --array=0-3 array.sbatch suite.yaml results/array.db)
check "the array is taken" [ -n "$job" ]
sbatch --wait --dependency="afterok:$job" -o merge.log \
    --wrap "werkbank merge results/array.*.db --out results/array.db" >sbatch.log
check "the merge ends well: $(cat merge.log)" grep -q '20 of 20 runs' merge.log
check "four tasks wrote four shards" [ "$(find results -name 'array.*-of-0004.db' | wc -l)" -eq 4 ]
check "and the whole is the whole" cmp whole.db results/array.db

# ---- a task killed in the middle ----

job=$(sbatch --parsable --array=0-1 array.sbatch suite.yaml results/killed.db)
tries=0
until [ -n "$(find results -path '*0000-of-0002.db.parts/*' -name '*.db' 2>/dev/null)" ] ||
    [ "$tries" -ge 600 ]; do
    tries=$((tries + 1))
    sleep 0.02
done
scancel -b -s KILL "${job}_0" 2>kill.log
wait_for_end "$job"
check "no half result has the shard's name: $(cat kill.log)" [ ! -e results/killed.0000-of-0002.db ]
check "what it finished is there" [ -n "$(find results/killed.0000-of-0002.db.parts -name '*.db')" ]
check "the other task went on" [ -e results/killed.0001-of-0002.db ]

# That task once more, as the page has it.
WERKBANK_SHARD_COUNT=2 sbatch --wait --array=0 -o again.log array.sbatch suite.yaml \
    results/killed.db >sbatch.log
check "it goes on where it was" grep -q '^werkbank: [1-9].* there already' again.log
expect 0 '' merge results/killed.0000-of-0002.db results/killed.0001-of-0002.db --out killed.db
check "and the whole is the whole" cmp whole.db killed.db

finish
