// SPDX-License-Identifier: Apache-2.0

/// What the requests of Tests/Specs/io_uring/requests.c are told as, in their order: `evt.args` of each, and what else is to be known of
/// it. `{S}` stands for the folder, `*` for anything.
enum RingCases {
    static func all(hasBind: Bool) -> [String] { files + sockets + (hasBind ? bound : []) + connections + messages + ways }

    private static let files = [
        "openat: fd=*(<f>{S}/f) dirfd=-100(AT_FDCWD) name=f({S}/f) flags=3(O_RDWR) mode=0 dev=* ino=* real={S}/f ",
        "openat: fd=-2(ENOENT) dirfd=-100(AT_FDCWD) name=none flags=1(O_RDONLY) mode=0 dev=0 ino=0 ",
        "openat: fd=*(<f>{S}/f) dirfd=50(<d>{S}/d) name=../l({S}/l) flags=1(O_RDONLY) mode=0 dev=* ino=* real={S}/f ",
        "openat2: fd=*(<f>{S}/new) dirfd=-100(AT_FDCWD) name=new({S}/new) flags=7(O_CREAT|O_RDWR) mode=0600"
            + " resolve=8(RESOLVE_NO_SYMLINKS) * real={S}/new ",
        "openat2: fd=-2(ENOENT) dirfd=50(<d>{S}/d) name=../none/x({S}/none/x) flags=7(O_CREAT|O_RDWR) mode=0600"
            + " resolve=2(RESOLVE_IN_ROOT) dev=0 ino=0 ",
        "mkdirat: res=0 dirfd=-100(AT_FDCWD) path=made({S}/made) mode=1E8 ",
        "mkdirat: res=-17(EEXIST) dirfd=50(<d>{S}/d) path=../made({S}/made) mode=1C0 real={S}/d ",
        "symlinkat: res=0 target=/etc/shadow linkdirfd=50(<d>{S}/d) linkpath=link({S}/d/link) real={S}/d ",
        "symlinkat: res=-17(EEXIST) target=x linkdirfd=-100(AT_FDCWD) linkpath=f({S}/f) ",
        "linkat: res=0 olddir=-100(AT_FDCWD) oldpath=f({S}/f) newdir=-100(AT_FDCWD) newpath=g({S}/g) flags=0 ",
        "linkat: res=-2(ENOENT) olddir=50(<d>{S}/d) oldpath=none({S}/d/none) newdir=-100(AT_FDCWD) newpath=h({S}/h)"
            + " flags=1024(AT_SYMLINK_FOLLOW) ",
        "renameat2: res=0 olddirfd=-100(AT_FDCWD) oldpath=g({S}/g) newdirfd=50(<d>{S}/d) newpath=moved({S}/d/moved) flags=0 ",
        "renameat2: res=-17(EEXIST) olddirfd=-100(AT_FDCWD) oldpath=f({S}/f) newdirfd=-100(AT_FDCWD) newpath=new({S}/new)"
            + " flags=1(RENAME_NOREPLACE) ",
        "unlinkat: res=0 dirfd=50(<d>{S}/d) name=moved({S}/d/moved) flags=0 real={S}/d ",
        "unlinkat: res=-2(ENOENT) dirfd=-100(AT_FDCWD) name=none({S}/none) flags=512(AT_REMOVEDIR) ",
    ]

    private static let sockets = [
        "socket: fd=*(<4t>) domain=2(AF_INET) type=1 proto=6 ", "socket: fd=-97(EAFNOSUPPORT) domain=99 type=1 proto=0 ",
    ]

    private static let bound = [
        "bind: res=0 addr=127.0.0.1:0 fd=60(<4t>127.0.0.1:*) ", "bind: res=-9(EBADF) addr=127.0.0.1:0 fd=99 ",
        "listen: res=0 fd=60(<4t>127.0.0.1:*) backlog=5 ", "listen: res=-9(EBADF) fd=99 backlog=1 ",
    ]

    private static let connections = [
        "connect: res=0 tuple=127.0.0.1:*->127.0.0.1:* fd=61(<4t>127.0.0.1:*->127.0.0.1:*) addr=127.0.0.1:* ",
        "connect: res=-111(ECONNREFUSED) tuple=127.0.0.1:0->127.0.0.1:1 fd=64(<4t>127.0.0.1:0->127.0.0.1:1) addr=127.0.0.1:1 ",
        "connect: res=-2(ENOENT) tuple={S}/none fd=65(<u>{S}/none) addr={S}/none ",
        "accept4: fd=*(<4t>127.0.0.1:*->127.0.0.1:*) tuple=127.0.0.1:*->127.0.0.1:* queuepct=0 queuelen=0 queuemax=5 flags=80000 ",
        "accept4: fd=-9(EBADF) tuple= queuepct=0 queuelen=0 queuemax=0 flags=0 ",
    ]

    private static let messages = [
        "sendto: res=11 data=hello.world fd=61(<4t>127.0.0.1:*->127.0.0.1:*) size=11 tuple=127.0.0.1:*->127.0.0.1:* ",
        "recvfrom: res=11 data=hello.world tuple=127.0.0.1:*->127.0.0.1:* fd=62(<4t>127.0.0.1:*->127.0.0.1:*) size=20 ",
        "sendmsg: res=7 data=message fd=61(<4t>127.0.0.1:*->127.0.0.1:*) size=7 tuple=127.0.0.1:*->127.0.0.1:* ",
        "recvmsg: res=7 size=20 data=message tuple=127.0.0.1:*->127.0.0.1:* msgcontrol= fd=62(<4t>127.0.0.1:*->127.0.0.1:*) ",
        "sendto: res=-9(EBADF) data=y fd=99 size=1 tuple= ",
        "recvfrom: res=-9(EBADF) data= tuple= fd=99 size=1 ",
        "sendmsg: res=7 data=message fd=63(<4u>0.0.0.0:0->127.0.0.1:1) size=7 tuple=0.0.0.0:0->127.0.0.1:1 ",
    ]

    // Files that have no descriptor, a request without an answer, an answer without room, a long path, an end without a process.
    private static let ways = [
        "openat: fd=0(<f>{S}/f) dirfd=-100(AT_FDCWD) name=l({S}/f) flags=1(O_RDONLY) mode=0 dev=* ino=* real={S}/f ",
        "socket: fd=0 domain=2(AF_INET) type=2 proto=0 ",
        "connect: res=0 tuple=127.0.0.1:*->127.0.0.1:1 fd=-1* addr=127.0.0.1:1 ",
        "openat: fd=0(<f>) dirfd=-100(AT_FDCWD) name=l flags=1(O_RDONLY) mode=0 dev=0 ino=0 unanswered ",
        "openat: fd=*(<f>{S}/f) dirfd=-100(AT_FDCWD) name=l({S}/f) flags=1(O_RDONLY) mode=0 dev=* ino=* real={S}/f ",
        "unlinkat: res=-2(ENOENT) dirfd=-100(AT_FDCWD) name=././*./none!({S}/none!) flags=0 ",
        "accept4: fd=-125(ECANCELED) tuple= queuepct=0 queuelen=0 queuemax=0 flags=0 ",
    ]
}
