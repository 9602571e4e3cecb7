// SPDX-License-Identifier: Apache-2.0

/// The arguments of syscalls that `evt.arg.NAME` and `evt.rawarg.NAME` can name.
///
/// Names and types are those of the event table of Falco's driver (driver/event_table.c). `evt.arg` is always a text: flags and
/// numbers are put in words; `evt.rawarg` has the type that stands here.
enum EventParameters {
    /// All names with their types, by name.
    static let types: [String: FieldFacts.ValueType] = Dictionary(
        uniqueKeysWithValues: groups.flatMap { type, names in
            names.split { $0 == " " || $0 == "\n" }.map { (String($0), type) }
        })

    /// The fields that name them.
    static let fields: [FieldFacts] = types.sorted { $0.key < $1.key }.flatMap { name, type in
        let meaning = "the argument \(name), in words"
        let text: FieldFacts =
            name == "flags"
            ? FieldFacts(.eventFlags, .text, "the flags, such as O_CREAT|O_WRONLY or EXE_UPPER_LAYER", .flags)
            : ParameterName(rawValue: name).map { FieldFacts($0, meaning) } ?? FieldFacts("evt.arg.\(name)", .text, meaning, .parameters)
        let raw = FieldFacts("evt.rawarg.\(name)", type, "the argument \(name), as it is", .parameters, limits: .plain)
        return [text, raw]
    }

    private static let groups: [(FieldFacts.ValueType, String)] = [
        (.text, """
            arg2_str argv comm container_id cwd desc description dev exe exepath filename home image json linkpath name newpath
            oldpath path pathname quotafilepath root scope shell special sun_path tags target trusted_exepath uargs value_charbuf
            """),
        (.bytes, "addr args cgroups data env event_data img msgcontrol value_bytebuf"),
        (.duration, "dqb_btime dqb_itime dqi_bgrace dqi_igrace interval timeout"),
        (.time, "exe_ino_ctime exe_ino_mtime start_time"),
        (.address, "local_ip remote_ip"),
        (.port, "local_port remote_port"),
        (.text, "dir fds sigmask tuple"),
        (.integer, """
            action arg arg2 arg2_int arg3 arg4 arg5 argument aux backlog cap_effective cap_inheritable cap_permitted clockid
            cmd core cpu cpu_sys cpu_usr cq_entries creat_flags cur dirfd domain dpid dqb_bhardlimit dqb_bsoftlimit
            dqb_curspace dqb_ihardlimit dqb_isoftlimit dqi_flags egid entries error euid event_type exe_ino exe_ino_num fd fd1
            fd2 fd_in fd_out fd_type fdin fdlimit fdout features first flags gid how ID id in_fd initval ino ino_num ip key
            last len length level linkdirfd loginuid mask max maxevents min_complete mnt_id mode mountfd nativeID newcur
            newdir newdirfd newfd newmax next nr_args nsems nsops nstype offin offout offset oldcur olddir olddirfd oldfd
            oldmax op opcode operation option optlen optname out_fd peer pgft_maj pgft_min pgid pgoffset pid pid_fd
            pidns_init_start_ts plugin_id pos ppid prot proto ptid queuelen queuemax queuepct quota_fmt quota_fmt_out ratio
            reaper_tid request res res_or_fd resolve resource ret rgid ruid sem_flg_0 sem_flg_1 sem_num_0 sem_num_1 sem_op_0
            sem_op_1 semflg semid semnum sgid sid sig size sk_pointer sk_proto sk_type source spid sq_entries sq_thread_cpu
            sq_thread_idle status suid target_fd tid to_submit tty type uid val vm_rss vm_size vm_swap vpgid vpid vtgid vtid
            whence
            """),
    ]
}
