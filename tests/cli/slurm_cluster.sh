# Sourced by tests, behind transcript.sh: a Slurm of one machine in the test's folder, gone with it.
# No cgroups, no accounting, no munge: what a container without systemd has.
# shellcheck shell=sh

# Ends the test as skipped where Slurm is not there, or the test may not start it.
slurm_start() {
    for tool in sbatch slurmctld slurmd; do
        if ! command -v "$tool" >/dev/null && [ ! -x "/usr/sbin/$tool" ]; then
            echo "SKIPPED: $tool is not installed (packages slurm-wlm and munge)"
            exit 77
        fi
    done
    if [ "$(id -u)" -ne 0 ]; then
        echo "SKIPPED: only root may start Slurm's daemons here"
        exit 77
    fi
    PATH=$PATH:/usr/sbin
    slurm=$(pwd)/slurm # the test's folder
    mkdir -p "$slurm/state" "$slurm/spool"
    SLURM_CONF=$slurm/slurm.conf
    export SLURM_CONF
    host=$(hostname)
    port=$((20000 + $$ % 20000)) # two tests at once must not meet
    cat >"$SLURM_CONF" <<CONF
ClusterName=wb
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/none
CredType=cred/none
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/slurmd.pid
SlurmctldLogFile=$slurm/slurmctld.log
SlurmdLogFile=$slurm/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MaxArraySize=10001
MaxJobCount=20000
KillWait=2
InactiveLimit=0
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=local Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
    trap slurm_stop EXIT
    if ! { slurmctld && sleep 1 && slurmd; }; then
        echo "SKIPPED: Slurm's daemons do not start here: $(tail -n 1 "$slurm/slurmctld.log")"
        exit 77
    fi
    tries=0
    until sinfo -h -o %T 2>/dev/null | grep -q idle || [ "$tries" -ge 100 ]; do
        tries=$((tries + 1))
        sleep 0.2
    done
    check "the node is idle" sh -c 'sinfo -h -o %T | grep -q idle'
}

# Ends the daemons by their own pid files, then what transcript.sh's trap would have done.
slurm_stop() {
    for daemon in slurmd slurmctld; do
        pid=$(cat "$slurm/$daemon.pid" 2>/dev/null || true)
        [ -z "$pid" ] || kill "$pid" 2>/dev/null
    done
    tries=0
    while [ -e "$slurm/slurmctld.pid" ] && [ "$tries" -lt 50 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    rm -rf "${work:?}"
}
