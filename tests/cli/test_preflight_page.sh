#!/bin/sh
# werkbank preflight: the page that shows it, what programs read, and files that it can't take.
sh "$WERKBANK_SOURCE/tests/cli/replay.sh" docs/preflight.md || exit 1
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"
files=$WERKBANK_SOURCE/scenarios/missing-permission

# One statement of a policy, to a file.
policy() { # file statement
    printf '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", %s}]}\n' "$2" >"$1"
}

expect 2 "werkbank: no files: expected -f FILE, or --from FILE.db" preflight
expect 2 "werkbank: nowhere.json: cannot open: No such file or directory" preflight -f nowhere.json
printf '{"a": 1}\n' >other.json
expect 2 "werkbank: other.json:1: not known by its content, expected a policy, ..." \
    preflight -f other.json
policy cut.json '"Action": "ec2:Run*"'
expect 2 "werkbank: cut.json:1:41: Statement[0].Resource: is missing, expected Resource or ..." \
    preflight -f cut.json
expect 2 "werkbank: both -f and --from: expected one of them" preflight -f cut.json --from runs.db

expect 0 "" preflight -f "$files/controller-policy.json" -f "$files/values.yaml" -o json
check "JSON names the cluster" grep -q '"cluster":.*"shop"' out
check "JSON counts no errors" grep -q '"errors":.*0' out

# A bound takes away what the policy gives.
policy boundary.json '"NotAction": "ec2:CreateTags", "Resource": "*"'
expect 1 "" preflight -f "$files/controller-policy.json" --boundary boundary.json
check "the boundary is named" \
    grep -q "because no permissions boundary allows the ec2:CreateTags action" out

# Cluster Autoscaler has calls of its own.
policy ca.json '"Action": ["autoscaling:Describe*", "ec2:Describe*"], "Resource": "*"'
expect 1 "" preflight -f ca.json --cluster shop --controller cluster_autoscaler
check "SetDesiredCapacity is missing" grep -q "error: autoscaling:SetDesiredCapacity" out

expect 0 "" run "$WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml" -q --db plain.db
expect 2 "werkbank: plain.db: no finished run has an identity (spec.identity), so that ..." \
    preflight --from plain.db
finish
