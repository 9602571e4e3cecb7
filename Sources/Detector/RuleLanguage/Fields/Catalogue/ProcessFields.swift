// SPDX-License-Identifier: Apache-2.0

/// The fields of the process, its ancestors and its threads.
enum ProcessFields {
    static let all = program + identity + file + ancestors + groups + streams + threads

    private static let program: [FieldFacts] = [
        FieldFacts(.processName, .text, "the program's name, up to 15 bytes", .processes),
        FieldFacts(.processExe, .text, "the first argument, which is the program by convention", .processes),
        FieldFacts(.processExePath, .text, "the path of the program's file", .processes),
        FieldFacts(.processCommandLine, .text, "the name and the arguments, joined with blanks", .processes),
        FieldFacts(.processArguments, .text, "the arguments without the first; or the one with that number", .processes, argument: .index),
        FieldFacts("proc.exeline", .text, "all arguments, joined with blanks", .processDetails),
        FieldFacts("proc.cmdnargs", .integer, "how many arguments there are", .processDetails),
        FieldFacts("proc.cmdlenargs", .integer, "how many bytes the arguments have", .processDetails),
        FieldFacts(.processEnvironment, .text, "an environment variable of the program", .processes, argument: .variable),
        FieldFacts(.processWorkingDirectory, .text, "the working directory, with a / at its end", .processes),
        FieldFacts(.processTerminal, .integer, "the device number of the terminal; 0 for none", .event),
        FieldFacts("proc.loginshellid", .integer, "the process id of the eldest shell among the ancestors", .processDetails),
        FieldFacts(.processDuration, .duration, "how long the process has run", .event),
        FieldFacts("proc.pid.ts", .duration, "when the process began", .processDetails),
    ]

    private static let identity: [FieldFacts] = [
        FieldFacts(.processID, .integer, "the process id on the host", .event),
        FieldFacts(.processParentID, .integer, "the parent's process id on the host", .event),
        FieldFacts(.processVirtualID, .integer, "the process id in its own pid namespace", .event),
        FieldFacts("proc.pvpid", .integer, "the parent's process id in its own pid namespace", .processDetails),
        FieldFacts("proc.sid", .integer, "the session's id", .processDetails),
        FieldFacts("proc.is_sid_leader", .boolean, "true for the leader of a session", .processDetails),
        FieldFacts(.sessionLeaderName, .text, "the proc.name of the session's leader", .processes),
        FieldFacts("proc.sid.exe", .text, "its proc.exe", .processDetails),
        FieldFacts("proc.sid.exepath", .text, "its proc.exepath", .processDetails),
        FieldFacts("proc.pidns_init_start_ts", .integer, "when the pid namespace began", .processDetails),
    ]

    private static let file: [FieldFacts] = [
        FieldFacts(.processIsUpperLayer, .boolean, "true when the program is not from the container's image", .processes),
        FieldFacts("proc.is_exe_lower_layer", .boolean, "true when the program is from the container's image", .processDetails),
        FieldFacts(.processIsFromMemfd, .boolean, "true when the program is a memfd", .processes),
        FieldFacts(.processIsWritable, .boolean, "true when the caller may write the program's file", .processes),
        FieldFacts("proc.exe_ino", .integer, "the inode number of the program's file", .processDetails),
        FieldFacts("proc.exe_ino.ctime", .time, "when that inode was changed", .processDetails),
        FieldFacts("proc.exe_ino.mtime", .time, "when that file was changed", .processDetails),
        FieldFacts(
            "proc.exe_ino.ctime_duration_proc_start", .time, "from the inode's change to the start of the process", .processDetails),
        FieldFacts(
            "proc.exe_ino.ctime_duration_pidns_start", .time, "from the start of the pid namespace to the inode's change",
            .processDetails),
    ]

    private static let ancestors: [FieldFacts] = [
        FieldFacts(.parentName, .text, "the parent's proc.name", .processes),
        FieldFacts(.parentCommandLine, .text, "the parent's proc.cmdline", .processes),
        FieldFacts(.parentExe, .text, "the parent's proc.exe", .processes),
        FieldFacts(.parentExePath, .text, "the parent's proc.exepath", .processes),
        FieldFacts("proc.ppid.duration", .duration, "how long the parent has run", .processDetails),
        FieldFacts("proc.ppid.ts", .duration, "when the parent began", .processDetails),
        FieldFacts(.ancestorName, .text, "an ancestor's proc.name", .processes, argument: .generations, limits: .plain),
        FieldFacts(.ancestorExe, .text, "an ancestor's proc.exe", .processes, argument: .generations, limits: .plain),
        FieldFacts(.ancestorExePath, .text, "an ancestor's proc.exepath", .processes, argument: .generations, limits: .plain),
        FieldFacts(.ancestorCommandLine, .text, "an ancestor's proc.cmdline", .processes, argument: .generations, limits: .plain),
        FieldFacts("proc.aargs", .text, "an ancestor's proc.args", .processDetails, argument: .generations),
        FieldFacts("proc.apid", .integer, "an ancestor's proc.pid", .processDetails, argument: .generations, limits: .plain),
        FieldFacts(
            "proc.aenv", .text, "an ancestor's environment, or a variable that any ancestor has", .processDetails, argument: .variable,
            limits: .plain),
    ]

