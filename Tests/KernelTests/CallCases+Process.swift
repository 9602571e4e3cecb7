// SPDX-License-Identifier: Apache-2.0
import EventModel

/// Processes, modules, descriptors and sockets.
extension CallCases {
    static let processes: [CallCase] = [
        CallCase(
            .setns, "at(\"/proc/self/ns/net\", 50); at(\"f\", 51); call(308, 50, 0x40000000); call(308, 51, 0)",
            ["res=0 fd=50(<f>) nstype=16(CLONE_NEWNET) ", "res=-22(EINVAL) fd=51(<f>{S}/f) nstype=0 "], descriptor: "file 51 {S}/f"),
        CallCase(
            .unshare, "call(272, 0x04020000); call(272, 0x8000)",
            ["res=0 flags=160(CLONE_NEWNS|CLONE_NEWUTS) ", "res=-22(EINVAL) flags=256(CLONE_PARENT) "]),
        CallCase(
            .ptrace, "call(101, 16, 999999, 0, 0); call(101, 0, 0, 0x10, 0x2a)",
            [
                "res=-3(ESRCH) addr=0 data=0 request=11(PTRACE_ATTACH) pid=999999 ",
                "res=0 addr=10 data=2A request=1(PTRACE_TRACEME) pid=0 ",
            ]),
        CallCase(
            .kill, "call(62, $P, 0); call(62, 999999, 9)", ["res=0 pid={P} sig=0 ", "res=-3(ESRCH) pid=999999 sig=9(SIGKILL) "]),
        CallCase(
            .tkill, "call(200, $P, 0); call(200, 999999, 15)", ["res=0 tid={P} sig=0 ", "res=-3(ESRCH) tid=999999 sig=15(SIGTERM) "]),
        CallCase(
            .tgkill, "call(234, $P, $P, 0); call(234, 999999, 999999, 18)",
            ["res=0 pid={P} tid={P} sig=0 ", "res=-3(ESRCH) pid=999999 tid=999999 sig=18(SIGCONT) "]),
        CallCase(
            .seccomp, "my $a = pack(\"L\", 0); call(317, 2, 0, $a); call(317, 77, 0x1f, 0)",
            ["res=0 op=2 flags=0 ", "res=-22(EINVAL) op=77 flags=1F "]),
        CallCase(
            .mprotect, "call(10, 0, 0, 1); call(10, 0x1001, 4096, 7)",
            ["res=0 addr=0 length=0 prot=1(PROT_READ) ", "res=-22(EINVAL) addr=1001 length=4096 prot=7(PROT_READ|PROT_WRITE|PROT_EXEC) "]),
    ]

    static let objects: [CallCase] = [
        CallCase(
            .bpf, "my $a = pack(\"L18\", 2, 4, 4, 1); call(321, 0, $a, 72); call(321, 5, $a, 72)",
            ["fd=*(<b>bpf-map) cmd=0(BPF_MAP_CREATE) ", "fd=-*(E*) cmd=5(BPF_PROG_LOAD) "], descriptor: "- -1 -"),
        CallCase(
            .userfaultfd, "call(323, 0x80800); call(323, 0x4)",
            ["res=* flags=4160(O_NONBLOCK|O_CLOEXEC) ", "res=-22(EINVAL) flags=0 "]),
        CallCase(
            .memfd_create, "call(319, \"hidden\", 1); call(319, \"x\", 0x40000000)",
            ["fd=*(<m>memfd:hidden) name=hidden flags=1(MFD_CLOEXEC) ", "fd=-22(EINVAL) name=x flags=0 "]),
        CallCase(.init_module, "call(175, \"not a module\\0\", 3, \"option=1\")", ["res=-*(E*) img=not length=3 uargs=option=1 "]),
        CallCase(
            .finit_module, "at(\"f\", 50); call(313, 50, \"a=b\", 2); call(313, 99, \"\", 0)",
            ["res=-*(E*) fd=50(<f>{S}/f) uargs=a=b flags=2(MODULE_INIT_IGNORE_VERMAGIC) ", "res=-*(E*) fd=99 uargs= flags=0 "]),
        CallCase(.delete_module, "call(176, \"none\", 0x800)", ["res=-*(E*) name=none flags=1(O_NONBLOCK) "]),
        CallCase(
            .dup, "at(\"f\", 50); call(32, 50); call(32, 99)", ["res=*(<f>{S}/f) oldfd=50(<f>{S}/f) ", "res=-9(EBADF) oldfd=99 "]),
        CallCase(
            .dup2, "my $fd = POSIX::open(\"f\", 0); call(33, $fd, 60); call(33, 99, 60); call(33, 60, 61)",
            [
                "res=60(<f>{S}/f) oldfd=*(<f>{S}/f) newfd=60(<f>{S}/f) ", "res=-9(EBADF) oldfd=99 newfd=60 ",
                "res=61(<f>{S}/f) oldfd=60(<f>{S}/f) newfd=61(<f>{S}/f) ",
            ],
            descriptor: "file 61 {S}/f"),
        CallCase(
            .dup3, "at(\"f\", 50); call(292, 50, 60, 0x80000); call(292, 50, 50, 0)",
            [
                "res=60(<f>{S}/f) oldfd=50(<f>{S}/f) newfd=60(<f>{S}/f) flags=4096(O_CLOEXEC) ",
                "res=-22(EINVAL) oldfd=50(<f>{S}/f) newfd=50(<f>{S}/f) flags=0(O_NONE) ",
            ]),
        CallCase(
            .pidfd_open, "call(434, $P, 0x800); call(434, 999999, 0)",
            ["fd=*(<P>*) pid={P} flags=2048(PIDFD_NONBLOCK) ", "fd=-3(ESRCH) pid=999999 flags=0 "]),
        CallCase(
            .pidfd_getfd, "at(\"f\", 50); my $p = call(434, $P, 0); call(438, $p, 50, 0); call(438, 99, 50, 0)",
            ["fd=*(<f>{S}/f) pid_fd=*(<P>*) target_fd=50 flags=0 ", "fd=-9(EBADF) pid_fd=99 target_fd=50 flags=0 "]),
        CallCase(
            .io_uring_setup, "my $p = \"\\0\" x 120; call(425, 4, $p); $p = \"\\0\" x 120; call(425, 0, $p)",
            [
                "res=* entries=4 sq_entries=4 cq_entries=8 flags=0 sq_thread_cpu=0 sq_thread_idle=0 features=*(IORING_FEAT_SINGLE_MMAP|*) ",
                "res=-22(EINVAL) entries=0 sq_entries=0 cq_entries=0 flags=0 sq_thread_cpu=0 sq_thread_idle=0 features=0 ",
            ]),
    ]

