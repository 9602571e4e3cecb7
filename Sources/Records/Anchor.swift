// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// A point of the chain that is kept outside of the journal.
public struct Anchor: Sendable, Hashable {
    /// What keeps it, such as a result file's path.
    public var source: String
    /// The point; nil when the source could not be read.
    public var head: ChainHead?

    /// Names a point and who keeps it.
    public init(source: String, head: ChainHead?) {
        self.source = source
        self.head = head
    }

    /// The chain head that a result's JSON carries; nil when it carries none.
    static func head(in json: [UInt8]) -> ChainHead? {
        struct Anchored: Decodable { var head: ChainHead }
        return try? JSONDecoder().decode(Anchored.self, from: Data(json)).head
    }
}

extension FolderResultStore {
    /// The chain heads of all result files, by path below the folder; symbolic links are not followed. Blocks while it reads.
    public func anchors() throws(JournalError) -> [Anchor] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue,
            let walk = FileManager.default.enumerator(atPath: folder)
        else { throw JournalError(.io, "there is no folder of results at \(folder); name the one that `saker run` writes") }
        var found: [Anchor] = []
        while let path = walk.nextObject() as? String {
            guard path.hasSuffix(".json"), walk.fileAttributes?[.type] as? FileAttributeType == .typeRegular else { continue }
            let bytes = FileManager.default.contents(atPath: folder + "/" + path)
            found.append(Anchor(source: path, head: bytes.flatMap { Anchor.head(in: Array($0)) }))
        }
        return found.sorted { $0.source < $1.source }
    }
}
