// SPDX-License-Identifier: Apache-2.0
import EventModel

/// What each call is told as. System call numbers are those of x86-64.
enum CallCases {
    static let all = files + owners + identities + processes + objects + sockets

    static let files: [CallCase] = [
        CallCase(.unlink, "call(87, \"f\"); call(87, \"$S/none\")", ["res=0 path=f({S}/f) ", "res=-2(ENOENT) path={S}/none "]),
        CallCase(
            .unlinkat, "at(\"d\", 50); call(263, -100, \"f\", 0); call(263, 50, \"../d/none\", 0x200); call(263, 99, \"x\", 0)",
            [
                "res=0 dirfd=-100(AT_FDCWD) name=f({S}/f) flags=0 ",
                "res=-2(ENOENT) dirfd=50(<d>{S}/d) name=../d/none({S}/d/none) flags=512(AT_REMOVEDIR) ",
                "res=-9(EBADF) dirfd=99 name=x(<UNKNOWN>/x) flags=0 ",
            ]),
        CallCase(
            .rename, "call(82, \"f\", \"$S/g\"); call(82, \"none\", \"h\")",
            ["res=0 oldpath=f({S}/f) newpath={S}/g ", "res=-2(ENOENT) oldpath=none({S}/none) newpath=h({S}/h) "]),
        CallCase(
            .renameat, "at(\"d\", 50); call(264, -100, \"f\", 50, \"g\"); call(264, 50, \"none\", -100, \"h\")",
            [
                "res=0 olddirfd=-100(AT_FDCWD) oldpath=f({S}/f) newdirfd=50(<d>{S}/d) newpath=g({S}/d/g) ",
                "res=-2(ENOENT) olddirfd=50(<d>{S}/d) oldpath=none({S}/d/none) newdirfd=-100(AT_FDCWD) newpath=h({S}/h) ",
            ]),
        CallCase(
            .renameat2, "call(316, -100, \"f\", -100, \"d\", 2); call(316, -100, \"f\", -100, \"d\", 1)",
            [
                "res=0 olddirfd=-100(AT_FDCWD) oldpath=f({S}/f) newdirfd=-100(AT_FDCWD) newpath=d({S}/d) flags=2(RENAME_EXCHANGE) ",
                "res=-17(EEXIST) olddirfd=-100(AT_FDCWD) oldpath=f({S}/f)"
                    + " newdirfd=-100(AT_FDCWD) newpath=d({S}/d) flags=1(RENAME_NOREPLACE) ",
            ]),
        CallCase(
            .mkdir, "call(83, \"n\", 0755); call(83, \"d\", 0)",
            ["res=0 path=n({S}/n) mode=1ED ", "res=-17(EEXIST) path=d({S}/d) mode=0 "]),
        CallCase(
            .mkdirat, "at(\"d\", 50); call(258, 50, \"n\", 0700); call(258, 50, \"/\", 0)",
            ["res=0 dirfd=50(<d>{S}/d) path=n({S}/d/n) mode=1C0 ", "res=-17(EEXIST) dirfd=50(<d>{S}/d) path=/ mode=0 "],
            descriptor: "directory 50 {S}/d"),
        CallCase(.rmdir, "call(84, \"d\"); call(84, \"d\")", ["res=0 path=d({S}/d) ", "res=-2(ENOENT) path=d({S}/d) "]),
        CallCase(
            .link, "call(86, \"f\", \"g\"); call(86, \"f\", \"g\")",
            ["res=0 oldpath=f({S}/f) newpath=g({S}/g) ", "res=-17(EEXIST) oldpath=f({S}/f) newpath=g({S}/g) "]),
        CallCase(
            .linkat, "at(\"f\", 50); call(265, 50, \"\", -100, \"g\", 0x1000); call(265, -100, \"none\", -100, \"h\", 0x400)",
            [
                "res=0 olddir=50(<f>{S}/f) oldpath= newdir=-100(AT_FDCWD) newpath=g({S}/g) flags=4096(AT_EMPTY_PATH) ",
                "res=-2(ENOENT) olddir=-100(AT_FDCWD) oldpath=none({S}/none) newdir=-100(AT_FDCWD)"
                    + " newpath=h({S}/h) flags=1024(AT_SYMLINK_FOLLOW) ",
            ]),
        CallCase(
            .symlink, "call(88, \"/etc/shadow\", \"l\"); call(88, \"x\", \"$S/none/l\")",
            ["res=0 target=/etc/shadow linkpath=l({S}/l) ", "res=-2(ENOENT) target=x linkpath={S}/none/l "]),
        CallCase(
            .symlinkat, "at(\"d\", 50); call(266, \"../f\", 50, \"l\"); call(266, \"x\", 50, \"l\")",
            [
                "res=0 target=../f linkdirfd=50(<d>{S}/d) linkpath=l({S}/d/l) ",
                "res=-17(EEXIST) target=x linkdirfd=50(<d>{S}/d) linkpath=l({S}/d/l) ",
            ]),
        CallCase(
            .mknod, "call(133, \"p\", 010644, 0); call(133, \"f\", 0100600, 0)",
            [
                "res=0 path=p({S}/p) mode=010644(S_IROTH|S_IRGRP|S_IWUSR|S_IRUSR|S_IFIFO) dev=0 ",
                "res=-17(EEXIST) path=f({S}/f) mode=0100600(S_IWUSR|S_IRUSR|S_IFREG) dev=0 ",
            ]),
        CallCase(
            .mknodat, "call(259, -100, \"n\", 020600, 259); call(259, -100, \"f\", 0100000, 0)",
            [
                "res=0 dirfd=-100(AT_FDCWD) path=n({S}/n) mode=020600(S_IWUSR|S_IRUSR|S_IFCHR) dev=259 ",
                "res=-17(EEXIST) dirfd=-100(AT_FDCWD) path=f({S}/f) mode=0100000(S_IFREG) dev=0 ",
            ]),
        CallCase(.chdir, "call(80, \"d\"); call(80, \"/none\")", ["res=0 path=d ", "res=-2(ENOENT) path=/none "]),
        CallCase(
            .fchdir, "at(\"d\", 50); at(\"f\", 51); call(81, 50); call(81, 51)",
            ["res=0 fd=50(<d>{S}/d) ", "res=-20(ENOTDIR) fd=51(<f>{S}/f) "],
            descriptor: "file 51 {S}/f"),
        CallCase(.chroot, "call(161, \"none\"); call(161, \"/\")", ["res=-2(ENOENT) path=none({S}/none) ", "res=0 path=/ "]),
        CallCase(
            .mount,
            "call(272, 0x20000); call(165, \"none\", \"/\", 0, 0x44000, 0); "
                + "call(165, \"src\", \"d\", \"tmpfs\", 7, 0); call(165, \"a\", \"none\", \"b\", 0, 0)",
            [
                "res=0 dev=none dir=/ type= flags=278528(REC|PRIVATE) ",
                "res=0 dev=src dir=d({S}/d) type=tmpfs flags=7(RDONLY|NOSUID|NODEV) ",
                "res=-2(ENOENT) dev=a dir=none({S}/none) type=b flags=0 ",
            ]),
        CallCase(
            .umount2,
            "call(272, 0x20000); call(165, \"none\", \"/\", 0, 0x44000, 0); call(165, \"src\", \"d\", \"tmpfs\", 0, 0); "
                + "call(166, \"d\", 2); call(166, \"f\", 8)",
            ["res=0 name=d({S}/d) flags=2(DETACH) ", "res=-22(EINVAL) name=f({S}/f) flags=8(NOFOLLOW) "]),
    ]