    // Two sockets of loopback: 50 listens, 51 is connected to it, 52 is what was accepted.
    private static let stream = """
        sub sock { my ($type, $number) = @_; my $s = call(41, 2, $type, 0); POSIX::dup2($s, $number); POSIX::close($s) }
        sub name { my $a = "\\0" x 16; my $l = pack("L", 16); syscall(51, $_[0], $a, $l); $a }
        sock(1, 50); my $any = pack_sockaddr_in(0, INADDR_LOOPBACK); call(49, 50, $any, 16); call(50, 50, 5);
        sock(1, 51); my $to = name(50); call(42, 51, $to, 16);

        """

    static let sockets: [CallCase] = [
        CallCase(
            .socket, "call(41, 2, 1, 6); call(41, 17, 3, 768); call(41, 99, 1, 0)",
            [
                "fd=*(<4t>) domain=2(AF_INET) type=1 proto=6 ", "fd=*(<o>) domain=17(AF_PACKET) type=3 proto=768 ",
                "fd=-97(EAFNOSUPPORT) domain=99 type=1 proto=0 ",
            ]),
        CallCase(
            .bind,
            "my $s = call(41, 2, 2, 0); POSIX::dup2($s, 50); my $a = pack_sockaddr_in(0, INADDR_LOOPBACK); call(49, 50, $a, 16); "
                + "my $u = pack_sockaddr_un(\"$S/s\"); $s = call(41, 1, 1, 0); POSIX::dup2($s, 51); call(49, 51, $u, length $u); "
                + "$a = pack_sockaddr_in(80, inet_aton(\"192.0.2.1\")); call(49, 50, $a, 16)",
            [
                "res=0 addr=127.0.0.1:0 fd=50(<4u>127.0.0.1:*) ", "res=0 addr={S}/s fd=51(<u>{S}/s) ",
                "res=-99(EADDRNOTAVAIL) addr=192.0.2.1:80 fd=50(<4u>127.0.0.1:*) ",
            ], descriptor: "ipv4 50 127.0.0.1:*"),
        CallCase(.listen, stream + "call(50, 99, 1)", ["res=0 fd=50(<4t>127.0.0.1:*) backlog=5 ", "res=-9(EBADF) fd=99 backlog=1 "]),
        CallCase(
            .accept, stream + "my $n = call(43, 50, 0, 0); call(43, 99, 0, 0)",
            [
                "fd=*(<4t>127.0.0.1:*->127.0.0.1:*) tuple=127.0.0.1:*->127.0.0.1:* queuepct=0 queuelen=0 queuemax=5 ",
                "fd=-9(EBADF) tuple= queuepct=0 queuelen=0 queuemax=0 ",
            ]),
        CallCase(
            .accept4, stream + "my $n = call(288, 50, 0, 0, 0x80000); call(288, 99, 0, 0, 0)",
            [
                "fd=*(<4t>127.0.0.1:*->127.0.0.1:*) tuple=127.0.0.1:*->127.0.0.1:* queuepct=0 queuelen=0 queuemax=5 flags=80000 ",
                "fd=-9(EBADF) tuple= queuepct=0 queuelen=0 queuemax=0 flags=0 ",
            ]),
        CallCase(
            .sendto,
            stream
                + "call(44, 51, \"hello\\1world\", 11, 0, 0, 0); my $u = call(41, 2, 2, 0); "
                    + "my $a = pack_sockaddr_in(9, INADDR_LOOPBACK); "
                + "call(44, $u, \"x\", 1, 0, $a, 16); call(44, 99, \"y\", 1, 0, 0, 0)",
            [
                "res=11 data=hello.world fd=51(<4t>127.0.0.1:*->127.0.0.1:*) size=11 tuple=127.0.0.1:*->127.0.0.1:* ",
                "res=1 data=x fd=*(<4u>*:*->127.0.0.1:9) size=1 tuple=*:*->127.0.0.1:9 ", "res=-9(EBADF) data=y fd=99 size=1 tuple= ",
            ]),
        CallCase(
            .sendmsg,
            stream
                + "my ($x, $y) = (\"ab\", \"cde\"); my $v = pack(\"PQPQ\", $x, 2, $y, 3); "
                    + "my $m = pack(\"QLLPQQQLL\", 0, 0, 0, $v, 2, 0, 0, 0, 0); "
                + "call(46, 51, $m, 0); call(46, 99, $m, 0)",
            [
                "res=5 data=ab fd=51(<4t>127.0.0.1:*->127.0.0.1:*) size=5 tuple=127.0.0.1:*->127.0.0.1:* ",
                "res=-9(EBADF) data=ab fd=99 size=5 tuple= ",
            ], descriptor: "- 99 -"),
        CallCase(
            .recvfrom,
            stream
                + "my $n = call(43, 50, 0, 0); call(44, $n, \"answer\", 6, 0, 0, 0); my $b = \"\\0\" x 20; "
                    + "call(45, 51, $b, 20, 0, 0, 0); call(45, 99, $b, 20, 0, 0, 0)",
            [
                "res=6 data=answer tuple=127.0.0.1:*->127.0.0.1:* fd=51(<4t>127.0.0.1:*->127.0.0.1:*) size=20 ",
                "res=-9(EBADF) data= tuple= fd=99 size=20 ",
            ]),
        CallCase(
            .recvmsg,
            stream
                + "my $n = call(43, 50, 0, 0); call(44, $n, \"answer\", 6, 0, 0, 0); my $b = \"\\0\" x 20; "
                    + "my $v = pack(\"PQ\", $b, 20); "
                + "my $m = pack(\"QLLPQQQLL\", 0, 0, 0, $v, 1, 0, 0, 0, 0); call(47, 51, $m, 0); call(47, 99, $m, 0)",
            [
                "res=6 size=20 data=answer tuple=127.0.0.1:*->127.0.0.1:* msgcontrol= fd=51(<4t>127.0.0.1:*->127.0.0.1:*) ",
                "res=-9(EBADF) size=20 data= tuple= msgcontrol= fd=99 ",
            ]),
        CallCase(
            .sendmmsg,
            stream
                + "my ($x, $y) = (\"ab\", \"cde\"); my ($v, $w) = (pack(\"PQ\", $x, 2), pack(\"PQ\", $y, 3)); "
                + "my $m = pack(\"QLLPQQQLLLLQLLPQQQLLLL\", 0, 0, 0, $v, 1, (0) x 6, 0, 0, 0, $w, 1, (0) x 6); "
                + "call(307, 51, $m, 2, 0); call(307, 99, $m, 2, 0)",
            [
                "res=2 fd=51(<4t>127.0.0.1:*->127.0.0.1:*) size=2 data=ab tuple=127.0.0.1:*->127.0.0.1:* ",
                "res=3 fd=51(<4t>127.0.0.1:*->127.0.0.1:*) size=3 data=cde tuple=127.0.0.1:*->127.0.0.1:* ",
                "res=-9(EBADF) fd=99 size=0 data= tuple= ",
            ]),
        CallCase(
            .recvmmsg,
            "my $s = call(41, 2, 2, 0); POSIX::dup2($s, 50); my $a = pack_sockaddr_in(0, INADDR_LOOPBACK); call(49, 50, $a, 16); "
                + "my $n = \"\\0\" x 16; my $l = pack(\"L\", 16); syscall(51, 50, $n, $l); my $u = call(41, 2, 2, 0); "
                + "call(44, $u, \"one\", 3, 0, $n, 16); call(44, $u, \"three\", 5, 0, $n, 16); my ($x, $y, $f) = (\"\\0\" x 9) x 3; "
                + "$f = \"\\0\" x 16; my ($v, $w) = (pack(\"PQ\", $x, 9), pack(\"PQ\", $y, 9)); "
                + "my $m = pack(\"PLLPQQQLLLLQLLPQQQLLLL\", $f, 16, 0, $v, 1, (0) x 6, 0, 0, 0, $w, 1, (0) x 6); "
                + "call(299, 50, $m, 2, 0, 0); call(299, 99, $m, 2, 0, 0)",
            [
                "res=3 fd=50(<4u>127.0.0.1:*->127.0.0.1:*) size=3 data=one tuple=127.0.0.1:*->127.0.0.1:* msgcontrol= ",
                "res=5 fd=50(<4u>127.0.0.1:*) size=5 data=three tuple=127.0.0.1:* msgcontrol= ",
                "res=-9(EBADF) fd=99 size=0 data= tuple= msgcontrol= ",
            ]),
    ]
}
