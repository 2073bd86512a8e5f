#!/bin/sh
# Machines boot as their AMI family does, and images are pulled as fast as size and network allow.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

ip=$WERKBANK_SOURCE/scenarios/ip-exhaustion

boot() { # family boot imageSizes: runs it into the database of the family's name
    sed "s/al2023@latest/$1@latest/" "$ip/nodepool.yaml" >nodepool.yaml
    cp "$ip/service.yaml" .
    sed "/^  network:/,/sg-01/d; /scale:/d; /name: group/,\$d
        s/^  horizon: .*/  horizon: 30m$3/
        s/^      manifests: .*/&\n      boot: $2/" "$ip/scenario.yaml" >"$1.yaml"
    rm -f "$1.db"
    expect 0 "" run "$1.yaml" --db "$1.db"
}
ready() { # database: mean time from the request to Ready, in seconds
    ask "$1" "SELECT cast(avg(ready_ms - requested_ms) / 1000 AS INTEGER) FROM instances"
}

boot al2023 by-ami-family ""
boot al2 by-ami-family ""
boot bottlerocket by-ami-family ""
boot windows2022 by-ami-family ""
check "al2023 takes about 48 s" [ "$(ready al2023.db)" -ge 38 -a "$(ready al2023.db)" -le 58 ]
check "al2 a little longer" [ "$(ready al2.db)" -gt "$(ready al2023.db)" ]
check "bottlerocket less" [ "$(ready bottlerocket.db)" -lt 40 ]
check "windows minutes" [ "$(ready windows2022.db)" -ge 220 ]

# A class of instance types has phases of its own, and every other machine those of the preset.
class='{preset: by-ami-family, instanceClasses: [{selector: "instance-family=m5", start: 4m}]}'
boot bottlerocket "$class" ""
check "a class of one's own starts late" [ "$(ready bottlerocket.db)" -ge 250 ]
check "and joins as its AMI family" [ "$(ready bottlerocket.db)" -le 275 ]
boot al2023 "{instanceClasses: [{selector: \"instance-family=c5\", start: 4m}]}" ""
check "another class does not matter" [ "$(ready al2023.db)" -lt 60 ]
metal() { # instanceClasses: a run on m5.metal into metal.db
    boot al2023 "{preset: karpenter-typical$1}" ""
    sed 's/m5.xlarge/m5.metal/' nodepool.yaml >metal.yaml && mv metal.yaml nodepool.yaml
    rm -f al2023.db
    expect 0 "" run al2023.yaml --db al2023.db
}
metal ", instanceClasses: [typical]"
check "bare metal takes minutes" [ "$(ready al2023.db)" -ge 240 ]
kept='"selector":"instance-hypervisor=","start":{"median_ms":480000,"sigma":0.4}'
check "the run keeps what was set" \
    [ "$(ask al2023.db "SELECT instr(parameters, '$kept') > 0 FROM runs")" = 1 ]
metal ""
check "unless nobody says so" [ "$(ready al2023.db)" -lt 60 ]

pull() { # database: longest time from binding to running, in seconds
    ask "$1" "SELECT max(running_ms - bound_ms) / 1000 FROM pods WHERE running_ms IS NOT NULL"
}
still='{imagePull: {sigma: 0}}'
boot al2023 "$still" '\n  imageSizes: {sizes: {"web:1": 3000Mi}}'
check "3000 MiB at 50 MiB\/s are a minute, and the start" [ "$(pull al2023.db)" = 61 ]
boot al2023 "$still" '\n  imageSizes: {perSecond: 1Gi, sizes: {"web:1": 3000Mi}}'
check "no faster than the network of an m5.xlarge, 1250 Mbit\/s" [ "$(pull al2023.db)" = 21 ]
sed 's/1Gi/fast/' al2023.yaml >bad.yaml
expect 2 "werkbank: bad.yaml:17:27: spec.imageSizes.perSecond: ..." run bad.yaml
finish
