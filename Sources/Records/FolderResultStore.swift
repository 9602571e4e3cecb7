// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc

/// Keeps results as files under one folder, by `ResultRecord.key`: each is there whole and synced or not at all, for its owner only.
public struct FolderResultStore: ResultStore, ObjectStore {
    /// The folder; it is made when the first result comes.
    public let folder: String

    /// Keeps results under that folder.
    public init(folder: String) { self.folder = folder }

    /// Writes the file and syncs it and its folder; never overwrites one.
    public func put(_ record: ResultRecord) async throws(JournalError) -> ResultPlacement {
        try await keep(Array(record.text(for: place(of: record.key)).utf8), under: record.key, type: "application/json")
    }

    public func place(of key: String) -> String { folder + "/" + key }

    /// As `put`; a file has no type.
    public func keep(_ bytes: [UInt8], under key: String, type: String) async throws(JournalError) -> ResultPlacement {
        let result: Result<ResultPlacement, JournalError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Result { () throws(JournalError) in try store(bytes, place(of: key)) })
            }
        }
        return try result.get()
    }

    /// Looks for the folder, or the nearest one above it that is there, and whether it can be written.
    public func rehearse(under key: String) async throws(JournalError) -> ResultPlacement {
        var nearest = folder
        while nearest.contains("/"), access(nearest, F_OK) != 0 {
            nearest = String(nearest[..<(nearest.lastIndex(of: "/") ?? nearest.startIndex)])
        }
        let found = nearest.isEmpty ? "/" : nearest
        // The slash makes a file in the folder's place an error.
        guard access(found + "/", W_OK | X_OK) == 0 else { throw Self.failure("cannot write below \(found)") }
        return .rehearsed(would: place(of: key))
    }

    private func store(_ bytes: [UInt8], _ place: String) throws(JournalError) -> ResultPlacement {
        let directory = String(place[..<(place.lastIndex(of: "/") ?? place.endIndex)])
        try makeFolders(directory)
        let draft = try write(bytes, in: directory)
        defer { unlink(draft) }
        // link(2) fails when the name is taken, which rename(2) would not.
        guard link(draft, place) == 0 else {
            guard errno == EEXIST else { throw Self.failure("cannot name the result \(place)") }
            return try compare(bytes, place)
        }
        try sync(directory)
        return .stored(at: place)
    }

    private func compare(_ bytes: [UInt8], _ place: String) throws(JournalError) -> ResultPlacement {
        guard let there = FileManager.default.contents(atPath: place), there.elementsEqual(bytes) else {
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

    private func write(_ bytes: [UInt8], in directory: String) throws(JournalError) -> String {
        var template = Array((directory + "/.draft-XXXXXX").utf8CString)
        let file = mkstemp(&template)
        guard file >= 0, fcntl(file, F_SETFD, FD_CLOEXEC) == 0 else { throw Self.failure("cannot write into \(directory)") }
        defer { Glibc.close(file) }
        let draft = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var rest = bytes[...]
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
