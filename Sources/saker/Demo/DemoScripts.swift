// SPDX-License-Identifier: Apache-2.0

/// The shell texts that make a container out of namespaces: busybox and util-linux do it, as root, on any Debian or Ubuntu.
/// Those that start util-linux run in /bin/sh, since busybox's shell prefers its own tools of the same names.
///
/// A process joins the container's cgroup as the last thing before it executes the container's own program, through descriptors
/// opened before it left the host's file system: so the first exec that a probe sees in that cgroup is the program's.
enum DemoScripts {
    /// Opens descriptors 3, 4 ... on the given `cgroup.procs` files, then executes the rest: `sh -c this sh COUNT FILE... COMMAND...`.
    static let openCgroups = """
        set -eu
        count=$1; shift; number=3
        while [ $number -lt $((3 + count)) ]; do eval "exec $number>\\$1"; shift; number=$((number + 1)); done
        exec "$@"
        """

    /// Joins the cgroups behind descriptors 3 to 2 + COUNT, closes them, then executes the rest: `sh -c this sh COUNT COMMAND...`.
    static let joinCgroups = """
        set -eu
        count=$1; shift; number=3
        while [ $number -lt $((3 + count)) ]; do eval "echo 0 >&$number; exec $number>&-"; number=$((number + 1)); done
        exec "$@"
        """

    /// Waits for the word that its process id has been noted, then executes the rest: a demo killed before that leaves nothing.
    static let whenNoted = """
        read -r word && [ "$word" = noted ] || exit 1
        exec "$@" </dev/null
        """

    /// What the pod's web server answers on port 8080.
    static let page = "the shop is open"

    /// The pod's first process: starts its web server, and ends on TERM, which the kernel sends to a first process only if it asks.
    private static let program = """
        #!/bin/sh
        trap "exit 0" TERM
        echo "shop: open on port 8080"
        /bin/httpd -f -v -p 8080 -h /www &
        while :; do /bin/sleep 3600 & wait $!; done
        """

    /// Runs as the first process of new pid, mount, uts and net namespaces: makes a root file system of its own with its own
    /// /proc, names the host, then joins the cgroups and becomes the pod's program: `sh -c this sh ROOT HOSTNAME COUNT`.
    static let pod = """
        set -eu
        root=$1 host=$2 count=$3
        busybox mount -t tmpfs -o mode=0755,size=16m pod "$root"
        cd "$root"
        mkdir -p bin etc proc dev tmp root www old
        cp /bin/busybox bin/busybox
        mount -t proc proc proc
        mknod -m 666 dev/null c 1 3
        mknod -m 666 dev/zero c 1 5
        mknod -m 666 dev/tty c 5 0
        printf 'root:x:0:0:root:/root:/bin/sh\\nshop:x:1000:1000:shop:/:/bin/false\\n' >etc/passwd
        printf 'root:$6$made.up$not.a.real.hash:19000:0:99999:7:::\\nshop:!:19000::::::\\n' >etc/shadow
        chmod 600 etc/shadow
        printf 'root:x:0:\\n' >etc/group
        printf '127.0.0.1 localhost %s\\n' "$host" >etc/hosts
        echo '\(page)' >www/index.html
        echo '\(program)' >bin/shop
        chmod 755 bin/shop
        hostname "$host"
        ip link set lo up
        pivot_root . old
        cd /
        /bin/busybox --install -s /bin
        umount -l /old
        rmdir /old
        cgroups='\(joinCgroups)'
        exec /bin/busybox env -i PATH=/bin HOME=/root /bin/busybox sh -c "$cgroups" sh "$count" /bin/shop
        """

    /// What the attacker's machine answers to a connection.
    static let greeting = "connected to the attacker's machine"

    /// Runs as the first process of the node's namespaces: holds the network that the pods hang on and listens, as the attacker's
    /// machine would, on an address that exists nowhere else: `sh -c this sh ADDRESS PORT`.
    static let node = """
        set -eu
        ip link set lo up
        ip address add "$1/32" dev lo
        exec busybox nc -ll -p "$2" -e /bin/busybox echo "\(greeting)"
        """
}