    private static let groups: [FieldFacts] = [
        FieldFacts("proc.vpgid", .integer, "the process group's id in its own pid namespace", .processDetails),
        FieldFacts(.processIsGroupLeader, .boolean, "true for the leader of a process group", .event),
        FieldFacts("proc.vpgid.name", .text, "the proc.name of the group's leader", .processDetails),
        FieldFacts("proc.vpgid.exe", .text, "its proc.exe", .processDetails),
        FieldFacts("proc.vpgid.exepath", .text, "its proc.exepath", .processDetails),
        FieldFacts("proc.pgid", .integer, "the process group's id on the host", .processDetails),
        FieldFacts("proc.is_pgid_leader", .boolean, "true for the leader of a process group, by ids of the host", .processDetails),
        FieldFacts("proc.pgid.name", .text, "the proc.name of that leader", .processDetails),
        FieldFacts("proc.pgid.exe", .text, "its proc.exe", .processDetails),
        FieldFacts("proc.pgid.exepath", .text, "its proc.exepath", .processDetails),
    ]

    private static let streams: [FieldFacts] = [
        FieldFacts("proc.stdin.type", .text, "the type of descriptor 0", .descriptorTable),
        FieldFacts("proc.stdout.type", .text, "the type of descriptor 1", .descriptorTable),
        FieldFacts("proc.stderr.type", .text, "the type of descriptor 2", .descriptorTable),
        FieldFacts("proc.stdin.name", .text, "the name of descriptor 0", .descriptorTable),
        FieldFacts("proc.stdout.name", .text, "the name of descriptor 1", .descriptorTable),
        FieldFacts("proc.stderr.name", .text, "the name of descriptor 2", .descriptorTable),
        FieldFacts("proc.fdopencount", .integer, "how many descriptors are open", .descriptorTable),
        FieldFacts("proc.fdlimit", .integer, "how many descriptors may be open", .accounting),
        FieldFacts("proc.fdusage", .decimal, "the first as a share of the second", .accounting),
        FieldFacts("proc.nthreads", .integer, "how many threads the process has", .accounting),
        FieldFacts("proc.nchilds", .integer, "how many threads beside the leader the process has", .accounting),
        FieldFacts("proc.vmsize", .integer, "the virtual memory, in KiB", .accounting),
        FieldFacts("proc.vmrss", .integer, "the memory in use, in KiB", .accounting),
        FieldFacts("proc.vmswap", .integer, "the memory that is swapped out, in KiB", .accounting),
        FieldFacts("proc.is_container_healthcheck", .boolean, "true for a container's health check", .runtime),
        FieldFacts("proc.is_container_liveness_probe", .boolean, "true for a pod's liveness probe", .runtime),
        FieldFacts("proc.is_container_readiness_probe", .boolean, "true for a pod's readiness probe", .runtime),
    ]

    private static let threads: [FieldFacts] = [
        FieldFacts(.threadCapEffective, .text, "the effective capabilities, such as CAP_CHOWN CAP_SYS_ADMIN", .event),
        FieldFacts(.threadCapPermitted, .text, "the permitted capabilities", .event),
        FieldFacts("thread.cap_inheritable", .text, "the inheritable capabilities", .processDetails),
        FieldFacts("thread.tid", .integer, "the thread's id on the host", .processDetails),
        FieldFacts("thread.vtid", .integer, "the thread's id in its own pid namespace", .processDetails),
        FieldFacts("thread.ismain", .boolean, "true for the process's first thread", .processDetails),
        FieldFacts("thread.nametid", .text, "the program's name and the thread's id, as one text", .processDetails),
        FieldFacts("thread.cgroups", .text, "all cgroups of the thread", .processDetails),
        FieldFacts("thread.exectime", .duration, "processor time of the thread that ran last", .accounting),
        FieldFacts("thread.totexectime", .duration, "processor time of the thread", .accounting),
        FieldFacts("thread.pfmajor", .integer, "page faults that had to read", .accounting),
        FieldFacts("thread.pfminor", .integer, "page faults that did not", .accounting),
        FieldFacts("thread.cpu", .decimal, "share of a processor in the last second", .accounting),
        FieldFacts("thread.cpu.user", .decimal, "that in user mode", .accounting),
        FieldFacts("thread.cpu.system", .decimal, "that in the kernel", .accounting),
        FieldFacts("thread.vmsize", .integer, "the virtual memory, in KiB, of a first thread", .accounting),
        FieldFacts("thread.vmrss", .integer, "the memory in use, in KiB, of a first thread", .accounting),
        FieldFacts("thread.vmsize.b", .integer, "the virtual memory, in bytes, of a first thread", .accounting),
        FieldFacts("thread.vmrss.b", .integer, "the memory in use, in bytes, of a first thread", .accounting),
    ] + controllers

    // The controllers of cgroups; thread.cgroup is followed by the name of one.
    private static let controllers: [FieldFacts] = [
        "blkio", "cpu", "cpuacct", "cpuset", "devices", "freezer", "hugetlb", "io", "memory", "misc", "net_cls", "net_prio",
        "perf_event", "pids", "rdma",
    ].map { FieldFacts("thread.cgroup.\($0)", .text, "the thread's cgroup for the controller \($0)", .processDetails) }
}