    static let owners: [CallCase] = [
        CallCase(
            .chmod, "call(90, \"f\", 04755); call(90, \"none\", 0)",
            [
                "res=0 filename=f({S}/f) mode=04755(S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID) ",
                "res=-2(ENOENT) filename=none({S}/none) mode=0 ",
            ]),
        CallCase(
            .fchmod, "at(\"f\", 50); call(91, 50, 02000); call(91, 99, 01)",
            ["res=0 fd=50(<f>{S}/f) mode=02000(S_ISGID) ", "res=-9(EBADF) fd=99 mode=01(S_IXOTH) "]),
        CallCase(
            .fchmodat, "at(\"d\", 50); call(268, 50, \"../f\", 0100); call(268, -100, \"none\", 0100)",
            [
                "res=0 dirfd=50(<d>{S}/d) filename=../f({S}/f) mode=0100(S_IXUSR) ",
                "res=-2(ENOENT) dirfd=-100(AT_FDCWD) filename=none({S}/none) mode=0100(S_IXUSR) ",
            ]),
        CallCase(
            .fchmodat2, "at(\"f\", 50); call(452, 50, \"\", 0100, 0x1000); call(452, -100, \"none\", 0100, 0x100)",
            [
                "res=* dirfd=50(<f>{S}/f) filename= mode=0100(S_IXUSR) flags=4096(AT_EMPTY_PATH) ",
                "res=* dirfd=-100(AT_FDCWD) filename=none({S}/none) mode=0100(S_IXUSR) flags=256(AT_SYMLINK_NOFOLLOW) ",
            ]),
        CallCase(
            .chown, "call(92, \"f\", 5, -1); call(92, \"none\", 0, 0)",
            ["res=0 path=f({S}/f) uid=5 gid=4294967295 ", "res=-2(ENOENT) path=none({S}/none) uid=0 gid=0 "]),
        CallCase(
            .lchown, "call(94, \"f\", 5, 6); call(94, \"none\", 0, 0)",
            ["res=0 path=f({S}/f) uid=5 gid=6 ", "res=-2(ENOENT) path=none({S}/none) uid=0 gid=0 "]),
        CallCase(
            .fchown, "at(\"f\", 50); call(93, 50, 5, 6); call(93, 99, 5, 6)",
            ["res=0 fd=50(<f>{S}/f) uid=5 gid=6 ", "res=-9(EBADF) fd=99 uid=5 gid=6 "]),
        CallCase(
            .fchownat, "at(\"d\", 50); call(260, 50, \"\", 5, 6, 0x1000); call(260, -100, \"none\", 5, 6, 0x100)",
            [
                "res=0 dirfd=50(<d>{S}/d) pathname= uid=5 gid=6 flags=4096(AT_EMPTY_PATH) ",
                "res=-2(ENOENT) dirfd=-100(AT_FDCWD) pathname=none({S}/none) uid=5 gid=6 flags=256(AT_SYMLINK_NOFOLLOW) ",
            ]),
    ]

