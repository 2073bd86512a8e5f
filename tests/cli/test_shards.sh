#!/bin/sh
# Shards: any number of them, by option or by the variables of Slurm, Kubernetes and AWS Batch,
# gives the same database to the byte; a killed one goes on; mixtures are refused.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

for name in $(env | sed -n 's/^\(SLURM_[A-Z_]*\|AWS_BATCH_[A-Z_]*\|JOB_[A-Z_]*\)=.*/\1/p'); do
    unset "$name" # an engine that runs this test is not meant
done

cat >suite.yaml <<YAML
apiVersion: werkbank/v1
kind: Suite
metadata: {name: shards}
spec:
  seeds: [1, 2, 3]
  runs:
    - scenario: $WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml
    - scenario: $WERKBANK_SOURCE/scenarios/spot-weather/scenario.yaml
      contenders: [karpenter, ca]
YAML
expect 0 '' bench run suite.yaml --db whole.db -j 1 -q
cp out whole.out

same() { # files...
    expect 0 '' merge "$@" --out merged.db
    check "merged from $# shards it is the whole" cmp whole.db merged.db
}

# ---- by option ----

for count in 2 5; do
    index=0
    while [ "$index" -lt "$count" ]; do
        expect 0 '' bench run suite.yaml --db by.db --shard "$index/$count" -j 2 -q
        index=$((index + 1))
    done
    same by.*-of-000"$count".db
done
werkbank bench run suite.yaml --db by.db --shard 1/2 -o csv
check "a shard says where it goes" grep -q 'shard 1 of 2 (--shard) goes to by.0001-of-0002.db' err
check "a second start finds its runs" grep -q '^werkbank: 6 runs were there already' err

for index in 0 1; do
    expect 0 '' bench run suite.yaml --db figures.db --shard "$index/2" --keep figures -q
done
expect 0 '' merge by.*-of-0002.db --keep figures --out thin.db
expect 0 '' merge figures.*.db --keep figures --out figures.db
for table in figures work; do
    for file in whole thin figures; do
        sqlite3 "$file.db" "SELECT * FROM $table" >"$file.rows"
    done
    check "$table of figures alone" cmp whole.rows figures.rows
    check "$table of a thinned merge" cmp whole.rows thin.rows
done
check "pods are left out" [ "$(sqlite3 thin.db 'SELECT count(*) FROM pods')" = 0 ]

# ---- by the engines' variables ----

for task in 10 12 14; do
    SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=10 \
        SLURM_ARRAY_TASK_STEP=2 SLURM_CPUS_PER_TASK=1 "$WERKBANK" bench run suite.yaml \
        --db slurm.db -q >/dev/null
done
same slurm.*.db
SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=1 SLURM_ARRAY_TASK_MIN=1 WERKBANK_SHARD_COUNT=3 \
    "$WERKBANK" bench run suite.yaml --db again.db -q >/dev/null
check "one task started again is the same shard" cmp again.0001-of-0003.db slurm.0001-of-0003.db
for task in 0 1 2; do
    JOB_COMPLETION_INDEX=$task WERKBANK_SHARD_COUNT=3 "$WERKBANK" bench run suite.yaml \
        --db indexed.db -q >/dev/null
done
same indexed.*.db
for task in 2 1 0; do
    AWS_BATCH_JOB_ARRAY_INDEX=$task AWS_BATCH_JOB_ARRAY_SIZE=3 "$WERKBANK" bench run suite.yaml \
        --db batch.db -q >/dev/null
done
same batch.*.db
JOB_COMPLETION_INDEX=1 "$WERKBANK" bench run suite.yaml --db all.db --shard all -q >out
check "--shard all ignores them" cmp whole.out out

# ---- a shard that is killed in the middle ----

