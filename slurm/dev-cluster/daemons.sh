# daemons.sh: how the daemons of a cluster in $folder are begun; read by 'start',
# 'stop' and 'daemon'. 'pids' has a line "NAME PID MOUNT-NAMESPACE" for each.
# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0

fail() {
    echo "dev-cluster: $1" >&2
    [ -z "${2:-}" ] || echo "  hint: $2" >&2
    exit 1
}

# begin NAME COMMAND...: a daemon of ours, noted in 'pids'. A mount namespace
# of its own is how 'stop' finds what a node has started.
begin() {
    name=$1
    shift
    setsid "$@" </dev/null >>"$folder/$name.out" 2>&1 9<&- &
    echo "$name $! $(namespace $! "$name")" >>"$folder/pids"
}

namespace() {
    case $2 in n*) ;; *) echo -; return ;; esac
    for _ in $(seq 100); do
        this=$(readlink "/proc/$1/ns/mnt") || fail "$2 ended at once" "see $folder/$2.out"
        [ "$this" = "$(readlink /proc/$$/ns/mnt)" ] || break
        sleep 0.05
    done
    [ "$this" != "$(readlink /proc/$$/ns/mnt)" ] || fail "$2 has no namespace of its own" "see $folder/$2.out"
    echo "$this"
}

# MariaDB listens at a socket only, which slurmdbd finds by MYSQL_UNIX_PORT. Root may
# submit, in an account called sentei.
begin_accounts() {
    export MYSQL_UNIX_PORT="$folder/accounts.socket"
    begin mariadbd mariadbd --no-defaults --user=root --datadir="$folder/accounts" --socket="$MYSQL_UNIX_PORT" \
        --skip-networking --pid-file="$folder/mariadbd.pid" --innodb-buffer-pool-size=32M
    wait_for mariadbd test -S "$MYSQL_UNIX_PORT"
    begin slurmdbd slurmdbd -D
    wait_for slurmdbd sacctmgr -n show cluster
    {
        sacctmgr -i add cluster sentei-dev
        sacctmgr -i add account sentei
        sacctmgr -i add user root account=sentei
    } >>"$folder/slurmdbd.out" 2>&1 || fail "no account could be made" "see $folder/slurmdbd.out"
}

begin_controller() { begin slurmctld slurmctld -D; }

# With NETWORK=yes node n3 is at 10.9.0.3, by a cable (veth) called n3 to a bridge, and this
# side of the bridge at 10.9.0.254.
subnet=10.9.0
has_network() { grep -qF "NodeAddr=$subnet." "$folder/slurm.conf"; }

make_bridge() {
    [ -z "$(ip -o address show scope global)" ] ||
        fail "NETWORK=yes makes a bridge, and this is the machine's own network" "unshare --net sh, and all of it in there"
    ip link set lo up && ip link add nodes type bridge && ip address add $subnet.254/24 dev nodes && ip link set nodes up ||
        fail "no network of nodes can be made here"
}

# connect NAME PID: a cable from the bridge to the network of that process.
connect() {
    ip link delete "$1" 2>/dev/null || true # of an earlier life
    ip link add "$1" type veth peer name eth0 netns "$2" && ip link set "$1" master nodes up || fail "$1 gets no network"
}

# begin_node NAME. PMIx keeps the sockets of a job in /tmp, Open MPI its memory in
# /dev/shm, under names of the node and the job: those of other nodes, or of another
# cluster on this machine, are the same. So each node has folders of its own.
begin_node() {
    mkdir -p "$folder/tmp.$1" "$folder/spool.$1"
    chmod 1777 "$folder/tmp.$1"
    net=
    ! has_network || net=$subnet.${1#n}/24
    # shellcheck disable=SC2016
    begin "$1" unshare --mount --uts ${net:+--net} sh -c 'mount --make-rprivate / && mount --bind "$1" /tmp &&
        mount -t tmpfs "$4" /dev/shm && hostname "$2" || exit
        if [ -n "$3" ]; then
            ip link set lo up
            until ip address add "$3" dev eth0 2>/dev/null; do sleep 0.05; done
            ip link set eth0 up
        fi
        exec slurmd -D -N "$2"' sh "$folder/tmp.$1" "$1" "$net" "$folder"
    [ -z "$net" ] || connect "$1" "$(sed -n "s/^$1 \([0-9]*\) .*/\1/p" "$folder/pids")"
}

# The processes in one of the mount namespaces $1 (lines). The number of one that has
# ended may be another's by now, also another cluster's: where our /dev/shm is they are ours.
# None for an empty
# list, which as a pattern would match every process; never those of the
# machine's own namespace.
inside() {
    [ -n "$1" ] || return 0
    find /proc/[0-9]*/ns/mnt -maxdepth 0 -printf '%l %p\n' 2>/dev/null |
        spaces=$1 machine=$(readlink /proc/$$/ns/mnt) awk '
            BEGIN { split(ENVIRON["spaces"], list, "\n"); for (i in list) ours[list[i]] = 1 }
            $1 in ours && $1 != ENVIRON["machine"] { split($2, part, "/"); print part[3] }' |
        while read -r pid; do
            ! grep -qsF "$folder /dev/shm " "/proc/$pid/mounts" || echo "$pid"
        done
}