    static let identities: [CallCase] = [
        CallCase(.setuid, "call(105, 7); call(105, 0)", ["res=0 uid=7(<NA>) ", "res=-1(EPERM) uid=0(root) "]),
        CallCase(.setgid, "call(106, 7); call(105, 7); call(106, 0)", ["res=0 gid=7 ", "res=-1(EPERM) gid=0 "]),
        CallCase(
            .setreuid, "call(113, 7, 7); call(113, 0, -1)",
            ["res=0 ruid=7(<NA>) euid=7(<NA>) ", "res=-1(EPERM) ruid=0(root) euid=-1(<NONE>) "]),
        CallCase(
            .setregid, "call(114, 7, 7); call(105, 7); call(114, 0, -1)",
            ["res=0 rgid=7 egid=7 ", "res=-1(EPERM) rgid=0 egid=-1(<NONE>) "]),
        CallCase(
            .setresuid, "call(117, 7, 7, 7); call(117, 0, -1, 0)",
            ["res=0 ruid=7(<NA>) euid=7(<NA>) suid=7(<NA>) ", "res=-1(EPERM) ruid=0(root) euid=-1(<NONE>) suid=0(root) "]),
        CallCase(
            .setresgid, "call(119, 7, 7, 7); call(105, 7); call(119, 0, -1, 0)",
            ["res=0 rgid=7 egid=7 sgid=7 ", "res=-1(EPERM) rgid=0 egid=-1(<NONE>) sgid=0 "]),
        CallCase(.setsid, "call(112); call(112)", ["res={P} ", "res=-1 "]),
        CallCase(.setpgid, "call(109, 0, 0); call(109, 999999, 5)", ["res=0 pid=0 pgid=0 ", "res=-3(ESRCH) pid=999999 pgid=5 "]),
        CallCase(
            .capset,
            "my $h = pack(\"LL\", 0x20080522, 0); my $d = pack(\"L6\", 1, 3, 2, 0, 0, 0); call(126, $h, $d); "
                + "$h = pack(\"LL\", 0x20080522, 0); $d = pack(\"L6\", 7, 7, 7, 0, 0, 0); call(126, $h, $d)",
            [
                "res=0 cap_inheritable=2 cap_permitted=3 cap_effective=1 ",
                "res=-1(EPERM) cap_inheritable=2 cap_permitted=3 cap_effective=1 ",
            ]),
        CallCase(
            .prctl, "call(157, 15, \"renamed\", 0, 0, 0); call(157, 38, 1, 0, 0, 0); call(157, 38, 7, 0, 0, 0)",
            [
                "res=0 option=15(PR_SET_NAME) arg2_str=renamed arg2_int=0 ", "res=0 option=38(PR_SET_NO_NEW_PRIVS) arg2_str= arg2_int=1 ",
                "res=-22(EINVAL) option=38(PR_SET_NO_NEW_PRIVS) arg2_str= arg2_int=7 ",
            ]),
    ]
}
