#!/bin/sh
# werkbank solve --bound: no plan of Karpenter's costs less than its bound: shipped sets of files,
# and thirty made-up ones of pods of many sizes, some of them alone on their host or on Arm.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

# "bound price" of the last output, and whether the one is not above the other (a millionth of a
# dollar is the rounding of the output).
hold() { # name
    tr ',' '\n' <out | sed -n 's/.*"bound_per_hour": //p' >bound
    tr ',' '\n' <out | sed -n '/"bound"/,$ s/.*"price_per_hour": //p' | sed 1q >price
    check "$1: has a bound and a price" [ -s bound ] && check "$1" [ -s price ]
    check "$1: $(cat bound) is not above $(cat price)" \
        awk -v b="$(cat bound)" -v p="$(cat price)" 'BEGIN { exit !(b <= p + 1e-6) }'
}

for set in web gpu mixed-cluster; do
    werkbank solve -f "$WERKBANK_SOURCE/scenarios/solve/$set" --bound -q -o json
    hold "$set"
done

# made up: seed, then Deployments by a small linear generator
make() { # seed
    awk -v seed="$1" '
    function draw(n) {
        seed = (seed * 1103515245 + 12345) % 2147483648
        return int(seed / 65536) % n
    }
    BEGIN {
        split("100 250 400 700 1100 1900 3300", cpu, " ")
        split("128 500 900 2100 4000 9000", mib, " ")
        for (i = 0; i < 4 + draw(9); i++) {
            printf "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d%d, namespace: x}\n", i
            printf "spec:\n  replicas: %d\n  selector: {matchLabels: {app: d%d}}\n", 1 + draw(25), i
            printf "  template:\n    metadata: {labels: {app: d%d}}\n    spec:\n", i
            if (draw(4) == 0) {
                printf "      affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuring"
                printf "Execution: [{topologyKey: kubernetes.io/hostname, labelSelector: "
                printf "{matchLabels: {app: d%d}}}]}}\n", i
            }
            if (draw(5) == 0) printf "      nodeSelector: {kubernetes.io/arch: arm64}\n"
            printf "      containers:\n        - {name: c, image: i, resources: {requests: "
            printf "{cpu: %dm, memory: %dMi}}}\n---\n", cpu[1 + draw(7)], mib[1 + draw(6)]
        }
    }'
}
i=1
while [ "$i" -le 30 ]; do
    make "$i" >"made.$i.yaml"
    werkbank solve -f "$WERKBANK_SOURCE/scenarios/solve/web/nodepool.yaml" -f "made.$i.yaml" \
        --bound -q -o json
    hold "made up $i"
    i=$((i + 1))
done

expect 2 'werkbank: --bound goes with -o table or json, not yaml' \
    solve --bound -o yaml -f made.1.yaml
finish
