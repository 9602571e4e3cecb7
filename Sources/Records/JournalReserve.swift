// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// Space set aside beside the journal: given up when the disk is full, so that what is under way can still be written down, and
/// taken again when there is room.
final class JournalReserve: Sendable {
    private let path: String
    private let bytes: Int64
    private let say: @Sendable (String) -> Void
    private let spent = Atomic<Bool>(false)

    /// Takes the space, unless there is too little of it.
    init(path: String, bytes: Int64, say: @escaping @Sendable (String) -> Void) {
        self.path = path
        self.bytes = bytes
        self.say = say
        guard bytes > 0, !isAllocated, !(hasRoom && allocate()) else { return }
        spent.store(true, ordering: .relaxed)
        say("there is no room for the journal's reserve \(path) (\(bytes >> 20) MiB): free space on its file system")
    }

    /// True while it is given up.
    var isSpent: Bool { spent.load(ordering: .relaxed) }

    /// Gives the space up; false when there is none left to give.
    func release() -> Bool {
        guard bytes > 0, !isSpent, unlink(path) == 0 else { return false }
        spent.store(true, ordering: .relaxed)
        say("the disk is full: the journal's reserve \(path) (\(bytes >> 20) MiB) is given up; free space on its file system now")
        return true
    }

    /// Takes the space again if it was given up and there is room for it and as much again.
    func restore() {
        guard isSpent, hasRoom, allocate() else { return }
        spent.store(false, ordering: .relaxed)
        say("there is room again: the journal's reserve \(path) is taken anew")
    }

    private var isAllocated: Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && Int64(status.st_blocks) * 512 >= bytes
    }

    private var hasRoom: Bool {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        var space = statvfs()
        return statvfs(folder, &space) == 0 && UInt64(space.f_bavail) * UInt64(space.f_frsize) >= UInt64(2 * bytes)
    }

    private func allocate() -> Bool {
        let file = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        guard posix_fallocate(file, 0, Int(bytes)) == 0 else {
            unlink(path)
            return false
        }
        return true
    }
}