"$WERKBANK" bench run suite.yaml --db killed.db --shard 0/2 -j 1 -q >/dev/null &
victim=$!
tries=0
until ls killed.0000-of-0002.db.parts/*.db >/dev/null 2>&1 || [ "$tries" -ge 500 ]; do
    tries=$((tries + 1))
    sleep 0.01
done
kill -9 "$victim"
wait "$victim" 2>/dev/null
if [ -e killed.0000-of-0002.db ]; then
    echo "not checked: the shard was faster than kill"
else
    check "no half result has the shard's name" [ ! -e killed.0000-of-0002.db ]
    expect 2 "werkbank: killed.0000-of-0002.db: cannot open: No such file or directory" \
        merge killed.0000-of-0002.db --out merged.db
fi
tries=0
until "$WERKBANK" bench run suite.yaml --db killed.db --shard 0/2 -q >/dev/null 2>err ||
    [ "$tries" -ge 50 ]; do # its last worker may be there for a moment
    tries=$((tries + 1))
    sleep 0.1
done
check "its parts are gone at the end" [ ! -e killed.0000-of-0002.db.parts ]
expect 0 '' bench run suite.yaml --db killed.db --shard 1/2 -q
same killed.*-of-0002.db

# ---- what merge refuses ----

expect 2 "werkbank: 6 of 12 jobs are missing (no. 1, 3, 5, ..., from 0), expected all shards" \
    merge by.0000-of-0002.db --out half.db
check "and writes nothing" [ ! -e half.db ]
expect 0 '' merge by.0000-of-0002.db --partial --out half.db
check "unless it may be partial" grep -q '^half.db: 6 of 12 runs of .shards. from 1 database$' out
expect 0 '' merge by.0000-of-0002.db by.0001-of-0002.db slurm.0000-of-0003.db --out merged.db
check "runs that are there twice are taken once" grep -q ', 4 were there twice and the same$' out
check "and it is the whole all the same" cmp whole.db merged.db

cp by.0001-of-0002.db other.db
sqlite3 other.db "UPDATE runs SET version = '9.9'"
expect 2 "werkbank: other.db: made by version '9.9', by.0000-of-0002.db by '0.1.0', expected one" \
    merge by.0000-of-0002.db other.db --out merged.db
sed 's/\[1, 2, 3\]/[1, 2, 4]/' suite.yaml >other.yaml
expect 0 '' bench run other.yaml --db others.db --shard 1/2 -q
expect 2 "werkbank: others.0001-of-0002.db: of another set than by.0000-of-0002.db (other jo..." \
    merge by.0000-of-0002.db others.0001-of-0002.db --out merged.db
cp by.0000-of-0002.db other.db
sqlite3 other.db "UPDATE runs SET digest = 'none' WHERE run_id = 2"
expect 2 "werkbank: other.db: 'nginx-demo/karpenter/seed=3' gave other rows than in by..." \
    merge by.0000-of-0002.db other.db --out merged.db
"$WERKBANK" run "$WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml" --db plain.db -q >out
expect 2 "werkbank: plain.db: 0 of 2 runs belong to a suite or sweep, expected a shard's database" \
    merge plain.db --out merged.db
expect 2 "werkbank: --out: 'plain.db' is one of the shards, expected another file" \
    merge plain.db --out plain.db

# ---- what no engine would say ----

expect 2 "werkbank: --shard: '3' is no share, expected one such as 3/20, from 0, or all" \
    bench run suite.yaml --shard 3 --db x.db
expect 2 "werkbank: --shard: shard 3 of 3, expected an index from 0 below the count, and..." \
    bench run suite.yaml --shard 3/3 --db x.db
expect 2 "werkbank: --shard: 13 shards of 12 runs, expected at most one shard per run" \
    bench run suite.yaml --shard 0/13 --db x.db
expect 2 "werkbank: --db: is missing, expected a file for the runs of the shard" \
    bench run suite.yaml --shard 0/3
export JOB_COMPLETION_INDEX=0
expect 2 "werkbank: JOB_COMPLETION_INDEX is set, but not of how many: expected WERKBANK_SHARD..." \
    bench run suite.yaml --db x.db
export WERKBANK_SHARD_COUNT=many
expect 2 "werkbank: WERKBANK_SHARD_COUNT: 'many' is no number, expected one from 0" \
    bench run suite.yaml --db x.db

finish
