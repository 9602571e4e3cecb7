// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc

/// Keeps results as files under one folder, by `ResultRecord.key`: each is there whole and synced or not at all, for its owner only.
public struct FolderResultStore: ResultStore {
    /// The folder; it is made when the first result comes.
    public let folder: String

    /// Keeps results under that folder.
    public init(folder: String) { self.folder = folder }

    /// Writes the file and syncs it and its folder; never overwrites one.
    public func put(_ record: ResultRecord) async throws(JournalError) -> ResultPlacement {
        let result: Result<ResultPlacement, JournalError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Result { () throws(JournalError) in try store(record) })
            }
        }
        return try result.get()
    }

    private func store(_ record: ResultRecord) throws(JournalError) -> ResultPlacement {
        let place = folder + "/" + record.key
        let text = try json(record, place)
        let directory = String(place[..<(place.lastIndex(of: "/") ?? place.endIndex)])
        try makeFolders(directory)
        let draft = try write(text, in: directory)
        defer { unlink(draft) }
        // link(2) fails when the name is taken, which rename(2) would not.
        guard link(draft, place) == 0 else {
            guard errno == EEXIST else { throw Self.failure("cannot name the result \(place)") }
            return try compare(text, place)
        }
        try sync(directory)
        return .stored(at: place)
    }

    private func json(_ record: ResultRecord, _ place: String) throws(JournalError) -> String {
        do {
            return try record.json()
        } catch {
            throw JournalError(.io, "the result for \(place) has no JSON form; report this", cause: "\(error)")
        }
    }

    private func compare(_ text: String, _ place: String) throws(JournalError) -> ResultPlacement {
        guard let there = FileManager.default.contents(atPath: place), String(decoding: there, as: UTF8.self) == text else {
            throw JournalError(.conflict, "another result is in \(place) already and was left alone; look at who wrote it")
        }
        return .alreadyThere(at: place)
    }

    private func makeFolders(_ directory: String) throws(JournalError) {
        var made: [String] = []
        var path = directory
        while mkdir(path, 0o700) != 0 {
            if errno == EEXIST { break }
            guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
                throw Self.failure("cannot make the folder \(path)")
            }
            made.append(path)
            path = String(path[..<slash])
        }
        for next in made.reversed() where mkdir(next, 0o700) != 0 && errno != EEXIST {
            throw Self.failure("cannot make the folder \(next)")
        }
        // A new folder is on the disk once the folder above it is synced.
        for next in [path] + made { try sync(String(next[..<(next.lastIndex(of: "/") ?? next.endIndex)])) }
    }

    private func write(_ text: String, in directory: String) throws(JournalError) -> String {
        var template = Array((directory + "/.draft-XXXXXX").utf8CString)
        let file = mkstemp(&template)
        guard file >= 0, fcntl(file, F_SETFD, FD_CLOEXEC) == 0 else { throw Self.failure("cannot write into \(directory)") }
        defer { Glibc.close(file) }
        let draft = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return try giveUp(draft) }
            rest = rest.dropFirst(max(0, count))
        }
        guard fsync(file) == 0 else { return try giveUp(draft) }
        return draft
    }

    private func giveUp(_ draft: String) throws(JournalError) -> String {
        let error = Self.failure("cannot write \(draft)")
        unlink(draft)
        throw error
    }

    private func sync(_ directory: String) throws(JournalError) {
        let descriptor = open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("cannot open the folder \(directory)") }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.failure("cannot sync the folder \(directory)") }
    }

    private static func failure(_ what: String) -> JournalError {
        let number = errno
        let cause = String(cString: strerror(number))
        switch number {
        case EROFS, EACCES, EPERM: return JournalError(.readOnly, "\(what); make the results' folder writable", cause: cause)
        case ENOSPC, EDQUOT: return JournalError(.diskFull, "\(what); free space on its file system", cause: cause)
        case _: return JournalError(.io, "\(what); look at the disk and at the path", cause: cause)
        }
    }
}
