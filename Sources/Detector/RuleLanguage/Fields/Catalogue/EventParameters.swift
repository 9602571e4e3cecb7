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
        let text: FieldFacts =
            name == "flags"
            ? FieldFacts(.eventFlags, .text, "the flags, such as O_CREAT|O_WRONLY or EXE_UPPER_LAYER", .flags)
            : FieldFacts("evt.arg.\(name)", .text, "the argument \(name) of the syscall, in words", .parameters)
        let raw = FieldFacts("evt.rawarg.\(name)", type, "the argument \(name) of the syscall, as it is", .parameters, limits: .plain)
        return [text, raw]
    }

    private static let groups: [(FieldFacts.ValueType, String)] = [
        (.text, """
            arg2_str comm cwd dev exe filename linkpath name newpath oldpath path pathname quotafilepath special tags target
            trusted_exepath uargs value_charbuf
            """),
        (.bytes, "addr args cgroups data env img msgcontrol value_bytebuf"),
        (.duration, "dqb_btime dqb_itime dqi_bgrace dqi_igrace interval timeout"),
        (.time, "exe_ino_ctime exe_ino_mtime"),
        (.text, "dir fds sigmask tuple"),
        (.integer, """
            ID arg arg2 arg2_int arg3 arg4 arg5 argument aux backlog cap_effective cap_inheritable cap_permitted clockid cmd
            cq_entries creat_flags cur dirfd domain dqb_bhardlimit dqb_bsoftlimit dqb_curspace dqb_ihardlimit dqb_isoftlimit
            dqi_flags egid entries euid exe_ino fd fd1 fd2 fd_in fd_out fdin fdlimit fdout features first flags gid how id in_fd
            initval ino key last len length level linkdirfd loginuid mask max maxevents min_complete mode mountfd nativeID newcur
            newdir newdirfd newfd newmax nr_args nsems nsops nstype offin offout offset oldcur olddir olddirfd oldfd oldmax op
            opcode operation option optlen optname out_fd peer pgft_maj pgft_min pgid pgoffset pid pid_fd pidns_init_start_ts pos
            prot proto ptid queuelen queuemax queuepct quota_fmt quota_fmt_out ratio request res res_or_fd resolve resource rgid
            ruid sem_flg_0 sem_flg_1 sem_num_0 sem_num_1 sem_op_0 sem_op_1 semflg semid semnum sgid sig size source sq_entries
            sq_thread_cpu sq_thread_idle suid target_fd tid to_submit tty type uid val vm_rss vm_size vm_swap vpgid vpid vtid
            whence
            """),
    ]
}
